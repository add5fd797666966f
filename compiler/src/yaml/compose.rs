//! From granit's events to the arena, with what go-yaml checks on the way.

use super::resolve::{Scalar, resolve, resolve_tagged};
use super::text::Style;
use super::tree::{Body, Entry, Form, NodeKind, Tree};
use super::{fault, keys, place, strict};
use crate::diagnostic::code::yaml as code;
use crate::diagnostic::{Diagnostic, Related};
use crate::source::Span;
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StructureStyle, Tag};
use std::borrow::Cow;

/// A document and what was found in it. Without a tree there is at least one error.
#[derive(Debug)]
pub(super) struct Composed<'s> {
    pub(super) tree: Option<Tree<'s>>,
    pub(super) findings: Vec<Diagnostic>,
}

/// An anchored node, by granit's number of the anchor.
#[derive(Clone, Copy)]
struct Anchor {
    node: u32,
    /// How many nodes it stands for; none while it is still open.
    weight: Option<u64>,
}

struct Open {
    node: u32,
    anchor: usize,
    /// Nodes before it, aliases expanded.
    before: u64,
}

struct Composer<'s> {
    tree: Tree<'s>,
    open: Vec<Open>,
    anchors: Vec<Option<Anchor>>,
    /// Nodes so far, aliases expanded, and how many of them come from aliases.
    expanded: u64,
    aliased: u64,
    /// Aliases repeat too much: what follows is not read.
    bomb: bool,
    /// Where the last token ended, to find what granit does not report: the header of a block
    /// scalar, a dash, the colon before nothing.
    last: u32,
    findings: Vec<Diagnostic>,
}

/// Reads the first YAML document of a part of a file. A document without content is none.
pub(super) fn compose<'s>(mut tree: Tree<'s>, span: Span) -> Composed<'s> {
    let text = tree.source.get(span.range()).unwrap_or("");
    tree.nodes.reserve(text.len() / 24 + 4);
    let mut composer = Composer {
        tree,
        open: Vec::new(),
        anchors: Vec::new(),
        expanded: 0,
        aliased: 0,
        bomb: false,
        last: span.lo,
        findings: Vec::new(),
    };
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        flow_nesting_limit: super::DEPTH,
        block_nesting_limit: super::DEPTH,
        disallow_directives: true,
    };
    let mut end = None;
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((Event::DocumentEnd, at)) => {
                end = at.byte_range().map(|range| range.end);
                break;
            }
            Ok((event, at)) => {
                let range = at.byte_range().unwrap_or(0..0);
                composer.event(event, range.start as u32 + span.lo, range.end as u32 + span.lo);
                if composer.bomb {
                    return composer.finish();
                }
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
                composer.stop(error.kind(), span, text, at);
                return composer.finish();
            }
        }
    }
    let read = &text[..end.unwrap_or(text.len())];
    composer.refuse(strict::tab(read, span.lo, &composer.tree.nodes));
    if let Some(warning) = fault::trailing(composer.tree.file, span, text, end) {
        composer.findings.push(warning);
    }
    composer.finish()
}

