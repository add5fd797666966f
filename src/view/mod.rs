//! What people and programs read. Views decide nothing.

pub mod describe;
pub mod diagnostic;
pub mod paint;
pub mod reference;
pub mod stacks;
pub mod table;
pub mod terraform;
pub mod text;

/// How to draw for a stream.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colour.
    pub colour: bool,
    /// Columns.
    pub width: usize,
}
