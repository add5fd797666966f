//! What there is of a bootstrap.

use super::Style;
use super::table::Columns;
use super::text::safe;
use serde::Serialize;

/// A line of the status.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The kind, such as `Role`.
    pub kind: String,
    /// Its name in IAM.
    pub name: String,
    /// How it is.
    pub condition: String,
    /// Its ARN; empty if it is not recorded.
    pub arn: String,
}

/// The status for people: a table, and the ARNs below it.
pub fn text(rows: &[Row], style: Style) -> String {
    let mut table = Columns::new(&["KIND", "NAME", "CONDITION"], style).whole(0);
    for row in rows {
        let cells = [&row.kind, &row.name, &row.condition];
        table.row(cells.into_iter().map(|cell| safe(cell).into_owned()).collect());
    }
    let arns = rows.iter().filter(|row| !row.arn.is_empty());
    let arns: String = arns.map(|row| format!("{}\n", safe(&row.arn))).collect();
    let gap = if arns.is_empty() { "" } else { "\n" };
    format!("{}{gap}{arns}", table.render())
}
