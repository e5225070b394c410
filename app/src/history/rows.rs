//! The rows: one action each, its permalink, and the rest in place.

use domain::api::HistoryRow;
use leptos::prelude::*;

use crate::session::output::exact;
use crate::ui::{Fact, Facts, Glyph, Job, StatusWord, Table, words};

/// The table.
pub(super) fn table(rows: &[HistoryRow]) -> AnyView {
    let rows: Vec<_> = rows.iter().map(row).collect();
    view! {
        <Table
            caption="Actions, the newest first"
            class="history-table"
            columns=&["Time, UTC", "Endpoint", "Technician", "Command", "Status", "Allowed by", "Findings", "Lines", "More"]
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn row(r: &HistoryRow) -> AnyView {
    let time = r.at.for_people();
    let time = time.trim_end_matches(" UTC").to_owned();
    view! {
        <tr class="history-row">
            <td data-label="Time, UTC" class="num-left"><time datetime=r.at.to_string()>{time}</time></td>
            <td data-label="Endpoint"><span>{r.endpoint.name.clone()} <span class="history-client">{r.client.name.clone()}</span></span></td>
            <td data-label="Technician">{r.technician.name.clone()}</td>
            <td data-label="Command" class="history-command">
                <a class="row-link" href=format!("/sessions/{}#action-{}", r.session, r.number)><code>{exact(&r.command)}</code></a>
            </td>
            <td data-label="Status">{status(&r.status)}</td>
            <td data-label="Allowed by">{allowed_by(r)}</td>
            <td data-label="Findings" class="num">{words::number(r.findings)}</td>
            <td data-label="Lines" class="num">{words::number(r.lines)}</td>
            <td data-label="More" class="history-more">{more(r)}</td>
        </tr>
    }
    .into_any()
}

/// A status' word in its colour.
fn status(word: &str) -> AnyView {
    let (job, glyph) = match word {
        "succeeded" => (Job::Authorised, Glyph::Check),
        "waiting" => (Job::Waiting, Glyph::Waiting),
        "refused" => (Job::Refused, Glyph::Refused),
        "authorised" | "dispatched" | "running" => (Job::Authorised, Glyph::Running),
        "failed" => (Job::Plain, Glyph::Cross),
        _ => (Job::Plain, Glyph::Unknown),
    };
    let mut shown = word.replace('_', " ");
    if let Some(first) = shown.get(..1).map(str::to_uppercase) {
        shown.replace_range(..1, &first);
    }
    view! { <StatusWord job=job glyph=glyph word=shown/> }.into_any()
}

/// Who or what allowed it.
fn allowed_by(r: &HistoryRow) -> String {
    match r.basis.as_str() {
        "" => "Nobody".into(),
        "policy" => format!("Policy: {}", r.rule),
        "grant" => format!("{} (grant)", r.approver),
        _ => r.approver.clone(),
    }
}

/// What an auditor asks besides, in place and without script.
fn more(r: &HistoryRow) -> AnyView {
    let precedes = match r.approval_precedes_action {
        Some(true) => "Yes, by position in the record",
        Some(false) => "No",
        None => "It was never dispatched",
    };
    let approver = match (r.approver.is_empty(), r.decided_at) {
        (true, _) if r.approval_required => "Needed; nobody approved".to_owned(),
        (true, _) => "Not needed".to_owned(),
        (false, at) => {
            let at = at.map(|t| format!(", {}", t.for_people())).unwrap_or_default();
            format!("{} ({}){at}", r.approver, r.approver_role)
        }
    };
    let refusal = (!r.refusal.is_empty()).then(|| {
        let why = r
            .refusal
            .parse::<domain::action::RefusalReason>()
            .map_or_else(|_| r.refusal.clone(), |r| r.sentence().to_owned());
        view! { <Fact name="Refused">{why}</Fact> }
    });
    let exit = r.exit.map(|code| view! { <Fact name="Exit">{code}</Fact> });
    let output = (!r.output.is_empty()).then(|| {
        let digest = r.output.clone();
        view! { <Fact name="Output, SHA-256"><code class="history-hash">{digest}</code></Fact> }
    });
    let (reason, ticket) = (exact(&r.reason), r.ticket.clone());
    let ticket = (!ticket.is_empty()).then(|| view! { <Fact name="Ticket">{ticket}</Fact> });
    let (rule, leaf, number) = (r.rule.clone(), words::number(r.leaf), r.number);
    view! {
        <details class="more">
            <summary><span class="visually-hidden">{format!("More on action {number}")}</span></summary>
            <div class="more-body">
                <Facts>
                    <Fact name="Reason">{reason}</Fact>
                    {ticket}
                    <Fact name="Approval">{approver}</Fact>
                    <Fact name="Approval came before">{precedes}</Fact>
                    <Fact name="Policy rule">{rule}</Fact>
                    {refusal}
                    {exit}
                    <Fact name="Leaf">{leaf}</Fact>
                    {output}
                </Facts>
            </div>
        </details>
    }
    .into_any()
}
