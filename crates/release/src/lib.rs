//! Making releases of the agent: the release key, a program's version, and the manifest that the key signs. What
//! `cargo xtask release-key`, `stamp` and `sign-release` run.
//!
//! Deliberately absent: keeping the key. It is a file that whoever makes releases keeps away from every server.

pub mod folder;
pub mod key;
pub mod sign;
pub mod stamp;
