//! Reading YAML as Kubernetes does, with the position of every value.

mod text;

pub use text::{Style, Text};
