//! Keys of a mapping: each stands once, and merge keys bring in other mappings.

use super::tree::{Body, Form, NodeKind, Tree};
use crate::diagnostic::code::yaml as code;
use crate::diagnostic::{Diagnostic, Related};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHasher};
use std::borrow::Cow;
use std::hash::Hasher;

/// Checks a mapping whose end was just read, and resolves its merge keys.
pub(super) fn close(tree: &mut Tree<'_>, mapping: u32, findings: &mut Vec<Diagnostic>) {
    let end = tree.nodes[mapping as usize].next;
    let mut at = mapping + 1;
    let (mut strings, mut merge, mut count) = (true, false, 0_usize);
    while at < end {
        let key = &tree.nodes[at as usize];
        merge |= key.form == Form::Merge;
        strings &= key.kind == NodeKind::String && key.form != Form::Alias;
        at = tree.nodes[key.next as usize].next;
        count += 1;
    }
    if merge {
        resolve_merges(tree, mapping, findings);
    } else if strings {
        check_strings(tree, mapping, count, findings);
    } else {
        check_names(tree, mapping, findings);
    }
}

/// The keys of a mapping with their values.
fn pairs(tree: &Tree<'_>, mapping: u32) -> impl Iterator<Item = (u32, u32)> {
    let end = tree.nodes[mapping as usize].next;
    let mut at = mapping + 1;
    std::iter::from_fn(move || {
        (at < end).then(|| {
            let key = at;
            let value = tree.nodes[key as usize].next;
            at = tree.nodes[value as usize].next;
            (key, value)
        })
    })
}

fn string<'a>(tree: &'a Tree<'_>, key: u32) -> &'a str {
    match &tree.nodes[key as usize].body {
        Body::Text(text) => text,
        _ => "",
    }
}

/// The usual case: all keys are strings. Few are compared with each other, many by their hashes.
fn check_strings(tree: &Tree<'_>, mapping: u32, count: usize, findings: &mut Vec<Diagnostic>) {
    const FEW: usize = 12;
    if count <= FEW {
        let mut seen = [("", 0); FEW];
        for (i, (key, _)) in pairs(tree, mapping).enumerate() {
            let name = string(tree, key);
            if let Some((_, first)) = seen[..i].iter().find(|(other, _)| *other == name) {
                findings.push(duplicate(tree, name, *first, key));
            }
            seen[i] = (name, key);
        }
        return;
    }
    let mut hashes: Vec<(u64, u32)> = pairs(tree, mapping)
        .map(|(key, _)| {
            let mut hasher = FxHasher::default();
            hasher.write(string(tree, key).as_bytes());
            (hasher.finish(), key)
        })
        .collect();
    hashes.sort_unstable();
    if hashes.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        check_names(tree, mapping, findings);
    }
}

/// Checks keys by the names that they get in JSON.
fn check_names(tree: &Tree<'_>, mapping: u32, findings: &mut Vec<Diagnostic>) {
    let mut seen: FxHashMap<Cow<'_, str>, u32> = FxHashMap::default();
    for (key, _) in pairs(tree, mapping) {
        match tree.key(key) {
            Some(name) => {
                if let Some(&first) = seen.get(&name) {
                    findings.push(duplicate(tree, &name, first, key));
                } else {
                    seen.insert(name, key);
                }
            }
            None => findings.push(no_key(tree, key)),
        }
    }
}

fn span(tree: &Tree<'_>, node: u32) -> Span {
    let node = &tree.nodes[node as usize];
    Span { file: tree.file, lo: node.lo, hi: node.hi }
}

fn duplicate(tree: &Tree<'_>, name: &str, first: u32, second: u32) -> Diagnostic {
    Diagnostic::error(&code::DUPLICATE_KEY, format!("the key `{name}` stands twice in one mapping"))
        .at(span(tree, second))
        .hint("remove one of the two")
        .related(Related {
            message: format!("`{name}` first stands here"),
            ingress: None,
            span: Some(span(tree, first)),
        })
}

