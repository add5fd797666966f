//! The format of saved plans.

use super::Plan;
use crate::state::StateError;

/// The version of the format that is written.
pub const PLAN_VERSION: u32 = 1;

impl Plan {
    /// Reads a saved plan.
    ///
    /// # Errors
    /// If the text is no plan, or a later ingc's; the message says which.
    pub fn read(text: &str) -> Result<Plan, String> {
        #[derive(serde::Deserialize)]
        struct Header {
            version: u32,
        }
        match serde_json::from_str::<Plan>(text) {
            Ok(plan) if plan.version <= PLAN_VERSION => Ok(plan),
            other => match (serde_json::from_str::<Header>(text), other) {
                (Ok(header), _) if header.version > PLAN_VERSION => Err(format!(
                    "the plan has version {}, and this ingc knows up to {PLAN_VERSION}: plan again",
                    header.version
                )),
                (_, Err(error)) => Err(format!("the plan cannot be read: {error}; plan again")),
                (_, Ok(_)) => Err("the plan cannot be read; plan again".to_owned()),
            },
        }
    }

    /// The plan's text.
    ///
    /// # Errors
    /// If a spec is no JSON.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self).map(|text| text + "\n")
    }

    /// Refuses a state that is not the one that was planned against.
    ///
    /// # Errors
    /// Another account, or a stack with another lineage or serial; the message says which.
    pub fn is_for(&self, state: &crate::State) -> Result<(), StaleError> {
        state.is_for(&self.cluster, &self.account, &self.region).map_err(StaleError::State)?;
        for (name, planned) in &self.stacks {
            let recorded = state.stacks.get(name);
            let lineage = recorded.map(|stack| stack.lineage.as_str());
            if planned.lineage.as_deref() != lineage {
                return Err(StaleError::Lineage { stack: name.clone() });
            }
            let serial = recorded.map_or(0, |stack| stack.serial);
            if planned.serial != serial {
                return Err(StaleError::Serial {
                    stack: name.clone(),
                    planned: planned.serial,
                    found: serial,
                });
            }
        }
        Ok(())
    }
}

/// Why a saved plan no longer fits the state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaleError {
    /// The state is of another cluster, account or region.
    #[error(transparent)]
    State(StateError),
    /// The stack has another history.
    #[error(
        "stack `{stack}` is not the one that was planned: its state has another lineage; plan again"
    )]
    Lineage {
        /// The stack.
        stack: String,
    },
    /// Something was applied since.
    #[error(
        "stack `{stack}` was changed since the plan was made (serial {found}, planned at {planned}): plan again"
    )]
    Serial {
        /// The stack.
        stack: String,
        /// At planning.
        planned: u64,
        /// Now.
        found: u64,
    },
}
