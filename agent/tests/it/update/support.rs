//! Releases of the agent, and what is said of them, on every system.

use agent::version::TARGET;
use ed25519_dalek::SigningKey;
use release::sign::{About, sign};
use wire::{GoodbyeReason, MAX_PART, ServerEvent, ServerMessage, SignedManifest, UpdatePart, UpdateStage, UpdateState};

use crate::harness::Link;

pub(crate) const OLD: &str = "0.1.0";
pub(crate) const NEW: &str = "0.2.0";

/// A program, and what the release key says of it.
pub(crate) struct Release {
    pub(crate) program: Vec<u8>,
    pub(crate) signed: SignedManifest,
}

/// The agent as built, with this version in it.
pub(crate) fn stamped(version: &str) -> Vec<u8> {
    let mut program = std::fs::read(env!("CARGO_BIN_EXE_countersign-agent")).unwrap();
    release::stamp::stamp(&mut program, version.parse().unwrap()).unwrap();
    program
}

pub(crate) fn about(version: &str) -> About {
    About {
        version: version.parse().unwrap(),
        target: TARGET.into(),
        minimum: OLD.parse().unwrap(),
        not_before: None,
    }
}

pub(crate) fn signed_by(key: &SigningKey, program: Vec<u8>, about: &About) -> Release {
    let signed = sign(&program, about, key).unwrap();
    Release { program, signed }
}

/// Offers a release and answers what is asked for, until the agent says where it stands, which is noted; none when it left to
/// try the release before it could say so.
pub(crate) async fn offer_and_lose(link: &mut Link, release: &Release) -> Option<UpdateState> {
    link.send(ServerMessage::UpdateOffer(release.signed.clone())).await;
    loop {
        match link.event().await {
            ServerEvent::UpdateWant(want) => send_part(link, release, want.offset).await,
            ServerEvent::UpdateState(state) => return Some(noted(link, state).await),
            ServerEvent::Goodbye(GoodbyeReason::Update) => return None,
            ServerEvent::Heartbeat => {}
            other => panic!("out of turn: {other:?}"),
        }
    }
}

pub(crate) async fn send_part(link: &mut Link, release: &Release, offset: u64) {
    let from = usize::try_from(offset).unwrap();
    let to = (from + MAX_PART).min(release.program.len());
    let part = UpdatePart::new(release.signed.digest(), offset, &release.program[from..to]);
    link.send(ServerMessage::UpdatePart(part)).await;
}

/// The next states, to the last of an update.
pub(crate) async fn states(link: &mut Link) -> Vec<UpdateState> {
    let mut states = vec![];
    for state in std::mem::take(&mut link.early) {
        states.push(noted(link, state).await);
    }
    loop {
        if states.last().is_some_and(|s| s.stage.is_last()) {
            return states;
        }
        match link.event().await {
            ServerEvent::UpdateState(state) => states.push(noted(link, state).await),
            ServerEvent::Heartbeat => {}
            other => panic!("out of turn: {other:?}"),
        }
    }
}

/// What was said, without that it was staged: an agent that has nothing else to do leaves before it says so, and says it later.
pub(crate) fn stages(states: &[UpdateState]) -> Vec<UpdateStage> {
    let stages = states.iter().map(|s| s.stage);
    stages.filter(|s| *s != UpdateStage::Staged).collect()
}

/// Notes a state; the agent may be gone already, and then says it again.
async fn noted(link: &mut Link, state: UpdateState) -> UpdateState {
    let (release, stage) = (state.release, state.stage);
    link.try_send(&ServerMessage::UpdateNoted { release, stage }).await;
    state
}
