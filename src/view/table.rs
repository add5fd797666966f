//! Tables without lines, as wide as the terminal at most.

use super::Style;
use super::text::{safe, untold};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

/// Beyond so many rows columns are as wide as they need: fitting them takes too long, and nobody
/// reads them on a terminal.
const FITTED: usize = 500;

/// A table under construction.
pub struct Columns {
    titles: Vec<String>,
    rows: Vec<Vec<String>>,
    whole: Vec<usize>,
    numbers: Vec<usize>,
    indent: &'static str,
    width: usize,
}

impl Columns {
    /// A table with these titles.
    pub fn new(titles: &[&str], style: Style) -> Columns {
        Columns::indented("", titles, style)
    }

    /// A table with an indent before every line.
    pub fn indented(indent: &'static str, titles: &[&str], style: Style) -> Columns {
        Columns {
            titles: titles.iter().map(|title| (*title).to_owned()).collect(),
            rows: Vec::new(),
            whole: Vec::new(),
            numbers: Vec::new(),
            indent,
            width: style.width.saturating_sub(indent.len()),
        }
    }

    /// Columns of numbers stand on the right.
    pub fn numbers(mut self, columns: impl IntoIterator<Item = usize>) -> Columns {
        self.numbers.extend(columns);
        self
    }

    /// A column that is never broken.
    pub fn whole(mut self, index: usize) -> Columns {
        self.whole.push(index);
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// True if no row was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table's text.
    pub fn render(&self) -> String {
        let lines = if self.rows.len() > FITTED { self.padded() } else { self.fitted() };
        lines
            .iter()
            .map(|line| untold(format!("{}{line}", self.indent).trim_end()) + "\n")
            .collect()
    }

    fn fitted(&self) -> Vec<String> {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(self.width).unwrap_or(u16::MAX))
            .set_header(self.titles.clone());
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.whole.contains(&index) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            if self.numbers.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.add_rows(self.rows.clone());
        table.lines().collect()
    }

    fn padded(&self) -> Vec<String> {
        let rows = || std::iter::once(&self.titles).chain(&self.rows);
        let mut widths = vec![0; self.titles.len()];
        for (width, cell) in rows().flat_map(|row| widths_of(row)) {
            widths[width] = cell.max(widths[width]);
        }
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate();
            let cells = cells.map(|(index, (cell, width))| match self.numbers.contains(&index) {
                true => format!("{cell:>width$}  "),
                false => format!("{cell:width$}  "),
            });
            cells.collect::<String>()
        };
        rows().map(line).collect()
    }
}

/// The columns of a row with the widths of their cells.
fn widths_of(row: &[String]) -> impl Iterator<Item = (usize, usize)> + '_ {
    row.iter().map(|cell| cell.chars().count()).enumerate()
}

/// Columns that the words about a resource need beside its kind and id.
const ROOM: usize = 40;

/// A table of resources: kind, id, and what they are. Where all of it does not fit on a line, the
/// words stand below the id.
pub fn resources(rows: &[(String, String, String)], style: Style) -> String {
    let widest = |of: fn(&(String, String, String)) -> &String| {
        rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0)
    };
    let is_wide = widest(|row| &row.0) + widest(|row| &row.1) + ROOM < style.width;
    let titles = ["KIND", "ID", "WHAT"];
    let titles = if is_wide { &titles[..] } else { &titles[..2] };
    let mut table = Columns::indented("  ", titles, style).whole(0);
    if is_wide {
        table = table.whole(1);
    }
    for (kind, id, what) in rows {
        let (id, what) = (safe(id), safe(what));
        let mut row = vec![kind.clone()];
        if is_wide {
            row.extend([id.into_owned(), what.into_owned()]);
        } else {
            row.push(format!("{id}\n{what}"));
        }
        table.row(row);
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_columns_and_break_at_the_width() {
        let style = Style { colour: false, width: 24 };
        let mut table = Columns::new(&["NAME", "WHAT"], style).whole(0);
        table.row(vec!["one".to_owned(), "a few words and more".to_owned()]);
        assert_eq!(table.render(), "NAME  WHAT\none   a few words and\n      more\n");
    }

    #[test]
    fn long_tables_are_as_wide_as_they_need() {
        let style = Style { colour: false, width: 40 };
        let mut table = Columns::indented(" ", &["NAME", "N"], style).numbers([1]);
        for n in 0..=FITTED {
            table.row(vec![format!("name-{n}"), n.to_string()]);
        }
        let text = table.render();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], [" NAME        N", " name-0      0"]);
        assert_eq!(lines[FITTED + 1], " name-500  500");
    }

    #[test]
    fn words_about_resources_stand_below_where_there_is_no_room_beside() {
        let rows = [("Listener".to_owned(), "80".to_owned(), "HTTP".to_owned())];
        let at = |width| resources(&rows, Style { colour: false, width });
        assert_eq!(at(80), "  KIND      ID  WHAT\n  Listener  80  HTTP\n");
        assert_eq!(at(40), "  KIND      ID\n  Listener  80\n            HTTP\n");
    }
}
