//! How the members of a group agree on what they share.

use super::Cx;
use crate::annotation::{Annotation, Value};
use crate::diagnostic::code::annotation as code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::group::Member;

/// What a member says about an annotation: its class first, then its own annotation.
pub fn said<'a, 's>(member: &Member<'a, 's>, row: &'static Annotation) -> Option<Value<'a, 's>> {
    let class = member.class_params.and_then(|params| row.in_class(params));
    class.or_else(|| row.on_ingress(member.ingress))
}

/// What all members that say something say, with the first of their values; none where nobody
/// says anything, or where they disagree or cannot be read, which is reported.
pub fn agreed<'a, 's, T: PartialEq>(
    cx: &mut Cx<'a, 's>,
    row: &'static Annotation,
    read: impl Fn(&Value<'a, 's>) -> Result<T, Diagnostics>,
) -> Option<(T, Value<'a, 's>)> {
    let said: Vec<_> = cx.group.members.iter().filter_map(|member| said(member, row)).collect();
    agreed_among(cx, said, read)
}

/// As [`agreed`], of values that are at hand.
pub fn agreed_among<'a, 's, T: PartialEq>(
    cx: &mut Cx<'a, 's>,
    values: impl IntoIterator<Item = Value<'a, 's>>,
    read: impl Fn(&Value<'a, 's>) -> Result<T, Diagnostics>,
) -> Option<(T, Value<'a, 's>)> {
    let mut first: Option<(T, Value<'a, 's>)> = None;
    let mut whole = true;
    for value in values {
        let Some(read) = cx.accept(read(&value)) else {
            whole = false;
            continue;
        };
        match &first {
            None => first = Some((read, value)),
            Some((known, _)) if *known == read => {}
            Some((_, other)) => {
                let finding = conflict(other, &value);
                cx.report(finding);
                whole = false;
            }
        }
    }
    first.filter(|_| whole)
}

/// The finding about two members that say different things: it stands at the second.
pub fn conflict(first: &Value<'_, '_>, second: &Value<'_, '_>) -> Diagnostic {
    let says = |value: &Value<'_, '_>| shorten(value.as_str());
    let message = format!(
        "{} `{}` says {} of `{}`, but {} `{}` of the same group says {}",
        second.kind,
        second.object,
        says(second),
        second.name,
        first.kind,
        first.object,
        says(first),
    );
    second
        .error(&code::CONFLICT, message)
        .label("disagrees")
        .hint(format!("say `{}` in one place only, or the same everywhere", second.name))
        .related(first.related(format!("{} here", says(first))))
}

/// A text in backticks, cut if it is long.
pub fn shorten(text: &str) -> String {
    const MAX: usize = 60;
    if text.chars().count() <= MAX {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(MAX - 1).collect();
    format!("`{start}…`")
}
