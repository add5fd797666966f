//! Names that AWS wants unique: readable parts and a hash over what makes them ours.

use crate::group::Group;
use sha2::{Digest, Sha256};

/// The hash of some texts, one behind the other, as hexadecimal digits.
pub fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part.as_bytes()));
    hex(&hasher.finalize())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

/// ASCII letters and digits of a text, at most `max` of them.
pub fn alphanumeric(text: &str, max: usize) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(max).collect()
}

/// `k8s-GROUP-HASH`, or `k8s-NAMESPACE-NAME-HASH` for an Ingress of its own. `hash` is cut to
/// ten digits.
pub fn of_group(group: &Group<'_, '_>, hash: &str) -> String {
    let hash = &hash[..hash.len().min(10)];
    match group.id.split_once('/') {
        Some((namespace, name)) if !group.explicit => {
            format!("k8s-{}-{}-{hash}", alphanumeric(namespace, 8), alphanumeric(name, 8))
        }
        _ => format!("k8s-{}-{hash}", alphanumeric(&group.id, 17)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str) -> Group<'static, 'static> {
        let explicit = !id.contains('/');
        Group { id: id.to_owned(), explicit, members: Vec::new(), leaving: Vec::new() }
    }

    #[test]
    fn names_keep_letters_and_digits_of_their_parts() {
        let check = |id: &str, expected: &str| {
            assert_eq!(of_group(&group(id), "0123456789abcdef"), expected, "{id}");
        };
        check("pay/gateway", "k8s-pay-gateway-0123456789");
        check("a-b/x.y-z.0", "k8s-ab-xyz0-0123456789");
        check("customer-experience/recommendation", "k8s-customer-recommen-0123456789");
        check("my-team.analytics-eu.v2", "k8s-myteamanalyticseu-0123456789");
    }

    #[test]
    fn hashes_run_over_the_parts_as_one_text() {
        assert_eq!(hash(&["ab", "c"]), hash(&["abc"]));
        assert_eq!(
            hash(&["abc"]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
