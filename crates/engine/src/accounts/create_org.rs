//! A new org with its first admin: `countersign init`.

use domain::api::{ApiError, Field, Invitation, NewLink, STANDARD_DAYS};
use domain::event::{By, Event, EventOutcome, Refs, Target, Who};
use domain::ids::OrgId;
use domain::roles::{Role, Roles};

use super::manage;
use crate::engine::Engine;
use crate::store::entity::org;

impl Engine {
    /// Makes an org with its first admin and returns the admin's one-time link.
    ///
    /// # Errors
    /// When a name or the address is not usable, or the record can't be written.
    pub async fn create_org(&self, name: &str, admin_name: &str, admin_email: &str) -> Result<NewLink, ApiError> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(ApiError::invalid(
                Field::Name,
                "Give the organisation a name of 1 to 100 characters.",
            ));
        }
        let admin = Invitation {
            name: admin_name.to_owned(),
            email: admin_email.to_owned(),
            roles: Roles::from([Role::Admin]),
        };
        let id = OrgId(self.0.deps.uuid());
        self.commit(id, move |u| {
            Box::pin(async move {
                let created_at = u.now();
                let scope = u.scope().await?;
                scope
                    .insert::<org::Entity, _>(org::Model {
                        id,
                        name: name.clone(),
                        created_at,
                        redaction: String::new(),
                        retention_days: i64::from(STANDARD_DAYS),
                        texts_encrypted: true,
                    })
                    .await?;
                let who = Who::Server {
                    part: "command line".into(),
                };
                let event = Event::OrgCreated { name: name.clone() };
                u.record(
                    who.clone(),
                    Target::org(id, &name),
                    EventOutcome::Success,
                    By::SERVER,
                    Refs::NONE,
                    event,
                )
                .await?;
                manage::add(u, who, By::SERVER, admin).await
            })
        })
        .await
    }

    /// How many orgs there are.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn orgs(&self) -> Result<u64, ApiError> {
        self.answer(
            crate::store::entrance::orgs(&self.0.read)
                .await
                .map(|o| o.len() as u64)
                .map_err(Into::into),
        )
    }
}
