//! A cluster, its account and its state, through all that happens to them.

use super::disk::Disk;
use super::event::{Cut, Event, Hand, How};
use super::fleet::Fleet;
use super::others::{self, Others, aims, send};
use super::{graph, known};
use crate::edits::{by_address, compile};
use crate::world::{Compiled, errors, plan_for, wait};
use ingc_applier::sandbox::{Fault, When};
use ingc_applier::{
    Account, Call, CallError, Facts, Identity, Patience, Report, Run, Sandbox, Service, apply,
    discover, refresh,
};
use ingc_compiler::resource::{Kind, Output, Spec};
use ingc_planner::state::local_address;
use ingc_planner::{
    Desired, Destroy, Operation, Options, Phase, Plan, Planned, Recalled, StackState, State, plan,
};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use tokio::sync::Notify;

/// The account as a run sees it, which may die at any call.
struct Watched<'w> {
    account: &'w Sandbox,
    others: BTreeSet<String>,
    cut: &'w Cut,
    calls: AtomicU32,
    cancelled: &'w AtomicBool,
    dead: &'w Notify,
    touched: Mutex<Vec<String>>,
    turns: u64,
    turn: AtomicU64,
}

impl Watched<'_> {
    /// Lets calls of other stacks overtake this one, or be overtaken by it.
    async fn take_turns(&self) {
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        let mixed = (self.turns ^ turn).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62;
        for _ in 0..if self.turns == 0 { 0 } else { mixed } {
            tokio::task::yield_now().await;
        }
    }
}

impl Account for Watched<'_> {
    fn identity(&self) -> Identity {
        self.account.identity()
    }

    async fn call(&self, call: &Call) -> Result<Value, CallError> {
        self.take_turns().await;
        if !call.mutates() {
            return self.account.call(call).await;
        }
        let theirs = aims(call).into_iter().filter(|id| self.others.contains(id));
        self.touched.lock().unwrap().extend(theirs.map(|id| format!("{call:?} of {id}")));
        let n = self.calls.fetch_add(1, Ordering::SeqCst);
        if matches!(self.cut, Cut::KilledBefore(at) if *at == n) {
            self.dead.notify_one();
            std::future::pending::<()>().await;
        }
        let answer = self.account.call(call).await;
        match self.cut {
            Cut::KilledAfter(at) if *at == n => {
                self.dead.notify_one();
                std::future::pending::<()>().await;
            }
            Cut::Cancelled(at) if *at == n => self.cancelled.store(true, Ordering::SeqCst),
            _ => {}
        }
        self.take_turns().await;
        answer
    }
}

pub(super) struct Life {
    account: Sandbox,
    others: Others,
    vpc_id: String,
    state: State,
    fleet: Fleet,
    past: Vec<BTreeMap<String, StackState>>,
    /// Somebody is in the way of what the manifests want.
    hindered: bool,
    /// The state tells all that there is of ours: nothing was cut short, or changed by hand.
    told: bool,
    /// A run was cut short: what it made and could not record may carry tags of then, or of others.
    was_cut: bool,
    /// Somebody has tagged what is ours.
    is_tagged: bool,
    turns: u64,
}

type Found<T> = Result<T, String>;

impl Life {
    pub(super) fn new(turns: u64) -> Life {
        let (_, inventory) = compile("");
        let account = Sandbox::in_memory(&inventory);
        let vpc_id = inventory.vpc.vpc_id;
        Life {
            others: Others::settle(&account, &vpc_id),
            account,
            vpc_id,
            state: State::empty("eksworkshop"),
            fleet: Fleet::default(),
            past: vec![BTreeMap::new()],
            hindered: false,
            told: true,
            was_cut: false,
            is_tagged: false,
            turns,
        }
    }

