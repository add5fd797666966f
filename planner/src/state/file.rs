//! The state's format: versioned JSON that diffs well, one entry per line.

use super::{StackState, State, StateError};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use std::collections::BTreeMap;

/// The version of the format that is written.
pub const VERSION: u32 = 1;

impl State {
    /// Reads a state's text. What it holds is not checked, see [`State::check`].
    pub fn read(text: &str) -> Result<State, StateError> {
        #[derive(Deserialize)]
        struct Header {
            version: u32,
        }
        if text.trim().is_empty() {
            return Err(StateError::Empty);
        }
        match serde_json::from_str::<State>(text) {
            Ok(state) if state.version == 0 => Err(StateError::NoVersion { found: 0 }),
            Ok(state) if state.version <= VERSION => Ok(state),
            Ok(state) => Err(StateError::NewerVersion { found: state.version, known: VERSION }),
            // A later format may not read as this one, and yet say its version.
            Err(error) => match serde_json::from_str::<Header>(text) {
                Ok(header) if header.version > VERSION => {
                    Err(StateError::NewerVersion { found: header.version, known: VERSION })
                }
                _ => Err(malformed(&error)),
            },
        }
    }

    /// The state's text.
    ///
    /// # Errors
    /// If a spec is no JSON.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        let State { version, cluster, account, region, stacks } = self;
        let mut out = Lines::new();
        out.entry("version", version)?;
        out.entry("cluster", cluster)?;
        out.entry("account", account)?;
        out.entry("region", region)?;
        out.open("stacks");
        for (name, stack) in stacks {
            out.open(name);
            stack.write_to(&mut out)?;
            out.close();
        }
        out.close();
        Ok(out.finish())
    }

    /// Refuses a state of another cluster, account or region. An empty name is not compared: a
    /// state that nothing was applied to has neither account nor region.
    pub fn is_for(&self, cluster: &str, account: &str, region: &str) -> Result<(), StateError> {
        let differs =
            |found: &str, wanted: &str| !found.is_empty() && !wanted.is_empty() && found != wanted;
        let pair = |found: &str, wanted: &str| (found.to_owned(), wanted.to_owned());
        if differs(&self.cluster, cluster) {
            let (found, wanted) = pair(&self.cluster, cluster);
            return Err(StateError::OtherCluster { found, wanted });
        }
        if differs(&self.account, account) {
            let (found, wanted) = pair(&self.account, account);
            return Err(StateError::OtherAccount { found, wanted });
        }
        if differs(&self.region, region) {
            let (found, wanted) = pair(&self.region, region);
            return Err(StateError::OtherRegion { found, wanted });
        }
        Ok(())
    }
}

impl StackState {
    /// Reads one stack's text, where every stack is an object of its own.
    pub fn read(text: &str) -> Result<StackState, StateError> {
        serde_json::from_str(text).map_err(|error| malformed(&error))
    }

    /// One stack's text.
    ///
    /// # Errors
    /// If a spec is no JSON.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        let mut out = Lines::new();
        self.write_to(&mut out)?;
        Ok(out.finish())
    }

    fn write_to(&self, out: &mut Lines) -> Result<(), serde_json::Error> {
        let StackState { lineage, serial, unfinished, settled, members, resources, deposed } = self;
        out.entry("lineage", lineage)?;
        out.entry("serial", serial)?;
        if *unfinished {
            out.entry("unfinished", unfinished)?;
        }
        if let Some(settled) = settled {
            out.entry("settled", settled)?;
        }
        out.map("members", members)?;
        out.map("resources", resources)?;
        out.map("deposed", deposed)
    }
}

/// Writes JSON objects with an entry to a line: it diffs well and wastes little.
struct Lines {
    out: String,
    depth: usize,
    first: bool,
}

impl Lines {
    fn new() -> Self {
        Lines { out: "{".to_owned(), depth: 1, first: true }
    }

    fn key(&mut self, key: &str) {
        self.out.push_str(if self.first { "\n" } else { ",\n" });
        self.first = false;
        self.out.extend(std::iter::repeat_n("  ", self.depth));
        self.out.push_str(&serde_json::Value::from(key).to_string());
        self.out.push_str(": ");
    }

    fn entry(&mut self, key: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.key(key);
        self.out.push_str(&serde_json::to_string(value)?);
        Ok(())
    }

    fn map(
        &mut self,
        key: &str,
        entries: &BTreeMap<String, impl Serialize>,
    ) -> Result<(), serde_json::Error> {
        self.open(key);
        for (key, value) in entries {
            self.entry(key, value)?;
        }
        self.close();
        Ok(())
    }

    fn open(&mut self, key: &str) {
        self.key(key);
        self.out.push('{');
        self.depth += 1;
        self.first = true;
    }

    fn close(&mut self) {
        self.depth -= 1;
        if !self.first {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
        self.out.push('}');
        self.first = false;
    }

    fn finish(mut self) -> String {
        self.close();
        self.out.push('\n');
        self.out
    }
}

fn malformed(error: &serde_json::Error) -> StateError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof => StateError::Truncated { line, column },
        _ => {
            let message = error.to_string();
            let end = message.rfind(" at line ").unwrap_or(message.len());
            StateError::Malformed { message: message[..end].to_owned(), line, column }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_what_is_wrong() {
        let whole = State::empty("prod").write().unwrap();
        assert_eq!(State::read(&whole), Ok(State::empty("prod")));
        let cut = &whole[..whole.len() - 4];
        assert!(matches!(State::read(cut), Err(StateError::Truncated { .. })));
        assert_eq!(State::read("\n"), Err(StateError::Empty));
        let none = whole.replace("\"version\": 1", "\"version\": 0");
        assert_eq!(State::read(&none), Err(StateError::NoVersion { found: 0 }));
        assert!(matches!(State::read("[]"), Err(StateError::Malformed { .. })));
        assert_eq!(
            State::read(r#"{"version":2,"shards":[]}"#),
            Err(StateError::NewerVersion { found: 2, known: 1 })
        );
    }

    #[test]
    fn a_text_that_ends_anywhere_is_no_state() {
        let mut state = State::empty("prod");
        let stack = StackState { lineage: "é".to_owned(), ..StackState::default() };
        state.stacks.insert("shop/web".to_owned(), stack);
        let whole = state.write().unwrap();
        let ends = (0..whole.trim_end().len()).filter(|end| whole.is_char_boundary(*end));
        for end in ends {
            let error = State::read(&whole[..end]).unwrap_err();
            let cut = matches!(error, StateError::Truncated { .. } | StateError::Empty);
            assert!(cut && error.is_damage(), "{end}: {error}");
        }
    }

    #[test]
    fn a_state_serves_one_cluster_account_and_region() {
        let mut state = State::empty("prod");
        assert_eq!(state.is_for("prod", "111", "eu-west-1"), Ok(()));
        state.account = "111".to_owned();
        state.region = "eu-west-1".to_owned();
        assert_eq!(state.is_for("prod", "", ""), Ok(()));
        assert!(matches!(state.is_for("dev", "111", ""), Err(StateError::OtherCluster { .. })));
        assert!(matches!(state.is_for("prod", "222", ""), Err(StateError::OtherAccount { .. })));
        assert!(matches!(
            state.is_for("prod", "111", "eu-west-2"),
            Err(StateError::OtherRegion { .. })
        ));
    }
}
