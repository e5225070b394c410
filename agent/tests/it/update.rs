//! Updates of the agent, with real processes of two real versions (R10, R16, R75).

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what does not belong there fails the test, whatever it is"
)]

mod interrupted;
mod refused;
mod support;
mod tried;
