//! Settings of retention: how long what was typed and printed is kept, for all clients and for one, and the legal holds.

mod api;
mod holds;
mod page;

pub use api::{
    PlaceHold, ReadRetention, ReleaseHold, SetRetention, place_hold, read_retention, release_hold, set_retention,
};
pub use page::RetentionPage;
