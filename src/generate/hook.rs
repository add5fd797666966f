//! Jobs that carry the plan out around a sync: what is new before it, the move of traffic after
//! it, and the deletion before that of the application.

use super::input::{Files, STDIN};
use super::{Application, MANAGED_BY, WAVE, name};
use crate::input::{InputArgs, canonical, reason, shown};
use crate::planning::Compiled;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line::UNREADABLE;
use ingc_compiler::diagnostic::code::generate as code;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the input is mounted.
const INPUT: &str = "/etc/ingc";
/// Where Secrets are mounted.
const SECRETS: &str = "/etc/ingc-secrets";
/// The settings file that leads to the Secrets.
const SECRETS_FILE: &str = "ingc-secrets.yaml";
/// Nobody that a node knows.
const USER: u32 = 65532;
/// How long a Job may take: new load balancers and healthy targets take minutes.
const DEADLINE_SECONDS: u32 = 3600;

/// How long a Job waits for another application or a pipeline that changes the same stack.
const LOCK_TIMEOUT: &str = "15m";

/// How the Jobs are made.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    /// What the run was given.
    pub args: InputArgs,
    /// An image with ingc as its entry point.
    pub image: Option<String>,
    /// The state, instead of what the settings say.
    pub state: Option<String>,
    /// The IAM role of the ServiceAccount that is made.
    pub role_arn: Option<String>,
    /// A ServiceAccount that exists, instead of one that is made.
    pub service_account: Option<String>,
    /// A file with assertions to be tested on the load balancer.
    pub routes: Option<PathBuf>,
    /// Flags of `apply` that let it past its guards.
    pub allow: Vec<&'static str>,
}

/// When Argo CD runs something.
#[derive(Clone, Copy)]
struct Moment {
    hook: &'static str,
    wave: &'static str,
}

impl Moment {
    fn annotations(self) -> Value {
        let mut annotations = json!({"argocd.argoproj.io/hook": self.hook, WAVE: self.wave});
        // Those of a deletion go with the application; with a policy they would stay.
        if self.hook != PRE_DELETE {
            annotations["argocd.argoproj.io/hook-delete-policy"] = "BeforeHookCreation".into();
        }
        annotations
    }
}

const PRE_DELETE: &str = "PreDelete";

/// Before the Jobs that need it. Argo CD leaves what is for a deletion out of a sync, so that each
/// has its own.
const SYNC_INPUT: Moment = Moment { hook: "PreSync", wave: "-1" };
const DELETE_INPUT: Moment = Moment { hook: PRE_DELETE, wave: "-1" };
const PREPARE: Moment = Moment { hook: "PreSync", wave: "0" };
const CUTOVER: Moment = Moment { hook: "PostSync", wave: "0" };
const TEST: Moment = Moment { hook: "PostSync", wave: "1" };
const DESTROY: Moment = Moment { hook: PRE_DELETE, wave: "0" };

