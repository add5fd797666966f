//! The readers: which file each reads, in which commands, and good inputs to begin with.

use crate::mutate::{self, Dice};
use ingc::console::Console;
use ingc::error::Exit;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// More than this nobody reads, and no log holds.
const MUCH: usize = 4_000_000;

/// What is read, and a folder to read it in.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    folder: tempfile::TempDir,
}

/// A writer that others can look into.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

const MANIFESTS: &str = "alb-ing-01.yaml";

impl Reader {
    pub(crate) fn new(name: &'static str) -> Reader {
        let folder = tempfile::tempdir().unwrap();
        for file in [MANIFESTS, "ingc.yaml", "inventory.yaml"] {
            let text = fs::read(root().join("examples/eks-workshop").join(file)).unwrap();
            fs::write(folder.path().join(file), text).unwrap();
        }
        let reader = Reader { name, folder };
        if ["state", "plan", "account", "snapshot"].contains(&name) {
            for command in [
                "apply {m} {c} --sandbox {aws} --auto-approve",
                "refresh {c} --sandbox {aws} --out {snapshot}",
            ] {
                reader.run(command).unwrap();
            }
            let path = reader.path("alb-ing-01.yaml");
            let text = fs::read_to_string(&path).unwrap().replace("\"15\"", "\"30\"");
            fs::write(path, text).unwrap();
            reader.run("plan {m} {c} --sandbox {aws} --out {plan}").unwrap();
            fs::copy(reader.path("aws"), reader.path("aws.first")).unwrap();
        }
        reader
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file that is read.
    fn file(&self) -> PathBuf {
        self.path(match self.name {
            "settings" => "ingc.yaml",
            "inventory" => "inventory.yaml",
            "routes" => "routes.yaml",
            "state" => "ingc.state.json",
            "plan" => "plan",
            "account" => "aws",
            "snapshot" => "snapshot",
            _ => MANIFESTS,
        })
    }

    /// The commands that read it, of which one is chosen.
    fn commands(&self) -> &'static [&'static str] {
        match self.name {
            "manifests" | "annotations" => &[
                "compile {m} {c}",
                "compile {m} {c} --output json",
                "compile {m} {c} --diagnostics github --diagnostics gitlab={out} ",
                "compile {m} {c} --output dot --diagnostics sarif={out}",
                "plan {m} {c} --no-refresh --state {none}",
                "plan {m} {c} --no-refresh --state {none} --output markdown",
                "check {m} {c}",
                "routes list {m} {c}",
            ],
            "settings" | "inventory" => {
                &["compile {m} {c}", "plan {m} {c} --no-refresh --state {none}"]
            }
            "routes" => &["routes test {routes} {m} {c}"],
            "state" => &[
                "plan {m} {c} --no-refresh",
                "plan {m} {c} --sandbox {aws}",
                "plan {m} {c} --sandbox {aws} --output markdown",
                "plan {c} --destroy --no-refresh",
                "state list {c}",
            ],
            "plan" => &[
                "show {plan}",
                "show {plan} --output json",
                "show {plan} --output markdown",
                "show {plan} --output terraform",
                "report {plan} --html {out}",
                "apply {plan} --sandbox {aws} --auto-approve --allow-delete --allow-gap",
            ],
            "account" => &[
                "plan {m} {c} --sandbox {aws}",
                "apply {m} {c} --sandbox {aws} --auto-approve --state {none}",
                "import {m} {c} --sandbox {aws} --state {none}",
            ],
            _ => &["plan {m} {c} --snapshot {snapshot}"],
        }
    }

    /// Good inputs, and those that have failed once.
    pub(crate) fn corpus(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let kept = root().join("tests/fuzz/corpus").join(self.name);
        let folders: &[&str] = match self.name {
            "manifests" => &["golden", "compiler/tests/yaml/cases"],
            "annotations" => &["golden"],
            _ => &[],
        };
        let mut files = Vec::new();
        for folder in std::iter::once(kept).chain(folders.iter().map(|it| root().join(it))) {
            find(&folder, &mut files);
        }
        all.extend(files.into_iter().map(|path| fs::read(path).unwrap()));
        all.retain(|bytes| bytes.len() < 20_000);
        match self.name {
            "annotations" => all.extend(annotated()),
            "routes" => {
                for folder in
                    ["golden/route/documented", "examples/auth-canary", "examples/eks-workshop"]
                {
                    all.push(fs::read(root().join(folder).join("routes.yaml")).unwrap());
                }
            }
            _ => all.push(fs::read(self.file()).unwrap()),
        }
        if self.name == "settings" {
            all.push(fs::read(root().join("tests/conformance/values.yaml")).unwrap());
        }
        if self.name == "inventory" {
            all.push(fs::read(root().join("tests/conformance/inventory.yaml")).unwrap());
        }
        all
    }

