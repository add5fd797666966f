//! Groups that need not be lowered again: what they are made of, in one digest.
//!
//! What becomes of a group depends on the program, on settings and inventory, on classes, Namespaces and
//! Secrets, on its members in their order, and on the Services that they lead to. Where all of that is
//! what it was, so is the stack. Where it is not known to be, the group is lowered.

use crate::group::Group;
use crate::lower::name::hex;
use crate::manifest::{Manifests, Metadata, NamespacedName};
use crate::source::{FileId, Sources, Span};
use crate::yaml;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// What a stack was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupInput {
    /// SHA-256 of all of it, in hexadecimal.
    pub digest: String,
    /// The Services that it leads to, as `namespace/name`, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
}

/// What is known before compiling.
#[derive(Clone, Debug, Default)]
pub struct Known<'k> {
    /// Names the program: another version may make something else of the same input. Without it
    /// nothing is known, and what stacks are made of is not told.
    pub program: Option<&'k str>,
    /// Groups that are not lowered if they are made of this, by id.
    pub groups: BTreeMap<&'k str, KnownGroup<'k>>,
}

/// What is known of a group.
#[derive(Clone, Copy, Debug)]
pub struct KnownGroup<'k> {
    /// What its stack was made of.
    pub input: &'k GroupInput,
    /// Its stack refers to what the cluster shares.
    pub uses_shared: bool,
}

/// The input of a run, to take digests of.
pub(crate) struct Inputs<'m, 's> {
    manifests: &'m Manifests<'s>,
    documents: BTreeMap<FileId, Vec<Document<'s>>>,
    /// Of what all groups depend on.
    base: [u8; 32],
}

/// One document of a file, and its digest when it was asked for.
struct Document<'s> {
    lo: u32,
    text: &'s str,
    digest: OnceLock<[u8; 32]>,
}

impl<'m, 's> Inputs<'m, 's> {
    /// None where a text could not be read: what seems to be absent may stand there.
    pub(crate) fn new(
        program: &str,
        sources: &'s Sources,
        files: &[FileId],
        manifests: &'m Manifests<'s>,
    ) -> Option<Self> {
        if manifests.unread {
            return None;
        }
        let documents = files.iter().map(|&file| {
            let parts = yaml::parts(sources, file);
            let document = |part: yaml::Part<'s>| {
                let lo = part.span().lo;
                Document { lo, text: part.text(), digest: OnceLock::new() }
            };
            (file, parts.map(document).collect())
        });
        let mut inputs = Inputs { manifests, documents: documents.collect(), base: [0; 32] };
        inputs.base = inputs.base(program, sources)?;
        Some(inputs)
    }

    /// The digest of what all groups depend on. All texts that are no manifests are settings or the
    /// inventory.
    fn base(&self, program: &str, sources: &Sources) -> Option<[u8; 32]> {
        let mut hash = Sha256::new();
        text(&mut hash, program);
        for (file, source) in sources.files() {
            if !self.documents.contains_key(&file) {
                text(&mut hash, source.text());
            }
        }
        let Manifests { secrets, namespaces, ingress_classes, ingress_class_params, .. } =
            self.manifests;
        let objects = secrets.values().map(|it| &it.metadata);
        let objects = objects.chain(namespaces.values().map(|it| &it.metadata));
        let objects = objects.chain(ingress_classes.values().map(|it| &it.metadata));
        for object in objects.chain(ingress_class_params.values().map(|it| &it.metadata)) {
            self.object(&mut hash, object)?;
        }
        for (kind, names) in &self.manifests.refused {
            for name in names.keys() {
                text(&mut hash, kind);
                text(&mut hash, &name.to_string());
            }
        }
        Some(hash.finalize().into())
    }

    /// What a group that leads to these Services is made of; none if that cannot be told.
    pub(crate) fn of(
        &self,
        group: &Group<'_, '_>,
        services: &BTreeSet<&NamespacedName>,
    ) -> Option<GroupInput> {
        let digest = self.digest(group, services.iter().copied())?;
        Some(GroupInput { digest, services: services.iter().map(ToString::to_string).collect() })
    }

    /// True if a group is made of what is known.
    pub(crate) fn is(&self, group: &Group<'_, '_>, known: &GroupInput) -> bool {
        let names = known.services.iter().map(|name| name.split_once('/'));
        let names: Option<Vec<NamespacedName>> = names
            .map(|name| name.map(|(namespace, name)| NamespacedName::new(namespace, name)))
            .collect();
        names
            .and_then(|names| self.digest(group, &names))
            .is_some_and(|digest| digest == known.digest)
    }

    fn digest<'n>(
        &self,
        group: &Group<'_, '_>,
        services: impl IntoIterator<Item = &'n NamespacedName>,
    ) -> Option<String> {
        if !group.leaving.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(self.base);
        text(&mut hash, &group.id);
        hash.update([u8::from(group.explicit)]);
        hash.update((group.members.len() as u64).to_le_bytes());
        for member in &group.members {
            self.object(&mut hash, &member.ingress.metadata)?;
        }
        for service in services {
            self.object(&mut hash, &self.manifests.services.get(service)?.metadata)?;
        }
        Some(hex(&hash.finalize()))
    }

    /// Takes in an object: which one of its document it is, and the document.
    fn object(&self, hash: &mut Sha256, metadata: &Metadata<'_>) -> Option<()> {
        let Span { file, lo, .. } = metadata.span;
        let documents = self.documents.get(&file)?;
        let behind = documents.partition_point(|document| document.lo <= lo);
        let document = documents.get(behind.checked_sub(1)?)?;
        text(hash, &metadata.object);
        hash.update(document.digest.get_or_init(|| Sha256::digest(document.text).into()));
        Some(())
    }
}

/// A text cannot run into the next one.
fn text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}
