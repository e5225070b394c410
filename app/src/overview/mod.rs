//! The first page: what needs a person now, the open sessions, the endpoints by client, and the last seven days.

mod api;
mod grid;
mod page;
mod waiting;
mod week;

pub use api::{First, ReadOverview, read_overview};
pub use page::OverviewPage;
