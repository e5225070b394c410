//! What agent and server say to each other: versioned messages with size limits, signed orders, reports, and a state
//! machine for each side of the link.
//!
//! Each message is one WebSocket text frame of JSON. Unknown fields are refused, so a new field means a new protocol
//! number; the two sides agree on one by the range in the [`Challenge`]. What is signed is canonical JSON behind a line
//! that names its purpose, so that a signature for one purpose is never one for another.
//!
//! Deliberately absent: sockets, clocks, randomness and storage. Time comes in as a parameter, frames go in and out as
//! text. Whether an order may run (scope, time, unused nonce) is the agent's to decide; here it is only proved genuine.

mod enrol;
mod handshake;
pub mod link;
mod message;
mod order;
mod report;
mod signing;

pub use enrol::{Enrol, Enrolled};
pub use handshake::{Challenge, Hello, RejectReason, Rejected, Welcome};
pub use link::{AgentEvent, AgentLinkState, ServerEvent, ServerLinkState, Tick, Violation};
pub use message::{AgentMessage, DecodeError, EncodeError, ServerMessage};
pub use order::{Order, RedactionSettings, SignError, SignedOrder};
pub use report::{Finish, OutputDigest, Report, ReportBody, Stream};
pub use signing::{parse_public_key, public_key_text};

/// The protocol spoken here.
pub const PROTOCOL: u32 = 1;

/// The oldest protocol spoken here.
pub const PROTOCOL_MIN: u32 = 1;

/// The largest frame either side sends or takes, in bytes.
pub const MAX_FRAME: usize = 256 * 1024;

/// The version of [`Order`] written and read here.
pub const ORDER_VERSION: u32 = 1;

/// The protocol that both sides speak, given the other side's range: the highest common one.
pub fn negotiate(min: u32, max: u32) -> Option<u32> {
    let highest = max.min(PROTOCOL);
    (highest >= min.max(PROTOCOL_MIN)).then_some(highest)
}
