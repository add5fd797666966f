//! A run of `ingc bootstrap` up to its plan: settings, the cluster's issuer, what exists in IAM.

use crate::console::Console;
use crate::error::Failure;
use crate::input::{self, AnyAccount, Input, InputArgs, block_on};
use crate::view;
use ingc_applier::{Account as _, EksCluster, Existing, eks_cluster, find_bootstrap};
use ingc_compiler::bootstrap::{self, Given};
use ingc_compiler::diagnostic::code::{applier as code, settings};
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics};
use ingc_compiler::graph::Stack;
use ingc_compiler::resource::{Address, Kind, PolicyDocument, Spec};
use ingc_compiler::settings::Issuer;
use ingc_compiler::tag::{self, BOOTSTRAP_STACK};
use ingc_compiler::{Compilation, iam};
use ingc_planner::state::local_address;
use ingc_planner::{Desired, Destroy, Options, Plan, State};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What is planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What the settings ask for.
    Apply,
    /// Nothing of it shall be left.
    Destroy,
}

/// Where settings come from.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SettingsArgs {
    /// Helm values of the controller; may be repeated, later ones win
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub values: Vec<PathBuf>,

    /// What exists in the AWS account, instead of what `ingc.inventory` names
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub inventory: Option<PathBuf>,

    /// The ingc.yaml to use, instead of the one found in this folder or above it
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub config: Option<PathBuf>,

    /// The cluster's name, instead of `clusterName`
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub cluster_name: Option<String>,
}

impl SettingsArgs {
    /// As arguments that name no manifests.
    pub fn input(&self) -> InputArgs {
        InputArgs {
            values: self.values.clone(),
            inventory: self.inventory.clone(),
            config: self.config.clone(),
            cluster_name: self.cluster_name.clone(),
            ..InputArgs::default()
        }
    }

    /// Reads settings and inventory. None if they have an error, which is told.
    pub fn read(&self, console: &mut Console) -> Option<Input> {
        let mut input = input::without_manifests(&self.input());
        if input.is_settled {
            return Some(input);
        }
        report(&std::mem::take(&mut input.diagnostics), &input, console);
        None
    }
}

/// Shows findings.
pub fn report(findings: &Diagnostics, input: &Input, console: &mut Console) {
    let style = console.err.style();
    console.err.print(&view::diagnostic::render(findings.iter(), &input.sources, style));
}

/// What a plan was made of, beside the plan.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// All findings.
    pub diagnostics: Diagnostics,
    /// What shall exist.
    pub desired: Stack,
    /// What exists.
    pub existing: Existing,
}

/// Plans against the state and, if there is one, against the account.
///
/// # Errors
/// If the issuer is not known, a name is somebody else's, or the account refuses a question.
pub fn plan(
    input: &Input,
    account: Option<&AnyAccount>,
    state: &State,
    mode: Mode,
) -> Result<Planned, Failure> {
    if let Some(account) = account {
        input::is_for(account, state)?;
    }
    let mut diagnostics = Diagnostics::new();
    let mut desired = Stack::default();
    let mut existing = Existing::default();
    if mode == Mode::Apply {
        let issuer = issuer(input, account)?;
        let region = region(input, account);
        let partition = match input.inventory.partition.as_str() {
            "" => iam::partition_of(&region),
            partition => partition,
        };
        let none = BTreeMap::new();
        let documents = documents(input, &mut diagnostics);
        let given = Given { issuer: &issuer, partition, foreign: &none, documents: &documents };
        desired = bootstrap::stack(&input.settings, &given, &mut diagnostics);
        if diagnostics.has_errors() {
            return Ok(Planned { plan: Plan::default(), diagnostics, desired, existing });
        }
        existing = look(account, &desired, state)?;
        let given = Given { foreign: &existing.foreign, ..given };
        let taken = existing
            .taken
            .iter()
            .map(|(address, owner)| taken(address, owner, &input.settings.cluster_name));
        taken.for_each(|finding| diagnostics.push(finding));
        let mut unheard = Diagnostics::new();
        let ours = std::mem::take(&mut desired);
        desired = bootstrap::stack(&input.settings, &given, &mut unheard);
        lacking(&ours, &desired, &mut diagnostics);
    } else {
        existing = look(account, &desired, state)?;
    }
    if diagnostics.has_errors() {
        return Ok(Planned { plan: Plan::default(), diagnostics, desired, existing });
    }
    let mut compilation = Compilation { ingresses_seen: 1, ..Compilation::default() };
    if mode == Mode::Apply {
        compilation.stacks.insert(BOOTSTRAP_STACK.to_owned(), desired.clone());
    }
    let protect = &input.settings.ingc.protect;
    let options = Options {
        only: Some(BTreeSet::from([BOOTSTRAP_STACK.to_owned()])),
        spare: existing.spare.clone(),
        destroy: (mode == Mode::Destroy).then_some(Destroy::Desired),
        protect: protect.iter().map(|pattern| pattern.value.clone()).collect(),
        salt: ingc_applier::random_hex(),
        live: account.map(|_| &existing.live),
        import: true,
        ..Options::default()
    };
    let desired_state = Desired {
        cluster: &input.settings.cluster_name,
        region: &input.settings.region,
        compilation: &compilation,
        sources: &input.sources,
        recalled: None,
    };
    let planned = ingc_planner::plan(desired_state, state, &options);
    diagnostics.append(planned.diagnostics);
    Ok(Planned { plan: planned.plan, diagnostics, desired, existing })
}

fn region(input: &Input, account: Option<&AnyAccount>) -> String {
    match input.settings.region.as_str() {
        "" => account.map(|account| account.identity().region).unwrap_or_default(),
        region => region.to_owned(),
    }
}

