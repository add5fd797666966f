//! The steps of a hand-over between the controller and ingc, in both directions: those in the cluster,
//! which ingc never calls.

use super::text::safe;
use ingc_compiler::Compilation;
use ingc_compiler::group::{Place, stack_labels};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const SCALE: &str = "kubectl scale -n kube-system deployment aws-load-balancer-controller";
const LOOK: &str =
    "kubectl get ingress,ingressclass,targetgroupbinding -A -o yaml > /tmp/cluster.yaml";
/// More commands of one kind than these are told by their number.
const MOST: usize = 5;

/// A list of steps, each with what it is for and what to type.
struct Steps(String, usize);

impl Steps {
    fn new(title: &str) -> Steps {
        Steps(format!("\n{title}\n"), 0)
    }

    fn step(&mut self, what: &str, commands: impl IntoIterator<Item = String>) {
        self.1 += 1;
        let _ = write!(self.0, "\n  {}. {what}\n", self.1);
        let commands: Vec<String> = commands.into_iter().collect();
        for command in commands.iter().take(MOST) {
            let _ = writeln!(self.0, "       {}", safe(command));
        }
        if let Some(more) = commands.len().checked_sub(MOST).filter(|more| *more > 0) {
            let _ = writeln!(self.0, "       … and {more} more of these");
        }
    }
}

/// What is left to do when the account is as the controller would have it. `folder` holds the bindings,
/// if they were written.
pub fn to_controller(compilation: &Compilation, folder: Option<&str>) -> String {
    let mut steps = Steps::new(
        "The controller would find nothing to change. What is left to do, in this order:",
    );
    let write = folder.is_none().then(|| "ingc release --manifests-out bindings".to_owned());
    let apply = format!("kubectl apply --recursive -f {}", folder.unwrap_or("bindings"));
    steps.step(
        "Let the bindings carry the controller's labels, by which it knows its own:",
        write.into_iter().chain([apply]),
    );
    steps.step(
        "Let the state go of the stacks, so that no run of ingc changes them any more:",
        ["ingc release --forget".to_owned()],
    );
    let members = || members(compilation);
    let others: Vec<&str> =
        members().filter(|(_, _, served)| served.is_none()).map(|(name, ..)| name).collect();
    let classes: BTreeSet<&str> = members().filter_map(|(_, _, served)| served).collect();
    if !others.is_empty() {
        steps.step(
            "Give the Ingresses a class with `controller: ingress.k8s.aws/alb` and the parameters of \
             their\n     class of now, in the manifests as well:",
            others.iter().map(|name| {
                let patch = r#"{"spec":{"ingressClassName":"alb"}}"#;
                format!("kubectl patch ingress {} --type merge -p '{patch}'", flags(name))
            }),
        );
    }
    let start = match classes.iter().next() {
        Some(class) => {
            format!("Start the controller, if it is stopped: it serves class `{class}`.")
        }
        None => "Start the controller, if it is stopped.".to_owned(),
    };
    steps.step(&start, [format!("{SCALE} --replicas=2")]);
    let columns = "NAMESPACE:.metadata.namespace,NAME:.metadata.name,FINALIZERS:.metadata.finalizers,ADDRESS:.status.loadBalancer.ingress[0].hostname";
    steps.step(
        "See that it has taken them: every Ingress has a finalizer, and its address of before.",
        [format!("kubectl get ingress -A -o custom-columns={columns}")],
    );
    steps.0
}

/// What is to be done before what the controller has made can be taken into the state.
pub fn to_ingc(compilation: &Compilation) -> String {
    let mut steps = Steps::new("From the controller to ingc, in this order:");
    steps.step(
        "Stop the controller: an Ingress that leaves its class while it runs loses its load balancer.\n     \
         Pods that come and go meanwhile are not registered.",
        [format!("{SCALE} --replicas=0")],
    );
    let held = compilation.ingresses.iter().filter(|(_, seen)| !seen.held_by.is_empty());
    let patch = r#"[{"op":"remove","path":"/metadata/finalizers"}]"#;
    let held: Vec<String> = held
        .map(|(name, _)| format!("kubectl patch ingress {} --type json -p '{patch}'", flags(name)))
        .collect();
    if !held.is_empty() {
        steps.step("Take its finalizers off the Ingresses:", held);
    }
    if members(compilation).any(|(_, _, served)| served.is_some()) {
        steps.step(
            "Give the Ingresses a class of ingc's own, with the parameters of their class of now, in the\n     \
             manifests as well; name its controller in ingc.yaml, as `ingc: {controller: example.com/ingc}`:",
            members(compilation).filter(|(_, _, served)| served.is_some()).map(|(name, ..)| {
                let patch = r#"{"spec":{"ingressClassName":"ingc"}}"#;
                format!("kubectl patch ingress {} --type merge -p '{patch}'", flags(name))
            }),
        );
    }
    let mut bound: BTreeMap<(&str, &str), ()> = BTreeMap::new();
    for (binding, stack) in &compilation.bindings {
        let namespace = binding.split_once('/').map_or("default", |(namespace, _)| namespace);
        bound.insert((namespace, stack), ());
    }
    if !bound.is_empty() {
        steps.step(
            "Take its labels off the bindings, by which it would delete them:",
            bound.keys().map(|(namespace, stack)| {
                let labels = stack_labels(stack);
                let chosen: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
                let gone: Vec<String> = labels.keys().map(|label| format!("{label}-")).collect();
                let (chosen, gone) = (chosen.join(","), gone.join(" "));
                format!("kubectl label -n {namespace} targetgroupbinding -l {chosen} {gone}")
            }),
        );
    }
    steps.step(
        "Take the load balancers into the state, with a look at the cluster as it is now:",
        [LOOK.to_owned(), "ingc import --cluster-dump /tmp/cluster.yaml".to_owned()],
    );
    steps.step(
        "Start the controller again: it goes on registering pods in the target groups.",
        [format!("{SCALE} --replicas=2")],
    );
    steps.step("See that nothing changes:", ["ingc plan".to_owned()]);
    steps.0
}

/// Members of groups: name, group, and the class by which the controller serves it.
fn members(compilation: &Compilation) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
    compilation.ingresses.iter().filter_map(|(name, seen)| match &seen.place {
        Place::Member(group) => Some((name.as_str(), group.as_str(), seen.served_as.as_deref())),
        _ => None,
    })
}

/// An Ingress as kubectl takes it.
fn flags(name: &str) -> String {
    let (namespace, bare) = name.split_once('/').unwrap_or(("default", name));
    format!("-n {namespace} {bare}")
}
