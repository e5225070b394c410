//! Changing the settings.

use domain::api::{ApiError, Conflict, Field, SetRedaction};
use domain::digest::Digest;
use domain::event::{By, Event, EventOutcome, Named, Refs, Target, Who};
use domain::redaction::{MOST_PATTERNS, MOST_TERMS, NamedPattern, RedactionSettings};
use domain::roles::{Caller, Permission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::settings::{digest, stored};
use crate::endpoints;
use crate::engine::Engine;
use crate::error::Failure;
use crate::store::entity::{client, org};
use crate::text;

/// Replaces the settings of a client, or of all.
pub(super) async fn set(engine: &Engine, caller: &Caller, change: SetRedaction) -> Result<(), ApiError> {
    let settings = checked(change.settings, change.client.is_some())?;
    let shown = change.shown;
    let (of, cards_expected) = (change.client, change.cards_expected && change.client.is_some());
    let who = Who::caller(caller);
    let held = if caller.may(Permission::Administer) {
        Permission::Administer
    } else {
        Permission::Audit
    };
    engine
        .commit(caller.org, move |u| {
            Box::pin(async move {
                let json = serde_json::to_string(&settings).map_err(Failure::stored)?;
                let scope = u.scope().await?;
                let target = match of {
                    Some(id) => {
                        let client = endpoints::client(&scope, id).await?;
                        as_shown(&client.redaction, client.cards_expected, shown)?;
                        let own = scope.update::<client::Entity>().filter(client::Column::Id.eq(id));
                        let own = own.col_expr(client::Column::Redaction, Expr::value(json));
                        own.col_expr(client::Column::CardsExpected, Expr::value(cards_expected))
                            .exec(scope.conn)
                            .await?;
                        Target::new("client", Named::new(id, client.name))
                    }
                    None => {
                        let own = scope.find::<org::Entity>().one(scope.conn).await?;
                        let own = own.ok_or(ApiError::NotFound)?;
                        as_shown(&own.redaction, false, shown)?;
                        let all = scope.update::<org::Entity>();
                        all.col_expr(org::Column::Redaction, Expr::value(json))
                            .exec(scope.conn)
                            .await?;
                        Target::org(own.id, &own.name)
                    }
                };
                let event = Event::RedactionChanged {
                    ip_addresses: settings.ip_addresses,
                    mac_addresses: settings.mac_addresses,
                    off: settings.off,
                    patterns: settings
                        .patterns
                        .into_iter()
                        .map(|p| format!("{} = {}", p.name, p.pattern))
                        .collect(),
                    merchant_ids: settings.merchant_ids.len() as u64,
                    terms: settings.terms.len() as u64,
                    cards_expected,
                };
                let by = By::permission(held);
                u.record(who, target, EventOutcome::Success, by, Refs::NONE, event)
                    .await?;
                Ok(())
            })
        })
        .await
}

/// Refuses a change that was made from other settings than those that stand.
fn as_shown(json: &str, cards_expected: bool, shown: Digest) -> Result<(), Failure> {
    if digest(&stored(json)?, cards_expected)? == shown {
        Ok(())
    } else {
        Err(ApiError::Conflict(Conflict::StaleSettings).into())
    }
}

/// The settings without repetitions and blanks, if every entry can be used.
fn checked(new: RedactionSettings, of_client: bool) -> Result<RedactionSettings, ApiError> {
    let merchant_ids = list(Field::MerchantIds, new.merchant_ids, redact::check_merchant_id)?;
    let terms = list(Field::Terms, new.terms, redact::check_term)?;
    if new.patterns.len() > MOST_PATTERNS {
        return Err(ApiError::invalid(
            Field::Patterns,
            format!("There may be {MOST_PATTERNS} patterns at most."),
        ));
    }
    let mut patterns: Vec<NamedPattern> = Vec::new();
    for p in new.patterns {
        let why = |e| ApiError::invalid(Field::Patterns, format!("“{}”: {e}", p.name));
        let own = redact::OwnPattern::new(&p.name, &p.pattern).map_err(why)?;
        text::nothing_sensitive(&redact::Settings::default(), own.name())?;
        text::no_card_data(own.pattern())?;
        if patterns.iter().any(|known| known.name == own.name()) {
            let message = format!(
                "There are two patterns named “{}”. Give each a name of its own.",
                own.name()
            );
            return Err(ApiError::invalid(Field::Patterns, message));
        }
        patterns.push(NamedPattern {
            name: own.name().to_owned(),
            pattern: own.pattern().to_owned(),
        });
    }
    let mut off: Vec<_> = new
        .off
        .into_iter()
        .filter(|kind| !of_client && kind.can_be_off())
        .collect();
    off.sort_unstable();
    off.dedup();
    Ok(RedactionSettings {
        ip_addresses: new.ip_addresses,
        mac_addresses: new.mac_addresses,
        merchant_ids,
        terms,
        patterns,
        off,
    })
}

/// The entries, each once, if all can be looked for and none is card data, which is not stored here either.
fn list(
    field: Field,
    entries: Vec<String>,
    check: fn(&str) -> Result<(), redact::Refused>,
) -> Result<Vec<String>, ApiError> {
    let mut kept: Vec<String> = Vec::new();
    for entry in entries {
        let entry = entry.trim();
        if entry.is_empty() || kept.iter().any(|known| known == entry) {
            continue;
        }
        text::no_card_data(entry)?;
        check(entry).map_err(|e| ApiError::invalid(field, format!("“{entry}”: {e}")))?;
        kept.push(entry.to_owned());
    }
    if kept.len() > MOST_TERMS {
        return Err(ApiError::invalid(
            field,
            format!("There may be {MOST_TERMS} entries at most."),
        ));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use domain::finding::FindingKind;

    use super::*;

    fn with(change: impl FnOnce(&mut RedactionSettings)) -> Result<RedactionSettings, ApiError> {
        let mut settings = RedactionSettings::default();
        change(&mut settings);
        checked(settings, false)
    }

    fn pattern(name: &str, pattern: &str) -> NamedPattern {
        NamedPattern {
            name: name.into(),
            pattern: pattern.into(),
        }
    }

    /// R32: what could not be looked for is refused with its field and the reason; the rest is kept once.
    #[test]
    fn settings_that_can_not_be_used_are_refused() {
        let refused = |r: Result<RedactionSettings, ApiError>| match r {
            Err(ApiError::Invalid { field, .. }) => Some(field),
            _ => None,
        };
        assert_eq!(refused(with(|s| s.terms = vec!["a".into()])), Some(Field::Terms));
        assert_eq!(
            refused(with(|s| s.merchant_ids = vec!["abcdef".into()])),
            Some(Field::MerchantIds)
        );
        assert_eq!(
            refused(with(|s| s.patterns = vec![pattern("x", "?+")])),
            Some(Field::Patterns)
        );
        let twice = vec![pattern("x", "EMP-####"), pattern("x", "LOY-####")];
        assert_eq!(refused(with(|s| s.patterns = twice)), Some(Field::Patterns));
        let many = (0..=MOST_TERMS).map(|n| format!("Person {n}")).collect();
        assert_eq!(refused(with(|s| s.terms = many)), Some(Field::Terms));
        let kept = with(|s| s.terms = vec![" Jane Doe ".into(), String::new(), "Jane Doe".into()]).unwrap();
        assert_eq!(kept.terms, ["Jane Doe"]);
    }

    /// R30: card data is not stored in the settings, and has no switch.
    #[test]
    fn card_data_is_neither_kept_nor_turned_off() {
        let card = vec!["4242 4242 4242 4242".into()];
        assert!(matches!(with(|s| s.terms = card), Err(ApiError::Sensitive { .. })));
        let off = vec![
            FindingKind::Phone,
            FindingKind::Card,
            FindingKind::Email,
            FindingKind::Secret,
        ];
        let settings = RedactionSettings {
            off,
            ..RedactionSettings::default()
        };
        assert_eq!(
            checked(settings.clone(), false).unwrap().off,
            [FindingKind::Email, FindingKind::Phone]
        );
        assert!(checked(settings, true).unwrap().off.is_empty(), "not by a client");
    }
}
