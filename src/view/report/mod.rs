//! A plan as one self-contained page: no network, no other files.

mod drawing;
mod layout;
mod page;

pub use page::html;
