//! Input texts and positions in them: what every diagnostic and every reason points to.

use smol_str::SmolStr;
use std::ops::Range;
use std::sync::OnceLock;

/// Index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file; `lo == hi` marks a place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the offsets count in.
    pub file: FileId,
    /// First byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

impl Span {
    /// The range of bytes, for slicing the file's text.
    pub fn range(self) -> Range<usize> {
        self.lo as usize..self.hi as usize
    }

    /// The empty span at the start of a file, for findings about the file as a whole.
    pub fn start_of(file: FileId) -> Span {
        Span { file, lo: 0, hi: 0 }
    }
}

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

/// A position as people read it: lines and columns count from 1, columns in code points.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub struct Position {
    /// The file's name as the user gave it.
    #[schemars(with = "String")]
    pub file: SmolStr,
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1.
    pub column: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One input text.
#[derive(Debug)]
pub struct SourceFile {
    name: SmolStr,
    text: String,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// The name shown to the user.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offsets of the line starts, made when the first position is asked for.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let newlines = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(newlines.map(|i| i as u32 + 1)).collect()
        })
    }
}

/// All input texts of a run. Spans are valid for the `Sources` that they were read from.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under the name to show.
    ///
    /// # Panics
    /// If the text is 4 GiB or larger; callers bound file sizes when they read them.
    pub fn add(&mut self, name: impl Into<SmolStr>, text: impl Into<String>) -> FileId {
        let text = text.into();
        assert!(u32::try_from(text.len()).is_ok(), "a source file is smaller than 4 GiB");
        self.files.push(SourceFile { name: name.into(), text, lines: OnceLock::new() });
        FileId(self.files.len() as u32 - 1)
    }

    /// One file.
    pub fn file(&self, file: FileId) -> &SourceFile {
        &self.files[file.0 as usize]
    }

    /// All files in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, file)| (FileId(i as u32), file))
    }

    /// The text that a span covers.
    pub fn snippet(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.range()).unwrap_or("")
    }

    /// Line and column of a span's start.
    pub fn position(&self, span: Span) -> Position {
        let file = self.file(span.file);
        let lines = file.lines();
        let at = (span.lo as usize).min(file.text.len());
        let line = lines.partition_point(|&start| start as usize <= at) - 1;
        let before = file.text.get(lines[line] as usize..at).unwrap_or("");
        Position {
            file: file.name.clone(),
            line: line as u32 + 1,
            column: before.chars().count() as u32 + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_code_points_from_one() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "a: 1\nschön: x\n");
        let at = |lo| sources.position(Span { file, lo, hi: lo }).to_string();
        assert_eq!(at(0), "a.yaml:1:1");
        assert_eq!(at(5), "a.yaml:2:1");
        assert_eq!(at(13), "a.yaml:2:8");
        assert_eq!(at(99), "a.yaml:3:1");
    }
}
