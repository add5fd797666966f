//! One step: its spec with references and secrets filled in, its calls, its record.

use super::error::ApplyError;
use super::event::Event;
use super::hand::{Failure, Hand, Progress};
use super::ledger::Ledger;
use super::signals::Signals;
use super::{hand::Facts, unfinished};
use crate::account::{Account, Call};
use crate::error::Error;
use crate::kind::{self, Wanted};
use crate::store::Store;
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::graph::resolve_ref;
use ingc_compiler::resource::{Address, Kind, Output};
use ingc_compiler::tag;
use ingc_planner::plan::{Change, RuleMove};
use ingc_planner::state::{Outcome, Pairs, SecretProblem, Secrets, dependency_key, each_ref};
use ingc_planner::{Action, Operation, Plan, Recorded, State, Step};
use serde_json::{Value, json};

/// Where the steps of a run are carried out.
pub(super) struct Site<'s, 'r, A, S> {
    pub(super) account: &'s A,
    pub(super) secrets: &'s Secrets,
    pub(super) facts: &'s Facts,
    pub(super) signals: &'s Signals<'s>,
    pub(super) ledger: &'s Ledger<'r, S>,
    pub(super) plan: &'s Plan,
}

/// What a step does to its resource, for people.
pub(super) fn action(plan: &Plan, step: &Step) -> Action {
    match &step.operation {
        Operation::Create { .. } => {
            plan.change_of(step).map_or(Action::Create, |change| change.action)
        }
        Operation::Update { .. } | Operation::Repoint { .. } => Action::Update,
        Operation::Reorder { .. } => Action::Reorder,
        Operation::Delete | Operation::DeleteDeposed { .. } | Operation::GoneWith { .. } => {
            Action::Delete
        }
        Operation::Forget { .. } => Action::Forget,
        Operation::Import { .. } => Action::Import,
    }
}

/// Writes what one step does into the state and its store.
struct Recorder<'p, 'r, S> {
    plan: &'p Plan,
    step: &'p Step,
    ledger: &'p Ledger<'r, S>,
    depends_on: Pairs,
    /// The entry before the step.
    before: Option<Recorded>,
    /// Calls that were made since the last write.
    unrecorded: Vec<String>,
}

impl<S: Store> Progress for Recorder<'_, '_, S> {
    fn tell(&mut self, event: &Event<'_>) {
        if let Event::AwsCall { action, .. } = event {
            self.unrecorded.push((*action).to_owned());
        }
        self.ledger.tell(event);
    }

    fn is_recorded(&self, arn: &str) -> bool {
        self.ledger.read(|state| is_recorded(state, &self.step.address.stack, arn))
    }

    fn record(&mut self, outputs: &Pairs, unfinished: &[String]) -> Result<(), Failure> {
        let outcome = Outcome {
            outputs: outputs.clone(),
            depends_on: self.depends_on.clone(),
            unfinished: unfinished.to_vec(),
        };
        let stack = self.step.address.stack.as_str();
        let written = self.ledger.write(stack, |state| {
            state.record(self.plan, self.step, outcome);
            if let (Some(before), false) = (&self.before, unfinished.is_empty()) {
                let stack = state.stacks.get_mut(stack);
                let entry = stack.and_then(|it| it.resources.get_mut(&self.step.address.local()));
                if let Some(entry) = entry {
                    unfinished::keep(entry, before, unfinished);
                }
            }
        });
        let calls = std::mem::take(&mut self.unrecorded);
        written.map_err(|error| unrecorded(&self.step.address, calls, error))
    }
}

/// What was done and cannot be recorded.
pub(super) fn unrecorded(address: &Address, calls: Vec<String>, source: Error) -> Failure {
    if calls.is_empty() {
        return Failure::Store(Box::new(source));
    }
    let (objects, source) = (vec![(address.clone(), calls)], Box::new(source));
    Failure::Store(Box::new(Error::Unrecorded { objects, source }))
}

/// True if an entry of a stack, current or set aside, is this object. What other stacks hold
/// carries other tags.
fn is_recorded(state: &State, stack: &str, arn: &str) -> bool {
    let is = |object: &Recorded| object.outputs.iter().any(|(_, value)| value == arn);
    state.stacks.get(stack).is_some_and(|stack| {
        stack.resources.values().any(is) || stack.deposed.values().any(|it| is(&it.object))
    })
}

