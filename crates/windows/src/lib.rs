//! What the agent needs of Windows, behind safe calls. On other systems this crate is empty.
//!
//! This is the only crate of the workspace with `unsafe` code. Each such block is as small as it can be, says why it is
//! sound, and owns what it gets from the system: handles are closed, memory is freed, on every way out. What comes out are
//! values of Rust and [`error::WinError`], which names the call that failed.
//!
//! Deliberately absent: knowledge of orders, scopes and reports. What may be done is decided by the caller; this crate only
//! knows how.

#![cfg_attr(
    windows,
    expect(unsafe_code, reason = "the calls into Windows; nothing else may have it")
)]

#[cfg(windows)]
pub mod accounts;
#[cfg(windows)]
pub mod acl;
#[cfg(windows)]
pub mod console;
#[cfg(windows)]
pub mod durable;
#[cfg(windows)]
pub mod error;
#[cfg(windows)]
pub mod events;
#[cfg(windows)]
pub mod files;
#[cfg(windows)]
pub mod folders;
#[cfg(windows)]
pub mod log;
#[cfg(windows)]
pub mod network;
#[cfg(windows)]
pub mod process;
#[cfg(windows)]
pub mod registry;
#[cfg(windows)]
pub mod secret;
#[cfg(windows)]
pub mod services;
#[cfg(windows)]
pub mod this_service;

#[cfg(windows)]
mod text;
