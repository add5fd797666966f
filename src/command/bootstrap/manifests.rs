//! `ingc bootstrap manifests`.

use crate::bootstrapping::SettingsArgs;
use crate::console::Console;
use crate::controller_manifests::{Controller, manifests};
use crate::error::{Exit, Failure};
use crate::input::AccountArgs;
use ingc_compiler::bootstrap::{role_name, service_account};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::{applier, command_line as code, settings};
use ingc_compiler::iam::{Permissions, partition_of};
use ingc_compiler::resource::{Address, Kind, Output};
use ingc_compiler::tag::BOOTSTRAP_STACK;
use ingc_compiler::yaml::{Order, to_yaml_stream};

/// Print the cluster's side of it
///
/// The controller's ServiceAccount with its role, Applications of Argo CD for cert-manager and for
/// the controller's chart, and an IngressClass that is ingc's own: the controller registers targets
/// for TargetGroupBindings and leaves the Ingresses alone. No account is asked.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    account: AccountArgs,

    /// The way back: the IngressClass becomes the controller's, which takes the Ingresses over
    #[arg(long)]
    hand_over: bool,

    /// The namespace of Argo CD
    #[arg(long, value_name = "NAME", default_value = "argocd")]
    argocd_namespace: String,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let Some(input) = args.settings.read(console) else { return Ok(Exit::Error) };
    let given = &input.settings;
    let mut findings = Vec::new();
    let controller = given.controller.clone().filter(|name| name != "ingress.k8s.aws/alb");
    if controller.is_none() && !args.hand_over {
        let message = "the Ingresses are of the controller's own class, and it would make their load balancers too";
        let hint = "give ingc a controller name of its own: ingc: {controller: ingc/alb}";
        findings.push(
            Diagnostic::error(&settings::MISSING, message).path("ingc.controller").hint(hint),
        );
    }
    if args.hand_over && given.ingc.bootstrap.permissions == Permissions::Targets {
        let message = "the controller may only register targets, and shall make load balancers";
        let hint =
            "write ingc: {bootstrap: {permissions: full}} and run `ingc bootstrap apply` first";
        findings.push(
            Diagnostic::error(&settings::BOOTSTRAP, message)
                .path("ingc.bootstrap.permissions")
                .hint(hint),
        );
    }
    for (value, name) in [(&given.region, "region"), (&given.vpc_id, "vpcId")] {
        if value.is_empty() {
            let message = format!("`{name}` is not known, which the controller needs");
            let hint = format!("write {name}: VALUE in ingc.yaml, or give the inventory");
            findings.push(Diagnostic::error(&settings::MISSING, message).path(name).hint(hint));
        }
    }
    let place = args.account.state_place(&input)?;
    let state = place.read(&given.cluster_name)?;
    let address = Address::new(BOOTSTRAP_STACK, Kind::Role, role_name(given));
    let account = &input.inventory.account_id;
    let role_arn = match state.output(&address, Output::RoleArn) {
        Some(arn) => Some(arn.to_owned()),
        // A role has no region, and so its ARN is known before it exists.
        None if !account.is_empty() => {
            let partition = partition_of(&given.region);
            Some(format!("arn:{partition}:iam::{account}:role/{}", address.id))
        }
        None => None,
    };
    let Some(role_arn) = role_arn.filter(|_| findings.is_empty()) else {
        if findings.is_empty() {
            let message = format!("the ARN of the role `{}` is not known", address.id);
            let hint = "make it first: `ingc bootstrap apply`";
            findings.push(Diagnostic::error(&applier::MISSING_DEPENDENCY, message).hint(hint));
        }
        return Err(Failure::of(findings));
    };
    let documents = manifests(&Controller {
        settings: given,
        account: &service_account(given),
        role_arn: &role_arn,
        own_controller: controller.as_deref().filter(|_| !args.hand_over),
        argocd_namespace: &args.argocd_namespace,
    });
    let text = to_yaml_stream(&documents, Order::Given).map_err(|error| {
        let message = format!("the manifests cannot be written: {error}");
        Failure::from(Diagnostic::error(&code::UNWRITABLE, message))
    })?;
    console.out.print(&text);
    Ok(Exit::Success)
}
