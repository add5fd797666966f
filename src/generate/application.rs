//! What Argo CD tells a plugin about the application, in the environment.

use ingc_compiler::diagnostic::code::generate as code;
use ingc_compiler::diagnostic::{Diagnostic, nearest};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The application that manifests are made for.
#[derive(Clone, Debug, Default)]
pub struct Application {
    /// Its name; none where Argo CD is not at work.
    pub name: Option<String>,
    /// The namespace that its objects go to if they name none.
    pub namespace: Option<String>,
    /// The commit.
    pub revision: Option<String>,
    /// The folder of the application within its repository.
    source_path: Option<String>,
    /// What the application says of [`PARAMETERS`], in the order in which it is given.
    given: BTreeMap<&'static str, Vec<String>>,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One text.
    Text,
    /// A list of texts.
    Texts,
    /// `true` or `false`.
    Flag,
}

/// A parameter of the plugin, and the flag of the command line that it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, and the flag's.
    pub name: &'static str,
    /// Its type.
    pub form: Form,
    /// Its title in Argo CD.
    pub title: &'static str,
    /// What it does.
    pub tooltip: &'static str,
}

const fn parameter(
    name: &'static str,
    form: Form,
    title: &'static str,
    tooltip: &'static str,
) -> Parameter {
    Parameter { name, form, title, tooltip }
}

/// All parameters.
pub const PARAMETERS: &[Parameter] = &[
    parameter(
        "values",
        Form::Texts,
        "Values files",
        "Helm values that the controller was installed with, relative to the application's folder; later ones win",
    ),
    parameter(
        "inventory",
        Form::Text,
        "Inventory",
        "The file that lists what exists in the account, instead of what ingc.yaml names",
    ),
    parameter(
        "cluster-name",
        Form::Text,
        "Cluster name",
        "The EKS cluster's name, instead of clusterName in ingc.yaml",
    ),
    parameter(
        "state",
        Form::Text,
        "State at hand",
        "A state file in the repository, so that bindings name target groups by ARN",
    ),
    parameter(
        "hooks",
        Form::Flag,
        "Apply in the sync",
        "true: Jobs carry the plan out before and after the sync, and delete it with the application",
    ),
    parameter("image", Form::Text, "Image of the Jobs", "An image that holds ingc"),
    parameter(
        "hook-state",
        Form::Text,
        "State of the Jobs",
        "s3://BUCKET/PREFIX, instead of what ingc.yaml says",
    ),
    parameter(
        "role-arn",
        Form::Text,
        "IAM role of the Jobs",
        "The role that the Jobs' ServiceAccount stands for (IRSA)",
    ),
    parameter(
        "service-account",
        Form::Text,
        "ServiceAccount of the Jobs",
        "One that exists, instead of one of the application's own",
    ),
    parameter(
        "routes",
        Form::Text,
        "Routes to test",
        "A file with assertions, which are tested on the load balancer after the sync",
    ),
    parameter(
        "allow-delete",
        Form::Flag,
        "Allow deletions",
        "true: the Jobs may delete a load balancer, or more than half of a stack",
    ),
    parameter(
        "allow-gap",
        Form::Flag,
        "Allow gaps",
        "true: the Jobs may do steps during which a request goes unanswered",
    ),
];

