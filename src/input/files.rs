//! Reading files and folders.

use super::{STATE, find};
use crate::view::review::HEADER;
use ingc_compiler::diagnostic::code::{command_line as code, generate};
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics};
use ingc_compiler::source::{FileId, Sources};
use ingc_compiler::yaml;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

/// Sources count bytes in 32 bits, and no manifest is of this size.
const LARGEST: u64 = 1 << 30;

/// The texts of a run, and what could not be read.
#[derive(Debug, Default)]
pub struct Files {
    /// The texts so far.
    pub sources: Sources,
    /// What could not be read.
    pub diagnostics: Diagnostics,
    /// The folder that nothing may be read outside of, without links.
    pub within: Option<PathBuf>,
}

impl Files {
    /// Reads one file; none after reporting why it cannot be read.
    pub fn read(&mut self, path: &Path) -> Option<FileId> {
        self.read_unless(path, |_| Ok(false))
    }

    /// Reads one file, unless a look at it says that it is not wanted.
    fn read_unless(
        &mut self,
        path: &Path,
        is_unwanted: impl Fn(&mut File) -> io::Result<bool>,
    ) -> Option<FileId> {
        if let Some(finding) = self.outside(path) {
            self.diagnostics.push(finding);
            return None;
        }
        let read = File::open(path).and_then(|mut file| {
            if file.metadata()?.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Ok(if is_unwanted(&mut file)? { None } else { Some(bounded(file)?) })
        });
        self.take(shown(path), read.transpose()?)
    }

    /// A finding if a path leads, perhaps by a link, to what may not be read.
    pub fn outside(&self, path: &Path) -> Option<Diagnostic> {
        outside(path, self.within.as_deref())
    }

    fn take(&mut self, name: String, read: io::Result<Vec<u8>>) -> Option<FileId> {
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => {
                self.unreadable(&name, &error);
                return None;
            }
        };
        match yaml::decode(bytes) {
            Ok(text) => Some(self.sources.add(name, text)),
            Err(undecodable) => {
                let file = self.sources.add(name, undecodable.text.clone());
                self.diagnostics.push(undecodable.diagnostic(file));
                None
            }
        }
    }

    fn unreadable(&mut self, name: &str, error: &io::Error) {
        let message = format!("cannot read `{name}`: {}", reason(error));
        self.diagnostics.push(Diagnostic::error(&code::UNREADABLE, message));
    }

    /// Reads all manifests of the paths: files in the order given, folders with all that is in
    /// them, sorted. No file is read twice, nor are those that are known to be no manifests.
    pub fn manifests(&mut self, paths: &[PathBuf], known: &BTreeSet<PathBuf>) -> Vec<FileId> {
        let mut seen = known.clone();
        let mut read = Vec::new();
        for path in paths {
            if path.as_os_str() == "-" {
                let text = bounded(io::stdin().lock());
                read.extend(self.take("<stdin>".to_owned(), text));
            } else if path.is_dir() {
                self.walk(path, &mut seen, &mut read);
            } else if seen.insert(canonical(path)) {
                read.extend(self.read(path));
            }
        }
        read
    }

    /// Every folder is read once, whatever links lead to it.
    fn walk(&mut self, folder: &Path, seen: &mut BTreeSet<PathBuf>, read: &mut Vec<FileId>) {
        if !seen.insert(canonical(folder)) {
            return;
        }
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(&shown(folder), &error),
        };
        let mut names: Vec<_> = entries.into_iter().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let path =
                if folder == Path::new(".") { PathBuf::from(&name) } else { folder.join(&name) };
            let is_folder = path.is_dir();
            let is_read = if is_folder {
                !name.to_string_lossy().starts_with('.')
            } else {
                is_manifest(&path) && seen.insert(canonical(&path))
            };
            if !is_read {
                continue;
            }
            if let Some(finding) = strays(&path, folder) {
                self.diagnostics.push(finding);
            } else if is_folder {
                self.walk(&path, seen, read);
            } else {
                read.extend(self.read_unless(&path, is_own));
            }
        }
    }
}

