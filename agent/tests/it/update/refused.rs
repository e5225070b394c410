//! Releases that are not taken: nothing is changed, and the server hears why.

use agent::data::DataDir;
use agent::version::TARGET;
use ed25519_dalek::SigningKey;
use release::sign::About;
use wire::{ServerEvent, ServerMessage, SignedManifest, UpdatePart, UpdateStage};

use super::support::{NEW, OLD, Release, about, signed_by, stamped, states};
use super::world::{World, offer, script};

/// R10, R75: each reason with its own sentence; the agent goes on as before and takes the next order.
#[tokio::test]
async fn what_is_not_genuine_newer_and_whole_is_refused_and_nothing_is_swapped() {
    let mut world = World::new().await;
    let mut link = world.connected().await;
    let idle = || script(NEW, "sleep 1000");
    let other_key = signed_by(&SigningKey::from_bytes(&[5; 32]), idle(), &about(NEW));
    let mut changed = world.release(idle());
    changed.signed.manifest = changed.signed.manifest.replace(NEW, "0.3.0");
    let mut other_bytes = world.release(idle());
    other_bytes.program[20] ^= 1;
    let same = signed_by(&world.key, idle(), &about(OLD));
    let older = signed_by(&world.key, idle(), &about("0.0.9"));
    let elsewhere = About {
        target: "x86_64-pc-windows-gnu".into(),
        ..about(NEW)
    };
    let elsewhere = signed_by(&world.key, idle(), &elsewhere);
    let far = About {
        minimum: "0.1.5".parse().unwrap(),
        ..about(NEW)
    };
    let far = signed_by(&world.key, idle(), &far);
    let liar = world.release(script("0.9.0", "true"));
    let broken = world.release(b"\x7fELF and no more".to_vec());
    let silent = world.release(b"#!/bin/sh\nexit 3\n".to_vec());
    for (release, why) in [
        (other_key, "not signed with the release key"),
        (changed, "not signed with the release key"),
        (other_bytes, "not those that its manifest names"),
        (same, "is not newer than 0.1.0"),
        (older, "is not newer than 0.1.0"),
        (elsewhere, "it is for x86_64-pc-windows-gnu"),
        (far, "Update to 0.1.5 first"),
        (liar, "does not say that it is countersign-agent 0.2.0"),
        (broken, "does not run here"),
        (silent, "it ended with exit status: 3"),
    ] {
        let state = offer(&mut link, &release).await;
        assert_eq!(state.stage, UpdateStage::Refused, "{why}");
        assert!(state.detail.contains(why), "{} does not say {why}", state.detail);
        assert_eq!(state.release, release.signed.digest());
        assert_eq!(world.version(), OLD);
    }
    world.server.story(&mut link, &world.server.script("true")).await;
}

/// R10: a release that is cut off is never taken, a piece too many refuses it, and a piece that was not asked for is nothing.
#[tokio::test]
async fn a_truncated_or_overlong_release_is_not_taken() {
    let mut world = World::new().await;
    let mut link = world.connected().await;
    let release = world.release(script(NEW, "sleep 1000"));
    let digest = release.signed.digest();
    let part = |offset, bytes: &[u8]| ServerMessage::UpdatePart(UpdatePart::new(digest, offset, bytes));
    link.send(ServerMessage::UpdateOffer(release.signed.clone())).await;
    let ServerEvent::UpdateWant(want) = link.event().await else {
        panic!("it asks for it")
    };
    assert_eq!((want.release, want.offset), (digest, 0));
    link.send(part(0, &release.program[..10])).await;
    let ServerEvent::UpdateWant(want) = link.event().await else {
        panic!("it asks for the rest")
    };
    assert_eq!(want.offset, 10, "it was cut off there, and is not taken");
    link.send(part(0, &release.program)).await;
    let ServerEvent::UpdateWant(want) = link.event().await else {
        panic!("it asks again")
    };
    assert_eq!(want.offset, 10, "what was not asked for changes nothing");
    let mut more = release.program[10..].to_vec();
    more.push(b'\n');
    link.send(part(10, &more)).await;
    let state = &states(&mut link).await[0];
    assert_eq!(state.stage, UpdateStage::Refused);
    assert!(state.detail.contains("more of it than"), "{}", state.detail);
    assert_eq!(world.version(), OLD);
}

/// R10: an endpoint that holds no release key takes nothing, and says what to do. What was refused while nobody noted it is
/// said again on the next connection.
#[tokio::test]
async fn without_a_release_key_nothing_is_taken() {
    let mut world = World::new().await;
    let data = DataDir::open(&world.agent.data()).unwrap();
    std::fs::remove_file(data.release_key()).unwrap();
    let mut link = world.connected().await;
    let release: Release = world.release(stamped(NEW));
    let signed: SignedManifest = release.signed.clone();
    assert!(signed.manifest.contains(TARGET));
    link.send(ServerMessage::UpdateOffer(signed)).await;
    let ServerEvent::UpdateState(first) = link.event().await else {
        panic!("it says where it stands")
    };
    assert!(first.detail.contains("holds no release key"), "{}", first.detail);
    drop(link);
    let mut link = world.server.ready().await;
    assert_eq!(states(&mut link).await, [first]);
    // What comes after the note shows that it was taken.
    world.server.story(&mut link, &world.server.script("true")).await;
    world.agent.spool_empties().await;
    assert!(world.agent.terminate().await);
    let mut link = world.connected().await;
    world.server.story(&mut link, &world.server.script("true")).await;
    assert!(link.early.is_empty(), "it is not said again");
}
