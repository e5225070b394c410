//! The parts of an endpoint's page: facts, policy, visits, grants.

use std::time::Duration;

use domain::api::{Confirmed, EndpointState, EndpointView, GrantView, SessionRow};
use leptos::prelude::*;

use crate::ui::words::grant;
use crate::ui::{
    Age, CopyButton, Countdown, EmptyState, Fact, Facts, Glyph, Job, Section, StatusWord, Table, Tags, Time,
};

/// A clock that is off by less than this is not worth a word, in milliseconds.
const WORTH_A_WORD: u64 = 5_000;

/// `12 seconds ahead of the server's`; nothing where the clocks agree well enough.
fn skew(ms: Option<i64>) -> Option<String> {
    let ms = ms.filter(|ms| ms.unsigned_abs() > WORTH_A_WORD)?;
    let way = if ms > 0 { "ahead of" } else { "behind" };
    let by = domain::timestamp::for_people(Duration::from_millis(ms.unsigned_abs()));
    Some(format!("{by} {way} the server's"))
}

/// What is known of the machine.
#[component]
pub(super) fn About(view: EndpointView) -> impl IntoView {
    let contacts = if view.contacts.is_empty() {
        view! { <StatusWord job=Job::Refused glyph=Glyph::Alert word="Nobody: what needs approval is refused"/> }
            .into_any()
    } else {
        view! { {view.contacts.join(", ")} }.into_any()
    };
    let or_unknown = |text: String| {
        if text.is_empty() {
            "Not known yet".to_owned()
        } else {
            text
        }
    };
    let key = view.key.clone();
    view! {
        <Section title="About">
            <Facts>
                <Fact name="Client">{view.row.client.name} " " <Tags tags=view.row.tags/></Fact>
                <Fact name="Who approves">{contacts}</Fact>
                <Fact name="System">{or_unknown(view.row.os)}</Fact>
                <Fact name="Agent">{or_unknown(view.agent_version)}</Fact>
                <Fact name="Last seen">{match (view.row.state, view.row.last_seen) {
                    (EndpointState::Ready, _) => view! { "Connected now" }.into_any(),
                    (_, Some(at)) => view! { <Time at=at/> }.into_any(),
                    (_, None) => view! { "Never" }.into_any(),
                }}</Fact>
                {skew(view.clock_skew_ms).map(|by| view! {
                    <Fact name="Clock"><StatusWord job=Job::Waiting glyph=Glyph::Alert word=by/></Fact>
                })}
                <Fact name="Enrolled"><Time at=view.enrolled_at/></Fact>
                {view.confirmed.map(|Confirmed { by, at }| view! {
                    <Fact name="Confirmed">{by} ", " <Time at=at/></Fact>
                })}
                <Fact name="Fingerprint">
                    <code class="fingerprint">{view.fingerprint}</code>
                    <CopyButton text=key what="the key's whole SHA-256"/>
                    <p class="field-hint">"Of the device key, as the agent's status shows it."</p>
                </Fact>
                {(view.order_generation > 1).then(|| view! { <Fact name="Order key">"Generation " {view.order_generation}</Fact> })}
            </Facts>
        </Section>
    }
}

/// What its agent says it can do.
#[component]
pub(super) fn Abilities(words: Option<Vec<String>>) -> impl IntoView {
    let of = |kind: &str| {
        let all = words.iter().flatten().filter_map(|w| w.strip_prefix(kind));
        all.collect::<Vec<_>>().join(", ")
    };
    let (verbs, shells) = (of("verb:"), of("shell:"));
    let or_none = |text: String| if text.is_empty() { "None".to_owned() } else { text };
    let body = if words.is_some() {
        view! {
            <Facts>
                <Fact name="Verbs"><span class="mono">{or_none(verbs)}</span></Fact>
                <Fact name="Scripts"><span class="mono">{or_none(shells)}</span></Fact>
            </Facts>
        }
        .into_any()
    } else {
        view! { <p class="muted">"Its agent has not said yet. What it can't do is refused when it is tried."</p> }
            .into_any()
    };
    view! { <Section title="What it can do">{body}</Section> }
}

