//! Saved plans: a plan with what it was made from.

use crate::error::Failure;
use crate::input::{Input, InputArgs, reason};
use crate::made;
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_planner::Plan;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a saved plan starts with, by which it is told from a manifest.
const START: &str = "{\"ingc_plan\":1,";

/// A saved plan.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Saved {
    /// Of the format: 1.
    ingc_plan: u32,
    /// Where manifests, settings and inventory came from.
    pub input: InputArgs,
    /// The state's file.
    pub state: PathBuf,
    /// The account that it was made for, if the inventory tells it.
    #[serde(default)]
    pub account_id: String,
    /// The VPC.
    pub vpc_id: String,
    /// What stands before the texts that are hashed: a file may hold a Secret, which nobody shall
    /// find by trying.
    salt: String,
    /// SHA-256 of the salt and every file that was read, by its name.
    files: BTreeMap<String, String>,
    /// The plan.
    pub plan: Plan,
}

impl Saved {
    /// A plan with what it was made from.
    pub fn new(args: &InputArgs, input: &Input, state: &Path, plan: Plan) -> Saved {
        let salt = ingc_applier::random_hex();
        let files = input.sources.files();
        let files = files.map(|(_, file)| (file.name().to_owned(), hash(&salt, file.text())));
        Saved {
            ingc_plan: 1,
            input: args.clone(),
            state: state.to_owned(),
            account_id: input.inventory.account_id.clone(),
            vpc_id: input.settings.vpc_id.clone(),
            files: files.collect(),
            salt,
            plan,
        }
    }

    /// Writes the plan.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string(self).map_err(|error| {
            let message = format!("cannot write `{}`: {error}", path.display());
            Diagnostic::error(&code::UNWRITABLE, message)
        })?;
        made::write(path, &(text + "\n"))
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// If the file cannot be read or is none.
    pub fn read(path: &Path) -> Result<Saved, Failure> {
        let bad = |message: String| -> Failure {
            let hint = "make one with `ingc plan --out FILE`";
            Diagnostic::error(&code::BAD_PLAN, message).hint(hint).into()
        };
        let name = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| bad(format!("cannot read `{name}`: {}", reason(&error))))?;
        let saved: Saved = serde_json::from_str(&text)
            .map_err(|error| bad(format!("`{name}` is no saved plan: {error}")))?;
        if saved.ingc_plan > 1 || saved.plan.version > ingc_planner::plan::PLAN_VERSION {
            return Err(bad(format!("`{name}` was saved by a later ingc")));
        }
        Ok(saved)
    }

    /// Files that have changed since, or are gone. The plan is carried out as it was looked at.
    pub fn changed_files(&self) -> Vec<&str> {
        let unchanged = |(name, known): &(&String, &String)| {
            fs::read_to_string(name).is_ok_and(|text| hash(&self.salt, &text) == **known)
        };
        let files = self.files.iter().filter(|(name, _)| is_file(name));
        files.filter(|file| !unchanged(file)).map(|(name, _)| name.as_str()).collect()
    }
}

/// Standard input, flags and Secrets from elsewhere have names too.
fn is_file(name: &str) -> bool {
    !["<", "--", "Secret "].iter().any(|start| name.starts_with(start))
}

/// True if a file is a saved plan.
pub fn is_saved(path: &Path) -> bool {
    let mut start = [0; START.len()];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == START.as_bytes()
}

fn hash(salt: &str, text: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(text).finalize();
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
