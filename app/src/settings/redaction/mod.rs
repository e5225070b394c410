//! Settings of redaction: what is taken out for all clients and for one, and a box to try it.
//!
//! A list is shown entry by entry, each with a box that keeps it, and a field for more: so it is edited without script too.
//! The form names the settings that it was made from: of two who change them at the same time, one is told.

mod api;
mod lists;
mod page;
mod tried;

pub use api::{ReadRedaction, SetRedaction, SettingsForm, TryRedaction, read_redaction, set_redaction, try_redaction};
pub use page::RedactionPage;
