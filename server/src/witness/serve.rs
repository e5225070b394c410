//! Being a witness: `POST /add-checkpoint` (C2SP `tlog-witness`).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use audit::checkpoint::Vkey;
use audit::cosignature::{WitnessKey, cosign};
use audit::witness::{AddCheckpoint, Refusal, judge};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use ed25519_dalek::SigningKey;
use engine::Deps;

use super::store::{Kept, Store};
use crate::problem::plain;

/// The largest request that is read: the largest note, the longest proof, and room.
const LARGEST: usize = 96 * 1024;

/// A witness.
pub(crate) struct Witness {
    name: String,
    key: SigningKey,
    logs: BTreeMap<String, Vkey>,
    deps: Deps,
    /// One judgement at a time, from what was seen to what is seen now: two at once could roll a log back.
    store: Mutex<Store>,
}

impl Witness {
    /// A witness that keeps its things in `folder` and cosigns the logs with these keys.
    pub(crate) fn open(folder: &Path, name: &str, logs: Vec<Vkey>, deps: Deps) -> Result<Self> {
        let store = Store::open(folder)?;
        let key = store.key(|| deps.bytes())?;
        Ok(Self {
            name: name.to_owned(),
            key,
            logs: logs.into_iter().map(|log| (log.name().to_owned(), log)).collect(),
            deps,
            store: Mutex::new(store),
        })
    }

    /// Its public key, for those who trust it.
    pub(crate) fn public_key(&self) -> Result<WitnessKey> {
        Ok(WitnessKey::new(self.name.clone(), self.key.verifying_key())?)
    }

    /// The witness's routes.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/add-checkpoint", post(add_checkpoint))
            .route("/health/live", get(|| async { plain(StatusCode::OK, "live") }))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(Arc::new(self))
    }

    fn answer(&self, body: &str) -> Response {
        let Ok(asked) = body.parse::<AddCheckpoint>() else {
            return plain(StatusCode::BAD_REQUEST, "This is no add-checkpoint request.");
        };
        let Ok(origin) = asked.origin() else {
            return plain(StatusCode::BAD_REQUEST, "There is no checkpoint in this request.");
        };
        let Some(log) = self.logs.get(&origin) else {
            return plain(StatusCode::NOT_FOUND, "This witness does not know that log.");
        };
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = match judge(&asked, log, store.seen(&origin)) {
            Ok(seen) => seen,
            Err(refusal) => return refuse(&store, &origin, body, &refusal),
        };
        let time = u64::try_from(self.deps.now().0 / 1_000_000_000).unwrap_or_default();
        let Ok(line) = cosign(&asked.note, &self.name, &self.key, time) else {
            return plain(StatusCode::BAD_REQUEST, "There is no checkpoint in this request.");
        };
        let note = asked.note;
        if let Err(error) = store.keep(&origin, Kept { seen, note }) {
            tracing::error!(%error, "what was seen can't be kept, so nothing is cosigned");
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "The witness can't keep its record now. Try again.",
            );
        }
        line.into_response()
    }
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: String) -> Response {
    match tokio::task::spawn_blocking(move || witness.answer(&body)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a request broke off");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "The witness could not answer.")
        }
    }
}

fn refuse(store: &Store, origin: &str, body: &str, refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match refusal {
        Refusal::OtherOldSize(last) => {
            return (
                status,
                [(header::CONTENT_TYPE, "text/x.tlog.size")],
                format!("{last}\n"),
            )
                .into_response();
        }
        Refusal::OtherRoot(_) => match store.keep_evidence(body) {
            Ok(file) => tracing::error!(origin, evidence = %file.display(), "the log has signed two histories"),
            Err(error) => {
                tracing::error!(origin, %error, "the log has signed two histories; the evidence can't be kept")
            }
        },
        Refusal::NotSigned | Refusal::OldBeyondNew | Refusal::Inconsistent => {}
    }
    plain(status, &format!("Not cosigned: {refusal}."))
}
