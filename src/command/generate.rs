//! `ingc generate`: Kubernetes manifests for Argo CD.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::generate::{Application, Hooks, PARAMETERS, Target, announcement, manifests};
use crate::input::{InputArgs, canonical};
use crate::planning::{Compiled, Mode, PlanArgs};
use ingc_applier::StateFile;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line::UNREADABLE;
use ingc_planner::State;
use std::path::{Path, PathBuf};

/// Print Kubernetes manifests, as a plugin of Argo CD
///
/// Prints the manifests as they are, with a TargetGroupBinding for every target group and a
/// ConfigMap for every stack that shows what it is compiled to. Asks no account. With any error
/// nothing is printed. Under Argo CD, parameters of the application stand for the flags.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,

    /// A state file, so that bindings name target groups by ARN
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Print Jobs too, which carry the plan out before and after the sync
    #[arg(long)]
    hooks: bool,

    /// The Jobs' image, with ingc as its entry point
    #[arg(long, value_name = "IMAGE", help_heading = "Jobs")]
    image: Option<String>,

    /// The Jobs' state, instead of what ingc.yaml says
    #[arg(long, value_name = "s3://…", help_heading = "Jobs")]
    hook_state: Option<String>,

    /// The IAM role of the ServiceAccount that is made for the Jobs
    #[arg(long, value_name = "ARN", help_heading = "Jobs", conflicts_with = "service_account")]
    role_arn: Option<String>,

    /// A ServiceAccount that exists, instead of one that is made
    #[arg(long, value_name = "NAME", help_heading = "Jobs")]
    service_account: Option<String>,

    /// Test the assertions of this file on the load balancer after the sync
    #[arg(long, value_name = "FILE", help_heading = "Jobs")]
    routes: Option<PathBuf>,

    /// Let the Jobs delete load balancers, or more than half of a stack
    #[arg(long, help_heading = "Jobs")]
    allow_delete: bool,

    /// Let the Jobs take steps during which a request may go unanswered
    #[arg(long, help_heading = "Jobs")]
    allow_gap: bool,

    /// Refuse this parameter from applications, so that the plugin's own flags hold; may be repeated
    #[arg(long, value_name = "PARAMETER", value_parser = parameter_names(), help_heading = "Plugin")]
    refuse: Vec<String>,

    /// Print whether this folder is one for the plugin: nothing if not
    #[arg(long, conflicts_with_all = ["hooks", "announce_parameters"], help_heading = "Plugin")]
    discover: bool,

    /// Print the parameters that an application may set
    #[arg(long, conflicts_with = "hooks", help_heading = "Plugin")]
    announce_parameters: bool,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let application = Application::read(environment).map_err(Failure::of)?;
    application.check(&args.refuse).map_err(Failure::of)?;
    let input = input(args, &application);
    if args.discover {
        return Ok(discover(&input, console));
    }
    if args.announce_parameters {
        let read = crate::input::read(&input);
        let inventory = input.inventory.or_else(|| {
            let written = read.settings.ingc.inventory.as_ref()?;
            Some(read.path_of(written))
        });
        let inventory = inventory.map(|path| crate::input::shown(&path));
        let cluster = Some(read.settings.cluster_name).filter(|name| !name.is_empty());
        console.out.json(&announcement(&args.refuse, |name| match name {
            "cluster-name" => cluster.clone().into_iter().collect(),
            "inventory" => inventory.clone().into_iter().collect(),
            _ => Vec::new(),
        }));
        return Ok(Exit::Success);
    }
    let mut compiled = Compiled::read(&input);
    if !compiled.input.is_settled || compiled.compilation.ingresses_seen == 0 {
        compiled.look_for_ingresses();
        compiled.report(console);
        return Ok(Exit::Error);
    }
    let state = state(args, &application, &compiled)?;
    let plan = compiled.plan(&PlanArgs::default(), Mode::Apply, &state, None, false);
    compiled.report(console);
    if compiled.findings().has_errors() {
        return Ok(Exit::Error);
    }
    let hooks = hooks(args, &application, &input);
    let target = Target { application, hooks };
    let (text, warnings) = manifests(&compiled, &plan, &state, &target).map_err(Failure::of)?;
    if !warnings.is_empty() {
        Failure::of(warnings).report(console);
    }
    console.out.print(&text);
    Ok(Exit::Success)
}

