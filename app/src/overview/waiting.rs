//! What waits for a person, and the sessions that are open.

use domain::api::{ApprovalRow, EndpointRow, IncidentRow, SessionRow};
use leptos::prelude::*;

use crate::incidents::sentence;
use crate::ui::words::count;
use crate::ui::{Age, ButtonLink, Countdown, EmptyState, Glyph, Icon, Job, Kind, Section, StatusWord};

/// Requests that wait, for this person first; then incidents, and machines that somebody has to confirm, those whose key was
/// copied first.
#[component]
pub(super) fn Waiting(
    mut rows: Vec<ApprovalRow>,
    incidents: Vec<IncidentRow>,
    mut machines: Vec<EndpointRow>,
) -> impl IntoView {
    machines.sort_by_key(|m| !m.cloned);
    rows.sort_by_key(|r| (!r.may_decide, r.expires));
    let all = rows.len() + incidents.len() + machines.len();
    let mine = rows.iter().filter(|r| r.may_decide).count() + incidents.iter().filter(|r| r.may_close).count();
    let aside = format!("{mine} for you, {} for others", all - mine);
    let body = if all == 0 {
        view! {
            <EmptyState glyph=Glyph::Check title="Nothing waits for a person">
                <p>"A new request appears here by itself, without reloading."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let items: Vec<_> = rows.into_iter().map(|row| view! { <WaitingRow row=row/> }).collect();
        let incidents: Vec<_> = incidents.into_iter().map(|row| view! { <Incident row=row/> }).collect();
        let machines: Vec<_> = machines
            .into_iter()
            .map(|row| view! { <MachineRow row=row/> })
            .collect();
        view! { <ul class="list" role="list">{items} {incidents} {machines}</ul> }.into_any()
    };
    view! {
        <Section title="Needs a person now" aside=aside>
            {body}
            <p class="list-sub"><a href="/incidents">"All incidents"</a></p>
        </Section>
    }
}

#[component]
fn Incident(row: IncidentRow) -> impl IntoView {
    view! {
        <li class="list-row wait-row job-refused">
            <Icon glyph=Glyph::Alert/>
            <div class="list-main">
                <p class="list-title">
                    <strong>"Incident"</strong> " on " <strong>{row.endpoint.name.clone()}</strong>
                    " " <span class="muted nowrap">"· " {row.client.name.clone()}</span>
                </p>
                <p class="list-sub">{sentence(&row)} ", " <Age at=row.opened_at/></p>
            </div>
            <div class="list-end"><ButtonLink href=format!("/incidents/{}", row.id)>"See the incident"</ButtonLink></div>
        </li>
    }
}

#[component]
fn MachineRow(row: EndpointRow) -> impl IntoView {
    let (job, glyph, what) = if row.cloned {
        (
            Job::Refused,
            Glyph::Alert,
            "Its key was on two machines at once. Both were stopped.",
        )
    } else {
        (
            Job::Waiting,
            Glyph::Waiting,
            "A new machine. Compare its fingerprint, then confirm it.",
        )
    };
    view! {
        <li class=format!("list-row wait-row {}", job.class())>
            <Icon glyph=glyph/>
            <div class="list-main">
                <p class="list-title"><strong>{row.name}</strong> " " <span class="muted nowrap">"· " {row.client.name}</span></p>
                <p class="list-sub">{what}</p>
            </div>
            <div class="list-end"><ButtonLink href=format!("/endpoints/{}", row.id)>"See the machine"</ButtonLink></div>
        </li>
    }
}

#[component]
fn WaitingRow(row: ApprovalRow) -> impl IntoView {
    let href = format!("/approvals/{}", row.id);
    let asked = if row.asked.is_empty() {
        "nobody could be asked".to_owned()
    } else {
        format!("asked: {}", row.asked.join(", "))
    };
    view! {
        <li class="list-row wait-row job-waiting">
            <Icon glyph=Glyph::Waiting/>
            <div class="list-main">
                <p class="list-title">
                    <strong>{row.requester.name}</strong> " asks on " <strong>{row.endpoint.name}</strong>
                    " " <span class="muted nowrap">"· " {row.client.name}</span>
                </p>
                <p class="wait-what mono">{row.what}</p>
                <p class="list-sub"><Countdown until=row.expires/> " · " <span class="muted">{asked}</span></p>
            </div>
            <div class="list-end">
                {if row.may_decide {
                    view! { <ButtonLink href=href kind=Kind::Primary>"Read and decide"</ButtonLink> }.into_any()
                } else {
                    view! { <ButtonLink href=href>"See the request"</ButtonLink> }.into_any()
                }}
            </div>
        </li>
    }
}

/// The open sessions.
#[component]
pub(super) fn OpenSessions(rows: Vec<SessionRow>, may_initiate: bool) -> impl IntoView {
    let aside = rows.len().to_string();
    let body = if rows.is_empty() {
        view! {
            <EmptyState glyph=Glyph::Session title="No session is open">
                {if may_initiate {
                    view! { <p>"Pick an endpoint to open one."</p><ButtonLink href="/endpoints">"Endpoints"</ButtonLink> }.into_any()
                } else {
                    view! { <p>"When a technician opens one that you may see, it appears here."</p> }.into_any()
                }}
            </EmptyState>
        }
        .into_any()
    } else {
        let items: Vec<_> = rows.into_iter().map(|row| view! { <SessionItem row=row/> }).collect();
        view! { <ul class="list" role="list">{items}</ul> }.into_any()
    };
    view! { <Section title="Open sessions" aside=aside>{body}</Section> }
}

#[component]
fn SessionItem(row: SessionRow) -> impl IntoView {
    let actions = count(row.actions, "action", "actions");
    view! {
        <li class="list-row">
            <Icon glyph=Glyph::Session/>
            <div class="list-main">
                <p class="list-title">
                    <a class="row-link" href=format!("/sessions/{}", row.id)>{row.endpoint.name}</a>
                    " " <span class="muted nowrap">"· " {row.client.name}</span>
                </p>
                <p class="list-text">{row.reason}</p>
                <p class="list-sub muted">{row.technician.name} ", opened " <Age at=row.opened_at/> ", " {actions}</p>
            </div>
            <div class="list-end">
                {(row.waiting > 0).then(|| view! { <StatusWord job=Job::Waiting glyph=Glyph::Waiting word=format!("{} waiting", row.waiting)/> })}
            </div>
        </li>
    }
}
