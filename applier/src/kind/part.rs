//! An update as a sequence of calls, each of which finishes some fields.

use crate::account::{Account, Call};
use crate::execute::{Failure, Hand};
use ingc_planner::state::Pairs;
use std::collections::BTreeSet;

/// Which fields of a spec are to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Wanted(BTreeSet<String>);

impl Wanted {
    /// These fields.
    pub(crate) fn of(fields: &[String]) -> Wanted {
        Wanted(fields.iter().cloned().collect())
    }

    /// All fields of a kind.
    pub(super) fn all(fields: &[ingc_compiler::resource::Field]) -> Wanted {
        Wanted(fields.iter().map(|field| field.name.to_owned()).collect())
    }

    /// True if the field is to be sent.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.contains(field)
    }
}

/// One call of an update.
pub(super) struct Part {
    fields: Vec<&'static str>,
    call: Call,
    /// Codes that mean that there was nothing to do.
    content_with: &'static [&'static str],
}

/// The calls of an update, in their order.
#[derive(Default)]
pub(super) struct Parts(Vec<Part>);

impl Parts {
    pub(super) fn new() -> Parts {
        Parts::default()
    }

    /// Adds a call that finishes these fields, unless a later one goes on with them.
    pub(super) fn push(&mut self, fields: &[&'static str], call: Call) {
        self.0.push(Part { fields: fields.to_vec(), call, content_with: &[] });
    }

    /// Adds a call that may find its work done.
    pub(super) fn push_lenient(
        &mut self,
        fields: &[&'static str],
        call: Call,
        content_with: &'static [&'static str],
    ) {
        self.0.push(Part { fields: fields.to_vec(), call, content_with });
    }

    /// The fields that are still to be sent.
    pub(super) fn unfinished(&self) -> Vec<String> {
        unfinished(&self.0)
    }

    /// Makes the calls and records after each one what is left. Without calls the resource is
    /// recorded as finished.
    pub(super) async fn carry_out<A: Account>(
        self,
        hand: &mut Hand<'_, A>,
        outputs: &Pairs,
    ) -> Result<(), Failure> {
        let mut left = self.0;
        if left.is_empty() {
            return hand.record(outputs, &[]);
        }
        left.reverse();
        while let Some(part) = left.pop() {
            match hand.call(part.call).await {
                Err(failure) if failure.is(part.content_with) => {}
                other => drop(other?),
            }
            hand.record(outputs, &unfinished(&left))?;
        }
        Ok(())
    }
}

fn unfinished(parts: &[Part]) -> Vec<String> {
    let fields: BTreeSet<&str> =
        parts.iter().flat_map(|part| part.fields.iter().copied()).collect();
    fields.into_iter().map(str::to_owned).collect()
}
