//! The JSON Schemas of the files that users write and that ingc writes.

use crate::saved::Saved;
use ingc_compiler::route::assertion;
use ingc_compiler::{inventory, settings};
use ingc_planner::{Plan, Snapshot, State};
use serde_json::{Map, Value};

/// The dialect that the schemas are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Schema {
    /// `ingc.yaml`, and values of the controller's Helm chart
    Settings,
    /// The inventory
    Inventory,
    /// What `ingc routes test` reads
    Routes,
    /// What `ingc plan --output json` prints
    Plan,
    /// What `ingc plan --out FILE` saves
    SavedPlan,
    /// The state
    State,
    /// What `ingc refresh --out FILE` writes
    Snapshot,
}

/// The schema of a file.
pub fn document(of: Schema) -> Value {
    let (title, inner) = match of {
        Schema::Settings => ("ingc.yaml", settings::schema()),
        Schema::Inventory => ("An inventory of ingc", inventory::schema()),
        Schema::Routes => ("Expected routes", assertion::schema()),
        Schema::Plan => ("A plan of ingc", schemars::schema_for!(Plan).to_value()),
        Schema::SavedPlan => ("A saved plan of ingc", schemars::schema_for!(Saved).to_value()),
        Schema::Snapshot => ("A snapshot of ingc", schemars::schema_for!(Snapshot).to_value()),
        Schema::State => ("A state of ingc", schemars::schema_for!(State).to_value()),
    };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), DIALECT.into());
    if let Value::Object(fields) = inner {
        schema.extend(fields);
    }
    schema.insert("title".to_owned(), title.into());
    let mut schema = Value::Object(schema);
    plain(&mut schema);
    schema
}

/// Takes out of descriptions what only rustdoc reads, and their line breaks; and the bounds that
/// are only Rust's.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = text.replace("[`", "`").replace("`]", "`").replace("`crate::", "`");
                *text = text.replace("\n\n", "\r").replace('\n', " ").replace('\r', "\n\n");
            }
            fields.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}
