//! Tables without lines, as wide as the terminal at most.

use super::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

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

    /// A column that takes at most this part of the width.
    pub fn at_most(mut self, index: usize, percent: u16) -> Columns {
        if let Some(column) = self.table.column_mut(index) {
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(percent)));
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
}