/// The Jobs with what they need.
pub(super) fn manifests(
    compiled: &Compiled,
    application: &Application,
    hooks: &Hooks,
) -> Result<Vec<Value>, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let app = application.name.as_deref().unwrap_or(&compiled.input.settings.cluster_name);
    let image = hooks.image.clone().unwrap_or_else(|| {
        let finding = Diagnostic::error(&code::NO_JOB, "the Jobs have no image");
        findings.push(finding.hint("give --image IMAGE, or the parameter `image`"));
        String::new()
    });
    let written = compiled.input.settings.ingc.state.as_ref().map(|state| state.value.as_str());
    let state = hooks.state.as_deref().or(written).unwrap_or_default();
    if !state.starts_with("s3://") {
        let finding = Diagnostic::error(&code::NO_JOB, "a state in a file does not outlive a Job");
        findings.push(finding.hint("give --hook-state s3://BUCKET/PREFIX, or write it into ingc.yaml: `ingc: {state: s3://…}`"));
    }
    let secrets = needed(compiled);
    let namespace = application.namespace.as_deref().unwrap_or(compiled.input.namespace());
    for secret in &secrets {
        if secret.split_once('/').is_none_or(|(other, _)| other != namespace) {
            let message = format!(
                "the Secret `{secret}` cannot be given to Jobs in the namespace `{namespace}`"
            );
            let finding = Diagnostic::error(&code::NO_JOB, message);
            findings.push(finding.object(format!("Secret/{secret}")).hint(
                "put the Secret and its Ingress into the application's namespace, or apply from CI",
            ));
        }
    }
    let mut files = match Files::of(&compiled.input, &hooks.args) {
        Ok(files) => files,
        Err(finding) => {
            findings.push(*finding);
            return Err(findings);
        }
    };
    if let Some(finding) = hooks.routes.as_ref().and_then(|path| compiled.input.outside(path)) {
        findings.push(finding);
    } else if let Some(routes) = &hooks.routes {
        match std::fs::read_to_string(routes) {
            Ok(text) => files.add_from(routes, text),
            Err(error) => {
                let message = format!("cannot read `{}`: {}", shown(routes), reason(&error));
                findings.push(Diagnostic::error(&UNREADABLE, message));
            }
        }
    }
    let has_secrets = !secrets.is_empty() || !compiled.input.settings.ingc.secrets.is_empty();
    if has_secrets {
        files.add(SECRETS_FILE, overlay(compiled, &secrets));
    }
    let maps = files.config_maps(app, "input", &SYNC_INPUT.annotations());
    let last = files.config_maps(app, "last-input", &DELETE_INPUT.annotations());
    let ((mut made, sources), (made_last, sources_last)) = match (maps, last) {
        (Ok(maps), Ok(last)) => (maps, last),
        (Err(finding), _) | (_, Err(finding)) => {
            findings.push(*finding);
            return Err(findings);
        }
    };
    if !findings.is_empty() {
        return Err(findings);
    }
    made.extend(made_last);
    let service_account = hooks.service_account.clone().unwrap_or_else(|| {
        let name = name::of("ingc", app, "");
        made.push(service_account(&name, hooks.role_arn.as_deref()));
        name
    });
    let pod = Pod {
        application: app,
        revision: application.revision.as_deref(),
        image,
        service_account,
        folder: format!("{INPUT}/{}", files.folder.display()).trim_end_matches('/').to_owned(),
        secrets: &secrets,
    };
    let mut input = arguments(&hooks.args, has_secrets);
    if let Some(state) = &hooks.state {
        input.extend(["--state".to_owned(), state.clone()]);
    }
    let command = |words: &[&str], allowed: &[&str]| -> Vec<String> {
        let words = words.iter().chain(allowed).map(|word| (*word).to_owned());
        words.chain(input.iter().cloned()).collect()
    };
    let [prepare, cutover] = ["prepare", "cutover"].map(|phase| {
        let words = ["apply", "--phase", phase, "--auto-approve", "--lock-timeout", LOCK_TIMEOUT];
        command(&words, &hooks.allow)
    });
    made.push(pod.job("prepare", PREPARE, &sources, &prepare));
    made.push(pod.job("cutover", CUTOVER, &sources, &cutover));
    if let Some(routes) = &hooks.routes {
        let test = command(&["routes", "test", &path(routes), "--live"], &[]);
        made.push(pod.job("test", TEST, &sources, &test));
    }
    let destroy = command(&["destroy", "--auto-approve", "--lock-timeout", LOCK_TIMEOUT], &[]);
    made.push(pod.job("destroy", DESTROY, &sources_last, &destroy));
    Ok(made)
}

/// Secrets that the stacks hold, as `namespace/name`.
fn needed(compiled: &Compiled) -> BTreeSet<String> {
    let stacks = compiled.compilation.stacks.values();
    let resources = stacks.flat_map(|stack| stack.resources.values());
    resources.flat_map(|resource| &resource.secrets).map(|value| value.secret.clone()).collect()
}

/// Settings that lead to the mounted Secrets, and to no others.
fn overlay(compiled: &Compiled, needed: &BTreeSet<String>) -> String {
    let known = compiled.input.settings.ingc.secrets.keys();
    let unneeded = known.filter(|name| !needed.contains(*name)).map(|name| (name, Value::Null));
    let mounted =
        needed.iter().map(|name| (name, json!({"file": format!("{SECRETS}/{name}"), "env": null})));
    let secrets: Map<String, Value> =
        unneeded.chain(mounted).map(|(name, source)| (name.clone(), source)).collect();
    format!("{}\n", json!({"ingc": {"secrets": secrets}}))
}

