//! The stable codes: one table per subject, so that `ingc explain` can say more than a line.
//!
//! Numbers are never used twice, and a code keeps its meaning for ever.

use std::fmt;

pub mod annotation;
pub mod applier;
pub mod command_line;
pub mod doctor;
pub mod generate;
pub mod group;
pub mod inventory;
pub mod limit;
pub mod load_balancer;
pub mod manifest;
pub mod planner;
pub mod routing;
pub mod rule;
pub mod settings;
pub mod target_group;
pub mod yaml;

/// A kind of finding.
#[derive(Debug)]
pub struct Code {
    /// `ING` and four digits; the first two tell the subject.
    pub id: &'static str,
    /// What is found, as a title.
    pub title: &'static str,
    /// Why it matters and what to do, for `ingc explain`.
    pub explanation: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Code {}

/// All tables, in the order of their numbers.
pub static CODES: &[&[&Code]] = &[
    yaml::CODES,
    manifest::CODES,
    settings::CODES,
    inventory::CODES,
    annotation::CODES,
    group::CODES,
    load_balancer::CODES,
    rule::CODES,
    target_group::CODES,
    limit::CODES,
    planner::CODES,
    applier::CODES,
    command_line::CODES,
    routing::CODES,
    generate::CODES,
    doctor::CODES,
];

/// All codes in order.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    CODES.iter().flat_map(|table| table.iter().copied())
}

/// The code of that name, in any case.
pub fn find(id: &str) -> Option<&'static Code> {
    codes().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// Declares the codes of one subject and their table.
macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $title:literal, $explanation:literal;)*) => {
        $($(#[$doc])* #[doc = $title] pub static $name: $crate::diagnostic::Code =
            $crate::diagnostic::Code { id: $id, title: $title, explanation: $explanation };)*
        /// The codes of this subject in order.
        pub static CODES: &[&$crate::diagnostic::Code] = &[$(&$name),*];
    };
}
use declare;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_sorted_and_explained() {
        let ids: Vec<_> = codes().map(|code| code.id).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
        for code in codes() {
            assert!(code.id.len() == 7 && code.id.starts_with("ING"), "{}", code.id);
            assert!(!code.title.ends_with('.') && code.explanation.len() > 20, "{}", code.id);
        }
    }
}
