//! From bytes to text: UTF-8, and base64 for `!!binary`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::yaml as code;
use crate::source::{FileId, Span};

/// A file that is no UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// The text before the first bad byte, to be shown as the file's text.
    pub text: String,
    /// The first bad byte.
    pub at: usize,
    /// Its value.
    pub byte: u8,
    /// What the file seems to be instead.
    pub hint: &'static str,
}

impl Undecodable {
    /// The finding, for the file that [`Undecodable::text`] was added as.
    pub fn diagnostic(&self, file: FileId) -> Diagnostic {
        let at = self.text.len() as u32;
        let message = format!("byte {} (0x{:02x}) is not valid UTF-8", self.at, self.byte);
        Diagnostic::error(&code::ENCODING, message)
            .at(Span { file, lo: at, hi: at })
            .hint(self.hint)
    }
}

/// Reads bytes as UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, Undecodable> {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        let byte = bytes.get(at).copied().unwrap_or(0);
        bytes.truncate(at);
        let hint = if utf16 {
            "save the file as UTF-8; its first bytes say that it is UTF-16"
        } else {
            "save the file as UTF-8; it may be in Latin-1 or a Windows code page"
        };
        Undecodable { text: String::from_utf8(bytes).unwrap_or_default(), at, byte, hint }
    })
}

/// Standard base64 with padding; line breaks are passed over, as Go does.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0_u32, 0, 0);
    for byte in text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if count % 4 >= 2 => {
                padding += 1;
                count += 1;
                bits <<= 6;
                if count % 4 == 0 {
                    out.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
                }
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(digit);
        count += 1;
        if count % 4 == 0 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
    }
    (count % 4 == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_strictly() {
        let check = |text, expected: Option<&[u8]>| assert_eq!(base64(text).as_deref(), expected);
        check("", Some(b""));
        check("aGVsbG8=", Some(b"hello"));
        check("aGVs\nbG8h", Some(b"hello!"));
        check("aA==", Some(b"h"));
        check("aA=", None);
        check("aA", None);
        check("a===", None);
        check("aA==aA==", None);
        check("aG*s", None);
    }

    #[test]
    fn the_first_bad_byte_is_named() {
        let error = decode(b"a: \xe4\n".to_vec()).unwrap_err();
        assert_eq!((error.text.as_str(), error.at, error.byte), ("a: ", 3, 0xe4));
        assert!(decode(vec![0xff, 0xfe, b'a', 0]).unwrap_err().hint.contains("UTF-16"));
        assert_eq!(decode("schön".into()).unwrap(), "schön");
    }
}
