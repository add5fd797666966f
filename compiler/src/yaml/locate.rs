//! From offsets in a scalar's decoded text to offsets in the text that it was written as.

use super::text::Style;
use std::ops::Range;

/// A piece of the decoded text and the piece of the raw text that it comes from.
#[derive(Clone, Copy, Debug)]
struct Run {
    decoded: u32,
    raw: u32,
    raw_len: u32,
    /// Byte by byte the same; else the piece as a whole comes from the raw piece as a whole.
    same: bool,
}

/// Where every byte of a decoded text comes from.
#[derive(Clone, Debug)]
pub(super) struct Runs {
    runs: Vec<Run>,
    /// Lengths of the decoded text, and where the content ends in the raw text.
    decoded_len: u32,
    raw_end: u32,
}

impl Runs {
    /// Where a range of the decoded text stands in the raw text.
    pub(super) fn locate(&self, decoded: Range<usize>) -> Range<u32> {
        let lo = self.start(decoded.start as u32);
        if decoded.end <= decoded.start {
            return lo..lo;
        }
        lo..self.end(decoded.end as u32 - 1).max(lo)
    }

    fn run(&self, at: u32) -> Option<&Run> {
        if at >= self.decoded_len {
            return None;
        }
        let next = self.runs.partition_point(|run| run.decoded <= at);
        self.runs.get(next.checked_sub(1)?)
    }

    fn start(&self, at: u32) -> u32 {
        match self.run(at) {
            Some(run) if run.same => run.raw + (at - run.decoded),
            Some(run) => run.raw,
            None => self.raw_end,
        }
    }

    /// Behind the raw text of the byte at an offset.
    fn end(&self, at: u32) -> u32 {
        match self.run(at) {
            Some(run) if run.same => run.raw + (at - run.decoded) + 1,
            Some(run) => run.raw + run.raw_len,
            None => self.raw_end,
        }
    }
}

/// Where the bytes of `value` stand in `raw`, a scalar with its quotes or header. None if the text
/// does not come from there letter by letter, such as the bytes of a `!!binary`.
pub(super) fn runs(raw: &str, value: &str, style: Style) -> Option<Runs> {
    let mut walk = Walk::new(raw, value);
    let end = match style {
        Style::Plain => walk.flow(0, raw.len(), style)?,
        Style::SingleQuoted | Style::DoubleQuoted => {
            walk.flow(1, raw.len().checked_sub(1).filter(|&end| end >= 1)?, style)?
        }
        Style::Literal | Style::Folded => {
            let lines = walk.lines();
            let likely = walk.indent(&lines);
            // Only lines of white space before the first word leave a doubt about the indentation.
            let others = (0..=MOST_INDENTED).filter(|&indent| Some(indent) != likely);
            return likely.into_iter().chain(others).find_map(|indent| {
                let mut walk = Walk::new(raw, value);
                walk.block(&lines, indent)?;
                walk.finish(raw.len())
            });
        }
    };
    walk.finish(end)
}

/// How far indentations are tried.
const MOST_INDENTED: usize = 40;