    pub(super) fn live(&mut self, event: &Event) -> Found<()> {
        match event {
            Event::Apply { edits, how, cut, patient } => {
                edits.iter().for_each(|edit| self.fleet.edit(edit));
                self.apply(*how, cut, *patient)?;
            }
            Event::Rollback(n, cut) => self.roll_back(*n, cut)?,
            Event::Lost => self.lose_the_state()?,
            Event::Hand(hand) => {
                self.told = false;
                self.is_tagged |= matches!(hand, Hand::Tags(_));
                self.hand(*hand);
            }
            Event::Squat(n, owner) => self.squat(*n, *owner),
            Event::Rule(n, number) => {
                let listeners = self.ids(Output::ListenerArn);
                if let Some(listener) = pick(&listeners, *n) {
                    let make = |account: &Sandbox| others::rule(account, listener, *number);
                    self.hindered |= self.others.make(&self.account, make);
                }
            }
            Event::Leave => self.leave(),
            Event::Destroy(cut) => {
                let options = Options { destroy: Some(Destroy::Scope), ..Options::default() };
                let compiled = self.compiled();
                let planned = self.planned(&compiled, options, true);
                self.run(&compiled, &planned, cut, false)?;
            }
        }
        self.past.push(self.state.stacks.clone());
        known::check(&self.state, &self.fleet.manifests())
    }

    /// All obstacles go, and the manifests are applied until there is nothing left to do.
    pub(super) fn ends_well(mut self) -> Found<()> {
        self.leave();
        self.settle()?;
        let wrong = graph::differences(&self.holdings(), &self.compiled().compilation);
        if !wrong.is_empty() {
            return Err(format!("the account is not what the graph says: {wrong:#?}"));
        }
        let mut fresh = Life::new(0);
        fresh.fleet = self.fleet.clone();
        fresh.was_cut = self.was_cut;
        fresh.settle()?;
        let (is, shall) = (self.told(), fresh.told());
        let differs = is.iter().zip(&shall).position(|(is, shall)| is != shall);
        let Some(at) = differs.or((is.len() != shall.len()).then(|| is.len().min(shall.len())))
        else {
            return Ok(());
        };
        let around = |lines: &[String]| {
            let from = at.saturating_sub(12).min(lines.len());
            lines[from..(at + 4).min(lines.len())].join("\n")
        };
        Err(format!("the account has\n{}\nand not\n{}", around(&is), around(&shall)))
    }

    fn compiled(&self) -> Compiled {
        let (compiled, _) = compile(&self.fleet.manifests());
        let wrong = errors(&compiled.compilation.diagnostics);
        assert!(wrong.is_empty(), "{wrong:?}\n{}", self.fleet.manifests());
        compiled
    }

    fn planned(&self, compiled: &Compiled, options: Options<'_>, looks: bool) -> Planned {
        let live = looks.then(|| wait(refresh(&self.account, &self.state, |_| true)).unwrap());
        plan_for(compiled, &self.state, Options { live: live.as_ref(), ..options })
    }

    fn apply(&mut self, how: How, cut: &Cut, patient: bool) -> Found<()> {
        known::check(&self.state, &self.fleet.manifests())?;
        let compiled = self.compiled();
        let options = Options {
            keep_replaced: how == How::KeepReplaced,
            close_gaps: how == How::CloseGaps,
            phase: (how == How::Phases).then_some(Phase::Prepare),
            ..Options::default()
        };
        let planned = self.planned(&compiled, options, how != How::NoRefresh || !self.told);
        let is_done = self.run(&compiled, &planned, cut, patient)?;
        if how == How::Phases && is_done {
            let options = Options { phase: Some(Phase::Cutover), ..Options::default() };
            let planned = self.planned(&compiled, options, true);
            self.run(&compiled, &planned, cut, patient)?;
        }
        Ok(())
    }

