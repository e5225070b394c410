//! What agent and server say to each other: versioned messages with size limits, signed orders, reports, and a state
//! machine for each side of the link.
//!
//! Each message is one WebSocket text frame of JSON. Unknown fields are refused, so a new field means a new protocol
//! number; the two sides agree on one by the range in the [`Challenge`], which therefore never changes. Each side speaks the
//! protocol before the newest too; the state machines let nothing through that the protocol agreed on does not have. What is
//! signed is canonical JSON behind a line that names its purpose, so that a signature for one purpose is never one for
//! another.
//!
//! Protocol 2 adds what the agent can do and which start of it speaks ([`About`]), retiring, saying goodbye, new order keys,
//! receipts that name the command ([`Ran`]), and updates of the agent ([`SignedManifest`], [`UpdatePart`]). What an agent of
//! protocol 2 must also say that it can is the capability [`REDACTION`], with the message [`ActionRedaction`]; what a server must,
//! the capability [`PARTS`], with reports in parts ([`ReportPart`]).
//!
//! Deliberately absent: sockets, clocks, randomness and storage. Time comes in as a parameter, frames go in and out as
//! text. Whether an order may run (scope, time, unused nonce) is the agent's to decide; here it is only proved genuine.

mod capabilities;
mod enrol;
mod handshake;
pub mod link;
mod message;
mod order;
mod parts;
mod redaction;
mod release;
mod report;
mod rotation;
mod signing;
mod update;

pub use capabilities::{Capabilities, NotCapabilities};
pub use enrol::{Enrol, Enrolled, EnrolledMore};
pub use handshake::{About, Challenge, Hello, RejectReason, Rejected, Welcome};
pub use link::{AgentEvent, AgentLinkState, ServerEvent, ServerLinkState, Tick, Violation};
pub use message::{AgentMessage, DecodeError, EncodeError, GoodbyeReason, ServerMessage};
pub use order::{MAX_EVIDENCE, Order, OrderRedaction, SignError, SignedOrder};
pub use parts::{Cut, PART, PARTS, ReportPart};
pub use redaction::{ActionRedaction, REDACTION};
pub use release::{
    MANIFEST_VERSION, MAX_RELEASE, Manifest, NotARelease, NotAVersion, STAMP_LEN, STAMP_MARK, SignedManifest, Version,
};
pub use report::{Finish, OutputDigest, Ran, Report, ReportBody, Stream};
pub use rotation::{BrokenChain, KeyRotation};
pub use signing::{parse_public_key, public_key_text};
pub use update::{MAX_PART, UpdatePart, UpdateStage, UpdateState, UpdateWant};

/// The newest protocol spoken here.
pub const PROTOCOL: u32 = 2;

/// The oldest protocol spoken here.
pub const PROTOCOL_MIN: u32 = 1;

/// The largest frame either side sends or takes, in bytes.
pub const MAX_FRAME: usize = 256 * 1024;

/// The newest version of [`Order`] written and read here.
pub const ORDER_VERSION: u32 = 2;

/// The version of [`Order`] that a peer of `protocol` reads.
pub fn order_version(protocol: u32) -> u32 {
    if protocol >= 2 { ORDER_VERSION } else { 1 }
}

/// The protocol that both sides speak, given the other side's range: the highest common one.
pub fn negotiate(min: u32, max: u32) -> Option<u32> {
    let highest = max.min(PROTOCOL);
    (highest >= min.max(PROTOCOL_MIN)).then_some(highest)
}
