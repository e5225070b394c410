//! Sharing a session: a person reads the transcript as it would be shown, confirms it, and gets a link (R45).
//!
//! Deliberately absent: the public page itself ([`crate::share_page`]), and what a share holds, which the engine says.

mod answer;
pub mod api;
mod page;

pub use page::ShareReviewPage;