    /// Applies until nothing is left, which is at most twice: a load balancer that was replaced may
    /// go with the next run.
    fn settle(&mut self) -> Found<()> {
        let compiled = self.compiled();
        let options = || Options { close_gaps: true, ..Options::default() };
        for _ in 0..3 {
            let planned = self.planned(&compiled, options(), true);
            if planned.plan.is_empty() && errors(&planned.diagnostics).is_empty() {
                return Ok(());
            }
            self.run(&compiled, &planned, &Cut::No, false)?;
        }
        let left = self.planned(&compiled, options(), true).plan;
        if left.is_empty() { Ok(()) } else { Err(format!("left to do: {:#?}", left.steps)) }
    }

    /// Carries a plan out; true if it was done to its end. A run that nothing disturbs is.
    fn run(
        &mut self,
        compiled: &Compiled,
        planned: &Planned,
        cut: &Cut,
        patient: bool,
    ) -> Found<bool> {
        let wrong = errors(&planned.diagnostics);
        let undisturbed = matches!(cut, Cut::No) && !self.hindered;
        if undisturbed && !wrong.is_empty() {
            return Err(format!("it cannot be planned: {wrong:?}"));
        }
        let desired = Desired {
            cluster: "eksworkshop",
            region: &compiled.settings.region,
            compilation: &compiled.compilation,
            sources: &compiled.sources,
            recalled: None,
        };
        let report = self.carry_out(desired, &planned.plan, cut, patient)?;
        let done = report.as_ref().is_some_and(Report::is_complete) && wrong.is_empty();
        self.told = done;
        match report {
            Some(report) if undisturbed && !done => {
                Err(format!("it was not done: {:?} {:?}", report.errors, report.left_out))
            }
            _ => Ok(done),
        }
    }

    /// None if the run did not live to tell.
    fn carry_out(
        &mut self,
        desired: Desired<'_>,
        plan: &Plan,
        cut: &Cut,
        patient: bool,
    ) -> Found<Option<Report>> {
        self.account.heal();
        self.was_cut |= !matches!(cut, Cut::No);
        match cut {
            Cut::Refused(n, times, code) => self.account.fail(Fault {
                times: *times,
                code: Some((*code).to_owned()),
                ..Fault::nth(*n, When::Before)
            }),
            Cut::Lost(n, times) => {
                self.account.fail(Fault { times: *times, ..Fault::nth(*n, When::After) });
            }
            _ => {}
        }
        let (cancelled, dead) = (AtomicBool::new(false), Notify::new());
        let watched = Watched {
            account: &self.account,
            others: self.others.ids(),
            cut,
            calls: AtomicU32::new(0),
            cancelled: &cancelled,
            dead: &dead,
            touched: Mutex::default(),
            turns: self.turns,
            turn: AtomicU64::new(0),
        };
        let left = if let Cut::Unwritten(n) = cut { Some(*n) } else { None };
        let mut disk = Disk { state: self.state.clone(), left: Cell::new(left) };
        let patience = Patience { attempts: 3, lost: 2, ..Patience::default() };
        let run = Run {
            account: &watched,
            store: &mut disk,
            secrets: &desired.secrets(),
            desired: Some(desired),
            facts: Facts {
                vpc_id: self.vpc_id.clone(),
                patience: if patient { patience } else { Patience::default() },
                ..Facts::default()
            },
            cancelled: &cancelled,
            observer: &mut |_| {},
        };
        let mut state = self.state.clone();
        let ended = wait(async {
            tokio::select! {
                biased;
                () = dead.notified() => None,
                ended = apply(run, plan, &mut state) => Some(ended),
            }
        });
        self.account.heal();
        let touched = watched.touched.into_inner().unwrap();
        self.state = disk.state;
        self.state.check().map_err(|error| error.to_string())?;
        let report = match ended {
            Some(Err(error)) if disk.left.get() != Some(0) => return Err(error.to_string()),
            Some(Ok(report)) => {
                let held = |state: &State| -> Vec<String> {
                    let all = state.stacks.iter().filter(|(_, stack)| !stack.is_empty());
                    all.map(|(name, it)| format!("{name} {:?} {:?}", it.resources, it.deposed))
                        .collect()
                };
                if held(&self.state) != held(&state) {
                    return Err("the state was not written to its end".to_owned());
                }
                Some(report)
            }
            _ => None,
        };
        let touched: Vec<_> =
            touched.into_iter().chain(self.others.touched(&self.account)).collect();
        if touched.is_empty() { Ok(report) } else { Err(format!("touched: {touched:?}")) }
    }