struct Walk<'a> {
    raw: &'a str,
    value: &'a str,
    decoded: usize,
    runs: Vec<Run>,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl<'a> Walk<'a> {
    fn new(raw: &'a str, value: &'a str) -> Self {
        Walk { raw, value, decoded: 0, runs: Vec::new() }
    }

    /// The runs, if they cover the whole text.
    fn finish(self, end: usize) -> Option<Runs> {
        (self.decoded == self.value.len()).then_some(Runs {
            runs: self.runs,
            decoded_len: self.value.len() as u32,
            raw_end: end as u32,
        })
    }

    /// The next bytes stand in the raw text as they are.
    fn same(&mut self, raw: Range<usize>) -> Option<()> {
        let text = self.raw.as_bytes().get(raw.clone())?;
        if !self.value.as_bytes()[self.decoded..].starts_with(text) {
            return None;
        }
        match self.runs.last_mut() {
            Some(run) if run.same && (run.raw + run.raw_len) as usize == raw.start => {
                run.raw_len += raw.len() as u32;
            }
            _ if raw.is_empty() => {}
            _ => self.push(raw.clone(), true),
        }
        self.decoded += raw.len();
        Some(())
    }

    fn push(&mut self, raw: Range<usize>, same: bool) {
        let decoded = self.decoded as u32;
        let (raw, raw_len) = (raw.start as u32, raw.len() as u32);
        self.runs.push(Run { decoded, raw, raw_len, same });
    }

    /// The next character comes from another spelling.
    fn replaced(&mut self, raw: Range<usize>) -> Option<()> {
        let next = self.value[self.decoded..].chars().next()?;
        self.push(raw, false);
        self.decoded += next.len_utf8();
        Some(())
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.raw.as_bytes().get(at).copied()
    }

    /// The length of a line break here.
    fn line_break(&self, at: usize) -> usize {
        match (self.byte(at), self.byte(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => 0,
        }
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(is_blank) {
            at += 1;
        }
        at
    }

    /// A plain or quoted scalar, without its quotes.
    fn flow(&mut self, start: usize, end: usize, style: Style) -> Option<usize> {
        let mut at = start;
        while at < end {
            let byte = self.byte(at)?;
            if is_blank(byte) {
                let to = self.skip_blanks(at).min(end);
                if self.line_break(to) == 0 || to == end {
                    self.same(at..to)?;
                }
                at = to;
            } else if self.line_break(at) > 0 {
                at = self.fold(at, end, false)?;
            } else if style == Style::SingleQuoted && byte == b'\'' {
                self.replaced(at..at + 2)?;
                at += 2;
            } else if style == Style::DoubleQuoted && byte == b'\\' {
                at = self.escape(at, end)?;
            } else {
                self.same(at..at + 1)?;
                at += 1;
            }
        }
        Some(end)
    }

    /// A line break within a flow scalar: a space, or one break for every empty line behind it.
    /// Where the break is escaped, only the empty lines count.
    fn fold(&mut self, at: usize, end: usize, escaped: bool) -> Option<usize> {
        let first = at..at + self.line_break(at);
        let mut next = self.skip_blanks(first.end);
        let mut empty = 0;
        while next < end && self.line_break(next) > 0 {
            self.replaced(next..next + self.line_break(next))?;
            next = self.skip_blanks(next + self.line_break(next));
            empty += 1;
        }
        if empty == 0 && !escaped {
            self.replaced(first)?;
        }
        Some(next.min(end))
    }

    fn escape(&mut self, at: usize, end: usize) -> Option<usize> {
        if self.line_break(at + 1) > 0 {
            return self.fold(at + 1, end, true);
        }
        let unit = |at: usize| {
            let digits = self.raw.get(at..)?.strip_prefix("\\u")?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let length = match self.byte(at + 1)? {
            b'x' => 4,
            b'U' => 10,
            b'u' => match (unit(at), unit(at + 6)) {
                (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
                _ => 6,
            },
            _ => 2,
        };
        self.replaced(at..(at + length).min(end))?;
        Some(at + length)
    }

    /// The indentation of a block scalar's text, as its first word tells.
    fn indent(&self, lines: &[Range<usize>]) -> Option<usize> {
        let leading = |text: &str| text.len() - text.trim_start_matches(' ').len();
        let mut texts = lines.iter().map(|line| &self.raw[line.clone()]);
        match texts.find(|line| !line.trim_end().is_empty()) {
            Some(line) => leading(line).checked_sub(leading(self.value.trim_start_matches('\n'))),
            None => Some(usize::MAX),
        }
    }

    /// A block scalar's lines.
    fn block(&mut self, lines: &[Range<usize>], indent: usize) -> Option<()> {
        let raw = self.raw;
        let content = |line: &Range<usize>| {
            let text = &raw[line.clone()];
            let spaces = text.len() - text.trim_start_matches(' ').len();
            line.start + spaces.min(indent)..line.end
        };
        for (i, line) in lines.iter().enumerate() {
            self.same(content(line))?;
            // Where a line is folded, a line break is a space or, before empty lines, nothing.
            let breaks = line.end..line.end + self.line_break(line.end);
            match self.value.as_bytes().get(self.decoded) {
                Some(b'\n') if self.keeps_break(lines, i, &content) => self.replaced(breaks)?,
                Some(b' ') if self.folds_to_space(lines, i, &content) => self.replaced(breaks)?,
                _ => {}
            }
        }
        while self.value.as_bytes().get(self.decoded) == Some(&b'\n') {
            self.replaced(raw.len()..raw.len())?;
        }
        Some(())
    }

    /// The lines behind the header, without their breaks.
    fn lines(&self) -> Vec<Range<usize>> {
        let mut lines = Vec::new();
        let mut at = 0;
        loop {
            let end = self.raw[at..].find(['\n', '\r']).map_or(self.raw.len(), |end| at + end);
            if at > 0 {
                lines.push(at..end);
            }
            if end == self.raw.len() {
                return lines;
            }
            at = end + self.line_break(end);
        }
    }

    fn keeps_break(
        &self,
        lines: &[Range<usize>],
        i: usize,
        content: &impl Fn(&Range<usize>) -> Range<usize>,
    ) -> bool {
        if self.raw.starts_with('|') || content(&lines[i]).is_empty() {
            return true;
        }
        // In a folded scalar the break before empty lines is dropped, unless one of its two
        // neighbours is indented more.
        let next = lines[i + 1..].iter().map(content).find(|line| !line.is_empty());
        let indented = |line: &Range<usize>| self.byte(line.start).is_some_and(is_blank);
        next.as_ref().is_none_or(indented) || indented(&content(&lines[i]))
    }

    fn folds_to_space(
        &self,
        lines: &[Range<usize>],
        i: usize,
        content: &impl Fn(&Range<usize>) -> Range<usize>,
    ) -> bool {
        let next = lines.get(i + 1).map(content);
        self.raw.starts_with('>') && next.is_some_and(|line| !line.is_empty())
    }
}
