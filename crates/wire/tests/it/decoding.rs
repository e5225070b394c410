//! What holds for every frame, whoever made it. Used by the replay in `fuzz.rs` and by the libFuzzer target in `/fuzz`.

use domain::action::RefusalReason;
use ed25519_dalek::VerifyingKey;
use wire::{AgentMessage, ServerMessage, SignedOrder};

/// Decodes `frame` as both sides would. Nothing panics; what is taken is written again to bytes that read as the same
/// message and that are their own encoding, so that no two readings of a message exist.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn check(frame: &str) {
    if let Ok(message) = ServerMessage::decode(frame) {
        let bytes = message.encode().expect("what fitted a frame fits one");
        let again = ServerMessage::decode(&bytes).expect("its own bytes are a message");
        assert!(again == message, "read differently the second time");
        assert!(
            again.encode().expect("it fitted before") == bytes,
            "written differently"
        );
        if let ServerMessage::Order(order) = &message {
            check_order(order);
        }
    }
    if let Ok(message) = AgentMessage::decode(frame) {
        let bytes = message.encode().expect("what fitted a frame fits one");
        let again = AgentMessage::decode(&bytes).expect("its own bytes are a message");
        assert!(again == message, "read differently the second time");
        assert!(
            again.encode().expect("it fitted before") == bytes,
            "written differently"
        );
    }
}

/// No order is genuine for a key that nobody holds.
fn check_order(order: &SignedOrder) {
    let _ = (order.claimed_action(), order.claimed_version(), order.digest());
    if let Ok(key) = VerifyingKey::from_bytes(&[0x58; 32]) {
        assert!(order.open(&key) == Err(RefusalReason::BadSignature));
    }
}
