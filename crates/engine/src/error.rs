//! From what went wrong inside to the one closed error that leaves: internal text is logged once, with an incident id.

use domain::api::ApiError;
use domain::canonical::CanonicalError;
use domain::ids::IncidentId;
use sea_orm::{DbErr, RuntimeErr};

use crate::deps::Deps;

/// Why a use case stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Something to tell the caller.
    #[error("{0}")]
    Api(#[from] ApiError),
    /// The database said no.
    #[error("database: {0}")]
    Db(#[from] DbErr),
    /// What is stored is not what it should be.
    #[error("stored data: {0}")]
    Stored(String),
}

impl Failure {
    /// Something stored that can't be read.
    pub(crate) fn stored(what: impl std::fmt::Display) -> Self {
        Self::Stored(what.to_string())
    }

    /// What the caller is told; anything internal is logged here.
    pub(crate) fn into_api(self, deps: &Deps) -> ApiError {
        match self {
            Self::Api(e) => e,
            Self::Db(e) if is_unwritable(&e) => {
                tracing::error!(error = %e, "the record can't be written");
                ApiError::RecordUnavailable
            }
            Self::Db(_) | Self::Stored(_) => {
                let incident = IncidentId(deps.uuid());
                tracing::error!(%incident, error = %self, "internal error");
                ApiError::Internal { incident }
            }
        }
    }
}

impl From<CanonicalError> for Failure {
    fn from(e: CanonicalError) -> Self {
        Self::stored(e)
    }
}

/// Whether the database can't be written at all: full disk, I/O error, read-only, locked by another program.
fn is_unwritable(e: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(e))
    | DbErr::Query(RuntimeErr::SqlxError(e))
    | DbErr::Conn(RuntimeErr::SqlxError(e))) = e
    else {
        return matches!(e, DbErr::ConnectionAcquire(_));
    };
    // Primary result codes of SQLite (sqlite.org/rescode.html): BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN.
    let code = e
        .as_database_error()
        .and_then(|d| d.code())
        .and_then(|c| c.parse::<i32>().ok());
    code.is_some_and(|c| [5, 6, 7, 8, 10, 11, 13, 14].contains(&(c & 0xff)))
}
