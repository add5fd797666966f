//! Findings as people read them, in rustc's manner, and their count in a line.

use super::describe::counted;
use super::text::safe;
use super::{Style, paint};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use ingc_compiler::diagnostic::{Diagnostic, Severity};
use ingc_compiler::source::{SourceFile, Sources, Span};
use ingc_compiler::{Compilation, tag};
use std::ops::Range;

/// Findings, each with an empty line behind it.
pub fn render<'d>(
    findings: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &Sources,
    style: Style,
) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.width);
    let findings: Vec<&Diagnostic> = findings.into_iter().collect();
    let shown = shown(&findings);
    let left = findings.len() - shown.len();
    let shown = shown.into_iter();
    let mut text: String = shown.map(|it| one(it, sources, &renderer) + "\n\n").collect();
    if left > 0 {
        let findings = counted(left, "more finding");
        text += &format!("note: {findings} not shown: `ingc compile --output json` has all\n\n");
    }
    text
}

/// More findings than these nobody reads, and a log may not hold.
const MOST: usize = 1000;

/// The findings to show, in their order: errors before warnings where there are too many.
fn shown<'d>(findings: &[&'d Diagnostic]) -> Vec<&'d Diagnostic> {
    let is_error = |it: &Diagnostic| it.severity == Severity::Error;
    let errors = findings.iter().filter(|it| is_error(it)).count();
    let (mut errors, mut rest) = (errors.min(MOST), MOST - errors.min(MOST));
    let mut shown = findings.to_vec();
    shown.retain(|it| {
        let left = if is_error(it) { &mut errors } else { &mut rest };
        let shows = *left > 0;
        *left -= usize::from(shows);
        shows
    });
    shown
}

fn one(finding: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(safe(&finding.message)).id(finding.code.id);
    let mut group = annotate_snippets::Group::with_title(title);
    let mut windows: Vec<Window<'_>> = Vec::new();
    // The lines of a Secret are nobody's business.
    let is_secret = finding.object.as_deref().is_some_and(|object| object.starts_with("Secret/"));
    match finding.span {
        Some(span) if is_secret => group = group.element(place(sources, span)),
        Some(span) => windows.push(Window::new(sources, Mark::primary(span, &finding.label))),
        None => {
            if let Some(object) = &finding.object {
                group = group.element(Origin::path(safe(object)));
            }
        }
    }
    let mut notes = Vec::new();
    for related in &finding.related {
        let Some(span) = related.span else {
            notes.push(Level::NOTE.message(safe(&related.message)));
            continue;
        };
        if is_secret {
            group = group.element(place(sources, span));
            continue;
        }
        let mark = Mark { kind: AnnotationKind::Context, span, label: &related.message };
        if !windows.iter_mut().any(|window| window.takes(&mark)) {
            windows.push(Window::new(sources, mark));
        }
    }
    group = group.elements(windows.iter().map(Window::snippet)).elements(notes);
    if let Some(hint) = &finding.hint {
        group = group.element(Level::HELP.message(safe(hint)));
    }
    renderer.render(&[group])
}

/// A place without what stands there.
fn place<'a>(sources: &Sources, span: Span) -> Origin<'a> {
    let position = sources.position(span);
    let (line, column) = (position.line as usize, position.column as usize);
    Origin::path(safe(&position.file).into_owned()).line(line).char_column(column)
}

/// A place in a file and the words below it.
struct Mark<'a> {
    kind: AnnotationKind,
    span: Span,
    label: &'a str,
}

impl<'a> Mark<'a> {
    fn primary(span: Span, label: &'a str) -> Self {
        Mark { kind: AnnotationKind::Primary, span, label }
    }
}

/// Marks this far apart, in bytes, stand in one snippet. A renderer reads the whole of a snippet,
/// so that files must not be handed over as they are.
const NEAR: usize = 4096;

/// The lines of a file that marks stand in.
struct Window<'a> {
    file: &'a SourceFile,
    sources: &'a Sources,
    lines: Range<usize>,
    marks: Vec<Mark<'a>>,
}

impl<'a> Window<'a> {
    fn new(sources: &'a Sources, mark: Mark<'a>) -> Self {
        let file = sources.file(mark.span.file);
        Window { file, sources, lines: first_line(file.text(), mark.span), marks: vec![mark] }
    }