/// A finding if a path leads, perhaps by a link, out of the folder.
pub(super) fn outside(path: &Path, within: Option<&Path>) -> Option<Diagnostic> {
    let inside = within.is_none_or(|within| !path.exists() || canonical(path).starts_with(within));
    let message = format!("`{}` is outside the repository and is not read", shown(path));
    (!inside).then(|| Diagnostic::error(&generate::OUTSIDE, message))
}

/// A finding if what was found in a folder is no file, and so may never end, or is a link out of the
/// repository: whoever may write manifests may not choose what else is read, and shown where it is
/// wrong.
fn strays(path: &Path, folder: &Path) -> Option<Diagnostic> {
    let refused = |what: &str, hint: &str| {
        let message = format!("`{}` {what} and is not read", shown(path));
        Some(Diagnostic::error(&code::UNREADABLE, message).hint(hint))
    };
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => {
            return refused("is neither a file nor a folder", "take it out of the folder");
        }
        _ => {}
    }
    if !path.is_symlink() {
        return None;
    }
    let target = canonical(path);
    let repository = find::repository(folder)?;
    if target.starts_with(canonical(&repository)) {
        return None;
    }
    refused("leads out of the repository", "name it on the command line if it is to be read")
}

fn is_manifest(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml" | "json")) && name != find::NAME && name != STATE
}

/// True for a file that ingc has made, which may lie among the manifests. It may be large, and so only
/// its beginning is read.
fn is_own(file: &mut File) -> io::Result<bool> {
    let mut head = Vec::with_capacity(HEAD);
    file.take(HEAD as u64).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(begins_own(&String::from_utf8_lossy(&head)))
}

/// All that ingc makes tells in so many bytes what it is.
const HEAD: usize = 512;

/// True for the beginning of a review file, a saved plan, a snapshot, a state or a simulated account.
fn begins_own(text: &str) -> bool {
    if text.starts_with(HEADER) {
        return true;
    }
    let head: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let has = |names: [&str; 2]| names.iter().all(|name| head.contains(&format!("\"{name}\":")));
    head.starts_with("{\"ingc_")
        || head.starts_with("{\"version\":")
            && (has(["cluster", "account"]) || has(["accountId", "partition"]))
}

fn bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 1 GiB"));
    }
    Ok(bytes)
}

/// What went wrong, without the operating system's number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}

/// The path as it is shown: with slashes, without a leading `./`.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    text.strip_prefix("./").filter(|rest| !rest.is_empty()).unwrap_or(&text).to_owned()
}

