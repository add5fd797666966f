//! Names of the objects that are made.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The longest name of a Job, whose pods carry it as a label.
const LONGEST: usize = 63;

/// `PREFIX-WHAT-SUFFIX` as a name that Kubernetes takes. Where that loses something, a hash tells
/// names apart.
pub(super) fn of(prefix: &str, what: &str, suffix: &str) -> String {
    let kept = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let slug: String = what.chars().map(|c| if kept(c) { c } else { '-' }).collect();
    let slug = slug.trim_matches('-');
    let whole = join(&[prefix, slug, suffix]);
    if slug == what && whole.len() <= LONGEST {
        return whole;
    }
    let hash = &sha256(what)[..8];
    let room = LONGEST.saturating_sub(join(&[prefix, "", hash, suffix]).len() + 1);
    let slug = slug[..slug.len().min(room)].trim_matches('-');
    join(&[prefix, slug, hash, suffix])
}

/// SHA-256 in hex.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_valid_and_distinct() {
        assert_eq!(of("ingc", "shop", "prepare"), "ingc-shop-prepare");
        assert_eq!(of("ingc-stack", "edge", ""), "ingc-stack-edge");
        let long = "a".repeat(80);
        let names = [
            of("ingc", "shop/web", ""),
            of("ingc", "shop-web", ""),
            of("ingc", "_cluster", ""),
            of("ingc", "argocd_shop", "prepare"),
            of("ingc", &long, "prepare"),
            of("ingc", &(long + "b"), "prepare"),
        ];
        for name in &names {
            let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(name.len() <= 63 && name.chars().all(valid), "{name}");
            assert!(
                !name.starts_with('-') && !name.ends_with('-') && !name.contains("--"),
                "{name}"
            );
        }
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
