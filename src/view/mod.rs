//! What people and programs read. Views decide nothing.

pub mod bar;
pub mod bootstrap;
pub mod describe;
pub mod diagnostic;
pub mod difference;
pub mod event;
pub mod findings;
pub mod hand_over;
pub mod history;
pub mod paint;
pub mod plan;
pub mod progress;
pub mod reference;
pub mod report;
pub mod review;
pub mod route;
pub mod route_changes;
pub mod route_test;
pub mod schema;
pub mod stacks;
pub mod state;
pub mod status;
pub mod table;
pub mod terraform;
pub mod text;
pub mod time;
pub mod value;

/// How to draw for a stream.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colour.
    pub colour: bool,
    /// Columns.
    pub width: usize,
}
