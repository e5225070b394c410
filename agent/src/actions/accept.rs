//! Whether an order may run: everything that can be known without looking at what it acts on.

use std::sync::Arc;
use std::time::Duration;

use domain::action::RefusalReason;
use domain::timestamp::Timestamp;
use ed25519_dalek::VerifyingKey;
use gate::scope::{Miss, Scope};
use tokio::sync::SemaphorePermit;
use wire::{Order, SignedOrder};

use super::{Actions, NoRun};
use crate::journal::Taken;
use crate::stop::StopSignal;

/// How much an order may be ahead of the server's clock as heard over the network.
const AHEAD: Duration = Duration::from_secs(5);

/// The longest time limit that is taken.
const LONGEST: u32 = 24 * 3600;

/// An order that may run: genuine, for this endpoint, due, in scope, and journalled, so that it can't come again.
#[derive(Debug)]
pub(super) struct Accepted<'a> {
    pub(super) order: Order,
    pub(super) scope: Scope,
    /// Its turn, until it ended.
    _turn: SemaphorePermit<'a>,
}

impl Actions {
    /// Verifies an order, waits for its turn, and takes it for running. Only once this returned is it marked as used.
    pub(super) async fn accept(
        &self,
        signed: &SignedOrder,
        key: &VerifyingKey,
        stop: &mut StopSignal,
    ) -> Result<Accepted<'_>, NoRun> {
        let identity = &self.agent.identity;
        let order = signed.open(key).map_err(|reason| refused(reason, reason.sentence()))?;
        if order.endpoint != identity.endpoint || order.org != identity.org {
            return Err(refused(
                RefusalReason::WrongEndpoint,
                RefusalReason::WrongEndpoint.sentence(),
            ));
        }
        self.check_time(&order)?;
        let scope = check_command(&order)?;
        let turn = stop.or(self.turns.acquire()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(refused(
                RefusalReason::NotRun,
                "It was ended while it waited for its turn, before it started.",
            ));
        };
        // Waiting may have taken long.
        self.check_time(&order)?;
        self.take(signed, &order).await?;
        Ok(Accepted {
            order,
            scope,
            _turn: turn,
        })
    }

    pub(super) fn check_time(&self, order: &Order) -> Result<(), NoRun> {
        let late = |why: String| Err(refused(RefusalReason::OrderExpired, why));
        let Some(now) = self.agent.server_clock.now() else {
            return late("The server has not said what time it is.".into());
        };
        if now > order.expires {
            return late(format!(
                "It could be started until {}; it came at {}.",
                order.expires.for_people(),
                now.for_people()
            ));
        }
        if order.not_before > now.plus(AHEAD) {
            return late(format!(
                "It can't be started before {}; it came at {}.",
                order.not_before.for_people(),
                now.for_people()
            ));
        }
        Ok(())
    }

    async fn take(&self, signed: &SignedOrder, order: &Order) -> Result<(), NoRun> {
        let agent = Arc::clone(&self.agent);
        let (nonce, action, digest, expires): (String, _, _, Timestamp) =
            (order.nonce.clone(), order.action, signed.digest(), order.expires);
        let taken = tokio::task::spawn_blocking(move || agent.journal.take(&nonce, action, digest, expires)).await;
        match taken {
            Ok(Ok(Taken::Fresh)) => Ok(()),
            Ok(Ok(Taken::Duplicate)) => Err(NoRun::Known),
            Ok(Ok(Taken::Replayed)) => Err(refused(RefusalReason::Replayed, RefusalReason::Replayed.sentence())),
            Ok(Err(e)) => Err(NoRun::Disk(e)),
            Err(e) => Err(NoRun::Disk(std::io::Error::other(e))),
        }
    }
}

fn check_command(order: &Order) -> Result<Scope, NoRun> {
    order
        .command
        .check_limits()
        .map_err(|why| refused(RefusalReason::Malformed, why))?;
    if !(1..=LONGEST).contains(&order.time_limit_seconds) {
        return Err(refused(
            RefusalReason::Malformed,
            "Its time limit is not between a second and a day.",
        ));
    }
    let scope: Scope = order
        .scope
        .parse()
        .map_err(|e| refused(RefusalReason::Malformed, format!("Its scope can't be read: {e}")))?;
    scope.covers(&order.command).map_err(|miss| {
        let reason = if miss == Miss::OtherScript {
            RefusalReason::ChangedBytes
        } else {
            RefusalReason::OutOfScope
        };
        refused(reason, miss.to_string())
    })?;
    Ok(scope)
}

fn refused(reason: RefusalReason, detail: impl Into<String>) -> NoRun {
    NoRun::Refused(reason, detail.into())
}
