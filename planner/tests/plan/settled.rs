//! What is known of a stack holds only so long as nobody has touched what it is known by.

use crate::given::{Given, PROGRAM, ingress, services};
use crate::world::World;
use ingc_planner::state::SpecText;
use ingc_planner::{Recorded, State};

const STACK: &str = "shop/web";

fn manifests() -> String {
    services("shop", &["a"]) + &ingress(STACK, &[], &["x.test/ -> a"])
}

/// A state that is in order.
fn settled() -> State {
    let given = Given::new(&manifests());
    let mut world = World::new();
    world.apply(&given.plan(&world.state).plan);
    world.settle(&given);
    assert!(world.state.known(PROGRAM).groups.contains_key(STACK));
    world.state
}

/// What becomes of it when somebody changes the state.
fn check(edit: impl Fn(&mut State), is_known: bool) {
    let mut state = settled();
    edit(&mut state);
    assert_eq!(state.known(PROGRAM).groups.contains_key(STACK), is_known);
}

fn each(state: &mut State, stack: &str, edit: impl Fn(&mut Recorded)) {
    let stack = state.stacks.get_mut(stack).unwrap();
    stack.resources.values_mut().for_each(edit);
}

#[test]
fn a_state_that_somebody_has_changed_is_known_no_more() {
    let stack = |edit: fn(&mut ingc_planner::StackState)| {
        move |state: &mut State| edit(state.stacks.get_mut(STACK).unwrap())
    };
    let own = |edit: fn(&mut Recorded)| move |state: &mut State| each(state, STACK, edit);
    check(|_| {}, true);
    check(stack(|it| it.serial += 1), true);
    check(stack(|it| it.unfinished = true), false);
    check(stack(|it| drop(it.resources.pop_first())), false);
    check(stack(|it| drop(it.members.pop_first())), false);
    check(own(|it| it.spec = SpecText::new(it.spec.as_str().replace("30080", "30081"))), false);
    check(own(|it| it.outputs.insert("dnsName", "x")), false);
    check(own(|it| it.depends_on.insert("x", "y")), false);
    check(own(|it| it.generation += 1), false);
    check(own(|it| it.tagged = Some("x".to_owned())), false);
    check(own(|it| it.unfinished.push("x".to_owned())), false);
    // All depend on what they share.
    check(|state| each(state, "_cluster", |it| it.outputs.insert("groupID", "sg-other")), false);
    check(|state| drop(state.stacks.remove("_cluster")), false);
}

#[test]
fn only_what_is_in_order_is_known() {
    let mut state = settled();
    let other = Given::new(&manifests().replace("nodePort: 30080", "nodePort: 30081"));
    state.settle(STACK, other.desired());
    assert_eq!(state.stacks[STACK].settled, None);
    state.settle("shop/none", other.desired());

    // A finding has to be told by every plan.
    let path = [("actions.x", "{}")];
    let noisy = services("shop", &["a"]) + &ingress(STACK, &path, &["x.test/ -> a"]);
    let given = Given::new(&noisy);
    assert!(given.compilation.diagnostics.iter().next().is_some());
    let mut world = World::new();
    world.apply(&given.plan(&world.state).plan);
    world.settle(&given);
    assert!(world.state.known(PROGRAM).groups.is_empty());
}

#[test]
fn another_program_knows_nothing() {
    let state = settled();
    let compiled = |program| {
        let given = Given::knowing(&state.known(program), &manifests(), &[], None);
        given.compilation.unchanged
    };
    assert_eq!(compiled(PROGRAM).len(), 1);
    assert_eq!(compiled("another").len(), 0);
}
