//! Paths of an Ingress: their order within a rule, and the patterns that they become.

use crate::manifest::{IngressPath, PathType};

/// Indices of a rule's paths in the order of the listener's rules: Exact as written, then Prefix
/// with the longest text first, then ImplementationSpecific as written.
pub(crate) fn order(paths: &[IngressPath<'_>]) -> Vec<usize> {
    let of = |kind: PathType| (0..paths.len()).filter(move |&i| paths[i].path_type.value == kind);
    let length = |&i: &usize| paths[i].path.as_ref().map_or(0, |path| path.value.len());
    let mut prefixes: Vec<usize> = of(PathType::Prefix).collect();
    prefixes.sort_by_key(|i| std::cmp::Reverse(length(i)));
    let mut order: Vec<usize> = of(PathType::Exact).collect();
    order.append(&mut prefixes);
    order.extend(of(PathType::ImplementationSpecific));
    order
}

/// What a path matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Any of these patterns.
    Values(Vec<String>),
    /// A regular expression.
    Regex(String),
    /// Nothing, since the path has wildcards and its type gives them no meaning.
    Wildcard,
}

/// The patterns of a path that is not empty. `regex` is what `use-regex-path-match` says.
pub(crate) fn patterns(path: &str, path_type: PathType, regex: bool) -> Pattern {
    let wildcards = path.contains(['*', '?']);
    match path_type {
        PathType::Exact if wildcards => Pattern::Wildcard,
        PathType::Exact => Pattern::Values(vec![path.to_owned()]),
        PathType::Prefix if path == "/" => Pattern::Values(vec!["/*".to_owned()]),
        PathType::Prefix if wildcards => Pattern::Wildcard,
        PathType::Prefix => {
            let path = path.strip_suffix('/').unwrap_or(path);
            Pattern::Values(vec![path.to_owned(), [path, "/*"].concat()])
        }
        // Kubernetes asks for a first `/`, which the expression does not hold.
        PathType::ImplementationSpecific if regex => {
            let mut rest = path.chars();
            rest.next();
            Pattern::Regex(rest.as_str().to_owned())
        }
        PathType::ImplementationSpecific => Pattern::Values(vec![path.to_owned()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Backend;
    use crate::source::{FileId, Span, Spanned};
    use crate::yaml::Text;

    #[test]
    fn paths_become_patterns_by_their_type() {
        let values = |values: &[&str]| {
            Pattern::Values(values.iter().map(|value| (*value).to_owned()).collect())
        };
        let check =
            |path, kind, expected| assert_eq!(patterns(path, kind, false), expected, "{path}");
        check("/", PathType::Exact, values(&["/"]));
        check("/a/", PathType::Exact, values(&["/a/"]));
        check("/a*", PathType::Exact, Pattern::Wildcard);
        check("/", PathType::Prefix, values(&["/*"]));
        check("/a", PathType::Prefix, values(&["/a", "/a/*"]));
        check("/a/", PathType::Prefix, values(&["/a", "/a/*"]));
        check("/a//", PathType::Prefix, values(&["/a/", "/a//*"]));
        check("/a?", PathType::Prefix, Pattern::Wildcard);
        check("/", PathType::ImplementationSpecific, values(&["/"]));
        check("/a/*", PathType::ImplementationSpecific, values(&["/a/*"]));
    }

    #[test]
    fn expressions_lose_their_first_character_for_implementation_specific_paths_only() {
        let check =
            |path, kind, expected| assert_eq!(patterns(path, kind, true), expected, "{path}");
        check("/^/a$", PathType::ImplementationSpecific, Pattern::Regex("^/a$".to_owned()));
        check("/a", PathType::Exact, Pattern::Values(vec!["/a".to_owned()]));
    }

    #[test]
    fn exact_comes_first_and_longer_prefixes_before_shorter_ones() {
        let span = Span::start_of(FileId(0));
        let path = |text: &'static str, kind| IngressPath {
            path: Some(Text::synthetic(text)),
            path_type: Spanned::new(kind, span),
            backend: Backend { service: None, resource: None, span },
            span,
        };
        let paths = [
            path("/any", PathType::ImplementationSpecific),
            path("/a", PathType::Prefix),
            path("/z", PathType::Exact),
            path("/a/b", PathType::Prefix),
            path("/b", PathType::Prefix),
            path("/y", PathType::Exact),
        ];
        assert_eq!(order(&paths), [2, 5, 3, 1, 4, 0]);
    }
}