impl Application {
    /// Reads the environment: `ARGOCD_APP_…`, and parameters as `PARAM_NAME` of the application or
    /// `ARGOCD_ENV_INGC_NAME` of its plugin environment, of which the former count.
    ///
    /// # Errors
    /// Parameters that do not exist or do not have their type.
    pub fn read(
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Application, Vec<Diagnostic>> {
        let variables: BTreeMap<String, String> = environment.into_iter().collect();
        let text = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
        let mut application = Application {
            name: text("ARGOCD_APP_NAME"),
            namespace: text("ARGOCD_APP_NAMESPACE"),
            revision: text("ARGOCD_APP_REVISION"),
            source_path: text("ARGOCD_APP_SOURCE_PATH"),
            given: BTreeMap::new(),
        };
        if application.name.is_none() {
            return Ok(application);
        }
        let mut findings = Vec::new();
        if let Some(parameters) = variables.get("ARGOCD_APP_PARAMETERS") {
            findings.extend(unknown(parameters));
        }
        for parameter in PARAMETERS {
            let upper = parameter.name.replace('-', "_").to_uppercase();
            let given = match parameter.form {
                Form::Texts => list(&variables, &upper),
                Form::Text | Form::Flag => {
                    let names = [format!("PARAM_{upper}"), format!("ARGOCD_ENV_INGC_{upper}")];
                    names.iter().find_map(|name| text(name)).into_iter().collect()
                }
            };
            let flag = given.first().filter(|_| parameter.form == Form::Flag);
            if let Some(value) = flag.filter(|value| !["true", "false"].contains(&value.as_str())) {
                let message = format!("parameter `{}` is `{value}`", parameter.name);
                let finding = Diagnostic::error(&code::BAD_PARAMETER, message);
                findings.push(finding.hint("write \"true\" or \"false\""));
            }
            application.given.insert(parameter.name, given);
        }
        if findings.is_empty() { Ok(application) } else { Err(findings) }
    }

    /// Refuses what the application says of parameters that the plugin keeps for itself.
    ///
    /// # Errors
    /// All parameters that it may not set.
    pub fn check(&self, refused: &[String]) -> Result<(), Vec<Diagnostic>> {
        let given = refused.iter().filter(|name| !self.texts(name).is_empty());
        let findings: Vec<Diagnostic> = given
            .map(|name| {
                let message = format!("parameter `{name}` may not be set by an application");
                let hint = "take it out of the application; whoever runs the plugin has decided it";
                Diagnostic::error(&code::BAD_PARAMETER, message).hint(hint)
            })
            .collect();
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }

    /// A parameter of one text.
    pub fn text(&self, name: &str) -> Option<&String> {
        self.texts(name).first()
    }

    /// A parameter of several texts.
    pub fn texts(&self, name: &str) -> &[String] {
        self.given.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// A parameter that is on or off.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| value == "true")
    }

    /// The repository's root, where Argo CD is at work in this folder of it.
    pub fn repository(&self, folder: &Path) -> Option<PathBuf> {
        self.name.as_ref()?;
        let below = Path::new(self.source_path.as_deref().unwrap_or("."));
        let depth = below.components().filter(|part| part.as_os_str() != ".").count();
        let root = folder.ancestors().nth(depth);
        let fits = root.filter(|root| folder == root.join(below) || depth == 0);
        Some(fits.unwrap_or(folder).to_owned())
    }
}

/// `PARAM_NAME_0`, `PARAM_NAME_1`, and so on; or one text with commas from the environment.
fn list(variables: &BTreeMap<String, String>, upper: &str) -> Vec<String> {
    let items = (0..).map_while(|index| variables.get(&format!("PARAM_{upper}_{index}")));
    let items: Vec<String> = items.cloned().collect();
    if !items.is_empty() {
        return items;
    }
    let one = variables.get(&format!("ARGOCD_ENV_INGC_{upper}"));
    let parts = one.iter().flat_map(|text| text.split(','));
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Findings about names in `ARGOCD_APP_PARAMETERS` that are no parameters.
fn unknown(parameters: &str) -> Vec<Diagnostic> {
    let parameters: Value = serde_json::from_str(parameters).unwrap_or_default();
    let names = parameters.as_array().into_iter().flatten();
    let names = names.filter_map(|parameter| parameter["name"].as_str());
    let known = || PARAMETERS.iter().map(|parameter| parameter.name);
    let finding = |name: &str| {
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("parameters are {}", known().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("there is no parameter `{name}`");
        Diagnostic::error(&code::BAD_PARAMETER, message).hint(hint)
    };
    names.filter(|name| !known().any(|known| known == *name)).map(finding).collect()
}

/// The parameters as Argo CD wants to be told of them, with what holds where none is given, but for
/// those that are refused.
pub fn announcement(refused: &[String], default: impl Fn(&str) -> Vec<String>) -> Value {
    let known = PARAMETERS.iter().filter(|it| !refused.iter().any(|name| name == it.name));
    let parameters = known.map(|parameter| {
        let mut announced = json!({
            "name": parameter.name,
            "title": parameter.title,
            "tooltip": parameter.tooltip,
            "collectionType": "string",
        });
        let default = default(parameter.name);
        match parameter.form {
            Form::Texts => {
                announced["collectionType"] = "array".into();
                announced["array"] = default.into();
            }
            Form::Text => announced["string"] = default.join("").into(),
            Form::Flag => announced["string"] = "false".into(),
        }
        announced
    });
    Value::Array(parameters.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Application, String> {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Application::read(
            [("ARGOCD_APP_NAME".to_owned(), "shop".to_owned())].into_iter().chain(variables),
        )
        .map_err(|findings| {
            let text =
                |f: &Diagnostic| format!("{} ({})", f.message, f.hint.clone().unwrap_or_default());
            findings.iter().map(text).collect::<Vec<_>>().join("; ")
        })
    }

    #[test]
    fn parameters_come_from_the_application_and_then_from_its_environment() {
        let application = read(&[
            ("PARAM_CLUSTER_NAME", "prod"),
            ("ARGOCD_ENV_INGC_CLUSTER_NAME", "dev"),
            ("PARAM_VALUES_0", "a.yaml"),
            ("PARAM_VALUES_1", "b.yaml"),
            ("ARGOCD_ENV_INGC_HOOKS", "true"),
            ("PARAM_IMAGE", ""),
        ])
        .unwrap();
        assert_eq!(application.text("cluster-name").map(String::as_str), Some("prod"));
        assert_eq!(application.texts("values"), ["a.yaml", "b.yaml"]);
        assert!(application.flag("hooks") && !application.flag("allow-delete"));
        assert_eq!(application.text("image"), None);
        let application = read(&[("ARGOCD_ENV_INGC_VALUES", "a.yaml, b.yaml")]).unwrap();
        assert_eq!(application.texts("values"), ["a.yaml", "b.yaml"]);
    }

    #[test]
    fn parameters_that_do_not_exist_or_fit_are_refused() {
        let given = r#"[{"name":"inventry","string":"x"},{"name":"hooks","string":"yes"}]"#;
        assert_eq!(
            read(&[("ARGOCD_APP_PARAMETERS", given), ("PARAM_HOOKS", "yes")]).unwrap_err(),
            "there is no parameter `inventry` (did you mean `inventory`?); \
             parameter `hooks` is `yes` (write \"true\" or \"false\")"
        );
    }

    #[test]
    fn parameters_that_the_plugin_keeps_for_itself_are_refused() {
        let refused = ["image", "allow-delete", "values"].map(str::to_owned);
        let application = read(&[("PARAM_CLUSTER_NAME", "prod")]).unwrap();
        assert!(application.check(&refused).is_ok());
        for (name, value) in [
            ("PARAM_IMAGE", "evil:1"),
            ("ARGOCD_ENV_INGC_IMAGE", "evil:1"),
            ("PARAM_ALLOW_DELETE", "false"),
            ("PARAM_VALUES_0", "a.yaml"),
        ] {
            let findings = read(&[(name, value)]).unwrap().check(&refused).unwrap_err();
            assert_eq!(findings.len(), 1, "{name}");
            assert!(findings[0].message.contains("may not be set"), "{}", findings[0].message);
        }
        let told = announcement(&refused, |_| Vec::new()).to_string();
        assert!(told.contains("cluster-name") && !told.contains("allow-delete"), "{told}");
    }

    #[test]
    fn without_argo_cd_its_variables_mean_nothing() {
        let variables = [("PARAM_HOOKS".to_owned(), "yes".to_owned())];
        let application = Application::read(variables).unwrap();
        assert!(!application.flag("hooks"));
        assert_eq!(application.repository(Path::new("/repo/app")), None);
    }

    #[test]
    fn the_repository_is_above_the_folder_of_the_application() {
        let check = |path: &str, folder: &str, expected: &str| {
            let application = read(&[("ARGOCD_APP_SOURCE_PATH", path)]).unwrap();
            let root = application.repository(Path::new(folder));
            assert_eq!(root.as_deref(), Some(Path::new(expected)), "{path}");
        };
        check("apps/shop", "/tmp/x/apps/shop", "/tmp/x");
        check(".", "/tmp/x", "/tmp/x");
        check("", "/tmp/x", "/tmp/x");
        check("elsewhere", "/tmp/x/apps", "/tmp/x/apps");
        check("../../..", "/tmp/x/apps", "/tmp/x/apps");
    }
}