fn parameter_names() -> clap::builder::PossibleValuesParser {
    PARAMETERS.iter().map(|parameter| parameter.name).into()
}

/// The flags, completed by what the application says. Without a PATH, an `ingc.yaml` in this folder
/// says where manifests are; one further up is about more than the application.
fn input(args: &Args, application: &Application) -> InputArgs {
    let mut input = args.input.clone();
    let path = |name: &str| application.text(name).map(PathBuf::from);
    if input.values.is_empty() {
        input.values = application.texts("values").iter().map(PathBuf::from).collect();
    }
    input.inventory = input.inventory.or_else(|| path("inventory"));
    input.cluster_name = input.cluster_name.or_else(|| application.text("cluster-name").cloned());
    input.namespace = input.namespace.or_else(|| application.namespace.clone());
    if input.paths.is_empty() && input.config.is_none() && !Path::new("ingc.yaml").is_file() {
        input.paths.push(PathBuf::from("."));
    }
    input.within = application.repository(&canonical(Path::new(".")));
    input
}

/// Names the settings that hold here, if there are any and there is something to compile.
fn discover(input: &InputArgs, console: &mut Console) -> Exit {
    let compiled = Compiled::read(input);
    if let (Some(config), 1..) = (&compiled.input.config, compiled.compilation.ingresses_seen) {
        console.out.line(&crate::input::shown(config));
    }
    Exit::Success
}

/// The state at hand: the one that is named, or the settings' one if it is a file.
fn state(args: &Args, application: &Application, compiled: &Compiled) -> Result<State, Failure> {
    let named = args.state.clone().or_else(|| application.text("state").map(PathBuf::from));
    let cluster = &compiled.input.settings.cluster_name;
    let is_remote = |path: &Path| path.to_string_lossy().starts_with("s3:");
    if let Some(path) = &named {
        let message = match (is_remote(path), path.exists()) {
            (true, _) => {
                "the state at hand is a file: no account is asked for one on S3".to_owned()
            }
            (false, false) => format!("there is no state `{}`", crate::input::shown(path)),
            (false, true) => String::new(),
        };
        if !message.is_empty() {
            let hint = "without a state at hand, bindings name target groups by their names";
            return Err(Diagnostic::error(&UNREADABLE, message).hint(hint).into());
        }
    }
    let written = Some(compiled.input.state_path()).filter(|path| !is_remote(path));
    let Some(path) = named.or(written) else { return Ok(State::empty(cluster)) };
    match compiled.input.outside(&path) {
        Some(finding) => Err(finding.into()),
        None => Ok(StateFile::read(&path, cluster)?),
    }
}

fn hooks(args: &Args, application: &Application, input: &InputArgs) -> Option<Hooks> {
    if !args.hooks && !application.flag("hooks") {
        return None;
    }
    let text = |flag: &Option<String>, name: &str| {
        flag.clone().or_else(|| application.text(name).cloned())
    };
    let flag = |given: bool, name: &'static str, flag: &'static str| {
        (given || application.flag(name)).then_some(flag)
    };
    let allow = [
        flag(args.allow_delete, "allow-delete", "--allow-delete"),
        flag(args.allow_gap, "allow-gap", "--allow-gap"),
    ];
    let routes = args.routes.clone();
    Some(Hooks {
        args: input.clone(),
        image: text(&args.image, "image"),
        state: text(&args.hook_state, "hook-state"),
        role_arn: text(&args.role_arn, "role-arn"),
        service_account: text(&args.service_account, "service-account"),
        routes: routes.or_else(|| application.text("routes").map(PathBuf::from)),
        allow: allow.into_iter().flatten().collect(),
    })
}
