//! Server functions of the record.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::{LeafView, RecordStatus};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};

/// A leaf, and the log that its proof leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenLeaf {
    /// The leaf with its proof.
    pub leaf: LeafView,
    /// Leaves in the log.
    pub size: u64,
    /// Its root, in hexadecimal.
    pub root: String,
}

/// How the org's log stands.
#[server(endpoint = "read_record")]
pub async fn read_record() -> Result<RecordStatus, AppError> {
    let c = caller()?;
    Ok(backend().record_status(&c).await?)
}

/// One leaf with its proof, and the size and root that the proof is for. Read again when the log grew in between.
#[server(endpoint = "read_leaf")]
pub async fn read_leaf(index: String) -> Result<ProvenLeaf, AppError> {
    let c = caller()?;
    let index = index
        .trim()
        .replace(',', "")
        .parse()
        .map_err(|_| domain::api::ApiError::NotFound)?;
    let mut proven = None;
    for _ in 0..5 {
        let before = backend().record_status(&c).await?;
        let leaf = backend().leaf(&c, index).await?;
        let unmoved = backend().record_status(&c).await?.size == before.size;
        proven = Some(ProvenLeaf {
            leaf,
            size: before.size,
            root: before.root,
        });
        if unmoved {
            break;
        }
    }
    Ok(proven.ok_or(domain::api::ApiError::NotFound)?)
}
