//! A value of an annotation with the readers that rows share.

use super::{Annotation, parse_bool, parse_int};
use crate::diagnostic::code::annotation as code;
use crate::diagnostic::code::limit;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Related, Severity};
use crate::graph::Origin;
use crate::manifest::{Ingress, IngressClassParams, NamespacedName, Service};
use crate::source::Span;
use crate::yaml::Text;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::ops::Range;

/// The kind of a value that a class's parameters say.
const CLASS_PARAMS: &str = "IngressClassParams";

impl Annotation {
    /// The value on an Ingress. Not for families.
    pub fn on_ingress<'a, 's>(&'static self, ingress: &'a Ingress<'s>) -> Option<Value<'a, 's>> {
        let metadata = &ingress.metadata;
        let (_, text) = metadata.annotations.iter().find(|(key, _)| self.is_named(key.as_str()))?;
        Some(Value {
            annotation: self,
            name: self.name,
            text,
            kind: "Ingress",
            object: &metadata.name,
            origin: &metadata.object,
        })
    }

    /// The value on a Service. Not for families.
    pub fn on_service<'a, 's>(&'static self, service: &'a Service<'s>) -> Option<Value<'a, 's>> {
        let metadata = &service.metadata;
        let (_, text) = metadata.annotations.iter().find(|(key, _)| self.is_named(key.as_str()))?;
        Some(Value {
            annotation: self,
            name: self.name,
            text,
            kind: "Service",
            object: &metadata.name,
            origin: &metadata.object,
        })
    }

    /// The value of a family's member on an Ingress, such as `actions.` with `cart`.
    pub fn member_on_ingress<'a, 's>(
        &'static self,
        ingress: &'a Ingress<'s>,
        member: &str,
    ) -> Option<Value<'a, 's>> {
        let mut members = self.members_on_ingress(ingress);
        members.find(|value| value.name.strip_prefix(self.name) == Some(member))
    }

    /// All members of a family on an Ingress, in the order of the file.
    pub fn members_on_ingress<'a, 's>(
        &'static self,
        ingress: &'a Ingress<'s>,
    ) -> impl Iterator<Item = Value<'a, 's>> {
        let metadata = &ingress.metadata;
        metadata.annotations.iter().filter_map(move |(key, text)| {
            let name = key.as_str().strip_prefix(super::PREFIX)?;
            name.starts_with(self.name).then_some(Value {
                annotation: self,
                name,
                text,
                kind: "Ingress",
                object: &metadata.name,
                origin: &metadata.object,
            })
        })
    }

    /// What the parameters of a class say in its place, for fields that are lists of texts.
    pub fn list_in_class<'a, 's>(&self, params: &'a IngressClassParams<'s>) -> &'a [Text<'s>] {
        match self.class_field {
            Some("certificateArn") => &params.certificate_arn,
            Some("inboundCIDRs") => &params.inbound_cidrs,
            Some("prefixListsIDs") if params.prefix_lists_ids.is_empty() => {
                &params.prefix_lists_ids_legacy
            }
            Some("prefixListsIDs") => &params.prefix_lists_ids,
            _ => &[],
        }
    }

    /// What the parameters of a class say in its place: the text, or the first text of a list. An empty
    /// text counts as said only where the field's own absence is told from it.
    pub fn in_class<'a, 's>(
        &'static self,
        params: &'a IngressClassParams<'s>,
    ) -> Option<Value<'a, 's>> {
        let said = |text: &'a Option<Text<'s>>| text.as_ref().filter(|text| !text.value.is_empty());
        let text = match self.class_field? {
            "scheme" => params.scheme.as_ref(),
            "ipAddressType" => params.ip_address_type.as_ref(),
            "group.name" => params.group.as_ref(),
            "ipamConfiguration.ipv4IPAMPoolId" => params.ipam_configuration.as_ref()?.as_ref(),
            "loadBalancerName" => said(&params.load_balancer_name),
            "sslPolicy" => said(&params.ssl_policy),
            "sslRedirectPort" => said(&params.ssl_redirect_port),
            "targetType" => said(&params.target_type),
            "wafv2AclArn" => said(&params.wafv2_acl_arn),
            "wafv2AclName" => said(&params.wafv2_acl_name),
            _ => self.list_in_class(params).first(),
        }?;
        Some(Value {
            annotation: self,
            name: self.name,
            text,
            kind: CLASS_PARAMS,
            object: &params.metadata.name,
            origin: &params.metadata.object,
        })
    }
}

