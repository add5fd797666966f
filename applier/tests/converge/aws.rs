//! The recorded cases again, through the AWS SDK and over the wire to an emulated AWS.

use crate::emulator::{ANY, Account, Emulator, emulator, is_required};
use crate::world::{
    Compiled, World, compiled_for, conformance, errors, inventory_of, manifests_of, wait,
};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use ingc_applier::{Aws, Patience};
use ingc_planner::{Destroy, State};
use std::collections::BTreeMap;
use std::time::Duration;

/// Cases whose resources AWS refuses, with its code or ours, as far as the emulator does.
const REFUSED: &[(&str, &str)] = &[
    ("addons-group-one-member", "ING1111"),
    ("addons-waf-classic", "ING1111"),
    ("conditions-header-method-query-source", "ValidationError"),
    ("conditions-host-and-path", "ValidationError"),
    ("conditions-more-values-than-alb-allows", "ValidationError"),
    ("conditions-several-of-one-kind", "ValidationError"),
    // Subnets in a local zone or an Outpost, of which one is enough, stand in an ordinary zone.
    ("lb-outpost-coip", "ValidationError"),
    ("lb-subnets-local-and-wavelength-zone", "ValidationError"),
    ("lb-subnet-single-gate", "ValidationError"),
    ("listeners-https-without-certificate", "ValidationError"),
    ("real-city-portal-many-paths", "TooManyRules"),
    ("tg-healthcheck-not-range-checked", "InvalidParameterValue"),
    ("tls-certs-not-validated", "CertificateNotFound"),
    ("tls-discovery-in-group", "CertificateNotFound"),
    ("tls-mutual-authentication", "TrustStoreNotFound"),
];

/// Of the cases each of this number is tried, unless the emulator is required: then all.
const SAMPLE: usize = 8;

/// One account per inventory: a case leaves it as it has found it.
#[derive(Default)]
struct Accounts(BTreeMap<String, Account>);

impl Accounts {
    fn of(&mut self, emulator: &'static Emulator, case: &str) -> &Account {
        let text = std::fs::read_to_string(inventory_of(case)).unwrap();
        let make = || emulator.account_with(region(&text), &text);
        self.0.entry(text.clone()).or_insert_with(make)
    }
}

fn region(inventory: &str) -> &str {
    inventory.lines().find_map(|line| line.strip_prefix("region: ")).unwrap()
}

/// AWS as an account's own credentials see it.
pub(crate) fn connect(account: &Account, region: &str) -> Aws {
    let sdk = wait(ingc_applier::aws::load(region)).unwrap();
    let credentials = Credentials::new(account.key(), "secret", None, None, "test");
    let sdk = sdk
        .into_builder()
        .endpoint_url(account.url())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    wait(Aws::of(sdk)).unwrap()
}

/// A case, and AWS with nothing of it yet.
fn world(account: &Account, case: &str) -> (Compiled, World<Aws>) {
    let own = |text: String| text.replace(ANY, &account.id);
    let (compiled, inventory) = compiled_for(case, &manifests_of(case), own);
    let aws = connect(account, &inventory.region);
    let cluster = &compiled.settings.cluster_name;
    let mut world = World::with(aws, &inventory.vpc.vpc_id, cluster);
    let rest = Duration::from_millis(20);
    world.patience = Patience { attempts: 5, rest, ..Patience::of_aws() };
    (compiled, world)
}

/// What the emulator cannot be asked: bindings are objects of the cluster.
fn of_aws(calls: &[String]) -> Vec<&String> {
    calls.iter().filter(|call| !call.ends_with("TargetGroupBinding")).collect()
}

#[test]
fn cases_are_applied_planned_adopted_and_destroyed_on_aws() {
    let Some(emulator) = emulator() else { return };
    let refused: BTreeMap<&str, &str> = REFUSED.iter().copied().collect();
    let mut cases: Vec<String> = std::fs::read_dir(conformance())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|case| conformance().join(case).join("expected.json").exists())
        .filter(|case| case != "input-only-classes")
        .collect();
    cases.sort();
    if !is_required() {
        cases = cases.into_iter().step_by(SAMPLE).collect();
    }
    let mut accounts = Accounts::default();
    let mut wrong = Vec::new();
    for case in &cases {
        let account = accounts.of(emulator, case);
        let (compiled, mut world) = world(account, case);
        let planned = world.plan(&compiled, None);
        let report = world.apply(&compiled, &planned.plan);
        let said = report.errors.first().map(|error| match error.aws_code.as_str() {
            "" => error.code.id,
            code => code,
        });
        let mut found = Vec::new();
        if said != refused.get(case.as_str()).copied() {
            found.push(format!("{:?}", report.errors.first().map(ToString::to_string)));
        } else if said.is_none() {
            found.extend(left(&world, &compiled));
            found.extend(adopted(&mut world, &compiled));
        }
        let planned = world.plan(&compiled, Some(Destroy::Scope));
        let report = world.apply(&compiled, &planned.plan);
        found.extend(report.errors.iter().map(|error| format!("not destroyed: {error}")));
        if !report.is_complete() || !errors(&planned.diagnostics).is_empty() {
            // What deletion protection keeps would be in the way of the next case.
            accounts.0.clear();
        }
        wrong.extend(found.into_iter().map(|text| format!("{case}: {text}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a plan still finds to do.
fn left(world: &World<Aws>, compiled: &Compiled) -> Option<String> {
    let plan = world.plan(compiled, None).plan;
    let first = plan.changes.first().map(|change| (&change.address, &change.fields));
    first.map(|first| format!("left: {first:?}"))
}

/// What is wrong with a state that was lost and rebuilt. The world goes on with the old one.
fn adopted(world: &mut World<Aws>, compiled: &Compiled) -> Vec<String> {
    let empty = State::empty(&compiled.settings.cluster_name);
    let before = std::mem::replace(&mut world.state, empty);
    let planned = world.plan_import(compiled);
    let report = world.apply(compiled, &planned.plan);
    // AWS never shows the secrets of a login: those rules are sent again.
    let sent: Vec<_> =
        of_aws(&world.calls).into_iter().filter(|call| *call != "ModifyRule").collect();
    let mut wrong = errors(&planned.diagnostics);
    if !report.is_complete() || !sent.is_empty() {
        wrong.push(format!("adopted with {sent:?} {:?}", report.errors));
    }
    wrong.extend(left(world, compiled).map(|text| format!("adopted, {text}")));
    world.state = before;
    wrong
}
