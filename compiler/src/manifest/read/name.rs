//! What names Kubernetes takes: of objects, hosts, labels and ports.
//!
//! Source: the validation rules of RFC 1123 and RFC 1035 names in the Kubernetes documentation.

use crate::annotation::PREFIX;

const MAX_SUBDOMAIN: usize = 253;
const MAX_LABEL: usize = 63;
const MAX_PORT_NAME: usize = 15;

/// True if all bytes are good. Without an early end many are looked at at once.
fn all(bytes: &[u8], is_good: impl Fn(&u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & is_good(byte))
}

/// A part of a DNS name: lower case letters, digits and inner `-`.
pub(crate) fn is_dns_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let bytes = text.as_bytes();
    !bytes.is_empty()
        && bytes.len() <= MAX_LABEL
        && all(bytes, |&b| inner(b))
        && bytes[0] != b'-'
        && bytes[bytes.len() - 1] != b'-'
}

/// A DNS name in lower case. Its parts may be longer than those of a host, as in Kubernetes.
pub(super) fn is_dns_subdomain(text: &str) -> bool {
    is_subdomain(text, |byte| byte.is_ascii_lowercase())
}

fn is_subdomain(text: &str, is_letter: impl Fn(&u8) -> bool) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(|b| is_letter(b) || b.is_ascii_digit());
    let part = |bytes: &[u8]| {
        let inner = |b: &u8| *b == b'-' || edge(Some(b));
        edge(bytes.first()) && edge(bytes.last()) && all(bytes, inner)
    };
    text.len() <= MAX_SUBDOMAIN && text.as_bytes().split(|byte| *byte == b'.').all(part)
}

/// A host with `*` as its first part.
pub(super) fn is_wildcard_host(text: &str) -> bool {
    text.len() <= MAX_SUBDOMAIN && text.strip_prefix("*.").is_some_and(is_dns_subdomain)
}

/// A Service's name as a backend may have it.
pub(super) fn is_service_name(text: &str) -> bool {
    is_dns_label(text) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// A port's name.
pub(super) fn is_port_name(text: &str) -> bool {
    is_dns_label(text)
        && text.len() <= MAX_PORT_NAME
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && !text.contains("--")
}

/// Bytes of label texts.
const LABEL_TEXT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        byte += 1;
    }
    table
};

/// The value of a label, and the last part of a label's or annotation's key.
fn is_label_text(text: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= MAX_LABEL
        && edge(bytes.first())
        && edge(bytes.last())
        && all(bytes, |b| LABEL_TEXT[usize::from(*b)])
}

/// A label's value.
pub(super) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_label_text(text)
}

/// The key of a label or annotation.
pub(super) fn is_qualified(key: &str) -> bool {
    match key.split_once('/') {
        None => is_label_text(key),
        Some((prefix, name)) => {
            // Most are the controller's.
            let is_known = prefix.len() + 1 == PREFIX.len() && PREFIX.starts_with(prefix);
            is_label_text(name) && (is_known || is_subdomain(prefix, u8::is_ascii_alphabetic))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_kubernetes_does() {
        let check = |is: fn(&str) -> bool, good: &[&str], bad: &[&str]| {
            good.iter().for_each(|text| assert!(is(text), "{text}"));
            bad.iter().for_each(|text| assert!(!is(text), "{text}"));
        };
        let long = "a".repeat(64);
        check(is_dns_label, &["a", "0", "a-b", "a--b"], &["", "-a", "a-", "A", "a.b", &long]);
        check(is_dns_subdomain, &["a.b-c.0", &long], &["", ".", "a..b", "a.", "-a.b", "a_b", "ä"]);
        check(is_wildcard_host, &["*.example.com"], &["*", "*example.com", "a.*.com", "*.*.com"]);
        check(is_service_name, &["a1"], &["1a", "a.b", "A"]);
        check(
            is_port_name,
            &["http", "use-annotation", "h2"],
            &["80", "more-than-fifteen", "a--b", "HTTP", ""],
        );
        check(is_label_value, &["", "a_B.c-1"], &["-a", "a b", "1+2", &long]);
        check(
            is_qualified,
            &["app", "app.kubernetes.io/name", "Example.com/x_Y"],
            &["", "/a", "a/", "a/b/c", "a b", "a_b/c"],
        );
    }
}
