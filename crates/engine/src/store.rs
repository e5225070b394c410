//! Where things are kept: connections, the org's scope on every query, and the ledger, the only writer.

pub(crate) mod connect;
pub(crate) mod entity;
pub(crate) mod entrance;
pub(crate) mod event_log;
pub(crate) mod groups;
pub(crate) mod leaves;
pub(crate) mod ledger;
pub(crate) mod older_texts;
pub(crate) mod packs;
pub(crate) mod scope;
pub(crate) mod texts;
