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
    fn a_stack_of_any_size_fits_into_config_maps() {
        use ingc_compiler::resource::{SecurityGroup, Spec};
        let mut stack = Stack { id: "shop/web".into(), ..Stack::default() };
        for number in 0..40 {
            let group = SecurityGroup {
                description: "x".repeat(50_000),
                group_name: format!("g{number}"),
                ingress: Vec::new(),
                tags: Default::default(),
            };
            let resource = ingc_compiler::graph::Resource::new(Spec::SecurityGroup(group));
            stack.insert(format!("g{number}"), resource);
        }
        let maps = config_maps(&stack).unwrap();
        assert_eq!(maps.len(), 3);
        let text = |map: &Value| map["data"]["stack.yaml"].as_str().unwrap().to_owned();
        assert!(maps.iter().all(|map| map.to_string().len() < 1024 * 1024));
        let whole: String = maps.iter().map(text).collect();
        let names: std::collections::BTreeSet<_> =
            maps.iter().map(|map| map["metadata"]["name"].to_string()).collect();
        assert_eq!(names.len(), 3);
        let hash = &maps[0]["metadata"]["annotations"]["ingc/hash"];
        assert_eq!(*hash, name::sha256(&whole));
        assert_eq!(maps[2]["metadata"]["annotations"]["ingc/part"], "3/3");
    }

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
