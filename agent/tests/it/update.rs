//! Updates of the agent, with real processes of two real versions (R10, R16, R75).

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what does not belong there fails the test, whatever it is"
)]

// With processes that a new version goes on in, and with scripts of sh in the place of programs; `windows` has its own.
#[cfg(unix)]
mod interrupted;
#[cfg(unix)]
mod refused;
mod support;
#[cfg(unix)]
mod tried;
#[cfg(windows)]
mod windows;
#[cfg(unix)]
mod world;
