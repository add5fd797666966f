//! The input of a run as ConfigMaps, so that the Jobs carry out what was rendered.
//!
//! Every file keeps its path and its lines, so that what a Job says of a place is true in the
//! repository. Objects that do not matter are left blank; Secrets never stand in a ConfigMap.

use super::graph::{LARGEST, split};
use super::{MANAGED_BY, name};
use crate::input::{Input, InputArgs, canonical};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::generate as code;
use ingc_compiler::settings;
use ingc_compiler::source::FileId;
use ingc_compiler::yaml::{self, Node, NodeKind, Order};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Kinds that ingc reads, and that may stand in a ConfigMap.
const KINDS: [&str; 5] = ["Ingress", "IngressClass", "IngressClassParams", "Namespace", "Service"];

/// More files than this make a Job too large: it names each of them.
const MOST_FILES: usize = 3000;

/// Files with their paths below where they are mounted.
pub(super) struct Files {
    /// What each path holds.
    texts: BTreeMap<PathBuf, String>,
    /// The folder that commands run in, below where the files are mounted.
    pub(super) folder: PathBuf,
    /// What is mounted, below which all paths stand.
    root: PathBuf,
}

impl Files {
    /// All that a run reads.
    pub(super) fn of(input: &Input, args: &InputArgs) -> Result<Files, Box<Diagnostic>> {
        let here = canonical(Path::new("."));
        let names = |path: &PathBuf| canonical(path);
        let given = input.config.iter().chain(&args.values).map(names);
        let manifests: Vec<FileId> =
            input.manifests.iter().copied().filter(|file| !input.secrets.contains(file)).collect();
        let path_of = |file: FileId| match input.sources.file(file).name() {
            "<stdin>" => here.join(STDIN),
            name => canonical(Path::new(name)),
        };
        let mut texts = BTreeMap::new();
        let by_path: BTreeMap<PathBuf, FileId> =
            input.sources.files().map(|(file, _)| (path_of(file), file)).collect();
        for path in given {
            if let Some(&file) = by_path.get(&path) {
                texts.insert(path, meaningful(input, file));
            }
        }
        if let Some(file) = input.inventory.file {
            texts.insert(path_of(file), input.sources.file(file).text().to_owned());
        }
        for file in manifests {
            texts.insert(path_of(file), relevant(input, file));
        }
        if texts.len() > MOST_FILES {
            let message = format!("{} files are too many for the Jobs", texts.len());
            let hint = format!("join them, or split the application: at most {MOST_FILES}");
            return Err(Box::new(Diagnostic::error(&code::TOO_LARGE, message).hint(hint)));
        }
        let root = texts.keys().fold(here.clone(), |root, path| common(&root, path));
        let folder = here.strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
        Ok(Files { texts, folder, root })
    }

    /// Adds a file beside those of the folder that commands run in.
    pub(super) fn add(&mut self, name: &str, text: String) {
        self.texts.insert(self.root.join(&self.folder).join(name), text);
    }

    /// Adds a file of the repository as it is.
    pub(super) fn add_from(&mut self, path: &Path, text: String) {
        self.texts.insert(canonical(path), text);
    }

