//! A fleet divided over runners that know nothing of each other.

use crate::heirs::Heirs;
use crate::{Desired, State};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One of several shards. Every stack is in exactly one of them, and always in the same but while
/// Ingresses move between it and others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// Reads `I/N`: shard I of N, counted from 1.
    ///
    /// # Errors
    /// If it is none; the message says what is allowed.
    pub fn parse(text: &str) -> Result<Shard, String> {
        let shard = text.split_once('/').and_then(|(index, count)| {
            let (index, count): (u32, u32) = (index.parse().ok()?, count.parse().ok()?);
            (1..=count).contains(&index).then(|| Shard { index: index - 1, count })
        });
        shard.ok_or_else(|| "I/N, such as `1/4` for the first of four".to_owned())
    }

    /// True if a stack is in the shard.
    pub fn has(self, stack: &str) -> bool {
        let digest = Sha256::digest(stack.as_bytes());
        let hash = digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte));
        hash % u64::from(self.count) == u64::from(self.index)
    }
}

/// Stacks between which Ingresses and hosts move. They are planned together, so that rules go only when the
/// others have them, and so they are in one shard as long as the move is not done.
pub(crate) struct Together<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Together<'a> {
    pub(crate) fn new(desired: Desired<'a>, state: &'a State) -> Together<'a> {
        let mut together = Together(BTreeMap::new());
        let heirs = Heirs::new(desired, state, false).of(state.stacks.keys().map(String::as_str));
        for (stack, heirs) in heirs {
            heirs.iter().for_each(|(_, heir)| together.join(stack, heir));
        }
        together
    }

    /// The first name of the stacks that a stack is planned together with.
    pub(crate) fn name_of<'n>(&self, stack: &'n str) -> &'n str
    where
        'a: 'n,
    {
        let mut name = stack;
        while let Some(&before) = self.0.get(name) {
            name = before;
        }
        name
    }

    fn join(&mut self, one: &'a str, other: &'a str) {
        let (one, other) = (self.name_of(one), self.name_of(other));
        if one != other {
            self.0.insert(one.max(other), one.min(other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stack_is_in_one_shard_and_stays_there() {
        let shards: Vec<Shard> =
            (1..=4).map(|index| Shard::parse(&format!("{index}/4")).unwrap()).collect();
        let names: Vec<String> = (0..1000).map(|n| format!("shop/web-{n}")).collect();
        for name in &names {
            assert_eq!(shards.iter().filter(|shard| shard.has(name)).count(), 1, "{name}");
        }
        for shard in &shards {
            let count = names.iter().filter(|name| shard.has(name)).count();
            assert!((200..300).contains(&count), "{count}");
        }
        // Runners of different versions must agree.
        assert!(shards[0].has("shop/web-7") && shards[2].has("edge"));
        for wrong in ["", "0/4", "5/4", "1", "1/0", "a/b", "-1/4"] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }
}
