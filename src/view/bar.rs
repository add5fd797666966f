//! The bar below the lines of a run, on terminals that can redraw a line.

use super::text::{safe, short};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingc_applier::Event;
use ingc_compiler::resource::Address;
use ingc_planner::{Action, Plan};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often the spinner turns, so that one sees the program live while AWS is slow.
const TURN: Duration = Duration::from_millis(120);

/// A bar, or none where nobody watches.
pub struct Bar {
    bar: Option<ProgressBar>,
    /// What is worked on.
    under_way: BTreeSet<Address>,
}

impl Bar {
    /// For the steps of a plan.
    pub fn new(plan: &Plan, is_watched: bool) -> Bar {
        if !is_watched || plan.is_empty() {
            return Bar { bar: None, under_way: BTreeSet::new() };
        }
        let bar = ProgressBar::with_draw_target(
            Some(plan.steps.len() as u64),
            ProgressDrawTarget::stderr(),
        );
        let style = ProgressStyle::with_template("{spinner} [{bar:20}] {pos}/{len} {wide_msg}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(TURN);
        Bar { bar: Some(bar), under_way: BTreeSet::new() }
    }

    /// True if there is one.
    pub fn is_shown(&self) -> bool {
        self.bar.is_some()
    }

    /// Follows a run.
    pub fn follow(&mut self, event: &Event<'_>) {
        let Some(bar) = &self.bar else { return };
        let message = match event {
            Event::ApplyStart { address, action } => {
                self.under_way.insert((*address).clone());
                format!("{} {}", under_way(*action), short(address))
            }
            Event::Waiting { address, what } => {
                format!("{}: waiting for {}", short(address), safe(what))
            }
            Event::ApplyComplete { address, .. } => {
                self.under_way.remove(*address);
                return bar.inc(1);
            }
            Event::ApplyErrored { error, .. } => {
                self.under_way.remove(&error.address);
                return bar.inc(1);
            }
            Event::AwsCall { .. }
            | Event::KubernetesCall { .. }
            | Event::ValidationRecord { .. } => return,
        };
        bar.set_message(match self.under_way.len() {
            0 | 1 => message,
            all => format!("{message}, and {} more", all - 1),
        });
    }

    /// Does something that writes lines, with the bar out of the way.
    pub fn above(&self, write: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn under_way(action: Action) -> &'static str {
    match action {
        Action::NoOp => "looking at",
        Action::Create => "creating",
        Action::Update => "updating",
        Action::Replace => "creating anew",
        Action::Reorder => "reordering",
        Action::Delete => "deleting",
        Action::Forget => "forgetting",
        Action::Import => "taking up",
    }
}
