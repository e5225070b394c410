//! Mailing an incident to those whom it concerns. What was found is in no letter, and neither is the command: a mailbox is no
//! place for either.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use domain::api::IncidentPlace;
use domain::ids::{DataIncidentId, OrgId, PersonId};
use engine::{Engine, Letter};

use super::follow::{Follower, follow};
use super::mail::{MailServer, Untaken};
use crate::wiring::Stop;

/// At most so many letters of an organisation between two looks at what waits: what was closed meanwhile is not written about.
const AT_ONCE: usize = 10;
/// When a letter that was not taken is offered again first, and at the latest.
const FIRST_PAUSE: Duration = Duration::from_secs(4);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

struct Mailing {
    server: MailServer,
    /// Under which address people reach us.
    public_url: String,
    /// Letters that were offered and of which the record does not say that they were taken.
    offered: HashMap<(DataIncidentId, PersonId), Offered>,
}

/// What became of an offered letter.
#[derive(Clone, Copy)]
enum Offered {
    /// A mail server took it; it is not offered again.
    Taken,
    /// It was not taken: how long it is left alone, and until when.
    Left(Duration, Instant),
}

impl Offered {
    /// Left alone for twice as long as the last time.
    fn again(before: Option<Self>) -> Self {
        let pause = match before {
            Some(Self::Left(pause, _)) => (pause * 2).min(LONGEST_PAUSE),
            Some(Self::Taken) | None => FIRST_PAUSE,
        };
        Self::Left(pause, Instant::now() + pause)
    }

    fn is_left(self, now: Instant) -> bool {
        match self {
            Self::Left(_, until) => until > now,
            Self::Taken => false,
        }
    }
}

impl Mailing {
    async fn offer(&self, letter: &Letter) -> Result<(), Untaken> {
        let subject = format!("Incident: card data on {}", letter.endpoint);
        let id = format!("<{}.{}@countersign>", letter.incident, letter.person);
        let mail = self.server.to(&letter.address).map_err(|_| Untaken::Refused)?;
        mail.offer(&subject, id, self.text(letter)).await
    }

    fn text(&self, letter: &Letter) -> String {
        let kinds: Vec<_> = letter.kinds.iter().map(|k| k.label()).collect();
        let (place, known) = match letter.place {
            IncidentPlace::Output => (
                "in what a command printed",
                "It was taken out before anything was stored. On the machine it may still be.",
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
        let now = Instant::now();
        let waiting = engine.letters(org).await?;
        let due = waiting
            .iter()
            .filter(|letter| !self.offered.get(&key(letter)).is_some_and(|o| o.is_left(now)));
        let due: Vec<_> = due.take(AT_ONCE).collect();
        let mut failed = None;
        for letter in due {
            let key = key(letter);
            let before = self.offered.get(&key).copied();
            if !matches!(before, Some(Offered::Taken))
                && let Err(error) = self.offer(letter).await
            {
                self.offered.insert(key, Offered::again(before));
                // One that is refused keeps nobody else from theirs.
                if error == Untaken::Unreached {
                    return Err(error.into());
                }
                failed = Some(error);
                continue;
            }
            self.offered.insert(key, Offered::Taken);
            engine.mailed(org, letter).await?;
            self.offered.remove(&key);
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

fn key(letter: &Letter) -> (DataIncidentId, PersonId) {
    (letter.incident, letter.person)
}

/// Mails incidents until the server stops, if there is a mail server; what failed is made up for.
pub(crate) fn keep_mailing(engine: &Engine, server: Option<MailServer>, public_url: &str, stop: &Stop) -> Result<()> {
    let mailing = server.map(|server| Mailing {
        server,
        public_url: public_url.to_owned(),
        offered: HashMap::new(),
    });
    follow(engine, mailing, stop)
}
