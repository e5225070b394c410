//! The Countersign agent: a headless program on an endpoint that runs what a signed, unexpired, unused order in scope says,
//! once, and reports all of it, redacted, until the server has it on record.
//!
//! The way of an order: [`link`] receives it, [`actions`] verifies it and has the [`journal`] mark it as used, [`verbs`] look
//! at the live system again and do it (scripts through [`run`]), [`output`] decodes and redacts what comes of it, the [`spool`] keeps the
//! reports until they are acknowledged. What depends on the operating system is in [`verbs`],
//! [`run`], [`service`], [`install`] and [`endpoint_log`] only, and of replacing the agent itself in [`update`].
//!
//! Deliberately absent: a listening socket, a shell or file channel beside orders, and any way to run one without a record.

pub mod actions;
pub mod agent;
pub mod capabilities;
pub mod clock;
pub mod command;
pub mod data;
pub mod day_log;
pub mod decode;
pub mod end;
pub mod endpoint_log;
pub mod identity;
pub mod install;
pub mod journal;
pub mod link;
pub mod local_policy;
pub mod output;
pub mod run;
pub mod say;
pub mod server_url;
pub mod service;
pub mod settings;
pub mod spool;
pub mod stop;
pub mod update;
pub mod verbs;
pub mod version;
