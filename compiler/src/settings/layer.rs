//! Several files as one: later ones win, mappings merge deeply, and null deletes, as in Helm.

use crate::yaml::{Node, NodeKind, Text};

/// A value with what lies below it: several mappings that merge, or one value of another kind.
#[derive(Clone, Debug)]
pub(super) struct Layers<'t, 's> {
    /// From the first file to the last; never empty.
    nodes: Vec<Node<'t, 's>>,
}

impl<'t, 's> Layers<'t, 's> {
    /// The merged value of several files; none if the last one is null or there are none.
    pub(super) fn merge(nodes: impl IntoIterator<Item = Node<'t, 's>>) -> Option<Self> {
        let mut layers: Vec<Node<'t, 's>> = Vec::new();
        for node in nodes {
            let merges = |other: &Node<'_, '_>| other.kind() == NodeKind::Mapping;
            if !merges(&node) || !layers.last().is_some_and(merges) {
                layers.clear();
            }
            layers.push(node);
        }
        let deleted = layers.last()?.kind() == NodeKind::Null;
        (!deleted).then_some(Layers { nodes: layers })
    }

    /// The value that counts; of mappings the last one.
    pub(super) fn top(&self) -> Node<'t, 's> {
        self.nodes[self.nodes.len() - 1]
    }

    /// All mappings that merge, or the value.
    pub(super) fn nodes(&self) -> &[Node<'t, 's>] {
        &self.nodes
    }

    /// The merged value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Layers<'t, 's>> {
        Layers::merge(self.nodes.iter().filter_map(|node| node.get(key)))
    }

    /// The merged keys with their values, in the order in which they first come. A key's place is
    /// that of the value that counts.
    pub(super) fn entries(&self) -> Vec<(Text<'s>, Layers<'t, 's>)> {
        let mut keys: Vec<Text<'s>> = Vec::new();
        for (node, _) in self.nodes.iter().flat_map(|node| node.entries()) {
            let Some(mut text) = node.text() else { continue };
            if node.kind() != NodeKind::String {
                let Some(name) = node.key() else { continue };
                text.value = name.into_owned().into();
            }
            match keys.iter_mut().find(|key| key.value == text.value) {
                Some(key) => key.span = text.span,
                None => keys.push(text),
            }
        }
        let value = |key: Text<'s>| self.get(key.as_str()).map(|value| (key, value));
        keys.into_iter().filter_map(value).collect()
    }

    /// The string that counts; none for anything else and for an empty one.
    pub(super) fn text(&self, key: &str) -> Option<Text<'s>> {
        self.get(key)?.top().string().filter(|text| !text.as_str().is_empty())
    }

    /// The boolean that counts.
    pub(super) fn bool(&self, key: &str) -> Option<bool> {
        self.get(key)?.top().as_bool()
    }
}
