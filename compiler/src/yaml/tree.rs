//! A document as an arena of nodes in the order of the text, and the cursor to read it with.

use super::number;
use super::resolve::{Scalar, resolve};
use super::text::{Outer, Style, Text};
use crate::source::{FileId, Span};
use std::borrow::Cow;
use std::sync::Arc;

/// What a value is after go-yaml v2's resolution of plain scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean.
    Bool,
    /// A whole number without point or exponent.
    Int,
    /// Any other number.
    Float,
    /// A string.
    String,
    /// Keys and values.
    Mapping,
    /// Items.
    Sequence,
}

/// How an entry of the arena was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A scalar in the given style.
    Scalar(Style),
    /// A plain `<<`, which merges where it is a key.
    Merge,
    /// A collection in lines.
    Block,
    /// A collection in brackets.
    Flow,
    /// `*name`.
    Alias,
}

/// What an entry holds beside its place.
#[derive(Clone, Debug)]
pub(super) enum Body<'s> {
    /// Nothing: a collection whose children follow.
    Children,
    /// A scalar's decoded text.
    Text(Cow<'s, str>),
    /// The entry that an alias stands for; never an alias itself.
    Link(u32),
    /// A mapping with merge keys: its entries stand in [`Tree::merged`].
    Merged(u32, u32),
}

/// One node of the arena; a collection's children follow it.
#[derive(Clone, Debug)]
pub(super) struct Entry<'s> {
    pub(super) body: Body<'s>,
    /// First byte in the file.
    pub(super) lo: u32,
    /// One past the last byte.
    pub(super) hi: u32,
    /// Index after this node and all below it.
    pub(super) next: u32,
    pub(super) kind: NodeKind,
    pub(super) form: Form,
}

/// One document.
#[derive(Clone, Debug)]
pub struct Tree<'s> {
    pub(super) file: FileId,
    /// The file's text from `origin` on, as far as the nodes reach.
    pub(super) source: &'s str,
    pub(super) origin: u32,
    pub(super) nodes: Vec<Entry<'s>>,
    /// Keys and values of the mappings with merge keys.
    pub(super) merged: Vec<(u32, u32)>,
    /// An annotation's JSON, where a key may stand twice and the last one counts.
    pub(super) json: bool,
    /// The scalar that holds this JSON, unless the file holds its text byte by byte.
    pub(super) outer: Option<Arc<Outer>>,
}

/// A node of a tree. Aliases are followed already: the span of an aliased value is where the
/// anchor defines it.
#[derive(Clone, Copy)]
pub struct Node<'t, 's> {
    tree: &'t Tree<'s>,
    at: u32,
}

impl<'s> Tree<'s> {
    pub(super) fn new(file: FileId, source: &'s str) -> Self {
        Tree {
            file,
            source,
            origin: 0,
            nodes: Vec::new(),
            merged: Vec::new(),
            json: false,
            outer: None,
        }
    }

    /// The document's value.
    pub fn root(&self) -> Node<'_, 's> {
        self.node(0)
    }

    pub(super) fn node(&self, at: u32) -> Node<'_, 's> {
        Node { tree: self, at: self.follow(at) }
    }

    /// The index of the value itself where an alias stands.
    pub(super) fn follow(&self, at: u32) -> u32 {
        match self.nodes[at as usize].body {
            Body::Link(target) => target,
            _ => at,
        }
    }

    /// The name that a scalar key has for Kubernetes; none if it cannot be a key.
    pub(super) fn key(&self, at: u32) -> Option<Cow<'_, str>> {
        let node = self.node(at);
        let Body::Text(text) = &node.entry().body else { return None };
        if node.kind() == NodeKind::String {
            return Some(Cow::Borrowed(text));
        }
        match node.scalar() {
            Scalar::Null => None,
            Scalar::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Scalar::Int(value) => i64::try_from(value).ok().map(|v| Cow::Owned(v.to_string())),
            Scalar::Float(value) => Some(Cow::Owned(number::float_key(value))),
            Scalar::String => Some(Cow::Borrowed(text)),
        }
    }
}

impl<'t, 's> Node<'t, 's> {
    fn entry(self) -> &'t Entry<'s> {
        &self.tree.nodes[self.at as usize]
    }

    /// What the value is.
    pub fn kind(self) -> NodeKind {
        self.entry().kind
    }

    /// Where it stands in the file; quotes belong to it. An empty value stands behind its colon.
    pub fn span(self) -> Span {
        let entry = self.entry();
        Span { file: self.tree.file, lo: entry.lo, hi: entry.hi }
    }

