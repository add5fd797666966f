//! The arguments that name a run's input.

use crate::view::findings::Report;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where manifests, settings and the inventory come from.
#[derive(clap::Args, Clone, Debug, Default, Deserialize, Serialize, schemars::JsonSchema)]
pub struct InputArgs {
    /// Manifests: files, folders (read recursively) or `-` for standard input
    ///
    /// Without a PATH they are what `ingc.manifests` of ingc.yaml names, else the folder of
    /// ingc.yaml, else this folder.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Helm values of the controller; may be repeated, later ones win
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub values: Vec<PathBuf>,

    /// What exists in the AWS account, instead of what `ingc.inventory` names
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub inventory: Option<PathBuf>,

    /// The ingc.yaml to use, instead of the one found in the first PATH or above it
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub config: Option<PathBuf>,

    /// The cluster's name, instead of `clusterName`
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub cluster_name: Option<String>,

    /// The namespace of objects that name none, instead of `ingc.namespace`
    #[arg(long, short, value_name = "NAME", help_heading = "Input")]
    #[serde(default)]
    pub namespace: Option<String>,

    /// Also tell findings to other programs: `sarif`, `github` or `gitlab`, to standard error or into
    /// a file; may be repeated
    #[arg(long, value_name = "FORM[=FILE]", help_heading = "Input")]
    #[serde(skip)]
    pub diagnostics: Vec<Report>,

    /// The folder that nothing may be read outside of, if there is one.
    #[arg(skip)]
    #[serde(skip)]
    pub within: Option<PathBuf>,
}

impl InputArgs {
    /// Flags that stand for a setting, each as a settings file of its own: name and text.
    pub fn as_settings(&self) -> impl Iterator<Item = (&'static str, String)> {
        let quoted = |name: &String| serde_json::to_string(name).unwrap_or_default();
        let cluster = self.cluster_name.as_ref();
        let cluster =
            cluster.map(|name| ("--cluster-name", format!("clusterName: {}\n", quoted(name))));
        let namespace = self.namespace.as_ref();
        let namespace = namespace
            .map(|name| ("--namespace", format!("ingc: {{namespace: {}}}\n", quoted(name))));
        cluster.into_iter().chain(namespace)
    }
}