    /// An input that is wrong somewhere.
    pub(crate) fn mutated(&self, dice: &mut Dice, whole: &[u8], other: &[u8]) -> Vec<u8> {
        match self.name {
            "state" | "account" | "snapshot" => mutate::document(dice, whole, other),
            // A saved plan is known by its first bytes.
            "plan" => {
                let made = mutate::document(dice, whole, other);
                let start = br#"{"ingc_plan":1,"#;
                match serde_json::from_slice::<serde_json::Value>(&made) {
                    Ok(mut value) if value.is_object() => {
                        value.as_object_mut().unwrap().remove("ingc_plan");
                        let rest = serde_json::to_vec(&value).unwrap();
                        [&start[..], &rest[1..]].concat()
                    }
                    _ => made,
                }
            }
            _ => mutate::text(dice, whole, other),
        }
    }

    /// Reads an input by one of the commands.
    ///
    /// # Errors
    /// What is wrong with how it was taken.
    pub(crate) fn read(&self, input: &[u8], dice: &mut Dice) -> Result<(), String> {
        if self.path("aws.first").exists() {
            fs::copy(self.path("aws.first"), self.path("aws")).unwrap();
        }
        fs::write(self.file(), input).unwrap();
        self.run(dice.one::<&str>(self.commands()))
    }

    /// Runs a command as the program does.
    ///
    /// # Errors
    /// What is wrong with how it ends.
    fn run(&self, command: &str) -> Result<(), String> {
        let at = |name: &str| self.path(name).display().to_string();
        let arguments = command
            .replace("{m}", &at(MANIFESTS))
            .replace("{c}", &format!("--config {}", at("ingc.yaml")));
        let mut arguments = arguments.trim().to_owned();
        for name in ["aws", "out", "none", "plan", "routes", "snapshot"] {
            let file = if name == "routes" { "routes.yaml" } else { name };
            arguments = arguments.replace(&format!("{{{name}}}"), &at(file));
        }
        let arguments: Vec<OsString> =
            std::iter::once("ingc").chain(arguments.split(' ')).map(OsString::from).collect();
        let (out, err) = (Shared::default(), Shared::default());
        let mut console = Console::plain(out.clone(), err.clone(), 100);
        let ended = catch_unwind(AssertUnwindSafe(|| ingc::run(arguments, &mut console)));
        drop(console);
        let (out, err) = (out.0.lock().unwrap(), err.0.lock().unwrap());
        let said = String::from_utf8_lossy(&err);
        match ended {
            Err(_) => return Err(format!("`{command}` panics")),
            Ok(Exit::Changes) => return Err(format!("`{command}` exits with 2")),
            Ok(Exit::Error) if said.contains("error: unexpected argument") => {
                return Err(format!("`{command}` is no command: {said}"));
            }
            Ok(_) => {}
        }
        if out.len() + err.len() > MUCH {
            return Err(format!("`{command}` prints {} bytes", out.len() + err.len()));
        }
        for (stream, text) in [("output", &out), ("errors", &err)] {
            let text = std::str::from_utf8(text).map_err(|_| format!("{stream}: not UTF-8"))?;
            let raw = |c: char| {
                c.is_control() && c != '\n' && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c)
            };
            // A CI system takes such lines for its own commands, wherever they come from.
            let told = |line: &str| {
                let rest = line.trim_start().strip_prefix("::");
                rest.is_some_and(|it| {
                    it.starts_with(|c: char| c.is_alphabetic()) && it.contains("::")
                })
            };
            if let Some(line) = text.lines().find(|line| told(line))
                && !command.contains("github")
            {
                return Err(format!("`{command}` gives a command to CI in its {stream}: {line:?}"));
            }
            if let Some(at) = text.find(raw) {
                let from = text[..at].rfind('\n').map_or(0, |n| n + 1);
                let line: String = text[from..].chars().take(200).collect();
                return Err(format!(
                    "`{command}` sends a control character in its {stream}: {line:?}"
                ));
            }
        }
        Ok(())
    }
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            find(&path, files);
        } else if !path.extension().is_some_and(|it| it == "md" || it == "txt") {
            files.push(path);
        }
    }
}

/// An Ingress with the example of each annotation.
fn annotated() -> Vec<Vec<u8>> {
    let example = |row: &ingc_compiler::annotation::Annotation| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: x\n  annotations:\n    {}: '{}'\nspec:\n  ingressClassName: alb\n  defaultBackend: {{service: {{name: x, port: {{number: 80}}}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: x}}\nspec: {{type: NodePort, ports: [{{port: 80, nodePort: 30080}}]}}\n",
            row.full_name(),
            row.example.replace('\'', "''"),
        )
        .into_bytes()
    };
    ingc_compiler::annotation::annotations().map(example).collect()
}
