//! Signatures: each holds for exactly what was signed, by whom, for one purpose.

use domain::action::{Command, RefusalReason, Script, Shell};
use domain::canonical;
use ed25519_dalek::{Signer, SigningKey};
use wire::{Challenge, Enrol, Finish, Hello, Order, RejectReason, SignError, SignedOrder, negotiate};

use crate::samples::{at, challenge, device_key, enrol, finish, hello, id, order, order_key, signed_order};

#[test]
fn protocols_are_negotiated_to_the_highest_common_one() {
    assert_eq!(
        [
            negotiate(1, 1),
            negotiate(0, 9),
            negotiate(2, 3),
            negotiate(3, 4),
            negotiate(0, 0)
        ],
        [Some(1), Some(2), Some(2), None, None]
    );
}

/// R50, R22: an enrolment or a hello answers one challenge, as it was sent.
#[test]
fn proofs_hold_for_one_challenge_only() {
    let others = [
        Challenge {
            nonce: "ff".repeat(32),
            ..challenge()
        },
        Challenge {
            server_time: at(1),
            ..challenge()
        },
        Challenge {
            protocol_min: 0,
            ..challenge()
        },
    ];
    let key = device_key().verifying_key();
    assert_eq!(enrol().verify(&challenge()).unwrap(), key);
    hello().verify(&challenge(), &key).unwrap();
    for other in &others {
        assert_eq!(enrol().verify(other), Err(RejectReason::BadSignature));
        assert_eq!(hello().verify(other, &key), Err(RejectReason::BadSignature));
    }
    assert_eq!(
        hello().verify(&challenge(), &order_key().verifying_key()),
        Err(RejectReason::BadSignature)
    );
}

#[test]
fn every_field_of_a_proof_is_covered() {
    let changed = [
        Enrol {
            token: "other".into(),
            ..enrol()
        },
        Enrol {
            hostname: "other".into(),
            ..enrol()
        },
        Enrol {
            os: "other".into(),
            ..enrol()
        },
        Enrol {
            agent_version: "other".into(),
            ..enrol()
        },
        Enrol {
            public_key: wire::public_key_text(&order_key().verifying_key()),
            ..enrol()
        },
    ];
    for enrol in changed {
        assert_eq!(enrol.verify(&challenge()), Err(RejectReason::BadSignature));
    }
    let key = device_key().verifying_key();
    let changed = [
        Hello {
            endpoint: id(9),
            ..hello()
        },
        Hello {
            agent_version: "other".into(),
            ..hello()
        },
        Hello {
            agent_time: at(9),
            ..hello()
        },
        Hello {
            signature: hello().signature.to_uppercase(),
            ..hello()
        },
        Hello {
            signature: enrol().signature,
            ..hello()
        },
    ];
    for hello in changed {
        assert_eq!(hello.verify(&challenge(), &key), Err(RejectReason::BadSignature));
    }
    assert_eq!(
        Hello { protocol: 2, ..hello() }.verify(&challenge(), &key),
        Err(RejectReason::ProtocolTooOld)
    );
    for bad in [
        "",
        "00",
        &"zz".repeat(32),
        &"00".repeat(32),
        &wire::public_key_text(&key).to_uppercase(),
    ] {
        assert_eq!(
            Enrol {
                public_key: bad.to_owned(),
                ..enrol()
            }
            .verify(&challenge()),
            Err(RejectReason::Malformed),
            "{bad}"
        );
    }
}