fn no_key(tree: &Tree<'_>, key: u32) -> Diagnostic {
    let what = match tree.nodes[tree.follow(key) as usize].kind {
        NodeKind::Null => "nothing (null)",
        NodeKind::Mapping => "a mapping",
        NodeKind::Sequence => "a sequence",
        _ => "a number beyond 64 bits",
    };
    Diagnostic::error(&code::VALUE, format!("{what} cannot be a key"))
        .at(span(tree, key))
        .hint("write the key as a string in quotes")
}

/// How an entry came into a mapping with merge keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Own,
    Merge(u32),
}

/// Lists the entries of a mapping with merge keys, in place as go-yaml does. A merge key that would
/// change an entry before it is an error, since YAML's readers disagree on what it means.
fn resolve_merges(tree: &mut Tree<'_>, mapping: u32, findings: &mut Vec<Diagnostic>) {
    let mut entries: Vec<(u32, u32, From)> = Vec::new();
    let mut index: FxHashMap<Cow<'_, str>, usize> = FxHashMap::default();
    let mut found = Vec::new();
    for (key, value) in pairs(tree, mapping) {
        if tree.nodes[key as usize].form != Form::Merge {
            let Some(name) = tree.key(key) else {
                found.push(no_key(tree, key));
                continue;
            };
            match index.get(&name) {
                Some(&at) if entries[at].2 == From::Own => {
                    found.push(duplicate(tree, &name, entries[at].0, key));
                }
                Some(&at) => entries[at] = (key, value, From::Own),
                None => {
                    index.insert(name, entries.len());
                    entries.push((key, value, From::Own));
                }
            }
            continue;
        }
        let Some(sources) = merge_sources(tree, value) else {
            let message =
                "a merge key `<<` takes a mapping, an alias of one, or a sequence of them";
            found.push(Diagnostic::error(&code::VALUE, message).at(span(tree, value)));
            continue;
        };
        for (name_node, merged) in sources.iter().flat_map(|&source| entries_of(tree, source)) {
            let Some(name) = tree.key(name_node) else { continue };
            match index.get(&name) {
                Some(&at) if entries[at].2 == From::Merge(key) => {}
                Some(&at) => {
                    let message =
                        format!("the merge key would change `{name}`, which stands before it");
                    let related = Related {
                        message: format!("`{name}` stands here"),
                        ingress: None,
                        span: Some(span(tree, entries[at].0)),
                    };
                    let finding = Diagnostic::error(&code::DUPLICATE_KEY, message)
                        .at(span(tree, key))
                        .hint("write `<<` as the first key, then what stands below it counts");
                    found.push(finding.related(related));
                }
                None => {
                    index.insert(name, entries.len());
                    entries.push((name_node, merged, From::Merge(key)));
                }
            }
        }
    }
    drop(index);
    findings.append(&mut found);
    let from = tree.merged.len() as u32;
    tree.merged.extend(entries.iter().map(|&(key, value, _)| (key, value)));
    tree.nodes[mapping as usize].body = Body::Merged(from, tree.merged.len() as u32);
}

/// The mappings that a merge key's value names, the most important first.
fn merge_sources(tree: &Tree<'_>, value: u32) -> Option<Vec<u32>> {
    let is_mapping = |node: u32| tree.nodes[node as usize].kind == NodeKind::Mapping;
    let target = tree.follow(value);
    if is_mapping(target) {
        return Some(vec![target]);
    }
    let node = &tree.nodes[target as usize];
    // A list of mappings must stand here itself; an alias of one is refused by Kubernetes.
    if node.kind != NodeKind::Sequence || target != value {
        return None;
    }
    let mut sources = Vec::new();
    let mut at = target + 1;
    while at < node.next {
        let source = tree.follow(at);
        if !is_mapping(source) {
            return None;
        }
        sources.push(source);
        at = tree.nodes[at as usize].next;
    }
    Some(sources)
}

fn entries_of(tree: &Tree<'_>, mapping: u32) -> Vec<(u32, u32)> {
    match tree.nodes[mapping as usize].body {
        Body::Merged(from, to) => tree.merged[from as usize..to as usize].to_vec(),
        _ => pairs(tree, mapping).collect(),
    }
}
