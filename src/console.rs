//! Where results, progress and questions go.

use crate::error::{Exit, Failure};
use crate::view::Style;
use crate::view::text::escaped;
use clap::ColorChoice;
use std::io::{self, BufWriter, IsTerminal, Write};

/// Columns where nobody knows the terminal's.
const WIDTH: usize = 100;

/// The streams of a run.
pub struct Console {
    /// Results.
    pub out: Stream,
    /// Progress and findings.
    pub err: Stream,
    /// Somebody watches progress on a terminal that can redraw a line.
    pub is_watched: bool,
    /// Answers to questions, if somebody is there to give them.
    pub answers: Option<Box<dyn io::BufRead>>,
    /// Something beside the results could not be done.
    failed: bool,
}

impl Console {
    /// The streams of the process.
    pub fn of_process() -> Console {
        let (out, err, input) = (io::stdout(), io::stderr(), io::stdin());
        let somebody = input.is_terminal() && err.is_terminal();
        Console {
            is_watched: err.is_terminal() && redraws(),
            out: Stream {
                colour: colour_of(out.is_terminal()),
                width: width_of(terminal_size::terminal_size_of(&out)),
                to: Box::new(BufWriter::new(out)),
                state: State::Open,
            },
            err: Stream {
                colour: colour_of(err.is_terminal()),
                width: width_of(terminal_size::terminal_size_of(&err)),
                to: Box::new(err),
                state: State::Open,
            },
            answers: if somebody { Some(Box::new(io::BufReader::new(input))) } else { None },
            failed: false,
        }
    }

    /// Streams without colour that end in the given writers, and nobody to answer.
    pub fn plain(
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
        width: usize,
    ) -> Console {
        let stream =
            |to: Box<dyn Write + Send>| Stream { to, colour: false, width, state: State::Open };
        let (out, err) = (stream(Box::new(out)), stream(Box::new(err)));
        Console { out, err, is_watched: false, answers: None, failed: false }
    }

