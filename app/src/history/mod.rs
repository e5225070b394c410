//! The history: actions of all sessions, found by what one remembers of them, each with what an auditor asks.
//!
//! The address is the filter. Deliberately absent: searching while one types, since each search is in the record.

pub mod api;
mod filter;
mod keys;
mod page;
pub mod query;
mod redirect;
mod rows;

pub use page::HistoryPage;
pub use redirect::ActionRedirect;