/// The documents of the policies that CI roles have for themselves.
fn documents(input: &Input, diagnostics: &mut Diagnostics) -> BTreeMap<String, PolicyDocument> {
    let mut documents = BTreeMap::new();
    for (name, role) in &input.settings.ingc.bootstrap.ci {
        let Some(file) = &role.policy_file else { continue };
        let path = input.path_of(file);
        let shown = input::shown(&path);
        let read = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read `{shown}`: {}", input::reason(&error)))
            .and_then(|text| document(&text).map_err(|why| format!("`{shown}` {why}")));
        match read {
            Ok(document) => drop(documents.insert(name.clone(), document)),
            Err(message) => {
                let path = format!("ingc.bootstrap.ci[{name}].policyFile");
                let hint = "name a file with a policy document of IAM in JSON";
                let finding = Diagnostic::error(&settings::BOOTSTRAP, message).at(file.span);
                diagnostics.push(finding.path(path).hint(hint));
            }
        }
    }
    documents
}

/// Managed policies have at most so many characters, white space not counted.
const LONGEST_POLICY: usize = 6144;

/// Reads a policy document.
fn document(text: &str) -> Result<PolicyDocument, String> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    if document["Statement"].is_null() {
        return Err("is no policy document: it has no `Statement`".to_owned());
    }
    let document = PolicyDocument::new(document);
    let length = document.value().to_string().chars().filter(|c| !c.is_whitespace()).count();
    if length > LONGEST_POLICY {
        return Err(format!("has {length} characters, and IAM takes up to {LONGEST_POLICY}"));
    }
    Ok(document)
}

/// The issuer that settings name, else the one that EKS tells.
fn issuer(input: &Input, account: Option<&AnyAccount>) -> Result<Issuer, Failure> {
    let settings = &input.settings;
    if let Some(issuer) = &settings.ingc.bootstrap.issuer {
        return Ok(issuer.value.clone());
    }
    let name = &settings.cluster_name;
    let unknown = |message: String, hint: String| -> Failure {
        Diagnostic::error(&code::NO_ISSUER, message).hint(hint).into()
    };
    let write = format!(
        "write what `aws eks describe-cluster --name {name} --query cluster.identity.oidc.issuer` prints: ingc: {{bootstrap: {{issuer: https://…}}}}"
    );
    let Some(account) = account else {
        let message = format!(
            "the issuer of cluster `{name}` is not known, and there are no credentials to ask EKS with"
        );
        return Err(unknown(message, write));
    };
    match block_on(eks_cluster(account, name))?? {
        Some(EksCluster { issuer, .. }) if !issuer.is_empty() => {
            Issuer::parse(&issuer).map_err(|(message, _)| unknown(message, write))
        }
        Some(_) => Err(unknown(format!("EKS tells no issuer of cluster `{name}`"), write)),
        None => {
            let region = account.identity().region;
            let message = format!("EKS knows no cluster `{name}` in {region}");
            let hint = format!(
                "`aws eks list-clusters --region {region}` lists those that there are: correct `clusterName` or `region`, or {write}"
            );
            Err(unknown(message, hint))
        }
    }
}

/// What exists. Without an account, what the state knows to be somebody else's.
fn look(account: Option<&AnyAccount>, desired: &Stack, state: &State) -> Result<Existing, Failure> {
    if let Some(account) = account {
        return Ok(block_on(find_bootstrap(account, desired, state))??);
    }
    let mut existing = Existing::default();
    let recorded = state.stacks.get(BOOTSTRAP_STACK);
    for (local, entry) in recorded.into_iter().flat_map(|stack| &stack.resources) {
        let Some(address) = local_address(BOOTSTRAP_STACK, local) else { continue };
        if entry.spec.value()["shared"] == true
            && let Ok(spec) = Spec::read(address.kind, entry.spec.as_str())
        {
            existing.spare.insert(address.clone(), "it is not ours".to_owned());
            existing.foreign.insert(address, spec);
        }
    }
    Ok(existing)
}

/// A role that has the name and is not ours.
fn taken(address: &Address, owner: &str, cluster: &str) -> Diagnostic {
    let tags: Vec<String> = tag::tracking(cluster, address)
        .unwrap_or_default()
        .iter()
        .map(|(key, value)| format!("Key={key},Value={value}"))
        .collect();
    let message = format!("a role named `{}` exists already and is not ours: {owner}", address.id);
    Diagnostic::error(&code::NOT_OURS, message).hint(format!(
        "give ours another name in `ingc.bootstrap`; or, if this cluster shall have that one: aws iam tag-role --role-name {} --tags {}",
        address.id,
        tags.join(" ")
    ))
}

/// Warns of policies of somebody else that allow less than is needed.
fn lacking(ours: &Stack, used: &Stack, diagnostics: &mut Diagnostics) {
    for (address, resource) in &used.resources {
        let needed = ours.resources.get(address).map(|resource| &resource.spec);
        let (Some(Spec::ManagedPolicy(needed)), Spec::ManagedPolicy(has)) =
            (needed, &resource.spec)
        else {
            continue;
        };
        let lacks = iam::lacking(&needed.document, &has.document);
        if has.shared && !lacks.is_empty() && address.kind == Kind::ManagedPolicy {
            let message = format!(
                "the policy `{}` is not ours and allows less than is needed: {}",
                has.name,
                lacks.join(", ")
            );
            let hint = "give ours another name: ingc: {bootstrap: {policy: NAME}}";
            diagnostics.push(Diagnostic::warning(&settings::POLICY_LACKS, message).hint(hint));
        }
    }
}
