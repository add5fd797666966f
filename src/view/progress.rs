//! What happens while a plan is carried out, for people.

use super::describe::counted;
use super::paint;
use super::text::{safe, short};
use ingc_applier::{Event, Report};
use ingc_compiler::diagnostic::Diagnostic;
use ingc_compiler::diagnostic::code::applier as code;
use ingc_compiler::resource::Address;
use ingc_planner::plan::Summary;
use ingc_planner::{Action, Plan};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Steps that were left out are listed up to this number.
const LISTED: usize = 10;

/// What is waited for is told again after so long.
const STILL: Duration = Duration::from_secs(30);

/// Counts steps.
pub struct Steps {
    done: usize,
    all: usize,
    /// Waiting is told in lines; else somebody sees it otherwise.
    tells_waiting: bool,
    /// What is waited for by each resource, since when, and when it was told last.
    waiting: BTreeMap<Address, (String, Instant, Instant)>,
}

impl Steps {
    /// Of a plan.
    pub fn new(plan: &Plan, tells_waiting: bool) -> Steps {
        Steps { done: 0, all: plan.steps.len(), tells_waiting, waiting: BTreeMap::new() }
    }

    /// The line of an event; none for what only programs want to know.
    pub fn line(&mut self, event: &Event<'_>) -> Option<String> {
        match event {
            Event::ApplyStart { .. } | Event::AwsCall { .. } | Event::KubernetesCall { .. } => None,
            Event::Waiting { .. } if !self.tells_waiting => None,
            Event::Waiting { address, what } => {
                self.waiting(address, format!("{}: waiting for {}", short(address), safe(what)))
            }
            Event::ValidationRecord { address, name, kind, value } => Some(format!(
                "        {}: write this record into the DNS: {} {} {}",
                short(address),
                safe(name),
                safe(kind),
                safe(value)
            )),
            Event::ApplyComplete { address, action, elapsed } => {
                let (word, colour) = past(*action);
                Some(format!(
                    "{} {} {}{}",
                    self.next(),
                    colour(word),
                    short(address),
                    took(*elapsed)
                ))
            }
            Event::ApplyErrored { error, .. } => Some(format!(
                "{} {} {}: {}",
                self.next(),
                paint::alarm("failed"),
                short(&error.address),
                safe(&error.message)
            )),
        }
    }

    /// Says what is waited for when it begins, and then from time to time.
    fn waiting(&mut self, address: &Address, what: String) -> Option<String> {
        let now = Instant::now();
        match self.waiting.get_mut(address) {
            Some((before, since, told)) if *before == what => {
                if now.duration_since(*told) < STILL {
                    return None;
                }
                *told = now;
                let seconds = now.duration_since(*since).as_secs();
                Some(paint::dim(&format!("        {what}, for {seconds} s")))
            }
            _ => {
                let line = paint::dim(&format!("        {what}"));
                self.waiting.insert(address.clone(), (what, now, now));
                Some(line)
            }
        }
    }

    fn next(&mut self) -> String {
        self.done += 1;
        let width = self.all.to_string().len();
        paint::dim(&format!("[{:>width$}/{}]", self.done, self.all))
    }
}

/// Only what one had to wait for.
fn took(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        0 => String::new(),
        seconds => paint::dim(&format!(" ({seconds} s)")),
    }
}

fn past(action: Action) -> (&'static str, fn(&str) -> String) {
    match action {
        Action::NoOp => ("left", paint::dim),
        Action::Create => ("created", paint::green),
        Action::Update => ("updated", paint::yellow),
        Action::Replace => ("created anew", paint::yellow),
        Action::Reorder => ("reordered", paint::cyan),
        Action::Delete => ("deleted", paint::red),
        Action::Forget => ("forgot", paint::dim),
        Action::Import => ("took up", paint::cyan),
    }
}

/// What went wrong, as findings.
pub fn findings(report: &Report) -> Vec<Diagnostic> {
    let mut findings: Vec<_> = report
        .errors
        .iter()
        .map(|error| {
            Diagnostic::error(error.code, error.message.clone())
                .object(error.address.to_string())
                .hint(error.next.clone())
        })
        .collect();
    if !report.left_out.is_empty() {
        let steps = counted(report.left_out.len(), "step");
        let names = report.left_out.iter().take(LISTED).map(|left| match &left.needs {
            Some(needs) => format!("{} needs {}", short(&left.address), short(needs)),
            None => short(&left.address),
        });
        let mut names: Vec<_> = names.collect();
        if report.left_out.len() > LISTED {
            names.push("and others".to_owned());
        }
        let verb = if report.left_out.len() == 1 { "was" } else { "were" };
        let message = format!("{steps} {verb} left out: {}", names.join(", "));
        findings.push(
            Diagnostic::error(&code::NOT_DONE, message)
                .hint("run the same command again to continue"),
        );
    }
    findings
}

/// The last line of a run.
pub fn summary(plan: &Plan, report: &Report) -> String {
    if plan.is_empty() {
        return "Nothing to do.\n".to_owned();
    }
    let done = done(plan, report);
    let mut parts = vec![
        format!("{} created", done.create),
        format!("{} updated", done.update),
        format!("{} replaced", done.replace),
    ];
    for (count, word) in
        [(done.reorder, "reordered"), (done.forget, "forgotten"), (done.import, "taken up")]
    {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    parts.push(format!("{} deleted", done.delete));
    let title = if report.is_complete() {
        paint::bold(&paint::green("Done:"))
    } else {
        paint::alarm("Not all was done:")
    };
    format!("\n{title} {}.\n", parts.join(", "))
}

/// How many changes are done. One with several steps is done with its last.
pub fn done(plan: &Plan, report: &Report) -> Summary {
    let mut open = vec![0_usize; plan.changes.len()];
    for step in plan.steps.iter().filter_map(|step| step.change) {
        open[step as usize] += 1;
    }
    for step in report.done.iter().filter_map(|index| plan.steps.get(*index)?.change) {
        open[step as usize] -= 1;
    }
    let mut summary = Summary::default();
    let has_steps: std::collections::BTreeSet<u32> =
        plan.steps.iter().filter_map(|step| step.change).collect();
    for (index, change) in plan.changes.iter().enumerate() {
        let by_listener = change.action == Action::Reorder && report.is_complete();
        if open[index] == 0 && (has_steps.contains(&(index as u32)) || by_listener) {
            summary.add(change.action);
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingc_compiler::resource::Kind;

    #[test]
    fn what_is_waited_for_is_told_once() {
        let address = Address::new("shop/web", Kind::LoadBalancer, "LoadBalancer");
        let waiting = |what| Event::Waiting { address: &address, what };
        let mut steps = Steps::new(&Plan::default(), true);
        assert!(steps.line(&waiting("a")).is_some_and(|line| line.contains("waiting for a")));
        assert_eq!(steps.line(&waiting("a")), None);
        let other = Address::new("shop/api", Kind::LoadBalancer, "LoadBalancer");
        assert!(steps.line(&Event::Waiting { address: &other, what: "a" }).is_some());
        assert_eq!(steps.line(&waiting("a")), None, "another one waits as well");
        assert!(steps.line(&waiting("b")).is_some());
        assert_eq!(Steps::new(&Plan::default(), false).line(&waiting("a")), None);
    }
}