    /// ConfigMaps that hold the files, and what a volume takes from them.
    pub(super) fn config_maps(
        &self,
        application: &str,
        what: &str,
        annotations: &Value,
    ) -> Result<(Vec<Value>, Value), Box<Diagnostic>> {
        let mut maps: Vec<(usize, Map<String, Value>, Vec<Value>)> = Vec::new();
        for (index, (path, text)) in self.texts.iter().enumerate() {
            let below = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy();
            if split(text, LARGEST).len() > 1 {
                let message = format!("`{below}` is larger than a ConfigMap");
                let hint = "split the file: at most 900 KiB of Ingresses and Services";
                return Err(Box::new(Diagnostic::error(&code::TOO_LARGE, message).hint(hint)));
            }
            // A key may not hold a slash.
            let key = format!("file-{index:04}");
            let size = text.len() + below.len() + key.len();
            if maps.last().is_none_or(|(used, ..)| used + size > LARGEST) {
                maps.push((0, Map::new(), Vec::new()));
            }
            if let Some((used, data, items)) = maps.last_mut() {
                *used += size;
                data.insert(key.clone(), text.as_str().into());
                items.push(json!({"key": key, "path": below}));
            }
        }
        let names = (0..maps.len()).map(|index| match index {
            0 => name::of("ingc", application, what),
            _ => name::of("ingc", application, &format!("{what}-{}", index + 1)),
        });
        let (mut made, mut sources) = (Vec::new(), Vec::new());
        for ((_, data, items), name) in maps.into_iter().zip(names) {
            made.push(json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {
                    "name": name,
                    "labels": {MANAGED_BY.0: MANAGED_BY.1},
                    "annotations": annotations,
                },
                "data": data,
            }));
            sources.push(json!({"configMap": {"name": name, "items": items}}));
        }
        Ok((made, sources.into()))
    }
}

/// The name of what came over standard input.
pub(super) const STDIN: &str = "stdin.yaml";

fn common(one: &Path, other: &Path) -> PathBuf {
    let pairs = one.components().zip(other.components());
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

/// The settings that change what is built. The others may be secret, as a webhook's key is.
fn meaningful(input: &Input, file: FileId) -> String {
    let (tree, _) = yaml::document(&input.sources, file);
    let mut out = String::new();
    if let Some(tree) = tree {
        keep(tree.root(), "", &mut out);
    }
    out
}

fn keep(settings: Node<'_, '_>, indent: &str, out: &mut String) {
    for (key, value) in settings.entries() {
        let name = key.key().unwrap_or_default();
        if name == settings::SUBCHART && value.kind() == NodeKind::Mapping {
            out.push_str(&format!("{name}:\n"));
            keep(value, "  ", out);
        } else if settings::has_meaning(&name) {
            let nested = match value.kind() {
                NodeKind::Mapping => value.entries().next().is_some(),
                NodeKind::Sequence => value.items().next().is_some(),
                _ => false,
            };
            let text = yaml::emit(value, Order::Given);
            let mut lines = text.lines();
            let first = if nested { None } else { lines.next() };
            out.push_str(format!("{indent}{name}: {}", first.unwrap_or_default()).trim_end());
            out.push('\n');
            for line in lines {
                let line = format!("{indent}  {line}");
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
    }
}

/// A file's objects that matter, on the lines where they stand.
fn relevant(input: &Input, file: FileId) -> String {
    let parts: Vec<String> = yaml::parts(&input.sources, file)
        .map(|part| {
            let trees: Vec<_> = part.read().into_iter().filter_map(Result::ok).collect();
            let roots: Vec<Node<'_, '_>> = trees.iter().map(|tree| tree.root()).collect();
            let blank = || "\n".repeat(part.text().matches('\n').count());
            if roots.iter().all(|root| matters(*root)) && !roots.is_empty() {
                return part.text().to_owned();
            }
            // Of a list some items may matter, which then stand elsewhere.
            let kept = roots.iter().flat_map(|root| items(*root)).filter(|item| matters(*item));
            let kept: Vec<String> = kept.map(|item| yaml::emit(item, Order::Given)).collect();
            if kept.is_empty() { blank() } else { kept.join("---\n") }
        })
        .collect();
    parts.join("---\n")
}

fn matters(root: Node<'_, '_>) -> bool {
    let kind = root.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
    KINDS.contains(&kind)
        || kind.strip_suffix("List").is_some_and(|item| KINDS.contains(&item))
        || kind == "List" && items(root).all(matters)
}

fn items<'t, 's>(root: Node<'t, 's>) -> impl Iterator<Item = Node<'t, 's>> {
    let items = root.get("items").filter(|items| items.kind() == NodeKind::Sequence);
    let itself = items.is_none().then_some(root);
    itself.into_iter().chain(items.into_iter().flat_map(|items| items.items()))
}