/// What the policy asks here, in words.
#[component]
pub(super) fn Policy(sentences: Vec<String>, hosts: Vec<String>) -> impl IntoView {
    let rules: Vec<_> = sentences.into_iter().map(|s| view! { <li>{s}</li> }).collect();
    let hosts: Vec<_> = hosts.into_iter().map(|h| view! { <li class="mono">{h}</li> }).collect();
    let none = hosts.is_empty();
    view! {
        <Section title="What the policy says here">
            <ul class="plain-list">{rules}</ul>
            <h3 class="small-head">"Hosts that may be probed without asking"</h3>
            {if none {
                view! { <p class="muted">"None. Every probe needs the contact."</p> }.into_any()
            } else {
                view! { <ul class="plain-list">{hosts}</ul> }.into_any()
            }}
        </Section>
    }
}

/// The latest sessions.
#[component]
pub(super) fn Visits(rows: Vec<SessionRow>) -> impl IntoView {
    let aside = if rows.len() < 20 {
        rows.len().to_string()
    } else {
        "the latest 20".to_owned()
    };
    let body = if rows.is_empty() {
        view! {
            <EmptyState glyph=Glyph::Session title="No session was opened here yet">
                <p>"A session holds everything that is done on the machine in one visit, with its reason."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let lines: Vec<_> = rows.into_iter().map(|row| view! { <Visit row=row/> }).collect();
        view! { <Table caption="Sessions" columns=&["Opened", "Technician", "Reason", "Actions", "State"]>{lines}</Table> }.into_any()
    };
    view! { <Section title="Sessions" aside=aside>{body}</Section> }
}

#[component]
fn Visit(row: SessionRow) -> impl IntoView {
    let state = match (row.closed_at, row.waiting) {
        (Some(_), _) => view! { <StatusWord glyph=Glyph::Check word="Closed"/> }.into_any(),
        (None, 0) => view! { <StatusWord job=Job::Authorised glyph=Glyph::Running word="Open"/> }.into_any(),
        (None, n) => {
            view! { <StatusWord job=Job::Waiting glyph=Glyph::Waiting word=format!("Open, {n} waiting")/> }.into_any()
        }
    };
    let ticket = (!row.ticket.is_empty()).then(|| view! { " " <span class="chip">{row.ticket}</span> });
    view! {
        <tr>
            <td data-label="Opened" class="nowrap"><Age at=row.opened_at/></td>
            <td data-label="Technician" class="nowrap">{row.technician.name}</td>
            <td data-label="Reason" class="cell-name"><a class="row-link" href=format!("/sessions/{}", row.id)>{row.reason}</a>{ticket}</td>
            <td data-label="Actions" class="num">{row.actions}</td>
            <td data-label="State" class="nowrap">{state}</td>
        </tr>
    }
}

/// The live grants.
#[component]
pub(super) fn Grants(rows: Vec<GrantView>) -> impl IntoView {
    let aside = rows.len().to_string();
    let body = if rows.is_empty() {
        view! { <p class="muted">"None. Nothing beyond the policy may be done here without asking."</p> }.into_any()
    } else {
        let lines: Vec<_> = rows
            .into_iter()
            .map(|g| {
                view! {
                    <tr>
                        <td data-label="Scope" class="cell-name"><a class="row-link mono" href=format!("/approvals/{}", g.request)>{g.scope}</a></td>
                        <td data-label="Given by">{g.given_by}</td>
                        <td data-label="Used" class="num">{format!("{} of {}", g.used, g.uses)}</td>
                        <td data-label="Ends"><Countdown until=g.until/></td>
                        <td data-label="State">{grant(&g.state).view()}</td>
                    </tr>
                }
            })
            .collect();
        view! { <Table caption="Live grants" columns=&["Scope", "Given by", "Used", "Ends", "State"]>{lines}</Table> }
            .into_any()
    };
    view! { <Section title="Live grants" aside=aside>{body}</Section> }
}

#[cfg(test)]
mod tests {
    use super::skew;

    #[test]
    fn a_clock_is_mentioned_where_it_is_off_by_more_than_five_seconds() {
        assert_eq!((skew(None), skew(Some(5_000)), skew(Some(-5_000))), (None, None, None));
        let ahead = skew(Some(90_000)).unwrap();
        assert!(ahead.ends_with("ahead of the server's"), "{ahead}");
        let behind = skew(Some(-6_000)).unwrap();
        assert!(behind.ends_with("behind the server's"), "{behind}");
    }
}
