//! The colours. Streams that want none drop them.

use anstyle::{AnsiColor, Style};

fn with(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Titles.
pub fn bold(text: &str) -> String {
    with(Style::new().bold(), text)
}

/// What is made.
pub fn green(text: &str) -> String {
    with(AnsiColor::Green.on_default(), text)
}

/// What changes.
pub fn yellow(text: &str) -> String {
    with(AnsiColor::Yellow.on_default(), text)
}

/// What goes, and danger.
pub fn red(text: &str) -> String {
    with(AnsiColor::Red.on_default(), text)
}

/// What needs attention most.
pub fn alarm(text: &str) -> String {
    with(AnsiColor::Red.on_default().bold(), text)
}

/// What moves.
pub fn cyan(text: &str) -> String {
    with(AnsiColor::Cyan.on_default(), text)
}

/// What is beside the point.
pub fn dim(text: &str) -> String {
    with(Style::new().dimmed(), text)
}
