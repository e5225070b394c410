//! Enrolment tokens: one use, one hour.

use std::time::Duration;

use domain::api::{ApiError, NewToken};
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::ids::ClientId;
use domain::roles::{Caller, Permission};

use super::clients::client;
use crate::deps::hash_secret;
use crate::engine::Engine;
use crate::store::entity::enrolment_token;

/// How long a token can be used.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// Makes a token.
pub(super) async fn create(engine: &Engine, caller: &Caller, id: ClientId) -> Result<NewToken, ApiError> {
    let who = Who::caller(caller);
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let (token, expires) = (u.deps().secret(), u.now().plus(GOOD_FOR));
                let scope = u.scope().await?;
                let client = client(&scope, id).await?;
                let row = enrolment_token::Model {
                    hash: hash_secret(&token),
                    org_id: scope.org(),
                    client_id: id,
                    expires_at: expires,
                    used_at: None,
                };
                scope.insert::<enrolment_token::Entity, _>(row).await?;
                let target = Target::new("client", Named::new(id, client.name));
                let by = By::permission(Permission::Administer);
                u.record(
                    who,
                    target,
                    EventOutcome::Success,
                    by,
                    Refs::NONE,
                    Event::TokenCreated { expires },
                )
                .await?;
                Ok(NewToken { token, expires })
            })
        })
        .await
}
