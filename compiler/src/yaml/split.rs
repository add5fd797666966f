//! Splitting a stream into documents, line by line as Kubernetes' own reader does.

use super::{Tree, compose, fast, fault, json};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, Sources, Span};
use memchr::memmem;

/// A part of a file between separators: a document, or several in a stream of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Part<'s> {
    source: &'s str,
    span: Span,
    /// What stands behind the `---` before it.
    junk: Option<Span>,
}

/// The parts of a file, for readers that read them in parallel.
pub fn parts<'s>(sources: &'s Sources, file: FileId) -> impl Iterator<Item = Part<'s>> + Clone {
    let source = sources.file(file).text();
    let mut at = Some(0);
    let mut junk = None;
    let span = move |lo: usize, hi: usize| Span { file, lo: lo as u32, hi: hi as u32 };
    std::iter::from_fn(move || {
        let lo = at?;
        let hi = separator(source, lo);
        let part = Part { source, span: span(lo, hi), junk: junk.take() };
        at = (hi < source.len()).then(|| {
            let line = source[hi..].find('\n').map_or(source.len(), |end| hi + end + 1);
            let rest = &source[hi + 3..line];
            let content = rest.trim();
            if !content.is_empty() && !content.starts_with('#') {
                let lo = line - rest.trim_start().len();
                junk = Some(span(lo, lo + content.len()));
            }
            line
        });
        Some(part)
    })
}

/// The next line that starts with `---`, from a line's start; the end if there is none.
fn separator(source: &str, from: usize) -> usize {
    if source[from..].starts_with("---") {
        return from;
    }
    memmem::find(&source.as_bytes()[from..], b"\n---").map_or(source.len(), |at| from + at + 1)
}

impl<'s> Part<'s> {
    /// Where this part stands.
    pub fn span(self) -> Span {
        self.span
    }

    /// The text of this part.
    pub fn text(self) -> &'s str {
        self.source.get(self.span.range()).unwrap_or("")
    }

    /// Reads the documents of this part: trees, and what is wrong. Nothing if it is empty.
    pub fn read(self) -> Vec<Result<Tree<'s>, Diagnostic>> {
        if let Some(junk) = self.junk {
            return vec![Err(fault::separator(junk))];
        }
        let Part { source, mut span, .. } = self;
        let mut text = &source[span.range()];
        if let Some(rest) = text.strip_prefix('\u{feff}') {
            span.lo += (text.len() - rest.len()) as u32;
            text = rest;
        }
        if text.trim_ascii().is_empty() {
            return Vec::new();
        }
        let tree = Tree::new(span.file, source);
        let mut out = Vec::new();
        if text.trim_ascii_start().starts_with('{') {
            let (documents, rest) = json::stream(&tree, span);
            out = documents;
            match rest {
                Some(lo) => span.lo = lo,
                None => return out,
            }
        }
        if let Some(finding) = fault::control_character(&source[span.range()], span) {
            out.push(Err(finding));
            return out;
        }
        if let Some(tree) = fast::read(tree.clone(), span) {
            out.push(Ok(tree));
            return out;
        }
        let composed = compose::compose(tree, span);
        let is_null = |tree: &Tree<'_>| tree.root().kind() == super::NodeKind::Null;
        out.extend(composed.tree.filter(|tree| !is_null(tree)).map(Ok));
        out.extend(composed.findings.into_iter().map(Err));
        out
    }
}

/// The documents of a file with all that is wrong, in order; empty documents are skipped. A broken
/// document does not hide the others.
pub fn documents<'s>(
    sources: &'s Sources,
    file: FileId,
) -> impl Iterator<Item = Result<Tree<'s>, Diagnostic>> {
    parts(sources, file).flat_map(Part::read)
}

/// Reads a file that holds one document, such as settings: the tree, if it is not empty or broken,
/// and all findings.
pub fn document<'s>(sources: &'s Sources, file: FileId) -> (Option<Tree<'s>>, Vec<Diagnostic>) {
    let mut tree = None;
    let mut findings = Vec::new();
    for item in documents(sources, file) {
        match item {
            Ok(found) if tree.is_none() => tree = Some(found),
            Ok(second) => findings.push(fault::second_document(second.root().span())),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        tree = None;
    }
    (tree, findings)
}
