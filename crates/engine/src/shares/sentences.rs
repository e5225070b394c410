//! What happened, as a sentence and the fields that are shown word for word: read from one leaf's groups alone.

use std::collections::BTreeMap;

use domain::event::{Event, Who};
use serde_json::Value;

/// A sentence about the event, and fields (group, path, text) shown beside it exactly as the leaf holds them.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "kinds that a session's transcript doesn't hold are shown by their name"
)]
pub(super) fn sentence(who: &Who, event: &Event) -> (String, Vec<(String, String, String)>) {
    let name = who.name();
    let field = |group: &str, path: &str, text: &str| (group.to_owned(), path.to_owned(), text.to_owned());
    match event {
        Event::SessionOpened { reason, ticket } => {
            let mut fields = vec![field("text", "reason", reason)];
            if !ticket.is_empty() {
                fields.push(field("text", "ticket", ticket));
            }
            (format!("{name} opened the session."), fields)
        }
        Event::NoteAdded { text, .. } => (format!("{name} noted:"), vec![field("text", "text", text)]),
        Event::SessionClosed { reason, .. } => (
            format!("{name} closed the session:"),
            vec![field("text", "reason", reason)],
        ),
        Event::ActionProposed { looked, .. } if looked.total() > 0 => (
            format!("{name} proposed it. What is sensitive in it is shown by placeholders."),
            vec![],
        ),
        Event::ActionProposed { .. } | Event::ActionProposedV1 { .. } => (format!("{name} proposed it."), vec![]),
        Event::ProposalRefused { reason } => (
            format!("A proposal of {name} was refused before it became an action."),
            vec![field("what", "reason", reason)],
        ),
        Event::ActionAuthorised { basis, rule, .. } => {
            let how = match basis {
                domain::action::Basis::OneTime { .. } => "It was allowed by a person's approval of exactly this.",
                domain::action::Basis::Grant { .. } => "It was allowed by access that a person had given before.",
                domain::action::Basis::Policy { .. } => "It was allowed by a rule of the policy.",
            };
            (how.to_owned(), vec![field("what", "rule", rule)])
        }
        Event::ActionRefused {
            reason,
            by_agent,
            detail,
        } => {
            let by = if *by_agent {
                format!("The agent on {name} refused it.")
            } else {
                "It was refused.".to_owned()
            };
            let mut fields = vec![field("what", "reason", reason.word())];
            if !detail.is_empty() {
                fields.push(field("what", "detail", detail));
            }
            (format!("{by} {}", reason.sentence()), fields)
        }
        Event::ActionDispatched { order, .. } => (
            "The signed order was written, then sent.".to_owned(),
            vec![field("what", "order", &order.to_string())],
        ),
        Event::ActionStarted { resource, .. } => {
            let fields = if resource.is_empty() {
                vec![]
            } else {
                vec![field("what", "resource", resource)]
            };
            (format!("The agent on {name} started it."), fields)
        }
        Event::OutputChunk { stream, raw_bytes, .. } | Event::OutputChunkV1 { stream, raw_bytes, .. } => {
            (format!("It printed {raw_bytes} bytes to {stream}."), vec![])
        }
        Event::ReportRefused { why, .. } => (
            format!("A report of the agent on {name} could not be true and was not taken."),
            vec![field("what", "why", why)],
        ),
        Event::CancelRequested { .. } => (format!("{name} asked for it to be cancelled."), vec![]),
        Event::ActionFinished {
            outcome,
            exit,
            note,
            output,
            ..
        }
        | Event::ActionFinishedV1 {
            outcome,
            exit,
            note,
            output,
            ..
        }
        | Event::ActionFinishedV2 {
            outcome,
            exit,
            note,
            output,
            ..
        } => {
            let code = exit.map(|e| format!(" with exit code {e}")).unwrap_or_default();
            let mut fields = vec![
                field("result", "outcome", outcome.word()),
                field("result", "output", &output.to_string()),
            ];
            if !note.is_empty() {
                fields.push(field("result", "note", note));
            }
            (format!("It ended{code}."), fields)
        }
        Event::IncidentOpened { place, kinds, .. } => {
            let kinds: Vec<_> = kinds.iter().map(|k| k.label()).collect();
            (
                format!(
                    "Found where no card data is expected, and told to those whom it concerns: {}.",
                    kinds.join(", ")
                ),
                vec![field("what", "place", place.word())],
            )
        }
        Event::IncidentMailed { to, .. } => (format!("{to} was written to about it."), vec![]),
        Event::IncidentClosed { disposition, note, .. } => (
            format!("{name} said what became of it:"),
            vec![
                field("what", "disposition", disposition.word()),
                field("text", "note", note),
            ],
        ),
        Event::ApprovalRequested { statement, .. } => (
            format!("{name} asked the client's contact. The statement that was shown has this digest:"),
            vec![field("what", "statement", &statement.to_string())],
        ),
        Event::ApprovalViewed { .. } => (format!("{name} was shown the statement."), vec![]),
        Event::ApprovalApproved { scope, .. } => (format!("{name} approved:"), vec![field("what", "scope", scope)]),
        Event::ApprovalNarrowed { scope, asked, .. } => (
            format!("{name} approved, narrowed from what was asked to:"),
            vec![field("what", "asked", asked), field("what", "scope", scope)],
        ),
        Event::ApprovalDenied { reason, .. } => {
            let fields = if reason.is_empty() {
                vec![]
            } else {
                vec![field("text", "reason", reason)]
            };
            (format!("{name} denied it."), fields)
        }
        Event::ApprovalExpired { .. } => ("Nobody decided in time.".to_owned(), vec![]),
        Event::ApprovalWithdrawn { .. } => (format!("{name} took the request back."), vec![]),
        Event::DecisionRefused { reason, .. } => (
            format!("{name} tried to decide and was refused. {}", reason.sentence()),
            vec![field("what", "reason", reason.word())],
        ),
        Event::GrantRevoked { scope, .. } => (
            format!("{name} revoked the access:"),
            vec![field("what", "scope", scope)],
        ),
        other => (other.kind().0.to_owned(), vec![]),
    }
}

/// The event in a leaf's groups; `None` when they are not what the registry declares, as after tampering.
pub(super) fn read(kind: &str, version: u32, groups: &BTreeMap<String, Value>) -> Option<(Who, Event)> {
    let who = serde_json::from_value(groups.get("who")?.clone()).ok()?;
    Some((who, Event::read(kind, version, groups).ok()?))
}
