//! A text that many values share.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text that is never copied: the program's own, or a counted one. There are hundreds of thousands
/// of origins in a large compilation, and what they say is mostly the same.
#[derive(Clone)]
pub struct Shared(Inner);

#[derive(Clone)]
enum Inner {
    Own(&'static str),
    Counted(Arc<str>),
}

impl Deref for Shared {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Inner::Own(text) => text,
            Inner::Counted(text) => text,
        }
    }
}

impl From<&'static str> for Shared {
    fn from(text: &'static str) -> Self {
        Shared(Inner::Own(text))
    }
}

impl From<String> for Shared {
    fn from(text: String) -> Self {
        Shared(Inner::Counted(text.into()))
    }
}

impl From<&Arc<str>> for Shared {
    fn from(text: &Arc<str>) -> Self {
        Shared(Inner::Counted(Arc::clone(text)))
    }
}

impl Default for Shared {
    fn default() -> Self {
        Shared(Inner::Own(""))
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Shared {}

impl PartialOrd for Shared {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shared {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq<str> for Shared {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Shared {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl From<Shared> for String {
    fn from(text: Shared) -> Self {
        text.to_string()
    }
}

impl From<&Shared> for String {
    fn from(text: &Shared) -> Self {
        text.to_string()
    }
}
