//! The words of Countersign: identifiers, roles, actions, audit events and the ports between the views and the engine.
//!
//! Pure: no I/O, clock, randomness or database in here, and it builds for `wasm32`. Deliberately absent: how anything is
//! stored (`engine`), shown (`app`), sent (`wire`) or decided (`gate`).

pub mod action;
pub mod api;
pub mod canonical;
pub mod digest;
pub mod event;
pub mod finding;
pub mod fingerprint;
pub mod ids;
pub mod redaction;
pub mod roles;
pub mod sensitive;
pub mod timestamp;
