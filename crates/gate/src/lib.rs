//! What may run: canonical resource names, scopes, policy, and the statement that an approver decides about.
//!
//! Pure: no I/O, clock or randomness, and it builds for `wasm32`, so that server, agent and browser reach the same answer
//! from the same bytes. Deliberately absent: who the people are and how decisions are stored (`engine`), how an order
//! travels (`wire`), and everything that needs the live system, such as symbolic links (the agent resolves them and asks
//! [`scope::Scope::covers_path`] again).

pub mod escape;
mod glob;
pub mod name;
pub mod policy;
pub mod powershell;
pub mod risk;
pub mod scope;
pub mod statement;
pub mod workflow;
