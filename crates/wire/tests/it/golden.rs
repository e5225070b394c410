//! The bytes of each protocol. They never change: a released agent speaks them. A new protocol gets a new file.

use wire::{AgentMessage, ServerMessage};

use crate::samples::{self, v2};

const GOLDEN_1: &str = include_str!("golden_v1.txt");
const GOLDEN_2: &str = include_str!("golden_v2.txt");

fn check(file: &str, golden: &str, server: &[ServerMessage], agent: &[AgentMessage]) {
    let ours = server.iter().map(|m| m.encode().unwrap());
    let frames: Vec<String> = ours.chain(agent.iter().map(|m| m.encode().unwrap())).collect();
    let golden: Vec<&str> = golden.lines().collect();
    for (at, frame) in frames.iter().enumerate() {
        assert_eq!(
            golden.get(at).copied(),
            Some(frame.as_str()),
            "line {} of {file}",
            at + 1
        );
    }
    assert_eq!(golden.len(), frames.len(), "{file}");
    let (ours, theirs) = golden.split_at(server.len());
    let read: Vec<_> = ours.iter().map(|f| ServerMessage::decode(f).unwrap()).collect();
    assert_eq!(read, server, "{file}");
    let read: Vec<_> = theirs.iter().map(|f| AgentMessage::decode(f).unwrap()).collect();
    assert_eq!(read, agent, "{file}");
}

#[test]
fn every_message_of_protocol_1_has_its_golden_bytes_and_reads_back() {
    check(
        "golden_v1.txt",
        GOLDEN_1,
        &samples::server_messages(),
        &samples::agent_messages(),
    );
}

#[test]
fn every_message_of_protocol_2_has_its_golden_bytes_and_reads_back() {
    check("golden_v2.txt", GOLDEN_2, &v2::server_messages(), &v2::agent_messages());
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
