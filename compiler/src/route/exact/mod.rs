//! Decides exactly which requests two routing tables answer differently, and what rules of one
//! listener do to each other.
//!
//! **The space.** A request has a host, a path, a method and a source address, and any number of
//! values of each header and of query parameters (`space`). A rule is a list of clauses, one of
//! them per condition; a clause is a list of predicates of one dimension, any of which suffices.
//! What no client sends is not in the space (`universe`): hosts are labels of letters, digits, `-`
//! and `_` with dots between them, paths start with `/`, and everything is made of visible ASCII
//! (header values may have blanks within). Texts of any length are, also those that are longer than
//! AWS lets pass. IPv6 addresses are in it only where both load balancers can be reached by them.
//!
//! **Predicates** on texts are regular languages: patterns and regular expressions become chains of
//! letters and loops (`chain`), all chains of a dimension one nondeterministic automaton in which
//! common beginnings are shared (`trie`), whose subsets are built (`product`). What accepts together
//! is an *atom*: a class of texts that no predicate tells apart, with a shortest text as witness
//! (`atom`). Blocks of addresses and methods have atoms too.
//!
//! **The decision** splits the space dimension by dimension (`solve`). An atom of hosts leaves only
//! some rules alive, without their clauses on hosts; atoms that leave the same rules of both lists
//! are one case, and a case that was solved before is not solved again. A list is kept short: no
//! rule behind one that asks for less, no rule that answers as all behind it do. Where both lists are
//! the same, nothing differs, which ends most branches early. A dimension of which a request can have
//! many values or none has no atoms: its clauses are decided one by one, both ways, as far as there
//! are values with which all decided clauses are as said (`plural`). Two clauses on one header may
//! hold by two values of it.
//!
//! **Large automata.** Products can be exponentially large. Up to a limit everything is told of every
//! atom. Beyond it, lists that differ in few rules come apart (`focus`): what one of those takes is
//! compared by itself, and texts that it does not take are not looked at. And only what matters is
//! told (`relevance`): no predicate of a rule of which an earlier one
//! takes all requests for sure, no text for which both lists are decided alike. What takes more than
//! its [`Budget`] is given up with a word: status [`Status::Unproven`], and changes are only those
//! of requests made from the rules.
//!
//! **Words.** The texts of a dimension that change alike are a set of atoms; it is told as few cubes
//! of patterns that match and patterns that do not (`cover`). Together the classes are all requests
//! that change and no other. Redirects and rewrites can differ in words and still do the same for
//! some requests: such classes say `some of` if that is not ruled out.
//!
//! **Proof.** No change is claimed before the evaluation of its example gives two answers.

mod atom;
#[cfg(test)]
mod cases;
mod chain;
mod changes;
mod claims;
mod cover;
#[cfg(test)]
mod enumerated;
mod focus;
mod letters;
mod listing;
mod merge;
mod plural;
mod product;
mod relevance;
mod requests;
mod sample;
mod solve;
mod space;
mod takers;
mod trie;
mod universe;

pub use changes::{Change, Changes, Reason, Side, Status, Unproven};
pub use claims::{Claims, Redundant, Takeover, Unreachable};
pub use merge::Mergeable;
pub use requests::{Requests, Word, Words};
pub(crate) use takers::takers;

/// The exact method would take more than its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded;

/// How much work the exact method may do before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// States of automata.
    pub states: usize,
    /// Classes of requests that are looked at.
    pub cells: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { states: 400_000, cells: 400_000 }
    }
}
