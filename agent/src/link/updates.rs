//! What the link carries of updates: offers and pieces in, wants and states out.

use std::sync::Arc;

use domain::digest::Digest;
use tokio::task::spawn_blocking;
use wire::{AgentMessage, SignedManifest, UpdatePart, UpdateStage, UpdateWant};

use super::Over;
use super::talk::Talk;
use crate::update::Next;

/// The protocol that has messages about updates.
const SINCE: u32 = 2;

impl Talk<'_> {
    pub(super) async fn offered(&mut self, signed: SignedManifest) -> Result<(), Over> {
        let agent = Arc::clone(self.agent);
        let now = agent.server_clock.now();
        match spawn_blocking(move || agent.updates.offer(signed, now)).await {
            Ok(Some(want)) => self.want(want).await,
            Ok(None) => Ok(()),
            Err(e) => Err(Over::Lost(e.to_string())),
        }
    }

    pub(super) async fn take_part(&mut self, part: UpdatePart) -> Result<(), Over> {
        let agent = Arc::clone(self.agent);
        match spawn_blocking(move || agent.updates.part(&part)).await {
            Ok(Next::Want(want)) => self.want(want).await,
            Ok(Next::Check(incoming)) => {
                // It takes a moment, and orders must not wait for it: what comes of it shows as news.
                let agent = Arc::clone(self.agent);
                spawn_blocking(move || agent.updates.check(incoming));
                Ok(())
            }
            Ok(Next::Nothing) => Ok(()),
            Err(e) => Err(Over::Lost(e.to_string())),
        }
    }

    pub(super) async fn update_noted(&mut self, release: Digest, stage: UpdateStage) {
        self.said.remove(&(release, stage));
        let agent = Arc::clone(self.agent);
        if let Err(e) = spawn_blocking(move || agent.updates.noted(release, stage)).await {
            tracing::warn!(error = %e, "what the server noted of an update was not written down");
        }
    }

    /// Says what the server has not noted and was not said on this connection.
    pub(super) async fn say_of_updates(&mut self) -> Result<(), Over> {
        if self.protocol() < SINCE {
            return Ok(());
        }
        for state in self.agent.updates.unsaid(&self.said) {
            self.said.insert((state.release, state.stage));
            self.say(&AgentMessage::UpdateState(state)).await?;
        }
        Ok(())
    }

    async fn want(&mut self, want: UpdateWant) -> Result<(), Over> {
        self.say(&AgentMessage::UpdateWant(want)).await
    }
}
