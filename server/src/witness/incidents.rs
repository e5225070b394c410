//! Mailing an incident to those whom it concerns. What was found is in no letter, and neither is the command: a mailbox is no
//! place for either.

use std::time::Duration;

use anyhow::{Context, Result};
use domain::api::IncidentPlace;
use domain::ids::OrgId;
use engine::{Engine, Letter};

use super::follow::{Follower, follow};
use super::mail::MailServer;
use crate::wiring::Stop;

struct Mailing {
    server: MailServer,
    /// Under which address people reach us.
    public_url: String,
}

impl Mailing {
    fn text(&self, letter: &Letter) -> String {
        let kinds: Vec<_> = letter.kinds.iter().map(|k| k.label()).collect();
        let (place, known) = match letter.place {
            IncidentPlace::Output => (
                "in what a command printed",
                "It was taken out before anything left the machine. On the machine it may still be.",
            ),
            IncidentPlace::Command => (
                "in a command that a technician typed",
                "It was taken out before anything was stored, and the command was refused.",
            ),
            IncidentPlace::Note | IncidentPlace::Reason => {
                ("in what somebody typed", "It was taken out before anything was stored.")
            }
        };
        format!(
            "Found where none is expected: {}, {place}.\n\nMachine: {}\nClient: {}\nWhen: {}\n\n{known} PCI DSS v4.0.1 \
             (12.10.7) asks to find out how it came there, and to have it deleted or moved.\n\n{}/incidents/{}\n\nYou are \
             written to because you decide for this client, or may audit.\n",
            kinds.join(", "),
            letter.endpoint,
            letter.client,
            letter.opened_at,
            self.public_url,
            letter.incident,
        )
    }
}

impl Follower for Mailing {
    const FAILING: &'static str = "an incident was not mailed";
    const WELL_AGAIN: &'static str = "incidents are mailed again";

    fn name(&self) -> String {
        "the people whom an incident concerns".into()
    }

    fn pace(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn tell(&mut self, engine: &Engine, _: &reqwest::Client, org: OrgId) -> Result<()> {
        let mut failed = None;
        for letter in engine.letters(org).await? {
            let subject = format!("Incident: card data on {}", letter.endpoint);
            // One whose address is refused keeps nobody else from theirs.
            let written = match self.server.to(&letter.address) {
                Ok(mail) => mail.write(&subject, self.text(&letter)).await,
                Err(error) => Err(error),
            };
            match written {
                Ok(()) => engine.mailed(org, &letter).await?,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(()), Err).context("writing to somebody")
    }
}

/// Mails incidents until the server stops, if there is a mail server; what failed is made up for.
pub(crate) fn keep_mailing(engine: &Engine, server: Option<MailServer>, public_url: &str, stop: &Stop) -> Result<()> {
    let mailing = server.map(|server| Mailing {
        server,
        public_url: public_url.to_owned(),
    });
    follow(engine, mailing, stop)
}
