//! Secrets are never kept: a salted hash stands for one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// Which secret a field holds, and a hash by which a change of it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretHash {
    /// `namespace/name` of the Secret.
    pub secret: String,
    /// The key within it.
    pub key: String,
    /// What is hashed before the value.
    pub salt: String,
    /// SHA-256 of salt and value, in hex.
    pub hash: String,
}

impl SecretHash {
    /// Hashes a value. The salt differs by place, so that equal secrets have unequal hashes.
    pub fn new(secret: &str, key: &str, salt: &str, value: &str) -> Self {
        SecretHash {
            secret: secret.to_owned(),
            key: key.to_owned(),
            salt: salt.to_owned(),
            hash: hash(salt, value),
        }
    }

    /// True if it stands for this value.
    pub fn is_of(&self, value: &str) -> bool {
        hash(&self.salt, value) == self.hash
    }
}

/// SHA-256 of a salt and a value, in hex.
pub(crate) fn hash(salt: &str, value: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update([0]).chain_update(value).finalize();
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The values of secrets while a plan runs, by `namespace/name` and key. Never serialized.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<(String, String), String>);

impl Secrets {
    /// No secrets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value.
    pub fn insert(&mut self, secret: &str, key: &str, value: &str) {
        self.0.insert((secret.to_owned(), key.to_owned()), value.to_owned());
    }

    /// The value that a hash stands for, if it is known and has not changed since.
    pub fn reveal(&self, hash: &SecretHash) -> Result<&str, SecretProblem> {
        match self.0.get(&(hash.secret.clone(), hash.key.clone())) {
            None => Err(SecretProblem::Missing),
            Some(value) if hash.is_of(value) => Ok(value),
            Some(_) => Err(SecretProblem::Changed),
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a planned secret cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretProblem {
    /// Nobody gave its value.
    Missing,
    /// Its value is not the planned one.
    Changed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_value_and_shows_nothing_of_it() {
        let hash = SecretHash::new("shop/oidc", "clientSecret", "salt", "hunter2");
        assert!(hash.is_of("hunter2") && !hash.is_of("hunter3"));
        assert!(!serde_json::to_string(&hash).unwrap().contains("hunter2"));
        assert_ne!(hash.hash, SecretHash::new("shop/oidc", "clientSecret", "x", "hunter2").hash);
    }

    #[test]
    fn a_changed_secret_is_not_revealed() {
        let hash = SecretHash::new("shop/oidc", "clientSecret", "salt", "hunter2");
        let mut secrets = Secrets::new();
        assert_eq!(secrets.reveal(&hash), Err(SecretProblem::Missing));
        secrets.insert("shop/oidc", "clientSecret", "hunter3");
        assert_eq!(secrets.reveal(&hash), Err(SecretProblem::Changed));
        secrets.insert("shop/oidc", "clientSecret", "hunter2");
        assert_eq!(secrets.reveal(&hash), Ok("hunter2"));
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }
}
