//! The annotations: one row each, in one table per topic of the reference page.
//!
//! A row says all there is to say about an annotation: what it is called, where it may stand, how
//! members of a group agree on it, what it sets in AWS, and how its value gets there. The
//! reference (`ingc annotations`) is printed from the same rows that the compiler reads.

mod json;
mod scalar;
#[cfg(test)]
pub(crate) mod testing;
mod value;

pub mod access;
pub mod addons;
pub mod attribute_value;
pub mod attributes;
pub mod auth;
pub mod frontend_nlb;
pub mod group;
pub mod health_check;
pub mod listening;
pub mod load_balancer;
pub mod routing;
pub mod target_group;
pub mod tls;

pub use json::{Json, Object};
pub use scalar::{parse_bool, parse_int};
pub use value::{Item, Pair, Value};

use crate::diagnostic::{Diagnostics, nearest};
use crate::resource::{LoadBalancer, TargetGroup};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What all names start with.
pub const PREFIX: &str = "alb.ingress.kubernetes.io/";

/// Where an annotation may stand. A Service's value wins over the Ingress's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// On an Ingress.
    Ingress,
    /// On an Ingress or a Service.
    IngressOrService,
}

/// How the members of a group agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Members that say something must say the same.
    Exclusive,
    /// What members say is put together.
    Merge,
    /// It concerns the member's own rules only.
    PerIngress,
}

/// Where a row's value goes.
#[derive(Clone, Copy)]
pub enum Set {
    /// Read where the structure is made: by `group` or by `lower`.
    Structure,
    /// Straight into the load balancer.
    LoadBalancer(fn(Value<'_, '_>, &mut LoadBalancer) -> Result<(), Diagnostics>),
    /// Straight into each target group.
    TargetGroup(fn(Value<'_, '_>, &mut TargetGroup) -> Result<(), Diagnostics>),
    /// Straight into each target group of the frontend NLB.
    FrontendTargetGroup(fn(Value<'_, '_>, &mut TargetGroup) -> Result<(), Diagnostics>),
}

/// One annotation.
pub struct Annotation {
    /// The name behind the prefix. A family's name ends with a dot: `actions.`.
    pub name: &'static str,
    /// What follows a family's dot, for the reference: `${action-name}`; empty otherwise.
    pub parameter: &'static str,
    /// The value's form, in the reference page's words: `boolean`, `stringList`, `json`, `a | b`.
    pub form: &'static str,
    /// What holds where nobody says anything, as text that the row itself could read.
    pub default: Option<&'static str>,
    /// Where it may stand.
    pub location: Location,
    /// How members agree.
    pub merge: Merge,
    /// The field of IngressClassParams that wins over it.
    pub class_field: Option<&'static str>,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// What it sets in AWS: kind and field.
    pub sets: &'static str,
    /// A value that works.
    pub example: &'static str,
    /// Where its value goes.
    pub set: Set,
}

impl Annotation {
    /// The full name, or a family's full prefix.
    pub fn full_name(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }

    /// The field of the spec that it sets first.
    pub fn field(&self) -> &'static str {
        let at = |mark: u8| self.sets.bytes().position(|byte| byte == mark);
        let first = &self.sets[..at(b',').unwrap_or(self.sets.len())];
        at(b'.').and_then(|dot| first.get(dot + 1..)).unwrap_or_default()
    }

    /// True for a family such as `actions.`.
    pub fn is_family(&self) -> bool {
        self.name.ends_with('.')
    }

    /// True for the full name of this annotation, which is no family.
    pub fn is_named(&self, full_name: &str) -> bool {
        full_name.len() == PREFIX.len() + self.name.len()
            && full_name.ends_with(self.name)
            && full_name.starts_with(PREFIX)
    }
}

impl std::fmt::Debug for Annotation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Annotation").field(&self.name).finish()
    }
}

/// Declares the rows of one topic and their table.
macro_rules! rows {
    ($($name:ident = $row:expr;)*) => {
        $(#[doc = concat!("The row of `", stringify!($name), "`.")]
        pub static $name: $crate::annotation::Annotation = $row;)*
        /// The rows of this topic in the order of the reference.
        pub static ROWS: &[&$crate::annotation::Annotation] = &[$(&$name),*];
    };
}
use rows;

/// All tables, in the order of the reference.
pub static TOPICS: &[(&str, &[&Annotation])] = &[
    ("IngressGroup", group::ROWS),
    ("Listeners", listening::ROWS),
    ("Load balancer", load_balancer::ROWS),
    ("Routing", routing::ROWS),
    // Before health checks, which depend on the protocol version.
    ("Target groups", target_group::ROWS),
    ("Health checks", health_check::ROWS),
    ("Authentication", auth::ROWS),
    ("Access control", access::ROWS),
    ("TLS", tls::ROWS),
    ("Tags and attributes", attributes::ROWS),
    ("Add-ons", addons::ROWS),
    ("Frontend NLB", frontend_nlb::ROWS),
];

/// All rows in the order of the reference.
pub fn annotations() -> impl Iterator<Item = &'static Annotation> {
    TOPICS.iter().flat_map(|(_, rows)| rows.iter().copied())
}

/// The row of a name behind the prefix; a family's row for each of its members.
pub fn lookup(name: &str) -> Option<&'static Annotation> {
    static ROWS: OnceLock<FxHashMap<&'static str, &'static Annotation>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| annotations().map(|row| (row.name, row)).collect());
    if let Some(row) = rows.get(name) {
        return (!row.is_family()).then_some(row);
    }
    let (family, member) = name.split_at(name.find('.')? + 1);
    let row = rows.get(family).filter(|_| !member.is_empty())?;
    Some(row)
}

/// The closest known name to one that is not known; of a family's member, only the family's part
/// is corrected.
pub fn nearest_name(name: &str) -> Option<String> {
    if let Some((family, member)) = name.split_once('.') {
        let families = annotations().filter(|row| row.is_family());
        let known = families.map(|row| row.name.trim_end_matches('.'));
        if let Some(near) = nearest(family, known).filter(|_| !member.is_empty()) {
            return Some(format!("{near}.{member}"));
        }
    }
    let known = annotations().filter(|row| !row.is_family()).map(|row| row.name);
    nearest(name, known).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_found_and_families_take_their_members() {
        let check = |name, expected: Option<&str>| {
            assert_eq!(lookup(name).map(|row| row.name), expected, "{name}");
        };
        check("scheme", Some("scheme"));
        check("group.name", Some("group.name"));
        check("listener-attributes.HTTP-80", Some("listener-attributes."));
        check("listener-attributes.", None);
        check("listener-attributes", None);
        check("schema", None);
    }

    #[test]
    fn a_misspelt_name_is_led_to_the_nearest() {
        let check = |name, expected: Option<&str>| {
            assert_eq!(nearest_name(name).as_deref(), expected, "{name}");
        };
        check("shceme", Some("scheme"));
        check("group-name", Some("group.name"));
        check("listener-attribute.HTTP-80", Some("listener-attributes.HTTP-80"));
        check("completely-else", None);
    }

    #[test]
    fn rows_are_unique_and_say_everything() {
        let mut names = BTreeSet::new();
        for row in annotations() {
            assert!(names.insert(row.name), "{} stands in two tables", row.name);
            assert!(row.summary.len() > 20 && row.summary.ends_with('.'), "{}", row.name);
            assert!(!row.form.is_empty() && !row.sets.is_empty(), "{}", row.name);
            assert!(!row.example.is_empty(), "{}", row.name);
            assert_eq!(row.parameter.is_empty(), !row.is_family(), "{}", row.name);
        }
    }
}
