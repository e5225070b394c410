//! Updates of the agent, with real processes of two real versions (R10, R16, R75).

mod interrupted;
mod refused;
mod support;
mod tried;
