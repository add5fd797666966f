// Runs a health check of Argo CD in the interpreter that Argo CD runs it in: `main CHECK.lua` with
// an object as JSON on standard input prints `STATUS: MESSAGE`.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
)

func value(state *lua.LState, from any) lua.LValue {
	switch from := from.(type) {
	case string:
		return lua.LString(from)
	case float64:
		return lua.LNumber(from)
	case bool:
		return lua.LBool(from)
	case []any:
		table := state.NewTable()
		for _, item := range from {
			table.Append(value(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for name, item := range from {
			table.RawSetString(name, value(state, item))
		}
		return table
	}
	return lua.LNil
}

func main() {
	var object map[string]any
	if err := json.NewDecoder(os.Stdin).Decode(&object); err != nil {
		panic(err)
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	// Those that Argo CD opens.
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
		lua.StringLibName: lua.OpenString, lua.MathLibName: lua.OpenMath,
	} {
		state.Push(state.NewFunction(open))
		state.Push(lua.LString(name))
		state.Call(1, 0)
	}
	state.SetGlobal("obj", value(state, object))
	if err := state.DoFile(os.Args[1]); err != nil {
		panic(err)
	}
	health := state.Get(-1).(*lua.LTable)
	fmt.Printf("%s: %s\n", health.RawGetString("status"), health.RawGetString("message"))
}
