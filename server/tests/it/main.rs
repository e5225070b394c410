//! Journeys through the whole server: real routes, real engine, real SQLite; agents speak the real protocol over real
//! sockets with real keys. One binary, a file per area; each test names the requirements that it covers.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that can't go on says so by its panic; a fake agent passes on what it does not wait for"
)]

mod support;

mod agents;
mod alarms;
mod approvals;
mod browser;
mod clones;
mod durability;
mod endpoint_life;
mod enrolment;
mod entry_points;
mod export;
mod faults;
mod incidents;
mod journey;
mod lies;
mod live;
mod operator;
mod order_keys;
mod packing;
mod protocols;
mod redaction;
mod redaction_settings;
mod refusals;
mod registry;
mod retention;
mod self_check;
mod sharing;
mod sign_in;
mod tenancy;
mod tiles;
mod tokens;
mod updates;
mod upgrade;
mod witness;
