//! `ingc inventory`: what exists in the account and is not ours.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::{self, Files, InputArgs, block_on, connect, shown};
use crate::made;
use crate::view;
use ingc_applier::Account as _;
use ingc_compiler::diagnostic::code::{applier, command_line as code};
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics};
use ingc_compiler::inventory::{self, ClusterFacts};
use ingc_compiler::source::Sources;
use ingc_compiler::{manifest, yaml};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Write down what exists in the account
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Write the inventory from AWS
    ///
    /// Subnets, security groups, certificates and whatever else compiling looks up. Commit the file:
    /// then planning needs no credentials, and a new subnet shows in a review. What ingc or the
    /// controller has made for this cluster is left out, as are facts that change by themselves.
    Pull(Pull),
}

#[derive(clap::Args, Debug)]
struct Pull {
    /// The file to write, instead of what `ingc.inventory` names; `-` for standard output [default:
    /// inventory.yaml beside ingc.yaml]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// What `kubectl get services,namespaces -A -o yaml` prints: UIDs, node ports and labels, which
    /// Git does not know
    #[arg(long, value_name = "FILE")]
    cluster_dump: Option<PathBuf>,

    /// Leave out what the credentials may not ask for, instead of writing nothing
    #[arg(long)]
    allow_missing: bool,

    /// The cluster's VPC, instead of `vpcId` [default: the one whose subnets carry the cluster's tag]
    #[arg(long, value_name = "VPC")]
    vpc_id: Option<String>,

    /// Helm values of the controller; may be repeated, later ones win
    #[arg(long, value_name = "FILE")]
    values: Vec<PathBuf>,

    /// The ingc.yaml to use, instead of the one found in this folder or above it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The cluster's name, instead of `clusterName`
    #[arg(long, value_name = "NAME")]
    cluster_name: Option<String>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    match &args.command {
        Command::Pull(args) => pull(args, console),
    }
}

fn pull(args: &Pull, console: &mut Console) -> Result<Exit, Failure> {
    let input = InputArgs {
        values: args.values.clone(),
        config: args.config.clone(),
        cluster_name: args.cluster_name.clone(),
        ..InputArgs::default()
    };
    let read = input::read_settings(&input);
    if read.diagnostics.has_errors() {
        return Ok(report(&read.diagnostics, &read.sources, console));
    }
    let settings = &read.settings;
    let out = args.out.clone().unwrap_or_else(|| read.inventory_path());
    let mut files = Files::default();
    let mut findings = Diagnostics::new();
    let facts = match &args.cluster_dump {
        Some(dump) => of_dump(dump, &mut files, &mut findings),
        None if out.is_file() => of_inventory(&out, &mut files, &mut findings),
        None => ClusterFacts::default(),
    };
    findings.append(std::mem::take(&mut files.diagnostics));
    if findings.has_errors() {
        return Ok(report(&findings, &files.sources, console));
    }
    let aws = connect(&settings.region)?;
    let vpc_id = args.vpc_id.as_ref().unwrap_or(&settings.vpc_id);
    let pull = ingc_applier::inventory::pull(&aws, &settings.cluster_name, vpc_id);
    let mut pulled = block_on(pull)??;
    if !args.allow_missing && !pulled.refused.is_empty() {
        // What is missing in the file would be missing in the account for whoever compiles.
        let refused = pulled.refused.iter().map(|call| {
            let message = format!("AWS refuses `{call}` to these credentials; nothing was written");
            let hint =
                "give the role this permission, or leave out what it asks for: --allow-missing";
            Diagnostic::error(&applier::REFUSED, message).hint(hint)
        });
        return Err(Failure::of(refused.collect()));
    }
    pulled.document["partition"] = json!(aws.partition());
    if let Some(cluster) = document(&facts) {
        pulled.document["cluster"] = cluster;
    }
    let text = yaml::to_yaml(&pulled.document, yaml::Order::Sorted).map_err(|error| {
        let message = format!("the inventory cannot be written: {error}");
        Failure::from(Diagnostic::error(&code::UNWRITABLE, message))
    })?;
    let identity = aws.identity();
    if out.as_os_str() == "-" {
        console.out.print(&text);
    } else {
        made::write(&out, &text)?;
        let count = |list: &str| pulled.document[list].as_array().map_or(0, Vec::len);
        console.err.line(&format!(
            "Wrote `{}`: account {} in {}, {} subnets, {} security groups, {} certificates.",
            shown(&out),
            identity.account,
            identity.region,
            count("subnets"),
            count("securityGroups"),
            count("certificates"),
        ));
    }
    for call in &pulled.refused {
        console.err.line(&format!("Left out, since AWS refuses it: what `{call}` would tell."));
    }
    Ok(Exit::Success)
}

fn report(findings: &Diagnostics, sources: &Sources, console: &mut Console) -> Exit {
    let style = console.err.style();
    console.err.print(&view::diagnostic::render(findings.iter(), sources, style));
    Exit::Error
}

/// Facts of the cluster's objects.
fn of_dump(dump: &Path, files: &mut Files, findings: &mut Diagnostics) -> ClusterFacts {
    let Some(file) = files.read(dump) else { return ClusterFacts::default() };
    let nothing = ClusterFacts::default();
    ClusterFacts::of(&manifest::read(&files.sources, &[file], &nothing, findings))
}

/// Facts that stand in an inventory already, and that AWS does not know.
fn of_inventory(path: &Path, files: &mut Files, findings: &mut Diagnostics) -> ClusterFacts {
    let Some(file) = files.read(path) else { return ClusterFacts::default() };
    inventory::read(&files.sources, file, findings).cluster
}

/// Facts as the inventory lists them; none if there are none.
fn document(facts: &ClusterFacts) -> Option<Value> {
    let services = facts.services.iter().map(|(name, service)| {
        let mut fields = Map::new();
        if let Some(uid) = &service.uid {
            fields.insert("uid".to_owned(), json!(uid));
        }
        if !service.node_ports.is_empty() {
            fields.insert("nodePorts".to_owned(), json!(service.node_ports));
        }
        (name.clone(), Value::Object(fields))
    });
    let services: Map<String, Value> = services.collect();
    let mut all = Map::new();
    if !services.is_empty() {
        all.insert("services".to_owned(), Value::Object(services));
    }
    if !facts.namespaces.is_empty() {
        all.insert("namespaces".to_owned(), json!(facts.namespaces));
    }
    (!all.is_empty()).then_some(Value::Object(all))
}