impl<'s> Composer<'s> {
    fn event(&mut self, event: Event<'s>, lo: u32, hi: u32) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, style, anchor, tag.as_deref(), lo, hi);
            }
            Event::MappingStart(style, anchor, _) => {
                self.start(NodeKind::Mapping, style, anchor, lo, hi);
            }
            Event::SequenceStart(style, anchor, _) => {
                self.start(NodeKind::Sequence, style, anchor, lo, hi);
            }
            Event::MappingEnd | Event::SequenceEnd => self.end(hi),
            Event::Alias(anchor) => {
                self.alias(anchor, lo, hi);
                self.refuse(strict::name(self.tree.source, lo, hi));
            }
            Event::Anchor(..) => self.refuse(strict::name(self.tree.source, lo, hi)),
            _ => {}
        }
    }

    fn span(&self, lo: u32, hi: u32) -> Span {
        Span { file: self.tree.file, lo, hi }
    }

    fn refuse(&mut self, refusal: Option<strict::Refusal>) {
        self.findings.extend(refusal.map(|refusal| refusal.diagnostic(self.tree.file)));
    }

    fn push(&mut self, body: Body<'s>, kind: NodeKind, form: Form, lo: u32, hi: u32) -> u32 {
        let node = self.tree.nodes.len() as u32;
        self.tree.nodes.push(Entry { body, lo, hi, next: node + 1, kind, form });
        self.last = hi;
        self.expanded += 1;
        node
    }

    fn anchor(&mut self, anchor: usize, node: u32, weight: Option<u64>) {
        if anchor > 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(Anchor { node, weight });
        }
    }

    fn scalar(
        &mut self,
        mut text: Cow<'s, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        mut lo: u32,
        mut hi: u32,
    ) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        match style {
            // Nothing where a value could be: granit writes `~` for it.
            Style::Plain if lo == hi => {
                text = Cow::Borrowed("");
                lo = self.empty_place();
                hi = lo;
            }
            Style::Literal | Style::Folded => {
                lo = place::header(self.tree.source, self.last, lo);
                hi = place::block_end(self.tree.source, lo, hi, &text);
            }
            _ => {}
        }
        let kind = match self.meaning(&mut text, style, tag, lo, hi) {
            Scalar::Null => NodeKind::Null,
            Scalar::Bool(_) => NodeKind::Bool,
            Scalar::Int(_) => NodeKind::Int,
            Scalar::Float(_) => NodeKind::Float,
            Scalar::String => NodeKind::String,
        };
        let merges = text == "<<"
            && match tag {
                None => style == Style::Plain,
                Some(tag) => {
                    tag.handle() == "!" && tag.suffix().is_empty() || is_core(tag, "merge")
                }
            };
        let form = if merges { Form::Merge } else { Form::Scalar(style) };
        let in_flow = self.in_flow();
        let node = self.push(Body::Text(text), kind, form, lo, hi);
        self.anchor(anchor, node, Some(1));
        let entry = &self.tree.nodes[node as usize];
        self.refuse(strict::scalar(self.tree.source, entry, in_flow));
    }

    /// The place of an empty value: behind the colon or dash that it follows.
    fn empty_place(&self) -> u32 {
        let Some(open) = self.open.last() else { return self.last };
        let parent = &self.tree.nodes[open.node as usize];
        match (parent.kind, parent.form) {
            (NodeKind::Sequence, Form::Block) if self.is_first_child() => self.last,
            (NodeKind::Sequence, Form::Block) => place::after(self.tree.source, self.last, b'-'),
            _ => place::after(self.tree.source, self.last, b':'),
        }
    }

    /// Where a block sequence starts: at its dash, behind the dash of the item that it is.
    fn dash(&self, lo: u32) -> u32 {
        let mut from = self.last;
        if let Some(open) = self.open.last()
            && !self.is_first_child()
        {
            let parent = &self.tree.nodes[open.node as usize];
            if (parent.kind, parent.form) == (NodeKind::Sequence, Form::Block) {
                from = place::after(self.tree.source, from, b'-');
            }
        }
        place::dash(self.tree.source, from, lo)
    }

    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| self.tree.nodes[open.node as usize].form == Form::Flow)
    }

    fn has_bracket(&self, at: u32) -> bool {
        matches!(self.tree.source.as_bytes().get(at as usize), Some(b'[' | b'{'))
    }

    fn is_first_child(&self) -> bool {
        self.open.last().is_some_and(|open| open.node as usize + 1 == self.tree.nodes.len())
    }

    fn meaning(
        &mut self,
        text: &mut Cow<'s, str>,
        style: Style,
        tag: Option<&Tag>,
        lo: u32,
        hi: u32,
    ) -> Scalar {
        let Some(tag) = tag else {
            let scalar = if style == Style::Plain { resolve(text) } else { Scalar::String };
            self.check_finite(scalar, text, lo, hi);
            return scalar;
        };
        let Some(tag) = tag.suffix_in_namespace(CORE) else {
            return Scalar::String;
        };
        if tag == "binary" {
            match super::decode::base64(text) {
                Some(bytes) => *text = Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
                None => self.findings.push(
                    Diagnostic::error(&code::VALUE, "a `!!binary` value is not valid base64")
                        .at(self.span(lo, hi)),
                ),
            }
            return Scalar::String;
        }
        match resolve_tagged(&tag, text) {
            Some(scalar) => {
                self.check_finite(scalar, text, lo, hi);
                scalar
            }
            None => {
                let found = resolve(text).tag();
                let message = format!("a value of type `{found}` cannot be read as `!!{tag}`");
                let finding = Diagnostic::error(&code::VALUE, message).at(self.span(lo, hi));
                self.findings.push(finding);
                Scalar::String
            }
        }
    }

    fn check_finite(&mut self, scalar: Scalar, text: &str, lo: u32, hi: u32) {
        if matches!(scalar, Scalar::Float(value) if !value.is_finite()) {
            let message = format!("`{text}` is not a finite number, and JSON has no other");
            let finding = Diagnostic::error(&code::VALUE, message).at(self.span(lo, hi));
            self.findings.push(finding.hint("put it in quotes if it is text"));
        }
    }

    fn start(&mut self, kind: NodeKind, style: StructureStyle, anchor: usize, lo: u32, hi: u32) {
        let flow = matches!(style, StructureStyle::Flow);
        let form = if flow { Form::Flow } else { Form::Block };
        let lo = match (flow, kind) {
            (false, NodeKind::Sequence) => self.dash(lo),
            _ => lo,
        };
        let before = self.expanded;
        let last = self.last;
        let node = self.push(Body::Children, kind, form, lo, hi.max(lo));
        // The header of a block scalar is looked for behind the last token.
        self.last = match (flow, kind) {
            (true, _) => hi,
            (false, NodeKind::Sequence) => last.max(lo + 1),
            (false, _) => last.max(lo),
        };
        self.anchor(anchor, node, None);
        self.open.push(Open { node, anchor, before });
    }

    fn end(&mut self, hi: u32) {
        let Some(Open { node, anchor, before }) = self.open.pop() else { return };
        let next = self.tree.nodes.len() as u32;
        let flow = self.tree.nodes[node as usize].form == Form::Flow;
        // A block collection ends with its last value; granit's end is where the next token stands.
        // A pair in a list in brackets is a mapping without any of its own.
        let hi = match flow && self.has_bracket(self.tree.nodes[node as usize].lo) {
            true => hi,
            false => self.tree.nodes[next as usize - 1].hi.max(self.last),
        };
        self.last = hi;
        let entry = &mut self.tree.nodes[node as usize];
        (entry.next, entry.hi) = (next, hi.max(entry.lo));
        self.anchor(anchor, node, Some(self.expanded - before));
        if self.tree.nodes[node as usize].kind == NodeKind::Mapping {
            keys::close(&mut self.tree, node, &mut self.findings);
            if flow {
                self.check_flow_keys(node);
            }
        }
    }

    fn check_flow_keys(&mut self, mapping: u32) {
        let end = self.tree.nodes[mapping as usize].next;
        let mut at = mapping + 1;
        while at < end {
            let key = &self.tree.nodes[at as usize];
            at = self.tree.nodes[key.next as usize].next;
            let refusal = strict::key_in_flow(self.tree.source, key.lo, key.hi);
            self.refuse(refusal);
        }
    }

    fn alias(&mut self, anchor: usize, lo: u32, hi: u32) {
        let found = self.anchors.get(anchor).copied().flatten();
        let (target, weight) = match found {
            Some(Anchor { node, weight: Some(weight) }) => (node, weight),
            Some(Anchor { node, weight: None }) => {
                let defined = &self.tree.nodes[node as usize];
                let related = Related {
                    message: "the anchored value starts here".to_owned(),
                    ingress: None,
                    span: Some(self.span(defined.lo, defined.lo)),
                };
                let message = "an alias stands within the value that it repeats";
                let finding = Diagnostic::error(&code::ALIAS, message).at(self.span(lo, hi));
                self.findings.push(finding.related(related));
                (node, 1)
            }
            None => (0, 1),
        };
        self.push(Body::Link(target), NodeKind::Null, Form::Alias, lo, hi);
        self.expanded = self.expanded.saturating_add(weight);
        self.aliased = self.aliased.saturating_add(weight);
        if excessive(self.expanded, self.aliased) {
            self.bomb = true;
            let message = format!(
                "excessive aliasing: aliases repeat {} values so that there are {}",
                self.tree.nodes.len(),
                self.expanded
            );
            let finding = Diagnostic::error(&code::ALIAS, message).at(self.span(lo, hi));
            self.findings.push(finding.hint("write the values out instead of repeating aliases"));
        }
    }

    /// Takes note of an error that ends the document.
    fn stop(&mut self, kind: &ErrorKind, span: Span, text: &str, at: usize) {
        let mut finding = fault::syntax(kind, self.tree.file, span, text, at);
        let mut nodes = self.open.iter().rev().map(|open| &self.tree.nodes[open.node as usize]);
        let bracket = nodes.find(|node| self.has_bracket(node.lo)).map(|node| node.lo);
        if let Some(lo) = bracket.filter(|&lo| finding.span.is_none_or(|span| span.lo != lo)) {
            finding = finding.related(Related {
                message: "this bracket is open".to_owned(),
                ingress: None,
                span: Some(self.span(lo, lo + 1)),
            });
        }
        self.findings.push(finding);
    }

    fn finish(mut self) -> Composed<'s> {
        let refused =
            self.findings.iter().any(|f| f.severity == crate::diagnostic::Severity::Error);
        if refused {
            let source = self.tree.source;
            self.findings.iter_mut().for_each(|f| fault::hint_at_template(f, source));
        }
        let tree = (!refused && !self.tree.nodes.is_empty()).then_some(self.tree);
        Composed { tree, findings: self.findings }
    }
}

/// What `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

fn is_core(tag: &Tag, name: &str) -> bool {
    tag.suffix_in_namespace(CORE).is_some_and(|suffix| suffix == name)
}

/// go-yaml's bound: the more there is, the smaller the part that may come from aliases.
fn excessive(expanded: u64, aliased: u64) -> bool {
    const FEW: f64 = 400_000.0;
    const MANY: f64 = 4_000_000.0;
    let total = expanded as f64;
    let allowed = 0.99 - 0.89 * ((total - FEW) / (MANY - FEW)).clamp(0.0, 1.0);
    aliased > 100 && expanded > 1000 && aliased as f64 / total > allowed
}