/// R10: an order opens only with the key that signed it, and gives what was signed.
#[test]
fn an_order_opens_with_its_key_only() {
    let signed = signed_order();
    assert_eq!(signed.open(&order_key().verifying_key()), Ok(order()));
    assert_eq!(
        signed.open(&device_key().verifying_key()),
        Err(RefusalReason::BadSignature)
    );
    let other = SignedOrder::sign(
        &Order {
            nonce: "0d".repeat(16),
            ..order()
        },
        &order_key(),
    )
    .unwrap();
    let swapped = SignedOrder {
        signature: other.signature.clone(),
        ..signed.clone()
    };
    assert_eq!(
        swapped.open(&order_key().verifying_key()),
        Err(RefusalReason::BadSignature)
    );
    assert_ne!(
        signed.digest(),
        SignedOrder::sign(&other.open(&order_key().verifying_key()).unwrap(), &order_key())
            .unwrap()
            .digest()
    );
    assert_eq!(signed.claimed_action(), Some(order().action));
}

/// R10: even what the server signs must be in form, and name the command that was authorised.
#[test]
fn a_signed_order_that_is_out_of_form_is_refused() {
    let sign = |text: String| {
        let signature = order_key().sign(&[b"countersign order v1\n", text.as_bytes()].concat());
        SignedOrder {
            order: text,
            signature: domain::digest::hex(&signature.to_bytes()),
        }
        .open(&order_key().verifying_key())
    };
    let canonical = |order: &Order| canonical::to_string(order).unwrap();
    assert_eq!(sign(canonical(&order())), Ok(order()), "signed as the library does");
    let other = Command::Script(Script {
        shell: Shell::Sh,
        text: "id".into(),
    });
    assert_eq!(
        sign(canonical(&Order {
            command: other,
            ..order()
        })),
        Err(RefusalReason::ChangedBytes)
    );
    assert_eq!(
        sign(canonical(&Order { v: 3, ..order() })),
        Err(RefusalReason::Unsupported)
    );
    assert_eq!(
        sign(canonical(&Order {
            nonce: "0B".repeat(16),
            ..order()
        })),
        Err(RefusalReason::Malformed)
    );
    assert_eq!(
        sign(canonical(&order()).replacen('{', "{ ", 1)),
        Err(RefusalReason::Malformed)
    );
    assert_eq!(
        sign(canonical(&order()).replacen('{', r#"{"a":1,"#, 1)),
        Err(RefusalReason::Malformed)
    );
    assert_eq!(
        sign(canonical(&order()).replacen('{', r#"{"action":"01890000-0000-7000-8000-000000000009","#, 1)),
        Err(RefusalReason::Malformed)
    );
    assert_eq!(sign("order".into()), Err(RefusalReason::Malformed));
}

#[test]
fn an_order_that_no_frame_holds_is_not_signed() {
    let command = Command::Script(Script {
        shell: Shell::Sh,
        text: "\u{1}".repeat(60_000),
    });
    let order = Order {
        command_digest: command.digest(),
        command,
        ..order()
    };
    assert!(matches!(
        SignedOrder::sign(&order, &order_key()),
        Err(SignError::TooLarge(_))
    ));
}

/// A receipt is for one action, order and end, by one device.
#[test]
fn a_receipt_covers_everything() {
    let (key, digest) = (device_key().verifying_key(), signed_order().digest());
    assert!(finish().verify_receipt(id(4), &digest, &key));
    assert!(!finish().verify_receipt(id(5), &digest, &key));
    assert!(!finish().verify_receipt(id(4), &domain::digest::Digest::of(&[]), &key));
    assert!(!finish().verify_receipt(id(4), &digest, &SigningKey::from_bytes(&[9; 32]).verifying_key()));
    for changed in [
        Finish {
            exit: Some(0),
            ..finish()
        },
        Finish {
            note: String::new(),
            ..finish()
        },
        Finish {
            findings: Default::default(),
            ..finish()
        },
        Finish {
            stdout_bytes: 31,
            ..finish()
        },
        Finish {
            receipt: String::new(),
            ..finish()
        },
    ] {
        assert!(!changed.verify_receipt(id(4), &digest, &key));
    }
    assert!(
        Finish {
            chunks: u64::MAX,
            ..finish()
        }
        .sign(id(4), &digest, &device_key())
        .is_err()
    );
}
