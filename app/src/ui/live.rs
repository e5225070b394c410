//! What the page knows of the server while it is open: a count that moves whenever the record moved, and whether the
//! connection that says so is up.
//!
//! The channel says "look again" and carries no data: resources depend on [`Live::head`] and read again.

use leptos::prelude::*;

/// The connection's state. Nothing pretends to be live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// No script has run: the page is as it was when it was made.
    #[default]
    Still,
    /// Events arrive.
    Live,
    /// It broke off and is being tried again.
    Reconnecting,
    /// The machine says that it has no network.
    Offline,
}

/// The page's live state, from context.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    /// Moves when something in the org changed.
    pub head: RwSignal<u64>,
    /// The connection's state.
    pub connection: RwSignal<Connection>,
}

impl Live {
    /// Puts a live state into context, not connected yet.
    pub fn provide() -> Self {
        let live = Self {
            head: RwSignal::new(0),
            connection: RwSignal::new(Connection::Still),
        };
        provide_context(live);
        live
    }
}

/// The page's live state.
pub fn use_live() -> Live {
    expect_context::<Live>()
}
