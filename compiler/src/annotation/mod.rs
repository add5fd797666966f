//! The annotations: one row each, in one table per topic of the reference page.
//!
//! A row says all there is to say about an annotation: what it is called, where it may stand, how
//! members of a group agree on it, what it sets in AWS, and how its value gets there. The
//! reference (`ingc annotations`) is printed from the same rows that the compiler reads.

mod scalar;
mod value;

pub use scalar::{parse_bool, parse_int};
pub use value::{Item, Pair, Value};

use crate::diagnostic::Diagnostics;
use crate::resource::{LoadBalancer, TargetGroup};

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

    /// True for a family such as `actions.`.
    pub fn is_family(&self) -> bool {
        self.name.ends_with('.')
    }
}

impl std::fmt::Debug for Annotation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Annotation").field(&self.name).finish()
    }
}

/// All tables, in the order of the reference.
pub static TOPICS: &[(&str, &[&Annotation])] = &[];

/// All rows in the order of the reference.
pub fn annotations() -> impl Iterator<Item = &'static Annotation> {
    TOPICS.iter().flat_map(|(_, rows)| rows.iter().copied())
}

/// The row of a name behind the prefix; a family's row for each of its members.
pub fn lookup(name: &str) -> Option<&'static Annotation> {
    annotations().find(|row| {
        if row.is_family() {
            name.len() > row.name.len() && name.starts_with(row.name)
        } else {
            row.name == name
        }
    })
}