/// Carries out one step.
pub(super) async fn perform<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    index: usize,
) -> Result<(), Failure> {
    let plan = site.plan;
    let step = &plan.steps[index];
    let address = &step.address;
    match &step.operation {
        Operation::Create { priority, .. } => {
            let change = change_of(plan, step)?;
            let (mut spec, depends_on) = resolved(site, step, change, None)?;
            if let Some(priority) = priority {
                spec["priority"] = json!(priority);
            }
            await_targets(site, step).await?;
            let (mut recorder, context) = recorder(site, step, depends_on);
            kind::create(&mut context.hand(address, &mut recorder), &spec).await
        }
        Operation::Update { fields } | Operation::Repoint { fields } => {
            let change = change_of(plan, step)?;
            let (after, depends_on) = resolved(site, step, change, Some(fields))?;
            let recorded = site.ledger.read(|state| state.get(address).cloned());
            let recorded = recorded.ok_or_else(|| unknown(address))?;
            let mut before = applied(address, &recorded);
            add_live_tags(&mut before, change);
            let outputs = recorded.outputs;
            await_targets(site, step).await?;
            let wanted = Wanted::of(fields);
            let (mut recorder, context) = recorder(site, step, depends_on);
            let mut hand = context.hand(address, &mut recorder);
            kind::update(&mut hand, &before, &after, &wanted, &outputs).await
        }
        Operation::Reorder { moves } => {
            let pairs = site.ledger.read(|state| priorities(state, address, moves))?;
            let (mut recorder, context) = recorder(site, step, Pairs::new());
            let mut hand = context.hand(address, &mut recorder);
            if !pairs.is_empty() {
                let params = json!({"RulePriorities": pairs});
                hand.call(Call::elb("SetRulePriorities", params)).await?;
            }
            hand.record(&Pairs::new(), &[])
        }
        Operation::Delete => {
            let recorded = site.ledger.read(|state| state.get(address).cloned());
            delete(site, step, recorded).await
        }
        Operation::DeleteDeposed { key, .. } => {
            let object = site.ledger.read(|state| {
                let stack = state.stacks.get(address.stack.as_str())?;
                stack.deposed.get(key).map(|it| it.object.clone())
            });
            delete(site, step, object).await
        }
        Operation::GoneWith { .. } | Operation::Forget { .. } | Operation::Import { .. } => {
            let (mut recorder, _) = recorder(site, step, Pairs::new());
            recorder.record(&Pairs::new(), &[])
        }
    }
}

/// What a hand needs beside the recorder.
pub(super) struct Context<'c, A> {
    account: &'c A,
    cluster: &'c str,
    facts: &'c Facts,
    signals: &'c Signals<'c>,
    identity: &'c Address,
}

impl<'c, A: Account> Context<'c, A> {
    pub(super) fn hand<'h>(
        &self,
        address: &'h Address,
        progress: &'h mut dyn Progress,
    ) -> Hand<'h, A>
    where
        'c: 'h,
    {
        Hand {
            account: self.account,
            cluster: self.cluster,
            facts: self.facts,
            address,
            identity: self.identity,
            signals: self.signals,
            progress,
        }
    }
}

/// Makes a call on behalf of several resources.
pub(super) async fn call_for<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    step: &Step,
    call: Call,
    addresses: &[Address],
) -> Result<Value, Failure> {
    let (mut recorder, context) = recorder(site, step, Pairs::new());
    context.hand(&step.address, &mut recorder).call_for(call, addresses).await
}

/// Who records what a step does, and what a hand needs beside it.
fn recorder<'c, 'r, A: Account, S: Store>(
    site: &'c Site<'_, 'r, A, S>,
    step: &'c Step,
    depends_on: Pairs,
) -> (Recorder<'c, 'r, S>, Context<'c, A>) {
    let Site { account, facts, signals, ledger, plan, .. } = site;
    let updates = matches!(step.operation, Operation::Update { .. } | Operation::Repoint { .. });
    let before = ledger.read(|state| state.get(&step.address).filter(|_| updates).cloned());
    let recorder = Recorder { before, unrecorded: Vec::new(), plan, step, ledger, depends_on };
    let identity = plan.change_of(step).map_or(&step.address, |change| &change.address);
    (recorder, Context { account, cluster: &plan.cluster, facts, signals, identity })
}

async fn delete<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    step: &Step,
    object: Option<Recorded>,
) -> Result<(), Failure> {
    let (mut recorder, context) = recorder(site, step, Pairs::new());
    let mut hand = context.hand(&step.address, &mut recorder);
    if let Some(object) = object {
        let spec = applied(&step.address, &object);
        kind::delete(&mut hand, &spec, &object.outputs).await?;
    }
    hand.record(&Pairs::new(), &[])
}

pub(super) fn change_of<'p>(plan: &'p Plan, step: &Step) -> Result<&'p Change, Failure> {
    plan.change_of(step).ok_or_else(|| unknown(&step.address))
}

pub(super) fn unknown(address: &Address) -> Failure {
    Failure::Own(Box::new(ApplyError::new(
        address,
        &code::STALE_PLAN,
        "the plan and the state do not fit together here",
        "plan again",
    )))
}