    /// Takes a mark in if it stands in the same file nearby.
    fn takes(&mut self, mark: &Mark<'a>) -> bool {
        if mark.span.file != self.marks[0].span.file {
            return false;
        }
        // A second mark on the very same place would hide the first one's words.
        if let Some(same) = self.marks.iter_mut().find(|known| known.span == mark.span) {
            if same.label.is_empty() {
                same.label = mark.label;
            }
            return true;
        }
        let line = first_line(self.file.text(), mark.span);
        let both = self.lines.start.min(line.start)..self.lines.end.max(line.end);
        if both.len() > NEAR + self.lines.len() + line.len() {
            return false;
        }
        self.lines = both;
        self.marks.push(Mark { ..*mark });
        true
    }

    fn snippet(&self) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let text = self.file.text();
        let start = self.lines.start;
        let line = Span { lo: start as u32, ..self.marks[0].span };
        let annotations = self.marks.iter().map(|mark| {
            let line = first_line(text, mark.span);
            let lo = (mark.span.lo as usize).min(line.end);
            // A long value is marked on its first line only: what matters is where it starts.
            let hi = (mark.span.hi as usize).clamp(lo, line.end);
            let annotation = mark.kind.span(lo - start..hi - start);
            if mark.label.is_empty() { annotation } else { annotation.label(safe(mark.label)) }
        });
        Snippet::source(safe(&text[self.lines.clone()]))
            .line_start(self.sources.position(line).line as usize)
            .path(safe(self.file.name()))
            .annotations(annotations)
    }
}

/// The line that a span starts in, without its end.
fn first_line(text: &str, span: Span) -> Range<usize> {
    let lo = (span.lo as usize).min(text.len());
    let start = text[..lo].rfind('\n').map_or(0, |i| i + 1);
    let end = text[lo..].find(['\n', '\r']).map_or(text.len(), |i| lo + i);
    start..end
}

/// The last line of a compilation: what was found, and what was built in spite of it. None if there
/// is nothing to say.
pub fn summary(compilation: &Compilation) -> Option<String> {
    let count = |severity| {
        compilation.diagnostics.iter().filter(|finding| finding.severity == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut found = Vec::new();
    if errors > 0 {
        found.push(counted(errors, "error"));
    }
    if warnings > 0 {
        found.push(counted(warnings, "warning"));
    }
    if found.is_empty() {
        return None;
    }
    let built = compilation.stacks.keys().filter(|id| *id != tag::CLUSTER_STACK);
    let built = built.count() + compilation.unchanged.len();
    let refused = compilation.refused.len();
    let level = match errors {
        0 => paint::yellow("warning"),
        _ => paint::alarm("error"),
    };
    let mut line = format!("{level}: {}; {} built", found.join(", "), counted(built, "group"));
    if refused > 0 {
        line.push_str(&format!(", {refused} refused"));
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingc_compiler::diagnostic::Related;
    use ingc_compiler::diagnostic::code::command_line as code;

    fn check(text: &str, finding: impl FnOnce(&dyn Fn(&str) -> Span) -> Diagnostic, shown: &str) {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", text);
        let span = |part: &str| {
            let lo = text.find(part).unwrap() as u32;
            Span { file, lo, hi: lo + part.len() as u32 }
        };
        let style = Style { colour: false, width: 80 };
        assert_eq!(render([&finding(&span)], &sources, style), shown);
    }

    #[test]
    fn places_of_one_file_stand_in_one_snippet() {
        check(
            "one: 1\ntwo: 2\nthree: 3\n",
            |span| {
                Diagnostic::error(&code::BAD_FLAGS, "no `2`").at(span("2")).hint("write 3").related(
                    Related { message: "as here".to_owned(), ingress: None, span: Some(span("3")) },
                )
            },
            "\
error[ING1211]: no `2`
 --> a.yaml:2:6
  |
2 | two: 2
  |      ^
3 | three: 3
  |        - as here
  |
  = help: write 3

",
        );
    }

    #[test]
    fn escapes_in_a_file_do_not_reach_the_terminal() {
        check(
            "a: \u{1b}[31mred\r\n",
            |span| Diagnostic::error(&code::BAD_FLAGS, "bad\u{7}").at(span("red")),
            "\
error[ING1211]: bad?
 --> a.yaml:1:9
  |
1 | a: ?[31mred
  |         ^^^

",
        );
    }

    #[test]
    fn lines_of_a_secret_are_not_shown() {
        check(
            "clientSecret: hunter2\n",
            |span| {
                Diagnostic::error(&code::BAD_FLAGS, "no").at(span("hunter2")).object("Secret/a/b")
            },
            "error[ING1211]: no\n--> a.yaml:1:15\n\n",
        );
    }

    #[test]
    fn a_finding_without_a_place_names_its_object() {
        check(
            "",
            |_| Diagnostic::warning(&code::BAD_FLAGS, "hm").object("Service/a/b"),
            "warning[ING1211]: hm\n--> Service/a/b\n\n",
        );
    }
}
