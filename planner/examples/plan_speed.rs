//! Measures planning: `cargo run --release -p ingc-planner --example plan_speed -- FOLDER
//! [TIMES]`, where FOLDER is what `cargo run -p ingc-compiler --example gen -- 10000 FOLDER` wrote.
//!
//! Plans from nothing, makes the state that applying gives, and plans again from that.
#![allow(clippy::print_stdout, reason = "its output is the measurement")]

use ingc_compiler::diagnostic::Diagnostics;
use ingc_compiler::resource::{Kind, Output};
use ingc_compiler::source::Sources;
use ingc_compiler::{inventory, settings};
use ingc_planner::state::{Outcome, Pairs};
use ingc_planner::{Desired, Operation, Options, Plan, Scope, State};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder of the manifests")?;
    let mut sources = Sources::new();
    let mut paths: Vec<_> = std::fs::read_dir(&folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let mut manifests = Vec::new();
    let (mut values, mut account) = (None, None);
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let file = sources.add(path.display().to_string(), std::fs::read_to_string(&path)?);
        match name.as_deref() {
            Some("ingc.yaml") => values = Some(file),
            Some("inventory.yaml") => account = Some(file),
            _ => manifests.push(file),
        }
    }
    let mut findings = Diagnostics::new();
    let files: Vec<_> = values.into_iter().collect();
    let settings = settings::read(&sources, &files, &mut findings);
    let inventory =
        inventory::read(&sources, account.ok_or("inventory.yaml is missing")?, &mut findings);
    let compilation = timed("compile", || {
        ingc_compiler::compile(&sources, &manifests, &settings, &inventory, findings)
    });
    let resources: usize = compilation.stacks.values().map(|stack| stack.resources.len()).sum();
    println!("{} stacks, {resources} resources", compilation.stacks.len());
    let desired = Desired {
        cluster: &settings.cluster_name,
        region: &settings.region,
        compilation: &compilation,
        sources: &sources,
        recalled: None,
    };
    let options = Options { scope: Scope::Cluster, salt: "0".to_owned(), ..Options::default() };
    let mut state = State::empty(&*settings.cluster_name);
    let first = timed("plan from nothing", || ingc_planner::plan(desired, &state, &options));
    println!("{} steps", first.plan.steps.len());
    apply(&mut state, &first.plan)?;
    let text = timed("write the state", || state.write())?;
    println!("{} MB of state", text.len() / 1_000_000);
    let state = timed("read the state", || State::read(&text))?;
    let times = std::env::args().nth(2).map_or(Ok(1), |times| times.parse::<u32>())?;
    for _ in 0..times {
        let again =
            timed("plan from an equal state", || ingc_planner::plan(desired, &state, &options));
        println!("{} steps, {} unchanged", again.plan.steps.len(), again.plan.summary.unchanged);
    }
    Ok(())
}

/// Runs and tells wall time, and CPU time where Linux tells it: the latter hardly depends on what
/// else the machine does. Work of other threads is not in it.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let result = work();
    let wall = start.elapsed().as_secs_f64();
    match (cpu, cpu_seconds()) {
        (Some(before), Some(after)) => {
            println!("{what}: {:.3} s of CPU ({wall:.3} s)", after - before)
        }
        _ => println!("{what}: {wall:.3} s"),
    }
    result
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// The state that a plan of creations leaves.
fn apply(state: &mut State, plan: &Plan) -> Result<(), Box<dyn std::error::Error>> {
    state.begin(plan, |stack| format!("lineage of {stack}"));
    for (i, step) in plan.steps.iter().enumerate() {
        let (Operation::Create { .. }, Some(change)) = (&step.operation, plan.change_of(step))
        else {
            continue;
        };
        let Some(spec) = &change.after else { continue };
        let depends_on = state.resolve(&change.address, spec)?.depends_on;
        let output = match step.address.kind {
            Kind::SecurityGroup => Output::GroupId,
            Kind::LoadBalancer => Output::LoadBalancerArn,
            Kind::Listener => Output::ListenerArn,
            Kind::ListenerRule => Output::RuleArn,
            _ => Output::TargetGroupArn,
        };
        let arn = format!(
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/k8s-example-name-0123456789/{i:016x}"
        );
        let outputs: Pairs = [(output.name(), arn)].into_iter().collect();
        state.record(plan, step, Outcome { outputs, depends_on, unfinished: Vec::new() });
    }
    Ok(())
}