/// The input as the flags of a command in the Job.
fn arguments(args: &InputArgs, with_secrets: bool) -> Vec<String> {
    let mut words: Vec<String> = args.paths.iter().map(|it| path(it)).collect();
    let secrets = with_secrets.then(|| PathBuf::from(SECRETS_FILE));
    let values = args.values.iter().chain(&secrets).map(|it| ("--values", path(it)));
    let inventory = args.inventory.iter().map(|it| ("--inventory", path(it)));
    let config = args.config.iter().map(|it| ("--config", path(it)));
    let texts = [("--cluster-name", &args.cluster_name), ("--namespace", &args.namespace)];
    let texts = texts.into_iter().filter_map(|(flag, text)| Some((flag, text.clone()?)));
    for (flag, value) in values.chain(inventory).chain(config).chain(texts) {
        words.extend([flag.to_owned(), value]);
    }
    words
}

/// A path as it is seen from the folder that the Job runs in.
fn path(given: &Path) -> String {
    if given == Path::new("-") {
        return STDIN.to_owned();
    }
    if given.is_relative() {
        return given.to_string_lossy().into_owned();
    }
    let (path, here) = (canonical(given), canonical(Path::new(".")));
    let common = path.components().zip(here.components()).take_while(|(a, b)| a == b).count();
    let up = here.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn service_account(name: &str, role_arn: Option<&str>) -> Value {
    let mut annotations = SYNC_INPUT.annotations();
    if let Some(role) = role_arn {
        annotations["eks.amazonaws.com/role-arn"] = role.into();
    }
    json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": name,
            "labels": {MANAGED_BY.0: MANAGED_BY.1},
            "annotations": annotations,
        },
        "automountServiceAccountToken": false,
    })
}

/// What the Jobs have in common.
struct Pod<'a> {
    application: &'a str,
    revision: Option<&'a str>,
    image: String,
    service_account: String,
    folder: String,
    secrets: &'a BTreeSet<String>,
}

impl Pod<'_> {
    fn job(&self, what: &str, moment: Moment, sources: &Value, arguments: &[String]) -> Value {
        let mut annotations = moment.annotations();
        if let Some(revision) = self.revision {
            annotations["ingc/revision"] = revision.into();
        }
        let mut mounts = vec![
            json!({"name": "input", "mountPath": INPUT, "readOnly": true}),
            json!({"name": "tmp", "mountPath": "/tmp"}),
        ];
        let mut volumes = vec![
            json!({"name": "input", "projected": {"sources": sources}}),
            json!({"name": "tmp", "emptyDir": {}}),
        ];
        for (index, secret) in self.secrets.iter().enumerate() {
            let volume = format!("secret-{index}");
            let name = secret.rsplit('/').next().unwrap_or_default();
            mounts.push(json!({
                "name": volume,
                "mountPath": format!("{SECRETS}/{secret}"),
                "readOnly": true,
            }));
            // What is missing is said by ingc, not by a pod that waits for ever.
            volumes.push(json!({
                "name": volume,
                "secret": {"secretName": name, "optional": true},
            }));
        }
        let labels = json!({MANAGED_BY.0: MANAGED_BY.1});
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": name::of("ingc", self.application, what),
                "labels": labels,
                "annotations": annotations,
            },
            "spec": {
                // A run that was interrupted goes on where it stopped.
                "backoffLimit": 2,
                "activeDeadlineSeconds": DEADLINE_SECONDS,
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "serviceAccountName": self.service_account,
                        "automountServiceAccountToken": false,
                        "restartPolicy": "Never",
                        "securityContext": {
                            "runAsNonRoot": true,
                            "runAsUser": USER,
                            "runAsGroup": USER,
                            "fsGroup": USER,
                            "seccompProfile": {"type": "RuntimeDefault"},
                        },
                        "containers": [{
                            "name": "ingc",
                            "image": self.image,
                            "args": arguments,
                            "workingDir": self.folder,
                            "env": [{"name": "NO_COLOR", "value": "1"}],
                            "resources": {
                                "requests": {"cpu": "100m", "memory": "128Mi"},
                                "limits": {"memory": "1Gi"},
                            },
                            "securityContext": {
                                "allowPrivilegeEscalation": false,
                                "readOnlyRootFilesystem": true,
                                "capabilities": {"drop": ["ALL"]},
                            },
                            "volumeMounts": mounts,
                        }],
                        "volumes": volumes,
                    },
                },
            },
        })
    }
}