    fn roll_back(&mut self, n: usize, cut: &Cut) -> Found<()> {
        let Some(then) = pick(&self.past, n) else { return Ok(()) };
        let names = then.keys().chain(self.state.stacks.keys());
        let stacks: BTreeMap<String, Option<StackState>> =
            names.map(|name| (name.clone(), then.get(name).cloned())).collect();
        let compiled = self.compiled();
        let whole = then.values().all(|stack| !stack.unfinished);
        let recalled = match Recalled::new(&stacks, &Default::default()) {
            Ok(recalled) => recalled,
            Err(errors) if whole => return Err(format!("{errors:?}")),
            Err(_) => return Ok(()),
        };
        let desired = recalled.desired("eksworkshop", &compiled.settings.region);
        let live = wait(refresh(&self.account, &self.state, |_| true)).unwrap();
        let options = Options { live: Some(&live), salt: "salt".to_owned(), ..Options::default() };
        let planned = plan(desired, &self.state, &options);
        let wrong = errors(&planned.diagnostics);
        let undisturbed = matches!(cut, Cut::No) && !self.hindered && whole;
        let report = self.carry_out(desired, &planned.plan, cut, false)?;
        self.told = report.as_ref().is_some_and(Report::is_complete);
        match report {
            Some(report) if undisturbed && !(report.is_complete() && wrong.is_empty()) => {
                Err(format!("{wrong:?} {:?} {:?}", report.errors, report.left_out))
            }
            _ => Ok(()),
        }
    }

    fn lose_the_state(&mut self) -> Found<()> {
        self.leave();
        self.settle()?;
        self.state = State::empty("eksworkshop");
        let compiled = self.compiled();
        let live = wait(discover(&self.account, &self.state, |_| true)).unwrap();
        let options = Options { import: true, live: Some(&live), ..Options::default() };
        let mut planned = plan_for(&compiled, &self.state, options);
        planned.plan = planned.plan.only_imports();
        self.run(&compiled, &planned, &Cut::No, false)?;
        let left = self.planned(&compiled, Options::default(), true).plan;
        // Whose tags they are is lost with the state: what somebody has added goes as ours would.
        let tags = Operation::Update { fields: vec!["tags".to_owned()] };
        let only_tags = self.is_tagged && left.steps.iter().all(|step| step.operation == tags);
        if left.is_empty() || self.was_cut || only_tags {
            Ok(())
        } else {
            Err(format!("not imported: {:#?}", left.steps))
        }
    }

    /// Others take away what is in the way.
    fn leave(&mut self) {
        self.others.leave(&self.account);
        self.hindered = false;
    }

    fn squat(&mut self, n: usize, owner: usize) {
        let compiled = self.compiled();
        let stacks = compiled.compilation.stacks.values();
        let wanted: Vec<(&str, String)> = stacks
            .flat_map(|stack| stack.resources.values())
            .filter_map(|resource| match &resource.spec {
                Spec::LoadBalancer(it) => Some(("LoadBalancer", it.name.clone())),
                Spec::TargetGroup(it) => Some(("TargetGroup", it.name.clone())),
                Spec::SecurityGroup(it) => Some(("SecurityGroup", it.group_name.clone())),
                _ => None,
            })
            .collect();
        if let Some((kind, name)) = pick(&wanted, n) {
            let vpc_id = &self.vpc_id;
            let make = |account: &Sandbox| others::squat(account, kind, name, vpc_id, owner);
            self.hindered |= self.others.make(&self.account, make);
        }
    }

