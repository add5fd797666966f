//! Typed reading of trees: fields by name, and a finding at everything that does not fit.
//!
//! A reader never stops at the first finding, and gives what could be read beside it.

pub(crate) mod json;
mod path;
mod quote;
mod reader;

pub(crate) use path::Path;
pub(crate) use quote::{flow, quoted};
pub(crate) use reader::{At, Codes, Reader, describe};
