//! Secret, whose values no finding shows.

use super::{base64, schema};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::manifest as code;
use crate::manifest::{Metadata, Secret};
use crate::schema::{At, Path, Reader};
use crate::yaml::{NodeKind, Text};

/// Reads a Secret. Findings point to the key, since what a span covers is printed.
pub(super) fn read<'s>(
    object: &At<'_, '_, 's>,
    metadata: Metadata<'s>,
    r: &mut Reader,
) -> Secret<'s> {
    let mut secret = Secret { metadata, data: Vec::new() };
    let Some([data, string_data, ..]) = r.fields(object, &schema::SECRET) else { return secret };
    if let Some(at) = data {
        for (key, node) in r.map(&at) {
            let path = Path::Key(&at.path, key.as_str());
            let bytes = match node.kind() {
                NodeKind::Null => Some(Vec::new()),
                NodeKind::String => node.as_str().and_then(base64::decode),
                _ => None,
            };
            match bytes {
                Some(bytes) => secret.data.push((key.value.into_owned(), bytes)),
                None => {
                    let message = format!("the value of `{}` is not base64", key.as_str());
                    let hint = format!("move {} to stringData if it is plain text", key.as_str());
                    r.push(finding(&code::BAD_SECRET, message, &key, &path).hint(hint));
                }
            }
        }
    }
    if let Some(at) = string_data {
        for (key, node) in r.map(&at) {
            let path = Path::Key(&at.path, key.as_str());
            let text = match node.kind() {
                NodeKind::Null => Some(""),
                NodeKind::String => node.as_str(),
                _ => None,
            };
            let Some(text) = text else {
                let message = format!("the value of `{}` is not a string", key.as_str());
                r.push(finding(&code::WRONG_TYPE, message, &key, &path).hint("quote the value"));
                continue;
            };
            let bytes = text.as_bytes().to_vec();
            match secret.data.iter_mut().find(|(name, _)| *name == key.value) {
                Some((_, value)) => *value = bytes,
                None => secret.data.push((key.value.into_owned(), bytes)),
            }
        }
    }
    secret
}

fn finding(
    code: &'static crate::diagnostic::Code,
    message: String,
    key: &Text<'_>,
    path: &Path<'_>,
) -> Diagnostic {
    Diagnostic::error(code, message).at(key.span).path(path.to_string())
}
