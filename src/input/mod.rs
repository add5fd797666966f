//! What every command that compiles needs: manifests, settings and the inventory.

mod account;
mod args;
mod files;
mod find;
mod secret;

pub use account::{
    AccountArgs, AnyAccount, block_on, connect, discover, duration, is_for, is_saved_plan, refresh,
    refresh_some, runtime,
};
pub use args::InputArgs;
pub(crate) use files::canonical;
pub use files::{Files, reason, shown};
pub use find::config;

use crate::error::Failure;
use ingc_applier::StatePlace;
use ingc_compiler::diagnostic::code::command_line as code;
use ingc_compiler::diagnostic::{Diagnostic, Diagnostics};
use ingc_compiler::inventory::{self, Inventory};
use ingc_compiler::settings::{self, MissingSecrets, SecretSource, Settings};
use ingc_compiler::source::{FileId, Sources, Spanned};
use ingc_compiler::{Compilation, Known};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The state's file where nobody names one.
pub const STATE: &str = "ingc.state.json";
/// The inventory's file where nobody names one.
const INVENTORY: &str = "inventory.yaml";

/// A run's input, read.
#[derive(Debug)]
pub struct Input {
    /// All texts.
    pub sources: Sources,
    /// Those that are manifests.
    pub manifests: Vec<FileId>,
    /// Those of the manifests that stand for Secrets which `ingc.secrets` names.
    pub secrets: Vec<FileId>,
    /// The controller's settings and ingc's own.
    pub settings: Settings,
    /// What exists in the account.
    pub inventory: Inventory,
    /// What was found while reading.
    pub diagnostics: Diagnostics,
    /// The `ingc.yaml` that counts.
    pub config: Option<PathBuf>,
    /// The folder that nothing may be read outside of, without links.
    pub within: Option<PathBuf>,
    /// Settings and inventory have no errors. With one nothing that is compiled would be true.
    pub is_settled: bool,
    /// The manifests are all that `ingc.yaml` stands for: what they lack is absent.
    pub is_whole: bool,
}

impl Input {
    /// Compiles what is not known. The findings of reading come along.
    pub fn compile(&self, known: &Known<'_>) -> Compilation {
        let before = self.diagnostics.clone();
        let Input { sources, manifests, settings, inventory, .. } = self;
        let mut compilation =
            ingc_compiler::compile_knowing(known, sources, manifests, settings, inventory, before);
        if !self.is_settled {
            compilation.stacks.clear();
            compilation.unchanged.clear();
        }
        compilation
    }

    /// The namespace of objects that name none.
    pub fn namespace(&self) -> &str {
        self.inventory.cluster.namespace()
    }

    /// A finding if a path leads to what may not be read.
    pub fn outside(&self, path: &Path) -> Option<Diagnostic> {
        files::outside(path, self.within.as_deref())
    }

    /// A path of the settings, which is relative to the file that it stands in.
    pub fn path_of(&self, written: &Spanned<String>) -> PathBuf {
        path_of(&self.sources, written)
    }

    /// The state's file or place on S3: as the settings say, else beside `ingc.yaml`, else in this
    /// folder.
    pub fn state_path(&self) -> PathBuf {
        match &self.settings.ingc.state {
            Some(written) => state_at(&self.sources, written),
            None => find::beside(self.config.as_deref(), STATE),
        }
    }
}

/// Settings alone, for commands that need nothing else.
#[derive(Debug)]
pub struct SettingsOnly {
    /// The texts.
    pub sources: Sources,
    /// The controller's settings and ingc's own.
    pub settings: Settings,
    /// What is wrong with them.
    pub diagnostics: Diagnostics,
    /// The `ingc.yaml` that counts.
    config: Option<PathBuf>,
}

