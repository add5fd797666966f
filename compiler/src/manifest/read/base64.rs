//! Base64 as Kubernetes reads the data of Secrets: the standard alphabet with padding (RFC 4648).

/// Decodes a text; line breaks in it count for nothing.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let quads = digits.len() / 4;
    for (index, quad) in digits.chunks_exact(4).enumerate() {
        let padding = quad.iter().rev().take_while(|b| **b == b'=').count();
        if padding > 2 || padding > 0 && index + 1 != quads {
            return None;
        }
        let mut value = 0u32;
        for &digit in &quad[..4 - padding] {
            value = value << 6 | u32::from(sextet(digit)?);
        }
        value <<= 6 * padding;
        let decoded = value.to_be_bytes();
        bytes.extend_from_slice(&decoded[1..4 - padding]);
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_kubernetes_reads_it() {
        let check = |text: &str, expected: Option<&[u8]>| {
            assert_eq!(decode(text).as_deref(), expected, "{text:?}");
        };
        check("", Some(b""));
        check("Zg==", Some(b"f"));
        check("Zm8=", Some(b"fo"));
        check("Zm9v", Some(b"foo"));
        check("Zm9v\nYmE=\n", Some(b"fooba"));
        check("/+8=", Some(b"\xff\xef"));
        check("Zg", None);
        check("Zg=", None);
        check("Z===", None);
        check("Zg==Zg==", None);
        check("Zm 9v", None);
        check("_-8=", None);
    }
}
