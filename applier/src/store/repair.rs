//! The way back from a state that was damaged, in commands that can be typed.

use super::snapshot::with_suffix;
use std::path::Path;

/// What to do about a damaged state.
pub(crate) fn way_back(path: &Path) -> String {
    let quoted = quoted(path);
    if path.to_string_lossy().starts_with("s3://") {
        return format!(
            "`aws s3 mv {quoted} .` puts it aside, and `ingc import` rebuilds it from AWS; a bucket with versioning still has the object of before"
        );
    }
    let aside = self::quoted(&with_suffix(path, ".damaged"));
    let import = format!("`mv {quoted} {aside}`, and `ingc import` rebuilds it from AWS");
    let backup = with_suffix(path, ".backup");
    if !backup.is_file() {
        return import;
    }
    let backup = self::quoted(&backup);
    format!("`cp {backup} {quoted}` brings the state of before the last run back; or {import}")
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_typed() {
        let check = |path: &str, expected: &str| assert_eq!(quoted(Path::new(path)), expected);
        check("k8s/ingc.state.json", "k8s/ingc.state.json");
        check("my state", "'my state'");
        check("it's; rm -rf", "'it'\\''s; rm -rf'");
        assert!(
            way_back(Path::new("s3://b/p/state/x.json"))
                .contains("`aws s3 mv s3://b/p/state/x.json .`")
        );
    }
}
