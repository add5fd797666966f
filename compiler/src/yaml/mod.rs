//! Reading YAML as Kubernetes does, with the position of every value.
//!
//! A stream is split into documents as apimachinery does ([`parts`]), each becomes a [`Tree`] by
//! itself, and [`Node`] is the cursor to read it with. [`resolve()`] says what a plain scalar means.
//! JSON, be it a document or an annotation's text ([`read_json`]), becomes the same tree.

mod compose;
mod decode;
mod emit;
mod fast;
#[cfg(test)]
mod fast_test;
mod fault;
mod json;
mod keys;
mod locate;
mod number;
mod place;
mod resolve;
mod split;
mod strict;
mod text;
mod tree;

pub use decode::{Undecodable, decode};
pub use emit::{Order, emit, to_yaml, to_yaml_stream};
pub use json::read_json;
pub use resolve::{Scalar, resolve};
pub use split::{Part, document, documents, parts};
pub use text::{Style, Text};
pub use tree::{Entries, Items, Node, NodeKind, Tree, folds_to};

/// How deep values may be nested; code that walks a tree may recurse this far.
pub const DEPTH: usize = 1000;
