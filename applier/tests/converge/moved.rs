//! Somebody else changes an object while a plan is carried out: what the plan has not touched yet
//! is left as they made it, and named.

use crate::edits::{BASE, compile, edited};
use crate::world::{Compiled, World};
use ingc_applier::{Account, Call, CallError, Identity, Sandbox};
use ingc_compiler::resource::Address;
use ingc_planner::Plan;
use ingc_planner::state::local_address;
use serde_json::{Value, json};
use std::sync::Mutex;

/// An account in which somebody else makes a call after so many mutating ones.
struct Shared {
    sandbox: Sandbox,
    theirs: Mutex<Option<(usize, Call)>>,
    ours: Mutex<Vec<Call>>,
}

impl Account for Shared {
    fn identity(&self) -> Identity {
        self.sandbox.identity()
    }

    async fn call(&self, call: &Call) -> Result<Value, CallError> {
        let answer = self.sandbox.call(call).await;
        if call.mutates() {
            let done = {
                let mut ours = self.ours.lock().unwrap();
                ours.push(call.clone());
                ours.len()
            };
            self.their_turn(done).await;
        }
        answer
    }
}

impl Shared {
    async fn their_turn(&self, done: usize) {
        let theirs = self.theirs.lock().unwrap().take_if(|(after, _)| *after == done);
        if let Some((_, call)) = theirs {
            // What is gone by then cannot be changed.
            drop(self.sandbox.call(&call).await);
        }
    }
}

/// The base with a tag of our own on everything.
fn base() -> String {
    edited(BASE, &[("target-type: ip\n", &format!("target-type: ip\n{OWN_TAG}\n"))])
}

const OWN_TAG: &str = "    alb.ingress.kubernetes.io/tags: owner=us";

fn world() -> World<Shared> {
    let (base, inventory) = compile(&base());
    let account = Shared {
        sandbox: Sandbox::in_memory(&inventory),
        theirs: Mutex::new(None),
        ours: Mutex::default(),
    };
    let mut world = World::with(account, &inventory.vpc.vpc_id, "eksworkshop");
    let plan = world.plan(&base, None).plan;
    assert!(world.apply(&base, &plan).is_complete());
    world.account.ours.lock().unwrap().clear();
    world
}

/// Addresses and ARNs of all objects of Elastic Load Balancing.
fn objects(world: &World<Shared>) -> Vec<(Address, String)> {
    let mut all = Vec::new();
    for (name, stack) in &world.state.stacks {
        for (local, object) in &stack.resources {
            let arn = object.outputs.iter().find(|(key, _)| key.ends_with("ARN"));
            let address = local_address(name, local);
            all.extend(address.zip(arn.map(|(_, arn)| arn.to_owned())));
        }
    }
    all
}

fn tagged(arn: &str) -> Call {
    let tags = json!([{"Key": "owner", "Value": "somebody"}]);
    Call::elb("AddTags", json!({"ResourceArns": [arn], "Tags": tags}))
}

fn has_their_tag(world: &World<Shared>, arn: &str) -> bool {
    let asked = Call::elb("DescribeTags", json!({"ResourceArns": [arn]}));
    let answer = crate::world::wait(world.account.sandbox.call(&asked));
    answer.is_ok_and(|it| it["TagDescriptions"][0]["Tags"].to_string().contains("somebody"))
}

/// The object that a call changes or deletes, if it is this one.
fn touches(call: &Call, arn: &str) -> bool {
    let named = ["LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn"];
    let made = call.action.starts_with("Create") || call.action.starts_with("Register");
    (!made && named.iter().any(|name| call.params[*name] == arn))
        || call.params["ResourceArns"].as_array().is_some_and(|all| all.iter().any(|it| it == arn))
        || call.params["RulePriorities"]
            .as_array()
            .is_some_and(|all| all.iter().any(|it| it["RuleArn"] == arn))
}

