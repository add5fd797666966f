//! The path of a field in its object, which costs nothing until a finding needs it as text.

use std::fmt;

/// A field's place below the object, as a chain that ends in [`Path::Root`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'p> {
    /// The object itself.
    Root,
    /// A field of a struct: `.name`.
    Field(&'p Path<'p>, &'p str),
    /// An entry of a map: `[key]`.
    Key(&'p Path<'p>, &'p str),
    /// An item of a list: `[0]`.
    Index(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    /// The path of a field below this one.
    pub(crate) fn field(&'p self, name: &'p str) -> Path<'p> {
        Path::Field(self, name)
    }

    /// The name of the last field, for hints such as `write NAME: VALUE`.
    pub(crate) fn last(&self) -> &'p str {
        match self {
            Path::Root => "",
            Path::Field(_, name) | Path::Key(_, name) => name,
            Path::Index(..) => "-",
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Key(parent, key) => write!(f, "{parent}[{key}]"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_kubernetes_writes_them() {
        let spec = Path::Root.field("spec").to_string();
        assert_eq!(spec, "spec");
        let (root, metadata) = (Path::Root, "metadata");
        let metadata = root.field(metadata);
        let annotations = metadata.field("annotations");
        let path = Path::Key(&annotations, "alb.ingress.kubernetes.io/scheme");
        assert_eq!(path.to_string(), "metadata.annotations[alb.ingress.kubernetes.io/scheme]");
        let spec = root.field("spec");
        let rules = spec.field("rules");
        let rule = Path::Index(&rules, 0);
        assert_eq!(rule.field("host").to_string(), "spec.rules[0].host");
    }
}
