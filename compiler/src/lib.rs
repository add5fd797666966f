//! Reads Kubernetes manifests and compiles them to AWS resources, purely: same input, same bytes out.
#![deny(clippy::disallowed_methods)]

pub mod annotation;
pub mod bootstrap;
pub mod cidr;
pub mod diagnostic;
pub mod doctor;
pub mod graph;
pub mod group;
pub mod iam;
pub mod inventory;
mod known;
pub mod lower;
pub mod manifest;
pub mod resource;
pub mod route;
mod schema;
pub mod settings;
pub mod source;
pub mod tag;
pub mod yaml;

pub use known::{GroupInput, Known, KnownGroup};

use diagnostic::{Diagnostics, Severity};
use graph::{Member, Stack};
use group::{Group, Place};
use inventory::Inventory;
use known::Inputs;
use manifest::{Manifests, NamespacedName};
use rayon::prelude::*;
use settings::Settings;
use source::{FileId, Sources};
use std::collections::{BTreeMap, BTreeSet};

/// What a compilation gives.
#[derive(Debug, Default)]
pub struct Compilation {
    /// The stacks of all groups that are not refused, by id; and `_cluster`, if a stack refers to
    /// what the cluster shares and that does not exist yet.
    pub stacks: BTreeMap<String, Stack>,
    /// Stacks that were not made since what they are made of is known: they are as they were.
    pub unchanged: BTreeSet<String>,
    /// What stacks were made of, where that is all that counts: there were no findings, which would
    /// have to be told again.
    pub inputs: BTreeMap<String, GroupInput>,
    /// Groups with an error, by id: frozen, nothing of them may change.
    pub refused: BTreeMap<String, Refused>,
    /// What became of every Ingress that was seen, by `namespace/name`.
    pub ingresses: BTreeMap<String, Seen>,
    /// TargetGroupBindings that carry the controller's labels, as `namespace/name`, with the stack
    /// that these name.
    pub bindings: BTreeMap<String, String>,
    /// Ingresses of other classes, as `namespace/name`, sorted.
    pub ignored: Vec<String>,
    /// All findings of all stages, by file and position.
    pub diagnostics: Diagnostics,
    /// How many Ingress objects were seen, those of other classes and those being deleted too.
    pub ingresses_seen: usize,
    /// True if an error is nobody's own, such as a setting, or a text that could not be read: what
    /// seems absent may stand there.
    pub incomplete: bool,
}

impl Compilation {
    /// True if the manifests ask for a stack, be it made or known.
    pub fn asks_for(&self, stack: &str) -> bool {
        self.stacks.contains_key(stack) || self.unchanged.contains(stack)
    }
}

/// A group with an error.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    /// Its members in rule order, as far as they could be told.
    pub members: Vec<Member>,
}

/// An Ingress that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What became of it.
    pub place: Place,
    /// Groups that hold it by a finalizer of the controller.
    pub held_by: Vec<String>,
    /// The class by which the controller serves it, if it runs.
    pub served_as: Option<String>,
    /// Groups that its annotation and its class name, whoever serves it.
    pub names: Vec<String>,
}

/// Compiles manifests, in four stages: objects, groups, resources, result. `diagnostics` are the
/// findings so far, about settings and inventory.
pub fn compile(
    sources: &Sources,
    manifest_files: &[FileId],
    settings: &Settings,
    inventory: &Inventory,
    mut diagnostics: Diagnostics,
) -> Compilation {
    let manifests = manifest::read(sources, manifest_files, &inventory.cluster, &mut diagnostics);
    compile_manifests(sources, &manifests, settings, inventory, diagnostics)
}

/// Compiles manifests as [`compile`] does, save for groups that are made of what is known: those are
/// named in [`Compilation::unchanged`].
pub fn compile_knowing(
    known: &Known<'_>,
    sources: &Sources,
    manifest_files: &[FileId],
    settings: &Settings,
    inventory: &Inventory,
    mut diagnostics: Diagnostics,
) -> Compilation {
    let manifests = manifest::read(sources, manifest_files, &inventory.cluster, &mut diagnostics);
    let inputs = known
        .program
        .and_then(|program| Inputs::new(program, sources, manifest_files, &manifests))
        .map(|inputs| (known, inputs));
    compile_but(inputs.as_ref(), sources, &manifests, settings, inventory, diagnostics)
}

/// Compiles manifests that were read already, in the three stages behind the first.
pub fn compile_manifests(
    sources: &Sources,
    manifests: &Manifests<'_>,
    settings: &Settings,
    inventory: &Inventory,
    diagnostics: Diagnostics,
) -> Compilation {
    compile_but(None, sources, manifests, settings, inventory, diagnostics)
}

