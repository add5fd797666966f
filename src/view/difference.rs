//! How a file differs from what it should be.

use super::paint;
use super::text::safe;
use crate::review::Difference;
use similar::{ChangeTag, TextDiff};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The difference as `diff -u` shows it.
pub fn text(difference: &Difference) -> String {
    let diff = TextDiff::from_lines(&difference.before, &difference.after);
    let path = safe(&difference.path);
    let mut out =
        format!("{}\n{}\n", paint::bold(&format!("--- {path}")), paint::bold("+++ manifests"));
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        out.push_str(&paint::cyan(&hunk.header().to_string()));
        out.push('\n');
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            let line = safe(line);
            out.push_str(&match change.tag() {
                ChangeTag::Equal => format!(" {line}\n"),
                ChangeTag::Delete => paint::red(&format!("-{line}")) + "\n",
                ChangeTag::Insert => paint::green(&format!("+{line}")) + "\n",
            });
        }
    }
    out
}
