//! A ConfigMap per stack with its compiled resources: what makes a change in AWS show in a diff of
//! the application.

use super::{MANAGED_BY, name};
use crate::view::review;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line::UNWRITABLE;
use ingc_compiler::graph::Stack;
use serde_json::{Value, json};

/// What a ConfigMap may hold, with room for what stands around it. The API server's limit is 1 MiB.
pub(super) const LARGEST: usize = 900 * 1024;

/// The ConfigMap of a stack, or several where one cannot hold it.
pub(super) fn config_maps(stack: &Stack) -> Result<Vec<Value>, Box<Diagnostic>> {
    let text = review::text(stack).map_err(|error| {
        let message = format!("stack `{}` cannot be written: {error}", stack.id);
        Box::new(Diagnostic::error(&UNWRITABLE, message))
    })?;
    let text = text.strip_prefix(review::HEADER).unwrap_or(&text);
    let hash = name::sha256(text);
    let parts = split(text, LARGEST);
    let count = parts.len();
    let config_map = |(index, part): (usize, &&str)| {
        let suffix = if index == 0 { String::new() } else { (index + 1).to_string() };
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": name::of("ingc-stack", &stack.id, &suffix),
                "labels": {MANAGED_BY.0: MANAGED_BY.1},
                "annotations": {
                    "ingc/hash": hash,
                    "ingc/part": format!("{}/{count}", index + 1),
                    "ingc/stack": stack.id,
                },
            },
            "data": {"stack.yaml": part},
        })
    };
    Ok(parts.iter().enumerate().map(config_map).collect())
}

/// Parts of a text of at most so many bytes, each of whole lines; one at least.
pub(super) fn split(text: &str, largest: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > largest {
        let end = rest.floor_char_boundary(largest);
        let end = rest[..end].rfind('\n').map_or(end, |newline| newline + 1);
        let (part, behind) = rest.split_at(end);
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_lines_and_make_the_text() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(split(text, 6), expected);
            assert_eq!(split(text, 6).concat(), text);
        };
        check("", &[""]);
        check("ab\ncd\n", &["ab\ncd\n"]);
        check("ab\ncd\nef\n", &["ab\ncd\n", "ef\n"]);
        check("abcdefgh\n", &["abcdef", "gh\n"]);
        check("ääää\n", &["äää", "ä\n"]);
    }
}