    /// Follows `--color`.
    pub fn choose_colour(&mut self, choice: ColorChoice) {
        let fixed = match choice {
            ColorChoice::Auto => return,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        self.out.colour = fixed;
        self.err.colour = fixed;
    }

    /// Asks for one line. None if nobody is there to answer.
    pub fn ask(&mut self, question: &str) -> Option<String> {
        let answers = self.answers.as_mut()?;
        let _ = self.out.flush();
        self.err.print(question);
        let mut line = String::new();
        answers.read_line(&mut line).ok()?;
        Some(line.trim().to_owned())
    }

    /// Says that something beside the results could not be done: the run ends as an error.
    pub fn fail(&mut self, why: Failure) {
        why.report(self);
        self.failed = true;
    }

    /// Sees the last bytes out. A reader that went away is nobody's fault; a full disk is one.
    pub fn finish(&mut self, exit: Exit) -> Exit {
        let _ = self.out.flush();
        match std::mem::replace(&mut self.out.state, State::Closed) {
            State::Failed(error) => {
                self.err.print(&format!("error: the output cannot be written: {error}\n"));
                Exit::Error
            }
            State::Open | State::Closed if self.failed => Exit::Error,
            State::Open | State::Closed => exit,
        }
    }
}

/// True unless the environment says that what a terminal shows is kept as a log.
fn redraws() -> bool {
    let set =
        |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
    !set("CI") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// True for a terminal, unless the environment wants no colour (`NO_COLOR`), and for all streams
/// where it insists on it (`CLICOLOR_FORCE`).
fn colour_of(terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !no_colour && (set("CLICOLOR_FORCE") || terminal && !dumb)
}

fn width_of(size: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    let told = || std::env::var("COLUMNS").ok()?.parse().ok();
    let columns = size.map(|(width, _)| usize::from(width.0)).or_else(told);
    // Below this nothing fits, and a broken terminal says 0.
    columns.filter(|columns| *columns >= 40).unwrap_or(WIDTH)
}

/// One stream.
pub struct Stream {
    to: Box<dyn Write + Send>,
    colour: bool,
    width: usize,
    state: State,
}

enum State {
    Open,
    /// The reader has gone.
    Closed,
    Failed(io::Error),
}

impl Stream {
    /// How to draw for it.
    pub fn style(&self) -> Style {
        Style { colour: self.colour, width: self.width }
    }

    /// Writes text that may hold colours, which are dropped where they are not wanted. A closed or
    /// broken stream never stops a run: what is under way must come to its end.
    pub fn print(&mut self, text: &str) {
        let written = if self.colour {
            self.write_all(text.as_bytes())
        } else {
            self.write_all(anstream::adapter::strip_str(text).to_string().as_bytes())
        };
        debug_assert!(written.is_ok(), "writing to a stream does not fail");
    }

    /// Writes a line of plain text at once.
    pub fn line(&mut self, text: &str) {
        self.print(&format!("{text}\n"));
        let _ = self.flush();
    }

    /// Writes a document.
    pub fn json(&mut self, document: &impl serde::Serialize) {
        let mut parts = Parts { to: self, part: Vec::with_capacity(PART * 2) };
        let written = serde_json::to_writer_pretty(&mut parts, document);
        debug_assert!(written.is_ok(), "our documents have names as keys");
        parts.part.push(b'\n');
        let _ = parts.flush();
    }

    /// Writes a document on a line of its own.
    pub fn json_line(&mut self, document: &impl serde::Serialize) {
        let written = serde_json::to_string(document);
        debug_assert!(written.is_ok(), "our documents have names as keys");
        let text = written.unwrap_or_default() + "\n";
        let _ = self.write_all(escaped(&text).as_bytes());
    }

    fn note(&mut self, result: io::Result<()>) {
        let Err(error) = result else { return };
        self.state = match error.kind() {
            io::ErrorKind::BrokenPipe => State::Closed,
            _ => State::Failed(error),
        };
    }
}

/// Bytes of a document that are sent on together.
const PART: usize = 64 << 10;

/// Takes a JSON document as it is written and sends it on in parts: whole, that of a large repository
/// is larger than all that it was made of. It ends with a flush.
struct Parts<'s> {
    to: &'s mut Stream,
    part: Vec<u8>,
}

impl Parts<'_> {
    /// Sends what is there, up to a character that has only begun.
    fn send(&mut self) {
        let text = match std::str::from_utf8(&self.part) {
            Ok(text) => text,
            Err(error) => {
                std::str::from_utf8(&self.part[..error.valid_up_to()]).unwrap_or_default()
            }
        };
        let sent = text.len();
        let _ = self.to.write_all(escaped(text).as_bytes());
        self.part.drain(..sent);
    }
}

impl Write for Parts<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART {
            self.send();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send();
        Ok(())
    }
}

/// Writing never fails: the first failure is kept for [`Console::finish`], and what comes after it
/// is dropped.
impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if matches!(self.state, State::Open) {
            let result = self.to.write_all(bytes);
            self.note(result);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if matches!(self.state, State::Open) {
            let result = self.to.flush();
            self.note(result);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that always fails in the same way.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_document_of_many_parts_is_whole_and_steers_no_terminal() {
        let kept = Kept::default();
        let mut console = Console::plain(kept.clone(), io::sink(), 80);
        let list: Vec<String> =
            (0..9_000).map(|i| format!("{i} schön \u{202e}\u{7f} 日本")).collect();
        console.out.json(&list);
        console.finish(Exit::Success);
        let text = String::from_utf8(std::mem::take(&mut kept.0.lock().unwrap())).unwrap();
        assert!(text.len() > 3 * PART && text.ends_with("]\n"));
        assert!(
            !text.contains(['\u{202e}', '\u{7f}']) && text.contains("schön \\u202e\\u007f 日本")
        );
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), list);
    }

    #[test]
    fn a_reader_that_went_away_changes_nothing_and_a_full_disk_is_an_error() {
        let check = |kind, expected| {
            let mut console = Console::plain(Broken(kind), io::sink(), 80);
            console.out.print("text");
            console.out.print("more");
            assert_eq!(console.finish(Exit::Changes), expected);
        };
        check(io::ErrorKind::BrokenPipe, Exit::Changes);
        check(io::ErrorKind::StorageFull, Exit::Error);
    }
}
