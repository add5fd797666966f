//! Past states for people.

use super::Style;
use super::table::Columns;
use super::text::safe;
use super::time::utc;
use ingc_applier::Past;

/// A table of past states, the latest first.
pub fn list(history: &[Past], style: Style) -> String {
    let mut table = Columns::new(&["RUN", "UNTIL", "STACK", "SERIAL", ""], style)
        .numbers([3])
        .whole(0)
        .whole(1)
        .whole(2);
    let mut last = "";
    for past in history {
        let again = last == past.run;
        last = &past.run;
        let once = |text: String| if again { String::new() } else { text };
        table.row(vec![
            once(safe(&past.run).into_owned()),
            once(utc(past.until)),
            safe(&past.stack).into_owned(),
            past.serial.to_string(),
            note(past).to_owned(),
        ]);
    }
    table.render()
}

/// What else is to be known of a past state.
pub fn note(past: &Past) -> &'static str {
    match past.serial {
        0 => "absent",
        _ if past.unfinished => "half done",
        _ => "",
    }
}
