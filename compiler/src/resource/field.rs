//! What a changed field means: an update in place or a replacement.

/// What a difference in a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// AWS changes it on the existing resource.
    InPlace,
    /// AWS cannot change it: a new resource takes the old one's place.
    Replace,
    /// No reason for a change by itself: names, which are no identity, and what AWS derives.
    Ignore,
}

/// One field of a spec.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The JSON name.
    pub name: &'static str,
    /// What a difference asks for.
    pub policy: Policy,
}

/// Shorthand for the tables.
pub(super) const fn in_place(name: &'static str) -> Field {
    Field { name, policy: Policy::InPlace }
}

/// Shorthand for the tables.
pub(super) const fn replace(name: &'static str) -> Field {
    Field { name, policy: Policy::Replace }
}

/// Shorthand for the tables.
pub(super) const fn ignore(name: &'static str) -> Field {
    Field { name, policy: Policy::Ignore }
}
