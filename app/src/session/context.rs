//! What a session is about, beside its transcript: endpoint, client, reason; access asked for and granted; notes; its end.

use domain::api::{ApprovalRow, EndpointState, Field, GrantView, NoteView, RequestState, SessionView};
use leptos::prelude::*;

use super::access::KINDS;
use super::button::one_button;
use super::desk::{Acts, Desk};
use super::keeping;
use super::output::exact;
use crate::ui::{
    Choice, Countdown, Disclosure, Fact, Facts, Form, Kind, Section, Select, Submit, TextArea, TextField, Time, words,
};

/// The column of an open session.
#[component]
pub fn Context(
    /// The session.
    desk: Desk,
    /// What can be done.
    acts: Acts,
) -> impl IntoView {
    let may_act = Memo::new(move |_| desk.view.with(|v| v.may_act));
    let session = StoredValue::new(desk.id());
    clears(
        acts.note.version(),
        move || acts.note.value().with_untracked(|v| matches!(v, Some(Ok(())))),
        "f-note",
    );
    clears(
        acts.ask.version(),
        move || acts.ask.value().with_untracked(|v| matches!(v, Some(Ok(())))),
        "f-target",
    );
    view! {
        <div class="side">
            {move || desk.view.with(facts)}
            <Section title="Access">
                {move || desk.view.with(grants)}
                {move || desk.view.with(|v| requests(v, acts))}
                <Show when=move || may_act.get()>{ask_form(acts, session.get_value())}</Show>
            </Section>
            <Section title="Notes">
                {move || desk.view.with(notes)}
                <Show when=move || may_act.get()>{note_form(acts, session.get_value())}</Show>
            </Section>
            <Show when=move || may_act.get()>
                <Section title="End">{close_form(acts, session.get_value())}</Section>
            </Show>
            <Show when=move || desk.view.with(keeping::concerns)>
                <Section title="Kept texts">{move || desk.view.with(|v| keeping::keeping(v, acts))}</Section>
            </Show>
        </div>
    }
}

/// Empties a field once what it held has been taken. The browser keeps a form's text otherwise.
fn clears(version: RwSignal<usize>, taken: impl Fn() -> bool + 'static, id: &'static str) {
    Effect::new(move |before: Option<usize>| {
        let now = version.get();
        if before.is_some_and(|b| b != now) && taken() {
            if let Some(area) = crate::ui::browser::by_id::<web_sys::HtmlTextAreaElement>(id) {
                area.set_value("");
            }
            if let Some(input) = crate::ui::browser::by_id::<web_sys::HtmlInputElement>(id) {
                input.set_value("");
            }
        }
        now
    });
}

fn facts(v: &SessionView) -> AnyView {
    let row = &v.row;
    let contacts = if v.contacts.is_empty() {
        "None: nobody can approve here".to_owned()
    } else {
        v.contacts.join(", ")
    };
    let offline = matches!(v.endpoint_state, EndpointState::Offline).then(
        || view! { <p class="side-note">"What is allowed waits until the endpoint connects, or its time is up."</p> },
    );
    let closed = row.closed_at.map(|at| {
        let reason = exact(&v.close_reason);
        view! { <Fact name="Closed"><Time at=at/> <p class="side-words">{reason}</p></Fact> }
    });
    let ticket = (!row.ticket.is_empty()).then(|| {
        let ticket = exact(&row.ticket);
        view! { <Fact name="Ticket">{ticket}</Fact> }
    });
    let (href, name) = (format!("/endpoints/{}", row.endpoint.id), row.endpoint.name.clone());
    let (client, technician, reason) = (row.client.name.clone(), row.technician.name.clone(), exact(&row.reason));
    let (state, opened_at) = (words::endpoint(v.endpoint_state).view(), row.opened_at);
    view! {
        <Section title="Session">
            <Facts>
                <Fact name="Endpoint"><a href=href>{name}</a> " " {state} {offline}</Fact>
                <Fact name="Client">{client}</Fact>
                <Fact name="Contacts">{contacts}</Fact>
                <Fact name="Technician">{technician}</Fact>
                <Fact name="Reason">{reason}</Fact>
                {ticket}
                <Fact name="Opened"><Time at=opened_at/></Fact>
                {closed}
            </Facts>
        </Section>
    }
    .into_any()
}

fn grants(v: &SessionView) -> AnyView {
    let rows: Vec<_> = v.grants.iter().map(grant).collect();
    if rows.is_empty() {
        return view! { <p class="side-note">"0 grants. Each action that needs a person is asked for on its own."</p> }
            .into_any();
    }
    view! { <ul class="side-list">{rows}</ul> }.into_any()
}