/// The path by which a file is known, however it was written.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path, known: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut files = Files::default();
        let known = known.iter().map(|name| canonical(&folder.join(name))).collect();
        let read = files.manifests(&[folder.to_owned()], &known);
        let prefix = format!("{}/", shown(folder));
        let name = |file: &FileId| files.sources.file(*file).name().replace(&prefix, "");
        let findings = files.diagnostics.iter().map(|finding| finding.message.replace(&prefix, ""));
        (read.iter().map(name).collect(), findings.collect())
    }

    #[test]
    fn folders_are_read_deeply_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::create_dir_all(folder.join("team/.git")).unwrap();
        for name in
            ["b.yml", "a.yaml", "team/c.json", "team/.git/d.yaml", "NOTES.txt", "values.yaml"]
        {
            fs::write(folder.join(name), "").unwrap();
        }
        fs::write(folder.join("ingc.yaml"), "").unwrap();
        fs::write(folder.join(STATE), "").unwrap();
        let (read, findings) = names(folder, &["values.yaml"]);
        assert_eq!(read, ["a.yaml", "b.yml", "team/c.json"]);
        assert!(findings.is_empty(), "{findings:?}");
    }

    #[test]
    fn what_ingc_has_made_is_no_manifest() {
        let check = |text: &str, expected: bool| assert_eq!(begins_own(text), expected, "{text}");
        check(HEADER, true);
        check(r#"{"ingc_plan":1,"input":{}}"#, true);
        check("{\n  \"ingc_snapshot\": 1,\n", true);
        check(r#"{"version": 1, "cluster": "a", "account": "", "region": ""}"#, true);
        check(r#"{"version": 1, "accountId": "1", "region": "", "partition": "aws"}"#, true);
        check(r#"{"apiVersion": "v1", "kind": "Service"}"#, false);
        check(r#"{"version": 1, "services": {}}"#, false);
        check("", false);
    }

    #[test]
    fn what_ingc_has_made_is_no_text_of_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let account = r#"{"version": 1, "accountId": "1", "region": "", "partition": "aws"}"#;
        fs::write(folder.path().join("account.json"), account).unwrap();
        fs::write(folder.path().join("b.yaml"), "b: 1").unwrap();
        let mut files = Files::default();
        files.manifests(&[folder.path().to_owned()], &BTreeSet::new());
        let texts: Vec<&str> = files.sources.files().map(|(_, file)| file.text()).collect();
        assert_eq!(texts, ["b: 1"]);
        assert_eq!(files.read(&folder.path().join("account.json")).map(|it| it.0), Some(1));
    }

    #[test]
    fn what_cannot_be_read_is_reported_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("a.yaml"), b"a: \xff").unwrap();
        fs::write(folder.join("b.yaml"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", folder.join("c.yaml")).unwrap();
        let (read, findings) = names(folder, &[]);
        assert_eq!(read, ["b.yaml"]);
        assert_eq!(findings.len(), if cfg!(unix) { 2 } else { 1 }, "{findings:?}");
        assert!(findings[0].contains("UTF-8"), "{findings:?}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_never_in_a_circle() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::create_dir_all(folder.join("real")).unwrap();
        fs::write(folder.join("real/a.yaml"), "").unwrap();
        symlink("..", folder.join("real/up")).unwrap();
        symlink("real", folder.join("linked")).unwrap();
        // Any order of these would be a way of its own.
        for n in 0..16 {
            fs::create_dir(folder.join(format!("real/{n}"))).unwrap();
            for m in 0..16 {
                symlink(format!("../{m}"), folder.join(format!("real/{n}/to-{m}"))).unwrap();
            }
        }
        let (read, findings) = names(folder, &[]);
        assert_eq!(read, ["linked/a.yaml"]);
        assert!(findings.is_empty(), "{findings:?}");
    }

    #[cfg(unix)]
    #[test]
    fn what_never_ends_or_lies_outside_the_repository_is_not_read() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (outside, folder) = (folder.path().join("outside"), folder.path().join("repository"));
        fs::create_dir_all(outside.join("deep")).unwrap();
        fs::create_dir_all(folder.join("k8s")).unwrap();
        fs::create_dir_all(folder.join("shared")).unwrap();
        fs::write(outside.join("secret.yaml"), "password: x").unwrap();
        fs::write(folder.join("shared/a.yaml"), "").unwrap();
        let k8s = folder.join("k8s");
        symlink("../../outside/secret.yaml", k8s.join("b.yaml")).unwrap();
        symlink("/dev/zero", k8s.join("c.yaml")).unwrap();
        symlink("../../outside", k8s.join("d")).unwrap();
        symlink("../shared", k8s.join("e")).unwrap();
        // Without a repository nobody says where it ends.
        let (read, findings) = names(&k8s, &[]);
        assert_eq!(read, ["b.yaml", "e/a.yaml"]);
        assert!(findings[0].contains("`c.yaml` is neither a file"), "{findings:?}");
        fs::create_dir(folder.join(".git")).unwrap();
        let (read, findings) = names(&k8s, &[]);
        assert_eq!(read, ["e/a.yaml"]);
        let told = ["`b.yaml` leads out of", "`c.yaml` is neither", "`d` leads out of"];
        assert_eq!(findings.len(), told.len(), "{findings:?}");
        for (finding, told) in findings.iter().zip(told) {
            assert!(finding.contains(told), "{finding}");
        }
        let mut files = Files::default();
        files.manifests(&[k8s.join("b.yaml")], &BTreeSet::new());
        assert!(files.diagnostics.iter().next().is_none(), "what is named is read");
    }
}
