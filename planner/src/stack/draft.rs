//! What was found out about a stack, before it is put into words and into order.

use crate::plan::{Action, Drift, FieldChange, RuleMove};
use crate::state::{Pairs, Recorded, SecretHash, SpecText, State};
use ingc_compiler::graph::Resource;
use ingc_compiler::resource::Address;
use std::collections::BTreeMap;

/// What becomes of one object. Unchanged ones have no draft.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) address: Address,
    /// The address that the entry has now, for a rule that moves.
    pub(crate) previous: Option<Address>,
    pub(crate) action: Action,
    /// Key of the object, if it was set aside by an earlier plan.
    pub(crate) deposed: Option<String>,
    /// Key to set the replaced object aside under.
    pub(crate) depose: Option<String>,
    pub(crate) before: Option<SpecText>,
    pub(crate) after: Option<SpecText>,
    pub(crate) fields: Vec<FieldChange>,
    pub(crate) generation: u32,
    /// Nothing differs but what references lead to.
    pub(crate) repoint: bool,
    /// A target group that is replaced since its load balancer is.
    pub(crate) follows: bool,
    /// Outputs of an object that is taken up first.
    pub(crate) import: Option<Pairs>,
    /// The resource that the tags of an object that is taken up name, where that is another one.
    pub(crate) tagged: Option<String>,
    pub(crate) secrets: BTreeMap<String, SecretHash>,
    /// What asks for it.
    pub(crate) resource: Option<&'a Resource>,
    /// The object that exists.
    pub(crate) recorded: Option<&'a Recorded>,
    /// The object that somebody deleted.
    pub(crate) lost: Option<&'a Recorded>,
}

impl Draft<'_> {
    pub(crate) fn new(address: Address, action: Action) -> Self {
        Draft {
            address,
            previous: None,
            action,
            deposed: None,
            depose: None,
            before: None,
            after: None,
            fields: Vec::new(),
            generation: 0,
            repoint: false,
            follows: false,
            import: None,
            tagged: None,
            secrets: BTreeMap::new(),
            resource: None,
            recorded: None,
            lost: None,
        }
    }

    /// True if the plan makes a new object.
    pub(crate) fn makes(&self) -> bool {
        matches!(self.action, Action::Create | Action::Replace)
    }

    /// True if an object of now is deleted in the end.
    pub(crate) fn removes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace)
    }

    /// Top-level names of the fields that differ.
    pub(crate) fn field_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.fields.iter().map(|field| top_level(&field.path).to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// The first name of a path.
pub(crate) fn top_level(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// The way of an existing listener's rules. Drafts are indices into [`StackDraft::drafts`].
#[derive(Debug, Default)]
pub(crate) struct ListenerDraft {
    pub(crate) listener: Option<Address>,
    /// Rules that are changed first, with the address that their entries have then.
    pub(crate) before: Vec<(usize, Address)>,
    /// Rules to make: address and number to make them with.
    pub(crate) creates: Vec<(usize, Address, i32)>,
    /// The reorder.
    pub(crate) moves: Vec<RuleMove>,
    /// Rules that are changed after it.
    pub(crate) after: Vec<(usize, Address)>,
    /// Rules to delete, in order, with the address that their entries have then.
    pub(crate) deletes: Vec<(usize, Address)>,
    /// The deletions come first, for want of room.
    pub(crate) deletes_first: bool,
    /// Rules whose change requests may feel.
    pub(crate) exposed: Vec<usize>,
}

/// What becomes of a stack.
#[derive(Debug)]
pub(crate) struct StackDraft<'a> {
    pub(crate) name: &'a str,
    pub(crate) drafts: Vec<Draft<'a>>,
    /// Listeners that stay and whose rules change.
    pub(crate) listeners: Vec<ListenerDraft>,
    /// Drafts of listeners that leave before any rule is made, for want of room.
    pub(crate) leaves_first: Vec<usize>,
    pub(crate) unchanged: usize,
    pub(crate) drift: Vec<Drift>,
    /// A run has begun with it and not come to its end.
    pub(crate) unfinished: bool,
}

impl<'a> StackDraft<'a> {
    pub(crate) fn new(name: &'a str) -> Self {
        StackDraft {
            name,
            drafts: Vec::new(),
            listeners: Vec::new(),
            leaves_first: Vec::new(),
            unchanged: 0,
            drift: Vec::new(),
            unfinished: false,
        }
    }

    /// A stack that is as it is recorded.
    pub(crate) fn unchanged(name: &'a str, state: &State) -> Self {
        let unchanged = state.stacks.get(name).map_or(0, |stack| stack.resources.len());
        StackDraft { unchanged, ..StackDraft::new(name) }
    }
}
