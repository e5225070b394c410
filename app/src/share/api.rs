//! Server functions of shares.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::ShareReview;
#[cfg(feature = "ssr")]
use domain::{
    api::{ApiError, Field, NewShare, Withheld},
    sensitive::Raw,
};
use leptos::prelude::*;
use server_fn::codec::PostUrl;

use super::answer::Made;
use crate::answer::AnswerOutput;
use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller, own_origin};
#[cfg(feature = "ssr")]
use crate::session::parse_id;

/// What a share of the session would hold.
#[server(endpoint = "review_share")]
pub async fn review_share(session: String) -> Result<ShareReview, AppError> {
    let c = caller()?;
    Ok(backend().review_share(&c, parse_id(&session)?).await?)
}

/// Makes a share after review. Its link is in the answer and nowhere else.
#[server(endpoint = "create_share", input = PostUrl, output = AnswerOutput)]
pub async fn create_share(
    session: String,
    #[server(default)] reviewed: String,
    #[server(default)] days: String,
    #[server(default)] withheld: String,
    #[server(default)] passcode: String,
    #[server(default)] replaces: String,
) -> Result<Made, AppError> {
    let c = caller()?;
    let days = match days.trim() {
        "" => None,
        days => {
            let wrong = |_| ApiError::invalid(Field::Expires, "Choose how long the link works.");
            Some(days.parse().map_err(wrong)?)
        }
    };
    let withheld = match withheld.as_str() {
        "" => Withheld::Nothing,
        word => Withheld::ALL
            .into_iter()
            .find(|w| w.word() == word)
            .ok_or_else(|| ApiError::invalid(Field::Withheld, "Choose what the link shows from the list."))?,
    };
    let new = NewShare {
        session: parse_id(&session)?,
        reviewed: reviewed == "true",
        days,
        withheld,
        passcode: (!passcode.is_empty()).then(|| Raw::new(passcode)),
        replaces: (!replaces.is_empty()).then(|| parse_id(&replaces)).transpose()?,
    };
    let domain::api::ShareRow {
        link,
        made_at,
        size,
        expires,
        passcode,
        ..
    } = backend().create_share(&c, new).await?;
    let link = link.map(|path| format!("{}{path}", own_origin())).unwrap_or_default();
    Ok(Made {
        link,
        made_at,
        size,
        session,
        expires,
        passcode,
    })
}

/// Revokes a share.
#[server(endpoint = "revoke_share")]
pub async fn revoke_share(share: String) -> Result<(), AppError> {
    let c = caller()?;
    Ok(backend().revoke_share(&c, parse_id(&share)?).await?)
}