impl SettingsOnly {
    /// The inventory's file: as the settings say, else beside `ingc.yaml`, else in this folder.
    pub fn inventory_path(&self) -> PathBuf {
        match &self.settings.ingc.inventory {
            Some(written) => path_of(&self.sources, written),
            None => find::beside(self.config.as_deref(), INVENTORY),
        }
    }
}

/// Reads settings alone.
pub fn read_settings(args: &InputArgs) -> SettingsOnly {
    let mut files = Files::default();
    let mut diagnostics = Diagnostics::new();
    let config = find::config(args);
    let mut read: Vec<FileId> = config.iter().filter_map(|path| files.read(path)).collect();
    read.extend(args.values.iter().filter_map(|path| files.read(path)));
    read.extend(args.as_settings().map(|(flag, text)| files.sources.add(flag, text)));
    let settings = settings::read(&files.sources, &read, &mut diagnostics);
    diagnostics.append(files.diagnostics);
    SettingsOnly { sources: files.sources, settings, diagnostics, config }
}

/// Where the state is kept, where only settings are looked at. What is wrong with them does not
/// matter here.
///
/// # Errors
/// If it is meant to be on S3 and names no bucket.
pub fn state_place(state: Option<&Path>, config: Option<&Path>) -> Result<StatePlace, Failure> {
    let args = InputArgs { config: config.map(Path::to_owned), ..InputArgs::default() };
    let input = settings_only(&args);
    let path = state.map_or_else(|| input.state_path(), Path::to_owned);
    Ok(StatePlace::new(&path, &input.settings.region)?)
}

/// Settings and inventory where no manifests are looked at. What is wrong with them does not matter
/// here.
pub fn settings_only(args: &InputArgs) -> Input {
    let mut input = without_manifests(args);
    input.diagnostics = Diagnostics::new();
    input.is_settled = true;
    input
}

/// Settings and inventory, where no manifests are looked at. There may be no inventory yet.
pub fn without_manifests(args: &InputArgs) -> Input {
    let mut files = Files::default();
    let mut diagnostics = Diagnostics::new();
    let config = find::config(args);
    let mut read: Vec<FileId> =
        config.iter().chain(&args.values).filter_map(|path| files.read(path)).collect();
    read.extend(args.as_settings().map(|(flag, text)| files.sources.add(flag, text)));
    let mut settings = settings::read(&files.sources, &read, &mut diagnostics);
    let named = settings.ingc.inventory.as_ref().map(|path| path_of(&files.sources, path));
    let path = args.inventory.clone().or(named.filter(|path| path.exists()));
    let inventory = path.and_then(|path| files.read(&path));
    let mut inventory = inventory
        .map(|file| inventory::read(&files.sources, file, &mut diagnostics))
        .unwrap_or_default();
    complete(&mut settings, &mut inventory);
    // A simulated account is made in the region that somebody said.
    if inventory.region.is_empty() {
        inventory.region.clone_from(&settings.region);
    }
    diagnostics.append(files.diagnostics);
    Input {
        is_settled: !diagnostics.has_errors(),
        is_whole: false,
        sources: files.sources,
        manifests: Vec::new(),
        secrets: Vec::new(),
        within: None,
        settings,
        inventory,
        diagnostics,
        config,
    }
}

/// Where the settings say that the state is: a place on S3 is relative to nothing.
fn state_at(sources: &Sources, written: &Spanned<String>) -> PathBuf {
    if written.value.starts_with("s3:") {
        return PathBuf::from(&written.value);
    }
    path_of(sources, written)
}

fn path_of(sources: &Sources, written: &Spanned<String>) -> PathBuf {
    find::beside(Some(Path::new(sources.file(written.span.file).name())), &written.value)
}

