//! Findings for other programs: code scanning, annotations on a pull request, merge request widgets.

mod github;
mod gitlab;
mod sarif;

use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::source::{Position, Sources, Span};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::str::FromStr;

/// Forms of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    GitHub,
    /// GitLab's code quality report.
    GitLab,
}

const FORMS: [(&str, Form); 3] =
    [("sarif", Form::Sarif), ("github", Form::GitHub), ("gitlab", Form::GitLab)];

/// A form and where it goes, as `FORM` or `FORM=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The form.
    pub form: Form,
    /// The file; none for standard error.
    pub file: Option<PathBuf>,
}

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let form = FORMS.iter().find(|(known, _)| *known == name).map(|(_, form)| *form);
        let names = FORMS.map(|(name, _)| name).join(", ");
        match (form, file) {
            (None, _) => Err(format!("`{name}` is none of {names}")),
            (Some(_), Some(file)) if file.as_os_str().is_empty() => {
                Err(format!("write {name}=FILE"))
            }
            (Some(form), file) => Ok(Report { form, file }),
        }
    }
}

/// Findings with what places them.
pub struct Findings<'a> {
    /// The findings.
    pub all: &'a [&'a Diagnostic],
    /// What they were found in.
    pub sources: &'a Sources,
    /// The file that findings without a place are shown at.
    pub fallback: String,
}

impl Findings<'_> {
    /// The text of a form.
    pub fn text(&self, form: Form) -> String {
        match form {
            Form::Sarif => sarif::text(self),
            Form::GitHub => github::text(self),
            Form::GitLab => gitlab::text(self),
        }
    }

    /// Where a finding starts and ends. The end is behind the last character.
    fn region(&self, span: Option<Span>) -> Region {
        let Some(span) = span else {
            let start = Position { file: self.fallback.as_str().into(), line: 1, column: 1 };
            return Region { end: start.clone(), start };
        };
        let end = self.sources.position(Span { lo: span.hi, ..span });
        Region { start: self.sources.position(span), end }
    }

    /// By what each finding is known again when lines have moved.
    fn fingerprints(&self) -> Vec<String> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let fingerprint = |finding: &&Diagnostic| {
            let parts = [
                finding.code.id,
                finding.object.as_deref().unwrap_or_default(),
                finding.path.as_deref().unwrap_or_default(),
                &finding.message,
            ];
            let text = parts.join("\0");
            let count = seen.entry(text.clone()).or_default();
            *count += 1;
            let digest = Sha256::digest(format!("{text}\0{count}"));
            digest.iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        };
        self.all.iter().map(fingerprint).collect()
    }
}

struct Region {
    start: Position,
    end: Position,
}

/// The message with what to do.
fn message(finding: &Diagnostic) -> String {
    match &finding.hint {
        Some(hint) => format!("{}\nhelp: {hint}", finding.message),
        None => finding.message.clone(),
    }
}
