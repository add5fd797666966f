//! What shall be: the compiler's stacks with what it knows about groups that gave none.

use crate::state::Secrets;
use ingc_compiler::graph::Stack;
use ingc_compiler::source::Sources;
use std::collections::BTreeMap;

/// What the manifests ask for.
#[derive(Clone, Copy, Debug)]
pub struct Desired<'a> {
    /// The cluster's name.
    pub cluster: &'a str,
    /// The region.
    pub region: &'a str,
    /// The stacks of the groups that were built, and `_cluster` where something refers to it.
    pub stacks: &'a BTreeMap<String, Stack>,
    /// Groups that were refused, with the messages that say why.
    pub refused: &'a BTreeMap<String, Vec<String>>,
    /// Every Ingress that was seen, `namespace/name`: its group if it is ours and stays; none if
    /// it is being deleted or is another class's.
    pub seen: &'a BTreeMap<String, Option<String>>,
    /// The texts that origins lead into.
    pub sources: &'a Sources,
}

impl Desired<'_> {
    /// The values of all secrets, for the applier.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::new();
        let resources = self.stacks.values().flat_map(|stack| stack.resources.values());
        for secret in resources.flat_map(|resource| &resource.secrets) {
            secrets.insert(&secret.secret, &secret.key, &secret.value);
        }
        secrets
    }
}
