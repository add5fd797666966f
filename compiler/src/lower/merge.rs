//! How the members of a group agree on what they share.

use super::Cx;
use crate::annotation::{Annotation, Value};
use crate::diagnostic::code::annotation as code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::group::Member;
use crate::source::Span;

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
    conflict_of((first, first.as_str()), (second, second.as_str()))
}

/// As [`conflict`], with texts that stand for what the two say.
pub fn conflict_of(
    (first, first_says): (&Value<'_, '_>, &str),
    (second, second_says): (&Value<'_, '_>, &str),
) -> Diagnostic {
    let (first_says, second_says) = (shorten(first_says), shorten(second_says));
    let message = format!(
        "`{}` is {second_says} for {} `{}`, but {first_says} for {} `{}` of the same group",
        second.name, second.kind, second.object, first.kind, first.object,
    );
    second
        .error(&code::CONFLICT, message)
        .label("disagrees")
        .hint(format!("say `{}` in one place only, or the same everywhere", second.name))
        .related(first.related(format!("{first_says} here")))
}

/// An item of a list and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListItem {
    /// The item.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// What a member says of an annotation that is a list: its class, if that names anything, then its
/// own annotation, which may be empty.
pub fn said_list<'a, 's>(
    member: &Member<'a, 's>,
    row: &'static Annotation,
) -> Option<(Vec<ListItem>, Value<'a, 's>)> {
    if let Some(params) = member.class_params {
        let list = row.list_in_class(params).iter();
        let items: Vec<_> =
            list.map(|text| ListItem { text: text.as_str().to_owned(), span: text.span }).collect();
        if !items.is_empty() {
            return row.in_class(params).map(|value| (items, value));
        }
    }
    let value = row.on_ingress(member.ingress)?;
    let items = value.list().into_iter();
    let items = items.map(|item| ListItem { span: value.text.locate(item.range), text: item.text });
    Some((items.collect(), value))
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
