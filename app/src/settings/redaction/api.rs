//! Server functions of redaction.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::{RedactionView, Tried};
#[cfg(feature = "ssr")]
use domain::{
    api::{ApiError, Conflict, Field, SetRedaction as Change},
    finding::FindingKind,
    ids::ClientId,
    redaction::{NamedPattern, RedactionSettings},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::PostUrl;

use crate::answer::AnswerOutput;
use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller};
#[cfg(feature = "ssr")]
use crate::session::parse_id;

/// The settings, and whether the reader may open the other settings too.
#[server(endpoint = "read_redaction")]
pub async fn read_redaction() -> Result<(RedactionView, bool), AppError> {
    let caller = caller()?;
    let view = backend().redaction(&caller).await?;
    Ok((view, caller.may(domain::roles::Permission::Administer)))
}

/// A form of settings. Of each list the entries that are kept come one by one, further ones as lines of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    /// Whose; empty for all clients.
    pub client: String,
    /// What named the settings that the form shows.
    pub shown: String,
    /// The kinds that are taken out.
    pub take: Vec<String>,
    pub cards_expected: bool,
    pub merchant_ids: Vec<String>,
    pub more_merchant_ids: String,
    pub terms: Vec<String>,
    pub more_terms: String,
    pub patterns: Vec<String>,
    pub more_patterns: String,
}

/// Replaces the settings of a client, or of all.
#[server(endpoint = "set_redaction")]
pub async fn set_redaction(form: SettingsForm) -> Result<(), AppError> {
    let client = whose(&form.client)?;
    let takes = |kind: FindingKind| form.take.iter().any(|word| word == kind.label());
    let patterns = with_lines(form.patterns.clone(), &form.more_patterns);
    let settings = RedactionSettings {
        ip_addresses: takes(FindingKind::IpAddress),
        mac_addresses: takes(FindingKind::MacAddress),
        merchant_ids: with_lines(form.merchant_ids.clone(), &form.more_merchant_ids),
        terms: with_lines(form.terms.clone(), &form.more_terms),
        patterns: patterns.iter().map(|line| pattern(line)).collect::<Result<_, _>>()?,
        off: match client {
            Some(_) => vec![],
            None => super::lists::SWITCHED
                .into_iter()
                .filter(|kind| !takes(*kind))
                .collect(),
        },
    };
    let change = Change {
        client,
        settings,
        shown: form
            .shown
            .parse()
            .map_err(|_| ApiError::Conflict(Conflict::StaleSettings))?,
        cards_expected: form.cards_expected,
    };
    Ok(backend().set_redaction(&caller()?, change).await?)
}

/// Redacts a text as it would be. Nothing of it is kept.
#[server(endpoint = "try_redaction", input = PostUrl, output = AnswerOutput)]
pub async fn try_redaction(#[server(default)] client: String, text: String) -> Result<Tried, AppError> {
    Ok(backend().try_redaction(&caller()?, whose(&client)?, text).await?)
}

#[cfg(feature = "ssr")]
fn whose(client: &str) -> Result<Option<ClientId>, ApiError> {
    match client {
        "" => Ok(None),
        id => parse_id(id).map(Some),
    }
}

/// The entries that are kept, and the further ones.
#[cfg(feature = "ssr")]
fn with_lines(mut kept: Vec<String>, more: &str) -> Vec<String> {
    kept.extend(
        more.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned),
    );
    kept
}

/// `name = pattern`.
#[cfg(feature = "ssr")]
fn pattern(line: &str) -> Result<NamedPattern, ApiError> {
    let (name, pattern) = line.split_once('=').ok_or_else(|| {
        let message = format!("“{line}” is no pattern with a name. Write it as: loyalty card = LC-########");
        ApiError::invalid(Field::Patterns, message)
    })?;
    Ok(NamedPattern {
        name: name.trim().to_owned(),
        pattern: pattern.trim().to_owned(),
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_and_what_is_added_become_one_list() {
        assert_eq!(with_lines(vec!["a b".into()], " c d \r\n\r\n e\n"), ["a b", "c d", "e"]);
        let own = pattern("loyalty = LC-##=#").unwrap();
        assert_eq!((own.name.as_str(), own.pattern.as_str()), ("loyalty", "LC-##=#"));
        assert!(matches!(
            pattern("LC-####"),
            Err(ApiError::Invalid {
                field: Field::Patterns,
                ..
            })
        ));
    }
}
