//! Which object a document is about that cannot be read as a whole, as far as its lines tell.
//!
//! Only lines count that stand as `kubectl` and most people write them. A document that seems to
//! hold two objects, as when a separator is missing, is not guessed at.

use super::name;
use crate::manifest::NamespacedName;

/// An object's API version, kind and name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rescued<'s> {
    pub(super) api_version: &'s str,
    pub(super) kind: &'s str,
    pub(super) name: NamespacedName,
}

/// The object of a document in lines, in `namespace` if it names none; none if that is not clear.
pub(super) fn rescue<'s>(text: &'s str, namespace: &str) -> Option<Rescued<'s>> {
    let top = |key: &str| {
        let mut values = text.lines().filter_map(|line| value(line, key));
        let first = values.next();
        first.filter(|_| values.next().is_none())
    };
    let kind = top("kind").filter(|kind| !kind.is_empty())?;
    let api_version = top("apiVersion")?;
    if kind.ends_with("List") || !top("metadata")?.is_empty() {
        return None;
    }
    let below = text.lines().skip_while(|line| value(line, "metadata").is_none()).skip(1);
    let below = below.filter(|line| {
        let content = line.trim_start();
        !content.is_empty() && !content.starts_with('#')
    });
    let block: Vec<_> = below.take_while(|line| line.starts_with(' ')).collect();
    let indent = block.first().map(|line| line.len() - line.trim_start().len())?;
    let field = |key: &str| {
        let fields = block.iter().filter_map(|line| line.get(indent..));
        let mut values = fields.filter_map(|line| value(line, key));
        let first = values.next();
        first.filter(|_| values.next().is_none())
    };
    let name = field("name").filter(|name| name::is_dns_subdomain(name))?;
    let namespace = match block.iter().any(|line| line.trim_start().starts_with("namespace:")) {
        true => field("namespace").filter(|namespace| name::is_dns_label(namespace))?,
        false => namespace,
    };
    Some(Rescued { api_version, kind, name: NamespacedName::new(namespace, name) })
}

/// The plain or quoted value of a key at the start of a line; empty if something else follows.
fn value<'s>(line: &'s str, key: &str) -> Option<&'s str> {
    let rest = line.strip_prefix(key)?.strip_prefix(':')?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t', '\r']) {
        return None;
    }
    let rest = rest.split(" #").next().unwrap_or_default().trim();
    let quoted = |quote: char| rest.strip_prefix(quote)?.strip_suffix(quote);
    Some(quoted('"').or_else(|| quoted('\'')).unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_told_by_its_lines_if_there_is_one() {
        let check = |text: &str, expected: Option<(&str, &str, &str)>| {
            let expected = expected.map(|(kind, namespace, name)| Rescued {
                api_version: "v1",
                kind,
                name: NamespacedName::new(namespace, name),
            });
            assert_eq!(rescue(text, "default"), expected, "{text}");
        };
        let head = "apiVersion: v1\nkind: Service # ours\n";
        check(
            &format!(
                "{head}metadata:\n  labels:\n    name: x\n  name: 'a'\n  namespace: b\nspec: ["
            ),
            Some(("Service", "b", "a")),
        );
        check(
            &format!("{head}metadata:\r\n  # c\r\n\r\n  name: a\r\nspec: ["),
            Some(("Service", "default", "a")),
        );
        check(&format!("{head}metadata:\n  name: a\n{head}metadata:\n  name: b\n"), None);
        check(&format!("{head}metadata:\n  name: a\n  name: b\n"), None);
        check(&format!("{head}metadata:\n  name: a\n  namespace: {{{{ x }}}}\n"), None);
        check(&format!("{head}metadata: {{name: a}}\n"), None);
        check("apiVersion: v1\nkind: List\nmetadata:\n  name: a\n", None);
        check("kind: Service\nmetadata:\n  name: a\n", None);
        check("", None);
    }
}
