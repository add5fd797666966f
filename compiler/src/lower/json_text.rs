//! The order of lists that the controller leaves in random order: by their JSON text.

use serde::Serialize;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Sorts items by their JSON text with sorted keys, `, ` and `: ` between parts, and everything
/// but ASCII escaped.
pub fn sort<T: Serialize>(items: &mut [T]) {
    items.sort_by_cached_key(|item| text(item));
}

fn text(item: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Spaced);
    // Specs hold strings, numbers and maps with string keys, which always serialize to a vector.
    let _ = item.serialize(&mut serializer);
    out
}

/// How many bytes of ASCII a text begins with.
fn ascii_length(text: &str) -> usize {
    text.bytes().position(|byte| !byte.is_ascii()).unwrap_or(text.len())
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let (ascii, mut rest) = fragment.split_at(ascii_length(fragment));
        out.write_all(ascii.as_bytes())?;
        while let Some(c) = rest.chars().next() {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[c.len_utf8()..];
            let (ascii, behind) = rest.split_at(ascii_length(rest));
            out.write_all(ascii.as_bytes())?;
            rest = behind;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{Attribute, IpPermission};

    #[test]
    fn lists_sort_by_text_not_by_number() {
        let permission = |port| IpPermission {
            from_port: Some(port),
            to_port: Some(port),
            ip_protocol: "tcp".to_owned(),
            ..IpPermission::default()
        };
        let mut items = [permission(80), permission(8080), permission(443)];
        sort(&mut items);
        assert_eq!(items.map(|item| item.from_port), [Some(443), Some(80), Some(8080)]);
    }

    #[test]
    fn texts_are_spaced_and_ascii() {
        let attribute = Attribute { key: "größe".to_owned(), value: "😀".to_owned() };
        assert_eq!(
            String::from_utf8(text(&attribute)).unwrap(),
            r#"{"key": "gr\u00f6\u00dfe", "value": "\ud83d\ude00"}"#
        );
    }
}
