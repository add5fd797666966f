//! Listener rules: which recorded rule is which desired one, and the way from one list to the
//! other on which every request keeps being answered as before or as after.

mod content;
mod number;
mod overlap;
mod pair;
mod schedule;

#[cfg(test)]
mod tests;

pub(crate) use content::Content;
pub(crate) use number::keep_numbers;
pub(crate) use pair::pair;
pub(crate) use schedule::{Existing, Mover, Room, Schedule, Wanted, schedule};
