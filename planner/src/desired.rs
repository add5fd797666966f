//! What shall be: a compilation with the names of what it is for.

use crate::state::{RecordedMember, Secrets};
use ingc_compiler::Compilation;
use ingc_compiler::graph::Member;
use ingc_compiler::source::Sources;
use std::collections::BTreeSet;

/// What the manifests ask for.
#[derive(Clone, Copy, Debug)]
pub struct Desired<'a> {
    /// The cluster's name.
    pub cluster: &'a str,
    /// The region.
    pub region: &'a str,
    /// What the manifests were compiled to.
    pub compilation: &'a Compilation,
    /// The texts that origins lead into.
    pub sources: &'a Sources,
    /// The stacks in question, where recorded ones shall be again: those that the compilation
    /// lacks were not there then. None where manifests say what shall be.
    pub recalled: Option<&'a BTreeSet<String>>,
}

impl Desired<'_> {
    /// The values of all secrets, for the applier.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::new();
        let stacks = self.compilation.stacks.values();
        let resources = stacks.flat_map(|stack| stack.resources.values());
        for secret in resources.flat_map(|resource| &resource.secrets) {
            secrets.insert(&secret.secret, &secret.key, &secret.value);
        }
        secrets
    }
}

impl From<&Member> for RecordedMember {
    fn from(member: &Member) -> Self {
        RecordedMember { position: member.position.clone(), hosts: member.hosts.clone() }
    }
}
