//! The record: how the org's log stands, its latest leaves, and one leaf with the path that proves it.
//!
//! Deliberately absent: verifying the whole log, which `countersign verify` does without trusting this page.

pub mod api;
mod leaf;
mod page;
mod path;

pub use page::RecordPage;
