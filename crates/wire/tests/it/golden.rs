//! The bytes of protocol 1. They never change: a released agent speaks them. A new protocol gets a new file.

use wire::{AgentMessage, ServerMessage};

use crate::samples;

const GOLDEN: &str = include_str!("golden_v1.txt");

fn frames() -> Vec<String> {
    let server = samples::server_messages().into_iter().map(|m| m.encode().unwrap());
    let agent = samples::agent_messages().into_iter().map(|m| m.encode().unwrap());
    server.chain(agent).collect()
}

#[test]
fn every_message_has_its_golden_bytes() {
    let golden: Vec<&str> = GOLDEN.lines().collect();
    for (at, frame) in frames().iter().enumerate() {
        assert_eq!(
            golden.get(at).copied(),
            Some(frame.as_str()),
            "line {} of golden_v1.txt",
            at + 1
        );
    }
    assert_eq!(golden.len(), frames().len());
}

#[test]
fn golden_bytes_read_back_as_the_same_messages() {
    let server = samples::server_messages();
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (
        GOLDEN.lines().take(server.len()).collect(),
        GOLDEN.lines().skip(server.len()).collect(),
    );
    assert_eq!(
        ours.into_iter()
            .map(|f| ServerMessage::decode(f).unwrap())
            .collect::<Vec<_>>(),
        server
    );
    assert_eq!(
        theirs
            .into_iter()
            .map(|f| AgentMessage::decode(f).unwrap())
            .collect::<Vec<_>>(),
        samples::agent_messages()
    );
}

#[test]
fn the_output_digest_is_the_documented_chain() {
    use domain::digest::Digest;
    use wire::{OutputDigest, Stream};
    let mut digest = OutputDigest::new();
    assert_eq!(digest.digest(), Digest::of(&[b"countersign output v1\n"]));
    digest.push(Stream::Stdout, "a");
    let first = Digest::of(&[digest_of_nothing().as_bytes(), &[1], &[0, 0, 0, 0, 0, 0, 0, 1], b"a"]);
    assert_eq!(digest.digest(), first);
    let mut resumed = OutputDigest::resume(first);
    digest.push(Stream::Stderr, "");
    resumed.push(Stream::Stderr, "");
    assert_eq!(digest, resumed);
    assert_eq!(digest.digest(), Digest::of(&[first.as_bytes(), &[2], &[0; 8]]));
}

fn digest_of_nothing() -> domain::digest::Digest {
    wire::OutputDigest::new().digest()
}