/// Reads everything that the arguments name. What fails is a finding, and reading goes on.
pub fn read(args: &InputArgs) -> Input {
    let mut files = Files { within: args.within.clone(), ..Files::default() };
    let mut diagnostics = Diagnostics::new();

    let config = find::config(args);
    let mut settings_files: Vec<FileId> =
        config.iter().filter_map(|path| files.read(path)).collect();
    settings_files.extend(args.values.iter().filter_map(|path| files.read(path)));
    settings_files.extend(args.as_settings().map(|(flag, text)| files.sources.add(flag, text)));
    let unread = files.diagnostics.has_errors();
    let mut settings = settings::read(&files.sources, &settings_files, &mut diagnostics);
    if unread {
        // The name may stand in the very file that cannot be read.
        diagnostics = keep(diagnostics, |finding| finding.path.as_deref() != Some("clusterName"));
    }

    let named = settings.ingc.inventory.as_ref().map(|path| path_of(&files.sources, path));
    let inventory_path = args.inventory.clone().or(named);
    let mut inventory = match inventory_path.as_ref().map(|path| files.read(path)) {
        Some(Some(file)) => inventory::read(&files.sources, file, &mut diagnostics),
        Some(None) => Inventory::default(),
        None => {
            let finding = Diagnostic::warning(
                &code::NO_INVENTORY,
                "no inventory: the account counts as empty",
            );
            diagnostics.push(finding.hint(
                "give --inventory FILE, or name it in ingc.yaml: `ingc: {inventory: inventory.yaml}`",
            ));
            Inventory::default()
        }
    };
    complete(&mut settings, &mut inventory);
    if settings.ingc.missing_secrets == MissingSecrets::Unknown {
        let message = "`missingSecrets: unknown` is not built yet";
        let mut finding = Diagnostic::error(&code::NOT_BUILT, message)
            .path("ingc.missingSecrets")
            .hint("say where the Secrets are: `ingc: {secrets: {NAMESPACE/NAME: {file: PATH}}}`");
        finding.span = settings.span;
        diagnostics.push(finding);
    }
    let secrets = secret::read(&settings.ingc, &mut files);
    diagnostics.append(std::mem::take(&mut files.diagnostics));
    let is_settled = !diagnostics.has_errors();

    let stated = settings.ingc.state.as_ref().map(|path| path_of(&files.sources, path));
    let secret_paths: Vec<PathBuf> = settings
        .ingc
        .secrets
        .values()
        .filter_map(|source| match source {
            SecretSource::File(written) => Some(path_of(&files.sources, written)),
            SecretSource::Variable(_) => None,
        })
        .collect();
    let named = args.values.iter().chain(&config).chain(&inventory_path).chain(&stated);
    let named = named.chain(&secret_paths);
    let not_manifests: BTreeSet<PathBuf> = named.map(|path| files::canonical(path)).collect();
    let configured = find::configured(&settings.ingc, &files.sources, config.as_deref());
    let paths = if args.paths.is_empty() { &configured } else { &args.paths };
    let mut manifests = files.manifests(paths, &not_manifests);
    manifests.extend(&secrets);
    diagnostics.append(std::mem::take(&mut files.diagnostics));

    Input {
        within: args.within.clone(),
        is_settled,
        is_whole: config.is_some() && find::same(paths, &configured),
        sources: files.sources,
        manifests,
        secrets,
        settings,
        inventory,
        diagnostics,
        config,
    }
}

/// What the inventory says need not be said again.
fn complete(settings: &mut Settings, inventory: &mut Inventory) {
    let namespace = settings.ingc.namespace.as_ref();
    inventory.cluster.namespace = namespace.map(|namespace| namespace.value.clone());
    if settings.region.is_empty() {
        settings.region.clone_from(&inventory.region);
    }
    if settings.vpc_id.is_empty() {
        settings.vpc_id.clone_from(&inventory.vpc.vpc_id);
    }
}

fn keep(findings: Diagnostics, is_kept: impl Fn(&Diagnostic) -> bool) -> Diagnostics {
    let mut kept = Diagnostics::new();
    findings.into_vec().into_iter().filter(is_kept).for_each(|finding| kept.push(finding));
    kept
}
