//! An account as far away as AWS is, in a time that passes at once.

use super::*;
use crate::aws::pace::Pace;
use crate::execute::Patience;
use ingc_compiler::settings::Settings;
use ingc_compiler::tag;
use ingc_planner::{Options, Scope};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Every call takes a while, calls come at AWS's pace, and load balancers are not active at once.
pub(super) struct Distant<'s> {
    pub(super) sandbox: &'s Sandbox,
    pub(super) latency: Duration,
    /// How long a load balancer takes to become active.
    pub(super) provisioning: Duration,
    pub(super) pace: Pace,
    pub(super) calls: Mutex<Vec<Call>>,
    pub(super) made: Mutex<BTreeMap<String, Instant>>,
    /// How long each load balancer was active when that was told first.
    pub(super) told: Mutex<BTreeMap<String, Duration>>,
}

impl<'s> Distant<'s> {
    pub(super) fn new(sandbox: &'s Sandbox) -> Distant<'s> {
        Distant {
            sandbox,
            latency: Duration::from_millis(50),
            provisioning: Duration::ZERO,
            pace: Pace::default(),
            calls: Mutex::default(),
            made: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// How long the calls so far take at the least.
    pub(super) fn least(&self) -> Duration {
        self.pace.least(self.calls.lock().unwrap().iter())
    }

    pub(super) fn count(&self, action: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|call| call.action == action).count()
    }

    /// Tells of load balancers that are not active yet.
    fn provision(&self, answer: &mut Value) {
        for balancer in answer["LoadBalancers"].as_array_mut().into_iter().flatten() {
            let arn = balancer["LoadBalancerArn"].as_str().unwrap_or_default().to_owned();
            let since = *self.made.lock().unwrap().entry(arn.clone()).or_insert_with(Instant::now);
            match since.elapsed().checked_sub(self.provisioning) {
                Some(active) => drop(self.told.lock().unwrap().entry(arn).or_insert(active)),
                None => balancer["State"]["Code"] = "provisioning".into(),
            }
        }
    }
}

impl Account for Distant<'_> {
    fn identity(&self) -> Identity {
        self.sandbox.identity()
    }

    async fn call(&self, call: &Call) -> Result<Value, CallError> {
        self.pace.keep(call).await;
        self.calls.lock().unwrap().push(call.clone());
        sleep(self.latency / 2).await;
        let mut answer = self.sandbox.call(call).await;
        if let Ok(answer) = &mut answer {
            self.provision(answer);
        }
        sleep(self.latency / 2).await;
        answer
    }
}

/// A fleet of Ingresses, each with a load balancer of its own.
pub(super) fn fleet(count: usize, annotations: &str) -> String {
    let mut text = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80, targetPort: 8080}]}\n".to_owned();
    for n in 0..count {
        text += &format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web-{n:03}\n  namespace: shop\n  annotations:\n    alb.ingress.kubernetes.io/target-type: ip\n{annotations}spec:\n  ingressClassName: alb\n  rules:\n  - {{host: a.test, http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}\n"
        );
    }
    text
}

/// An annotation that is carried out when the load balancer is active.
pub(super) const WEB_ACL: &str = "    alb.ingress.kubernetes.io/wafv2-acl-arn: arn:aws:wafv2:us-west-2:123456789012:regional/webacl/edge-acl/aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb\n";

/// The plan for manifests.
pub(super) fn planned(state: &State, manifests: &str) -> Plan {
    planned_from(state, manifests, None)
}

/// The plan for manifests, with what AWS has.
pub(super) fn planned_from(state: &State, manifests: &str, live: Option<&Live>) -> Plan {
    let inventory = inventory_of("");
    let mut sources = Sources::new();
    let file = sources.add("manifests.yaml", manifests);
    let settings = Settings {
        cluster_name: state.cluster.clone(),
        region: inventory.region.clone(),
        vpc_id: inventory.vpc.vpc_id.clone(),
        ..Settings::default()
    };
    let compilation =
        ingc_compiler::compile(&sources, &[file], &settings, &inventory, Diagnostics::new());
    let desired = ingc_planner::Desired {
        cluster: &state.cluster,
        region: &inventory.region,
        compilation: &compilation,
        sources: &sources,
        recalled: None,
    };
    let salt = "salt".to_owned();
    let options = Options { scope: Scope::Cluster, salt, live, ..Options::default() };
    let planned = ingc_planner::plan(desired, state, &options);
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    planned.plan
}

/// A run and how long it took.
pub(super) struct Ran {
    pub(super) result: Result<Report, Error>,
    pub(super) state: State,
    pub(super) took: Duration,
}

/// Carries a plan out in a time that passes at once.
pub(super) fn run<S: Store>(
    account: &Distant<'_>,
    store: &mut S,
    plan: &Plan,
    parallelism: usize,
    cancelled: &AtomicBool,
    observer: impl FnMut(&Event<'_>),
) -> Ran {
    let parallelism = NonZeroUsize::new(parallelism).unwrap();
    let facts = Facts { parallelism, ..Facts::default() };
    run_from(account, store, plan, State::empty(plan.cluster.clone()), facts, cancelled, observer)
}

/// As [`run`], from a state.
pub(super) fn run_from<S: Store>(
    account: &Distant<'_>,
    store: &mut S,
    plan: &Plan,
    mut state: State,
    facts: Facts,
    cancelled: &AtomicBool,
    mut observer: impl FnMut(&Event<'_>),
) -> Ran {
    let mut time = tokio::runtime::Builder::new_current_thread();
    time.enable_time().start_paused(true).build().unwrap().block_on(async {
        let started = Instant::now();
        let vpc_id = inventory_of("").vpc.vpc_id;
        let run = Run {
            account,
            store,
            secrets: &Secrets::new(),
            desired: None,
            facts: Facts { vpc_id, patience: Patience::of_aws(), ..facts },
            cancelled,
            observer: &mut observer,
        };
        let result = apply(run, plan, &mut state).await;
        Ran { result, state, took: started.elapsed() }
    })
}

/// True for what all stacks share.
pub(super) fn is_shared(stack: &str) -> bool {
    stack == tag::CLUSTER_STACK
}
