//! `ingc check`: everything that can be said of manifests without an account.

use crate::console::Console;
use crate::error::{Exit, Failure};
use crate::input::InputArgs;
use crate::planning::Compiled;
use crate::routing;
use crate::view::{self, describe::counted};
use ingc_compiler::diagnostic::Severity;
use ingc_compiler::route::exact::Budget;

/// Check manifests, and look for rules that do nothing or take others' requests
///
/// Reports what `compile` reports, and what follows from all rules together: rules that can never
/// match, with those that take their requests; requests of one namespace's hosts that a rule of
/// another namespace answers; rules without which every request would be answered in the same way;
/// and rules that could be one, where rules are short. All of it is proven, by comparing what the rules take. The exit status is 1 with any error;
/// `ingc.codes` of ingc.yaml makes errors of warnings, or silences them.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<Exit, Failure> {
    let mut compiled = Compiled::read(&args.input);
    if compiled.input.is_settled {
        compiled.look_for_ingresses();
    }
    let table = routing::of_manifests(&compiled);
    let found = table.findings(&compiled.compilation, Budget::default());
    let weighed = compiled.input.settings.ingc.weigh(found.diagnostics);
    compiled.compilation.diagnostics.append(weighed);
    compiled.compilation.diagnostics.sort(&compiled.input.sources);
    compiled.report(console);
    for listener in &found.undecided {
        let listener = view::text::safe(listener);
        console.err.line(&format!(
            "note: {listener}: its rules are too many or too intricate to look at all of them"
        ));
    }
    if !found.mergeable.is_empty() {
        console.out.print("Rules that could be one, which is proven to change no answer:\n");
    }
    for merging in &found.mergeable {
        let conditions = serde_json::to_value(&merging.conditions).unwrap_or_default();
        let asks = view::describe::conditions(&conditions);
        let rules = merging.rules.join(", ");
        let line = format!("  {}: {rules} as {asks}\n", merging.group);
        console.out.print(&view::text::safe(&line));
    }
    let count = |severity| compiled.findings().iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let checked =
        format!("{}, {}", counted(table.balancers.len(), "group"), counted(found.rules, "rule"));
    let (errors_found, warnings_found) = (counted(errors, "error"), counted(warnings, "warning"));
    let line = match (errors, warnings) {
        (0, 0) => view::paint::green(&format!("{checked}: nothing to say.")),
        (0, _) => view::paint::yellow(&format!("{checked}: {warnings_found}.")),
        _ => view::paint::red(&format!("{checked}: {errors_found}, {warnings_found}.")),
    };
    console.out.print(&(line + "\n"));
    Ok(if errors > 0 { Exit::Error } else { Exit::Success })
}