/// A grant: what it covers, who gave it, how much of it is left.
pub fn grant(g: &GrantView) -> AnyView {
    let shown = words::grant(&g.state);
    let live = g.state == "active";
    view! {
        <li class="side-row">
            <div class="side-row-head">
                {shown.view()}
                {live.then(|| view! { <Countdown until=g.until over="Expired"/> })}
            </div>
            <code class="side-scope">{exact(&g.scope)}</code>
            <p class="side-note">
                "Given by " {g.given_by.clone()} " at " {g.given_at.clock()} " UTC, used " {g.used} " of "
                {words::count(u64::from(g.uses), "time", "times")} ". " <a href=format!("/approvals/{}", g.request)>"The request"</a>
            </p>
        </li>
    }
    .into_any()
}

fn requests(v: &SessionView, acts: Acts) -> AnyView {
    let rows: Vec<_> = v.requests.iter().map(|r| request(r, v.may_act, acts)).collect();
    view! { <ul class="side-list">{rows}</ul> }.into_any()
}

fn request(r: &ApprovalRow, may_act: bool, acts: Acts) -> AnyView {
    let pending = r.state == RequestState::Pending;
    let clock = pending.then(|| view! { <Countdown until=r.expires over="Time is up"/> });
    let who = if pending {
        format!("Asked: {}", r.asked.join(", "))
    } else {
        decided(r)
    };
    let withdraw =
        (pending && may_act).then(|| one_button(acts.withdraw_request, "request", r.id, Kind::Quiet, "Withdraw"));
    view! {
        <li class="side-row">
            <div class="side-row-head">{words::request(r.state).view()} {clock}</div>
            <a class="side-scope" href=format!("/approvals/{}", r.id)><code>{exact(&r.what)}</code></a>
            <p class="side-note">{who}</p>
            {withdraw}
        </li>
    }
    .into_any()
}

/// `Decided by … at …`, as far as there was a decision.
fn decided(r: &ApprovalRow) -> String {
    match r.decided_at {
        Some(at) if !r.decided_by.is_empty() => format!("{} at {} UTC", r.decided_by, at.clock()),
        Some(at) => format!("Ended at {} UTC", at.clock()),
        None => String::new(),
    }
}

fn ask_form(acts: Acts, session: String) -> AnyView {
    let choices = KINDS
        .iter()
        .map(|k| Choice {
            value: k.workflow.into(),
            label: format!("{} ({})", k.title, k.example),
            chosen: k.workflow == KINDS[0].workflow,
        })
        .collect();
    view! {
        <Disclosure summary="Ask for access">
            <Form action=acts.ask>
                <input type="hidden" name="session" value=session/>
                <Select label="What for" name="workflow" choices=choices/>
                <TextField
                    label="Which"
                    name="target"
                    hint="The folder, log, service, host or key. The contact can narrow it; once granted, what it covers runs without asking again."
                    field=Field::Scope
                    required=true
                    mono=true
                />
                <div class="form-actions"><Submit kind=Kind::Plain>"Ask the contact"</Submit></div>
            </Form>
        </Disclosure>
    }
    .into_any()
}

fn notes(v: &SessionView) -> AnyView {
    let rows: Vec<_> = v.notes.iter().map(note).collect();
    if rows.is_empty() {
        return view! { <p class="side-note">"0 notes."</p> }.into_any();
    }
    view! { <ol class="side-list">{rows}</ol> }.into_any()
}

fn note(n: &NoteView) -> AnyView {
    view! {
        <li class="side-row">
            <p class="side-words">{exact(&n.text)}</p>
            <p class="side-note">{n.author.clone()} ", " <Time at=n.at/> ", leaf " {words::number(n.leaf)}</p>
        </li>
    }
    .into_any()
}

fn note_form(acts: Acts, session: String) -> AnyView {
    view! {
        <Form action=acts.note>
            <input type="hidden" name="session" value=session/>
            <TextArea label="Add a note" name="text" id="f-note" rows=2 field=Field::Note required=true
                hint="It stays as it is: notes can't be changed or taken back."/>
            <div class="form-actions"><Submit kind=Kind::Plain>"Add note"</Submit></div>
        </Form>
    }
    .into_any()
}

fn close_form(acts: Acts, session: String) -> AnyView {
    view! {
        <Disclosure summary="Close the session">
            <Form action=acts.close>
                <input type="hidden" name="session" value=session/>
                <TextField label="What came of it" name="reason" id="f-close-reason" field=Field::Reason required=true
                    hint="What waits is refused, grants end, and nothing more can run here."/>
                <div class="form-actions"><Submit kind=Kind::Primary>"Close session"</Submit></div>
            </Form>
        </Disclosure>
    }
    .into_any()
}