    /// Ids of our objects.
    fn ids(&self, output: Output) -> Vec<String> {
        let objects = self.state.stacks.values().flat_map(|stack| stack.resources.values());
        let ids = objects.filter_map(|object| object.outputs.get(output.name()));
        ids.map(str::to_owned).collect()
    }

    /// Somebody does something by hand, where there is something to do it to.
    fn hand(&self, hand: Hand) -> Option<()> {
        let one = |output, n| pick(&self.ids(output), n).cloned();
        let call = match hand {
            Hand::DeletesRule(n) => {
                Call::elb("DeleteRule", json!({"RuleArn": one(Output::RuleArn, n)?}))
            }
            Hand::DeletesListener(n) => {
                Call::elb("DeleteListener", json!({"ListenerArn": one(Output::ListenerArn, n)?}))
            }
            Hand::DeletesLoadBalancer(n) => {
                let arn = one(Output::LoadBalancerArn, n)?;
                Call::elb("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}))
            }
            Hand::Tags(n) => {
                let arn = one(Output::TargetGroupArn, n)?;
                let tags = json!([{"Key": "owner", "Value": "somebody"}]);
                Call::elb("AddTags", json!({"ResourceArns": [arn], "Tags": tags}))
            }
            Hand::ChangesHealthCheck(n) => {
                let arn = one(Output::TargetGroupArn, n)?;
                let params = json!({"TargetGroupArn": arn, "HealthCheckIntervalSeconds": 99});
                Call::elb("ModifyTargetGroup", params)
            }
            Hand::ClosesSecurityGroup(n) => {
                let id = one(Output::GroupId, n)?;
                let call = Call::ec2("DescribeSecurityGroups", json!({"GroupIds": [id]}));
                let there = send(&self.account, &call).ok()?;
                let open = there["SecurityGroups"][0]["IpPermissions"].clone();
                let params = json!({"GroupId": id, "IpPermissions": open});
                Call::ec2("RevokeSecurityGroupIngress", params)
            }
            Hand::MovesRule(n) => {
                let moves = json!([{"RuleArn": one(Output::RuleArn, n)?, "Priority": 40_000}]);
                Call::elb("SetRulePriorities", json!({"RulePriorities": moves}))
            }
            Hand::DeletesBinding(n) => {
                let bindings = self.state.stacks.iter().flat_map(|(name, stack)| {
                    let all = stack.resources.iter();
                    all.filter_map(|(local, it)| Some((local_address(name, local)?, it)))
                });
                let bindings: Vec<Value> = bindings
                    .filter(|(address, _)| address.kind == Kind::TargetGroupBinding)
                    .map(|(_, object)| object.spec.value()["template"]["metadata"].clone())
                    .collect();
                let metadata = pick(&bindings, n)?;
                let params = json!({"namespace": metadata["namespace"], "name": metadata["name"]});
                Call::new(Service::Kubernetes, "DeleteTargetGroupBinding", params)
            }
        };
        send(&self.account, &call).ok().map(drop)
    }

    /// What the account holds that is not of others.
    fn holdings(&self) -> Value {
        let mut all: Value = serde_json::from_str(&self.account.text()).unwrap();
        self.others.without(&mut all);
        all
    }

    /// What the account holds of ours, with addresses in the place of ids.
    fn told(&self) -> Vec<String> {
        let mut all = self.holdings();
        all["creations"] = json!(0);
        for part in ["loadBalancers", "listeners", "rules", "targetGroups", "securityGroups"] {
            for object in all[part].as_object_mut().unwrap().values_mut() {
                let tags = object["tags"].as_object_mut().unwrap();
                tags.retain(|key, _| key != "owner" && !(self.was_cut && key.starts_with("team")));
            }
        }
        for id in all["protections"].as_object_mut().unwrap().values_mut() {
            *id = json!("");
        }
        by_address(&self.state, &all)
    }
}

/// One of several, whatever the number.
fn pick<T>(all: &[T], n: usize) -> Option<&T> {
    if all.is_empty() { None } else { all.get(n % all.len()) }
}
