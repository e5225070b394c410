//! The server: one program that serves people's browsers, endpoints' agents and public shares from one port, and the
//! commands of its operator.
//!
//! Deliberately absent: rules, persistence and wording. What may happen is decided by `engine`, what people see is
//! rendered by `app`; here requests become callers, calls and answers.

mod agents;
mod auth;
pub mod cli;
mod export;
mod live;
mod problem;
mod share;
mod tiles;
mod web;
pub mod wiring;
mod witness;
