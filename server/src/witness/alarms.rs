//! Telling somebody outside of the product that a record is not what was signed, and when it is again: those who would look at a page
//! may not do so for days. Whoever holds the server can keep it from being told; witnesses and copies of checkpoints are against that.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use audit::checkpoint::origin_for;
use domain::api::RecordAlarm;
use domain::ids::OrgId;
use engine::Engine;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::follow::{Follower, deliver, follow};
use super::mail::Mail;
use crate::wiring::Stop;

/// Who is told.
#[derive(Clone, Debug)]
pub enum Alarms {
    /// What listens there, by POST, as JSON.
    Address(String),
    /// Whoever reads that mail.
    Mail(Box<Mail>),
}

/// Somebody, and of which records they know that something is wrong.
struct Alarming {
    whom: Alarms,
    told: HashMap<OrgId, RecordAlarm>,
}

/// How a record stands, for programs and for people.
struct News {
    state: &'static str,
    subject: &'static str,
    sentence: String,
    leaf: Option<u64>,
}

impl News {
    fn of(alarm: Option<&RecordAlarm>) -> Self {
        let (state, subject) = match alarm {
            Some(RecordAlarm { altered: true, .. }) => ("altered", "Alarm: the record was altered"),
            Some(RecordAlarm { altered: false, .. }) => ("unreadable", "Alarm: the record can't be checked"),
            None => ("in_order", "The record is in order again"),
        };
        let sentence = alarm.map_or("It is what was signed, all of it.".to_owned(), |a| a.sentence.clone());
        let leaf = alarm.and_then(|a| a.leaf);
        Self {
            state,
            subject,
            sentence,
            leaf,
        }
    }

    fn letter(&self, record: &str) -> String {
        let now = match self.state {
            "in_order" => "Find out what happened before you rely on it: the record says from when to when it was not.",
            _ => {
                "Keep the server's data folder as it is, and a copy of it. `countersign verify --database DIR` says more, and against \
                 checkpoints that were kept, or a witness, from where on the record is another."
            }
        };
        format!("{record}\n\n{}\n\n{now}\n", self.sentence)
    }
}

impl Follower for Alarming {
    const FAILING: &'static str = "an alarm of the record was not told";
    const WELL_AGAIN: &'static str = "alarms of the record are told again";

    fn name(&self) -> String {
        match &self.whom {
            // An address may have a secret in its path.
            Alarms::Address(_) => "the address for alarms".into(),
            Alarms::Mail(mail) => mail.to(),
        }
    }

    fn pace(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn tell(&mut self, engine: &Engine, client: &reqwest::Client, org: OrgId) -> Result<()> {
        let alarm = engine.alarm(org);
        if self.told.get(&org).map(RecordAlarm::what) == alarm.as_ref().map(RecordAlarm::what) {
            return Ok(());
        }
        let (news, record) = (News::of(alarm.as_ref()), origin_for(&org.to_string()));
        match &self.whom {
            Alarms::Address(url) => {
                let body = json!({"record": record, "state": news.state, "leaf": news.leaf, "sentence": news.sentence});
                let post = client.post(url).header(CONTENT_TYPE, "application/json");
                deliver(post.body(body.to_string())).await?;
            }
            Alarms::Mail(mail) => mail.write(news.subject, news.letter(&record)).await?,
        }
        match alarm {
            Some(alarm) => self.told.insert(org, alarm),
            None => self.told.remove(&org),
        };
        Ok(())
    }
}

/// Tells each of them until the server stops; what failed is made up for.
pub(crate) fn keep_telling(engine: &Engine, whom: Vec<Alarms>, stop: &Stop) -> Result<()> {
    let alarming = |whom| Alarming {
        whom,
        told: HashMap::new(),
    };
    follow(engine, whom.into_iter().map(alarming), stop)
}
