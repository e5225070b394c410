//! Settings of redaction: what is taken out for all clients and for one, and a box to try it.
//!
//! A list is shown entry by entry, each with a box that keeps it, and a field for more: so it is edited without script too, and
//! nothing that somebody else added meanwhile is written over unseen.

mod api;
mod lists;
mod page;
mod tried;

pub use api::{ReadRedaction, SetRedaction, TryRedaction, read_redaction, set_redaction, try_redaction};
pub use page::RedactionPage;