    /// Any scalar, as written and decoded.
    pub fn text(self) -> Option<Text<'s>> {
        let Body::Text(value) = &self.entry().body else { return None };
        let style = match self.entry().form {
            Form::Scalar(style) => style,
            _ => Style::Plain,
        };
        let span = self.span();
        let offset = |at: u32| at.saturating_sub(self.tree.origin) as usize;
        let raw = self.tree.source.get(offset(span.lo)..offset(span.hi)).unwrap_or("");
        let text = Text::new(value.clone(), raw, span, style);
        Some(match &self.tree.outer {
            Some(outer) => text.within(outer, self.at),
            None => text,
        })
    }

    /// A string; none for anything else, numbers and booleans included.
    pub fn string(self) -> Option<Text<'s>> {
        if self.kind() == NodeKind::String { self.text() } else { None }
    }

    /// A scalar's decoded text, without a copy.
    pub fn as_str(self) -> Option<&'t str> {
        match &self.entry().body {
            Body::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name that the value has as a key, where numbers and booleans become text as in
    /// Kubernetes' JSON: `on` is `true`.
    pub fn key(self) -> Option<Cow<'t, str>> {
        self.tree.key(self.at)
    }

    /// The meaning of a scalar; `String` for collections.
    fn scalar(self) -> Scalar {
        match (&self.entry().body, self.kind()) {
            (Body::Text(text), NodeKind::Bool | NodeKind::Int) => resolve(text),
            (Body::Text(text), NodeKind::Float) => match resolve(text) {
                Scalar::Int(int) => Scalar::Float(int as f64),
                scalar => scalar,
            },
            (Body::Text(_), NodeKind::Null) => Scalar::Null,
            _ => Scalar::String,
        }
    }

    /// A boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.scalar() {
            Scalar::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A whole number. In a document `8.0` counts, since Kubernetes' JSON holds `8` for it; in an
    /// annotation's JSON it does not, since the controller's reader refuses it.
    pub fn as_i64(self) -> Option<i64> {
        // Beyond this Go writes an exponent, which is no integer in JSON.
        const EXPONENT_FROM: f64 = 1e21;
        match self.scalar() {
            Scalar::Int(value) => i64::try_from(value).ok(),
            Scalar::Float(value)
                if !self.tree.json && value.fract() == 0.0 && value.abs() < EXPONENT_FROM =>
            {
                let whole = value as i128;
                i64::try_from(whole).ok()
            }
            _ => None,
        }
    }

    /// Any number.
    pub fn as_f64(self) -> Option<f64> {
        match self.scalar() {
            Scalar::Int(value) => Some(value as f64),
            Scalar::Float(value) => Some(value),
            _ => None,
        }
    }

    /// Keys and values of a mapping, merge keys resolved; nothing for any other value. In JSON a key
    /// may come twice, and the last one counts.
    pub fn entries(self) -> Entries<'t, 's> {
        let entry = self.entry();
        let (merged, at, end) = match entry.body {
            Body::Merged(from, to) => (true, from, to),
            Body::Children if entry.kind == NodeKind::Mapping => (false, self.at + 1, entry.next),
            _ => (false, 0, 0),
        };
        Entries { tree: self.tree, merged, at, end }
    }

    /// Items of a sequence; nothing for any other value.
    pub fn items(self) -> Items<'t, 's> {
        let entry = self.entry();
        let (at, end) =
            if entry.kind == NodeKind::Sequence { (self.at + 1, entry.next) } else { (0, 0) };
        Items { tree: self.tree, at, end }
    }

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<Node<'t, 's>> {
        let mut found = self.entries().filter(|(name, _)| name.key().is_some_and(|n| n == key));
        let value = if self.tree.json { found.last() } else { found.next() };
        value.map(|(_, value)| value)
    }

    /// The value of a key as Go's JSON reader matches fields: in any case, the last one counts.
    pub fn get_ignore_case(self, key: &str) -> Option<Node<'t, 's>> {
        self.entries()
            .filter(|(name, _)| name.key().is_some_and(|n| folds_to(&n, key)))
            .last()
            .map(|(_, value)| value)
    }
}

/// Equality under Unicode's simple folding with a field's name, which is ASCII: two letters beyond
/// ASCII fold into it.
pub fn folds_to(a: &str, b: &str) -> bool {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => c.to_ascii_lowercase(),
    };
    a.eq_ignore_ascii_case(b)
        || (!a.is_ascii() || !b.is_ascii()) && a.chars().map(fold).eq(b.chars().map(fold))
}

impl std::fmt::Debug for Node<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} at {}..{}", self.kind(), self.entry().lo, self.entry().hi)
    }
}

/// Iterates over the keys and values of a mapping.
#[derive(Clone)]
pub struct Entries<'t, 's> {
    tree: &'t Tree<'s>,
    /// Whether `at` counts in the merged entries or in the nodes.
    merged: bool,
    at: u32,
    end: u32,
}

impl<'t, 's> Iterator for Entries<'t, 's> {
    type Item = (Node<'t, 's>, Node<'t, 's>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let (key, value) = if self.merged {
            self.at += 1;
            self.tree.merged[self.at as usize - 1]
        } else {
            let key = self.at;
            let value = self.tree.nodes[key as usize].next;
            self.at = self.tree.nodes[value as usize].next;
            (key, value)
        };
        Some((self.tree.node(key), self.tree.node(value)))
    }
}

/// Iterates over the items of a sequence.
#[derive(Clone)]
pub struct Items<'t, 's> {
    tree: &'t Tree<'s>,
    at: u32,
    end: u32,
}

impl<'t, 's> Iterator for Items<'t, 's> {
    type Item = Node<'t, 's>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let item = self.at;
        self.at = self.tree.nodes[item as usize].next;
        Some(self.tree.node(item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_fold_as_in_go() {
        let check = |a, b, expected| assert_eq!(folds_to(a, b), expected, "{a} {b}");
        check("targetGroups", "TARGETgroups", true);
        check("targetGroup\u{17f}", "targetGroups", true);
        check("\u{212a}ey", "key", true);
        check("key", "keys", false);
    }

    #[test]
    fn an_entry_stays_small() {
        assert!(size_of::<Entry<'_>>() <= 40, "{}", size_of::<Entry<'_>>());
    }
}
