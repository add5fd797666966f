//! The way back from a state that was damaged, in commands that can be typed.

use super::snapshot::with_suffix;
use std::path::Path;

/// What to do about a damaged state.
pub(crate) fn way_back(path: &Path) -> String {
    let text = path.to_string_lossy();
    if let Some(object) = text.strip_prefix("s3://") {
        return way_back_on_s3(&text, object);
    }
    let quoted = quoted(path);
    let aside = self::quoted(&with_suffix(path, ".damaged"));
    let import = format!("`mv {quoted} {aside}`, and `ingc import` rebuilds it from AWS");
    let backup = with_suffix(path, ".backup");
    if !backup.is_file() {
        return import;
    }
    let backup = self::quoted(&backup);
    format!("`cp {backup} {quoted}` brings the state of before the last run back; or {import}")
}

/// What to do about a damaged object, or about objects that contradict each other.
fn way_back_on_s3(url: &str, object: &str) -> String {
    let (bucket, key) = object.split_once('/').unwrap_or((object, ""));
    let history = format!(
        "where the bucket keeps versions, `aws s3api list-object-versions --bucket {} --prefix {}` lists those of before",
        quoted_text(bucket),
        quoted_text(key)
    );
    if key.is_empty() || key.ends_with('/') {
        return format!("one of its objects was copied or edited: {history}");
    }
    format!(
        "`aws s3 mv {} .` puts it aside, and `ingc import` rebuilds it from AWS; {history}, and `aws s3api copy-object --bucket {} --key {} --copy-source {}` with the id of one in the place of VERSION brings that back",
        quoted_text(url),
        quoted_text(bucket),
        quoted_text(key),
        quoted_text(&format!("{bucket}/{key}?versionId=VERSION"))
    )
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    quoted_text(&path.to_string_lossy())
}

fn quoted_text(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
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
        let object = way_back(Path::new("s3://b/p/state/x.json"));
        for command in [
            "`aws s3 mv s3://b/p/state/x.json .`",
            "`aws s3api list-object-versions --bucket b --prefix p/state/x.json`",
            "--copy-source 'b/p/state/x.json?versionId=VERSION'`",
        ] {
            assert!(object.contains(command), "{object}");
        }
        let all = way_back(Path::new("s3://b/p/"));
        assert!(all.contains("--prefix p/`") && !all.contains("s3 mv"), "{all}");
    }
}