/// The spec to send, with references and secrets filled in. With fields given, only secrets that
/// these hold are needed.
pub(super) fn resolved<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    step: &Step,
    change: &Change,
    fields: Option<&[String]>,
) -> Result<(Value, Pairs), Failure> {
    let address = &step.address;
    let after = change.after.as_ref().ok_or_else(|| unknown(address))?;
    let resolved = site.ledger.read(|state| state.resolve(address, after));
    let mut resolved = resolved.map_err(|missing| {
        Failure::Own(Box::new(ApplyError::new(
            address,
            &code::MISSING_DEPENDENCY,
            missing.to_string(),
            "see its own error; then run the same command again to continue",
        )))
    })?;
    for (pointer, hash) in &change.secrets {
        let field = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        if fields.is_some_and(|fields| !fields.iter().any(|f| f == field)) {
            continue;
        }
        let value = site.secrets.reveal(hash).map_err(|problem| {
            let what = format!("key `{}` of Secret `{}`", hash.key, hash.secret);
            let (message, next) = match problem {
                SecretProblem::Missing => (
                    format!("{what} is needed, and nobody gave its value"),
                    "give the manifest of the Secret with `--manifests`, or name it under `ingc.secrets`",
                ),
                SecretProblem::Changed => {
                    (format!("{what} is not the one that was planned"), "plan again")
                }
            };
            Failure::Own(Box::new(ApplyError::new(address, &code::SECRET, message, next)))
        })?;
        if let Some(slot) = resolved.spec.pointer_mut(pointer) {
            *slot = Value::from(value);
        }
    }
    Ok((resolved.spec, resolved.depends_on))
}

/// A recorded spec with its references as they were when it was applied.
pub(crate) fn applied(address: &Address, recorded: &Recorded) -> Value {
    let mut spec = recorded.spec.value();
    each_ref(&mut spec, &mut |reference| {
        let target = resolve_ref(&address.stack, reference);
        let value = recorded.depends_on.get(&dependency_key(&address.stack, &target));
        Some(value.unwrap_or_default().to_owned())
    });
    spec
}

/// Tags that somebody else has added, and that the plan takes away, count as ours from before, as does
/// one that names a resource and is renewed.
pub(super) fn add_live_tags(before: &mut Value, change: &Change) {
    let added = change.fields.iter().filter(|field| field.after.is_none()).filter_map(|field| {
        let key = field.path.strip_prefix("tags[")?.strip_suffix(']')?;
        Some((key, field.before.clone()?))
    });
    let Some(spec) = before.as_object_mut() else { return };
    let tags = spec.entry("tags").or_insert_with(|| json!({}));
    if let Some(tags) = tags.as_object_mut() {
        tags.extend(added.map(|(key, value)| (key.to_owned(), value)));
    }
    if change.renews_resource_tag() {
        before["tags"][tag::RESOURCE] = json!("");
    }
}

/// The rules whose number changes, as SetRulePriorities takes them.
fn priorities(
    state: &State,
    listener: &Address,
    moves: &[RuleMove],
) -> Result<Vec<Value>, Failure> {
    let mut pairs = Vec::new();
    for rule in moves.iter().filter(|rule| rule.priority_before != rule.priority_after) {
        let object = state.get(&rule.from);
        let arn = object.and_then(|object| object.outputs.get(Output::RuleArn.name()));
        let arn = arn.ok_or_else(|| unknown(listener))?;
        pairs.push(json!({"RuleArn": arn, "Priority": rule.priority_after}));
    }
    Ok(pairs)
}

/// Waits until new target groups have targets that can answer, if the run shall.
async fn await_targets<A: Account, S: Store>(
    site: &Site<'_, '_, A, S>,
    step: &Step,
) -> Result<(), Failure> {
    let Some(bound) = site.facts.await_targets else { return Ok(()) };
    for group in step.awaits_targets.iter().filter(|it| it.kind == Kind::TargetGroup) {
        let arn = |state: &State| state.output(group, Output::TargetGroupArn).map(str::to_owned);
        let Some(arn) = site.ledger.read(arn) else { continue };
        let (mut recorder, context) = recorder(site, step, Pairs::new());
        let mut hand = context.hand(group, &mut recorder);
        let call = || Call::elb("DescribeTargetHealth", json!({"TargetGroupArn": arn}));
        if !hand.wait_for(bound, "a target that can answer", call, can_answer).await? {
            return Err(hand.failure(
                &code::TIMED_OUT,
                format!("no target is healthy after {} s, and requests stay where they are", bound.as_secs()),
                "look whether its TargetGroupBinding is applied (`ingc status`), or give `--wait-healthy 0s` to lead requests there all the same; then run the same command again",
            ));
        }
    }
    Ok(())
}

/// True if a target is healthy, or registered in a target group that no load balancer uses yet, of
/// which AWS checks no health.
fn can_answer(answer: &Value) -> bool {
    let all = answer["TargetHealthDescriptions"].as_array();
    all.into_iter().flatten().any(|target| {
        let health = &target["TargetHealth"];
        health["State"] == "healthy"
            || health["State"] == "unused" && health["Reason"] == "Target.NotInUse"
    })
}