/// An annotation's value on an object. Readers give the value or what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a, 's> {
    /// The row.
    pub annotation: &'static Annotation,
    /// The name behind the prefix; longer than the row's for a member of a family.
    pub name: &'a str,
    /// The text, with its place.
    pub text: &'a Text<'s>,
    /// `Ingress`, `Service` or `IngressClassParams`.
    pub kind: &'static str,
    /// The object that carries it.
    pub object: &'a NamespacedName,
    /// The same as `kind/namespace/name`.
    pub origin: &'a SmolStr,
}

/// An item of a list with the bytes of the text where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The item without white space around it.
    pub text: String,
    /// Its bytes within the annotation's text.
    pub range: Range<usize>,
}

/// A key and its value with the bytes of the text where the pair stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key without white space around it.
    pub key: String,
    /// The value without white space around it, escapes resolved.
    pub value: String,
    /// The pair's bytes within the annotation's text.
    pub range: Range<usize>,
}

impl<'a, 's> Value<'a, 's> {
    /// The decoded text.
    pub fn as_str(&self) -> &'a str {
        self.text.as_str()
    }

    /// A finding about the whole value.
    pub fn error(&self, code: &'static Code, message: impl Into<String>) -> Diagnostic {
        self.error_at(0..self.text.value.len(), code, message)
    }

    /// A finding about a part of the value, by its bytes within the text.
    pub fn error_at(
        &self,
        range: Range<usize>,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Diagnostic {
        let whole = range == (0..self.text.value.len());
        let span = if whole { self.text.span } else { self.text.locate(range) };
        self.error_in(span, code, message)
    }

    /// A warning about a part of the value, by its bytes within the text.
    pub fn warning_at(
        &self,
        range: Range<usize>,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..self.error_at(range, code, message) }
    }

    /// A finding about a part of the value, by its place in the file.
    pub fn error_in(
        &self,
        span: Span,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Diagnostic {
        let finding =
            Diagnostic::error(code, message).object(&**self.origin).path(self.path()).at(span);
        if self.kind == "Ingress" { finding.ingress(self.object.to_string()) } else { finding }
    }

    /// Where the value stands in its object.
    pub fn path(&self) -> String {
        match self.annotation.class_field {
            Some(field) if self.kind == CLASS_PARAMS => format!("spec.{field}"),
            _ => format!("metadata.annotations[{}{}]", super::PREFIX, self.name),
        }
    }

    /// What there says so, for the origin of a field.
    pub fn source(&self) -> &'a str {
        match self.annotation.class_field {
            Some(field) if self.kind == CLASS_PARAMS => field,
            _ => self.name,
        }
    }

    /// This value as the origin of a field of a spec.
    pub fn origin(&self, field: &'static str) -> Origin {
        let source = self.source();
        // Only the members of families have names of their own.
        let known = [Some(self.annotation.name), self.annotation.class_field];
        let known = known.into_iter().flatten().find(|known| *known == source);
        let source = known.map_or_else(|| SmolStr::new(source), SmolStr::new_static);
        let field = SmolStr::new_static(field);
        Origin { field, object: self.origin.clone(), source, span: self.text.span }
    }

    /// The value as the other side of a finding.
    pub fn related(&self, message: impl Into<String>) -> Related {
        Related {
            message: message.into(),
            ingress: (self.kind == "Ingress").then(|| self.object.to_string()),
            span: Some(self.text.span),
        }
    }

    /// A warning about a part of the value, by its place in the file.
    pub fn warning_in(
        &self,
        span: Span,
        code: &'static Code,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..self.error_in(span, code, message) }
    }

    /// A warning about the whole value as the result of a row: it refuses nothing.
    pub fn doubt(
        &self,
        code: &'static Code,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Result<(), Diagnostics> {
        let mut findings = Diagnostics::new();
        findings.push(self.warning_in(self.text.span, code, message).hint(hint));
        Err(findings)
    }

    /// Warns of a number that AWS refuses.
    pub fn within(&self, number: i32, low: i32, high: i32) -> Result<(), Diagnostics> {
        if (low..=high).contains(&number) {
            return Ok(());
        }
        self.doubt(
            &limit::REFUSED_VALUE,
            format!("AWS refuses {number} for `{}`", self.name),
            format!("write a number from {low} to {high}"),
        )
    }

    /// Warns of a text that is too long for AWS.
    pub fn at_most(&self, text: &str, limit: usize, what: &str) -> Result<(), Diagnostics> {
        let length = text.chars().count();
        if length <= limit {
            return Ok(());
        }
        self.doubt(
            &limit::REFUSED_VALUE,
            format!("AWS refuses {what} of {length} characters"),
            format!("write at most {limit} characters"),
        )
    }

    fn is_not(&self, what: &str) -> String {
        match self.as_str() {
            "" => format!("`{}` is empty, which is not {what}", self.name),
            text => format!("`{text}` of `{}` is not {what}", self.name),
        }
    }

    fn refuse<T>(&self, message: String, hint: String) -> Result<T, Diagnostics> {
        let mut findings = Diagnostics::new();
        findings.push(self.error(&code::BAD_VALUE, message).hint(hint));
        Err(findings)
    }

    /// A boolean.
    pub fn boolean(&self) -> Result<bool, Diagnostics> {
        match parse_bool(self.as_str()) {
            Some(value) => Ok(value),
            None => self
                .refuse(self.is_not("a boolean"), "write 'true' or 'false', in quotes".to_owned()),
        }
    }

    /// A 32 bit integer.
    pub fn int32(&self) -> Result<i32, Diagnostics> {
        self.integer(i64::from(i32::MIN), i64::from(i32::MAX)).map(|value| value as i32)
    }

    /// A 64 bit integer.
    pub fn int64(&self) -> Result<i64, Diagnostics> {
        self.integer(i64::MIN, i64::MAX)
    }

    fn integer(&self, min: i64, max: i64) -> Result<i64, Diagnostics> {
        let text = self.as_str();
        if let Some(value) = parse_int(text, min, max) {
            return Ok(value);
        }
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let leading = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if leading == digits.len() && leading > 0 {
            return self.refuse(
                format!("`{text}` of `{}` is out of range", self.name),
                format!("write a number from {min} to {max}"),
            );
        }
        let example = if leading > 0 { &digits[..leading] } else { self.annotation.example };
        self.refuse(
            format!("`{text}` of `{}` is not a whole number", self.name),
            format!("write a number in quotes, such as '{example}'"),
        )
    }

    /// One of some words.
    pub fn one_of(&self, allowed: &[&'static str]) -> Result<&'static str, Diagnostics> {
        match allowed.iter().find(|word| **word == self.as_str()) {
            Some(word) => Ok(word),
            None => {
                let nearest = crate::diagnostic::nearest(self.as_str(), allowed.iter().copied());
                let hint = match nearest {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("write one of {}", allowed.join(", ")),
                };
                self.refuse(
                    format!(
                        "`{}` of `{}` is not one of {}",
                        self.as_str(),
                        self.name,
                        allowed.join(", ")
                    ),
                    hint,
                )
            }
        }
    }

    /// A list: split at commas, trimmed, without empty items.
    pub fn list(&self) -> Vec<Item> {
        let text = self.as_str();
        let mut at = 0;
        let mut items = Vec::new();
        for part in text.split(',') {
            let start = at + (part.len() - part.trim_start().len());
            let item = part.trim();
            if !item.is_empty() {
                items.push(Item { text: item.to_owned(), range: start..start + item.len() });
            }
            at += part.len() + 1;
        }
        items
    }

    /// `k1=v1,k2=v2` as the controller splits it: at a comma only if a `=` follows anywhere later;
    /// a backslash takes the next character as it is. A key given twice keeps its later value.
    pub fn map(&self) -> Result<Vec<Pair>, Diagnostics> {
        let text = self.as_str();
        let last_equals = text.rfind('=');
        let mut pieces: Vec<(Cow<'_, str>, Range<usize>)> = Vec::with_capacity(4);
        let (mut start, mut at) = (0, 0);
        while let Some(found) = text[at..].find([',', '\\']) {
            let found = at + found;
            at = found + 1;
            if text[found..].starts_with('\\') {
                at += text[at..].chars().next().map_or(0, char::len_utf8);
            } else if last_equals >= Some(at) {
                pieces.push((unescaped(&text[start..found]), start..found));
                start = at;
            } else if !text[at..].trim().is_empty() {
                pieces.push((unescaped(&text[start..found]), start..found));
                pieces.push((text[at..].trim().into(), at..text.len()));
                start = text.len();
                break;
            }
        }
        if start < text.len() {
            pieces.push((unescaped(&text[start..]), start..text.len()));
        }
        let mut findings = Diagnostics::new();
        let mut pairs: Vec<Pair> = Vec::new();
        for (piece, range) in pieces {
            match piece.split_once('=') {
                Some((key, value)) if !key.trim().is_empty() => {
                    let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
                    pairs.retain(|pair| pair.key != key);
                    pairs.push(Pair { key, value, range });
                }
                _ => findings.push(
                    self.error_at(
                        range,
                        &code::BAD_MAP,
                        format!("`{}` of `{}` is not a pair `key=value`", piece.trim(), self.name),
                    )
                    .hint(format!(
                        "write pairs with commas between them, such as '{}'",
                        self.annotation.example
                    )),
                ),
            }
        }
        if findings.is_empty() { Ok(pairs) } else { Err(findings) }
    }
}

/// A text without the backslashes that take the next character as it is.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use crate::annotation::attributes::TAGS;
    use crate::annotation::testing;
    use crate::diagnostic::Diagnostics;

    #[test]
    fn maps_are_split_where_another_pair_can_follow() {
        let check = |text: &str, expected: Result<&str, &[&str]>| {
            let (pairs, findings) = testing::read(&TAGS, text, |value| match value.map() {
                Ok(pairs) => (Some(pairs), Diagnostics::new()),
                Err(findings) => (None, findings),
            });
            let shown = |pairs: Vec<super::Pair>| {
                let pairs = pairs.into_iter();
                pairs.map(|p| format!("{}={} {:?}", p.key, p.value, p.range)).collect::<Vec<_>>()
            };
            match expected {
                Ok(expected) => {
                    assert_eq!(pairs.map(shown).unwrap().join("; "), expected, "{text}")
                }
                Err(expected) => assert_eq!(findings, expected, "{text}"),
            }
        };
        check("", Ok(""));
        check("a=1", Ok("a=1 0..3"));
        check(" a = 1 , b=2=3", Ok("a=1 0..7; b=2=3 8..14"));
        check("a=1,2,b=3", Err(&["ING0402 5: `2` of `tags` is not a pair `key=value`"]));
        check("a=1,", Ok("a=1, 0..4"));
        check("a=1, ", Ok("a=1, 0..5"));
        check("a=1,2", Err(&["ING0402 5: `2` of `tags` is not a pair `key=value`"]));
        check("a=1,=2", Err(&["ING0402 5: `=2` of `tags` is not a pair `key=value`"]));
        check(r"a=1\,2,b=3", Ok("a=1,2 0..6; b=3 7..10"));
        check(r"a=\\,b=\", Ok(r"a=\ 0..4; b=\ 5..8"));
        check("a=1,b=2,a=ü", Ok("b=2 4..7; a=ü 8..12"));
    }
}
