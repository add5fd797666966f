//! Tables without lines, as wide as the terminal at most.

use super::Style;
use super::text::safe;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

/// A table under construction.
pub struct Columns {
    table: Table,
    indent: &'static str,
}

impl Columns {
    /// A table with these titles.
    pub fn new(titles: &[&str], style: Style) -> Columns {
        Columns::indented("", titles, style)
    }

    /// A table with an indent before every line.
    pub fn indented(indent: &'static str, titles: &[&str], style: Style) -> Columns {
        let mut table = Table::new();
        let width = u16::try_from(style.width.saturating_sub(indent.len())).unwrap_or(u16::MAX);
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width)
            .set_header(titles.iter().map(|title| (*title).to_owned()));
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Columns { table, indent }
    }

    /// Columns of numbers stand on the right.
    pub fn numbers(mut self, columns: impl IntoIterator<Item = usize>) -> Columns {
        for index in columns {
            if let Some(column) = self.table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        self
    }

    /// A column that is never broken.
    pub fn whole(mut self, index: usize) -> Columns {
        if let Some(column) = self.table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.table.add_row(cells);
    }

    /// True if no row was added.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The table's text.
    pub fn render(&self) -> String {
        let lines = self.table.lines().map(|line| format!("{}{}", self.indent, line));
        lines.map(|line| line.trim_end().to_owned() + "\n").collect()
    }
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
    fn words_about_resources_stand_below_where_there_is_no_room_beside() {
        let rows = [("Listener".to_owned(), "80".to_owned(), "HTTP".to_owned())];
        let at = |width| resources(&rows, Style { colour: false, width });
        assert_eq!(at(80), "  KIND      ID  WHAT\n  Listener  80  HTTP\n");
        assert_eq!(at(40), "  KIND      ID\n  Listener  80\n            HTTP\n");
    }
}