/// Carries out an edit while somebody else tags each object at each moment.
fn check(edits: &[(&str, &str)]) -> usize {
    let (edit, _) = compile(&edited(&base(), edits));
    let mut whole = world();
    let plan = whole.plan(&edit, None).plan;
    assert!(whole.apply(&edit, &plan).is_complete());
    let calls = whole.account.ours.lock().unwrap().clone();
    let mut refused = 0;
    for (address, arn) in objects(&world()) {
        let touched = calls.iter().position(|call| touches(call, &arn));
        let is_gone = !objects(&whole).iter().any(|(_, it)| *it == arn);
        // Around the moment at which it is touched first, and at both ends.
        let first = touched.unwrap_or(calls.len() / 2);
        let last = calls.len() - 1;
        let moments = [0, first.saturating_sub(1), first, (first + 1).min(last), last];
        for after in std::collections::BTreeSet::from(moments) {
            let (world, plan, errors) = disturbed(&edit, after, &arn);
            let what = format!("{address}, after {after} of {} calls", calls.len());
            match errors.as_slice() {
                [] => {
                    // AWS deletes some with their owner: they count until then.
                    let late = touched.is_none_or(|first| first < after);
                    assert!(late, "{what}: touched although it had moved");
                    assert!(
                        touched.is_some() || !is_gone || !has_their_tag(&world, &arn),
                        "{what}"
                    );
                }
                [error] => {
                    refused += 1;
                    assert!(
                        error.contains("ING1104") && error.contains("`tags[owner]`"),
                        "{error}"
                    );
                    assert!(touched.is_some_and(|it| it >= after) || is_gone, "{what}: {error}");
                    assert!(has_their_tag(&world, &arn), "{what}: {error}");
                    // Planning again shows what they did, and gets it done.
                    again(world, &edit, &plan);
                }
                more => panic!("{what}: {more:?}"),
            }
        }
    }
    refused
}

fn disturbed(edit: &Compiled, after: usize, arn: &str) -> (World<Shared>, Plan, Vec<String>) {
    let mut world = world();
    let plan = world.plan(edit, None).plan;
    *world.account.theirs.lock().unwrap() = Some((after, tagged(arn)));
    crate::world::wait(world.account.their_turn(0));
    let report = world.apply(edit, &plan);
    let errors = report.errors.iter().map(|it| format!("{} {}", it.code.id, it.message));
    (world, plan, errors.collect())
}

fn again(mut world: World<Shared>, edit: &Compiled, first: &Plan) {
    for _ in 0..2 {
        let plan = world.plan(edit, None).plan;
        assert_ne!(&plan, first);
        assert!(world.apply(edit, &plan).is_complete());
    }
    assert!(world.plan(edit, None).plan.is_empty());
}

#[test]
fn a_rule_that_was_changed_is_not_moved() {
    let top = "          - {path: /new, pathType: Exact, backend: {service: {name: api, port: {number: 80}}}}\n";
    let at = "          - {path: /cart, pathType: Prefix";
    assert!(check(&[(at, &format!("{top}{at}"))]) > 0);
}

#[test]
fn what_was_changed_is_not_deleted() {
    let gone = ("kind: Ingress\nmetadata:\n  name: two", "kind: Other\nmetadata:\n  name: two");
    assert!(check(&[gone]) > 0);
}

#[test]
fn what_was_changed_is_not_replaced() {
    assert!(check(&[("target-type: ip", "target-type: instance")]) > 0);
    assert!(check(&[("scheme: internal", "scheme: internet-facing")]) > 0);
}

#[test]
fn what_was_changed_is_not_changed_again() {
    let edits = [
        ("idle_timeout.timeout_seconds=90", "idle_timeout.timeout_seconds=70"),
        (
            OWN_TAG,
            "    alb.ingress.kubernetes.io/tags: owner=us,team=shop\n    alb.ingress.kubernetes.io/healthcheck-path: /ok",
        ),
    ];
    assert!(check(&edits) > 0);
}