fn compile_but(
    known: Option<&(&Known<'_>, Inputs<'_, '_>)>,
    sources: &Sources,
    manifests: &Manifests<'_>,
    settings: &Settings,
    inventory: &Inventory,
    diagnostics: Diagnostics,
) -> Compilation {
    let mut diagnostics = settings.ingc.weigh(diagnostics);
    let error = |d: &&diagnostic::Diagnostic| d.severity == Severity::Error;
    let incomplete = diagnostics.iter().filter(error).any(|d| d.object.is_none());

    let (groups, findings) = group::group(manifests, settings, inventory);
    diagnostics.append(findings);

    let is_known = |group: &Group<'_, '_>| {
        let (known, inputs) = known?;
        let known = known.groups.get(group.id.as_str())?;
        inputs.is(group, known.input).then_some(known)
    };
    let lowered: Vec<_> = groups
        .groups
        .par_iter()
        .map(|(_, group)| {
            if let Some(known) = is_known(group) {
                return Err(known);
            }
            let lowered = lower::lower(lower::Cx::new(settings, inventory, manifests, group));
            let is_quiet = lowered.diagnostics.iter().next().is_none();
            let inputs = known.filter(|_| is_quiet).map(|(_, inputs)| inputs);
            let input = inputs.and_then(|inputs| inputs.of(group, &lowered.services));
            Ok((lowered.stack, lowered.diagnostics, input))
        })
        .collect();
    let mut compilation = Compilation { incomplete, ..Compilation::default() };
    let mut stacks = BTreeMap::new();
    let mut is_shared_used = false;
    for ((id, group), lowered) in groups.groups.iter().zip(lowered) {
        match lowered {
            Ok((mut stack, findings, input)) => {
                diagnostics.append(findings);
                stack.members = members(sources, group);
                stacks.insert(id.clone(), stack);
                compilation.inputs.extend(input.map(|input| (id.clone(), input)));
            }
            Err(known) => {
                is_shared_used |= known.uses_shared;
                compilation.unchanged.insert(id.clone());
            }
        }
    }
    diagnostics = settings.ingc.weigh(diagnostics);

    diagnostics.for_each_mut(|finding| {
        // What is wrong with a member as it is read is found before its group is known.
        if finding.group.is_none() && finding.severity == Severity::Error {
            let ingress = finding.ingress.as_deref().and_then(|name| name.split_once('/'));
            let name = ingress.map(|(namespace, name)| NamespacedName::new(namespace, name));
            if let Some(Place::Member(group)) = name.and_then(|name| groups.places.get(&name)) {
                finding.group = Some(group.clone());
            }
        }
    });
    let errors = diagnostics.iter().filter(error).filter_map(|d| d.group.clone());
    for id in errors {
        compilation.inputs.remove(&id);
        let mut gone = stacks.remove(&id).map_or_else(Vec::new, |stack| stack.members);
        if compilation.unchanged.remove(&id) {
            gone = groups.groups.get(&id).map_or_else(Vec::new, |group| members(sources, group));
        }
        compilation.refused.entry(id).or_default().members.extend(gone);
    }
    stacks.retain(|_, stack| !stack.members.is_empty());
    if let Some(stack) =
        lower::security_group::cluster_stack(settings, stacks.values(), is_shared_used)
    {
        stacks.insert(stack.id.to_string(), stack);
    }
    for (name, place) in groups.places {
        if place == Place::Ignored {
            compilation.ignored.push(name.to_string());
        }
        let ingress = manifests.ingresses.get(name);
        let held_by = ingress.map_or_else(Vec::new, |i| group::held_by(i).collect());
        let served_as = ingress.and_then(|i| group::served_as(i, manifests));
        let names = ingress.map_or_else(Vec::new, |i| group::named_by(i, manifests));
        compilation.ingresses.insert(name.to_string(), Seen { place, held_by, served_as, names });
    }
    compilation.bindings = group::bindings(manifests);
    compilation.ingresses_seen = compilation.ingresses.len();
    diagnostics.sort(sources);
    Compilation { stacks, diagnostics, ..compilation }
}

fn members(sources: &Sources, group: &Group<'_, '_>) -> Vec<Member> {
    group.members.iter().map(|member| graph_member(sources, member)).collect()
}

fn graph_member(sources: &Sources, member: &group::Member<'_, '_>) -> Member {
    let ingress = member.ingress;
    let hosts = ingress.rules.iter().filter_map(|rule| rule.host.as_ref());
    let mut hosts: Vec<_> =
        hosts.map(|host| host.as_str().to_owned()).filter(|host| !host.is_empty()).collect();
    hosts.sort();
    hosts.dedup();
    Member {
        ingress: ingress.metadata.name.to_string(),
        position: sources.position(ingress.metadata.span),
        hosts,
    }
}
