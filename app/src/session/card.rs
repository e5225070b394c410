//! An action's card: what it does exactly, why it was allowed, what it printed, how it ended.

use std::time::Duration;

use domain::action::{ActionState, Command, RefusalReason};
use domain::api::ActionView;
use domain::ids::ActionId;
use domain::timestamp::for_people;
use leptos::prelude::*;

use super::button::one_button;
use super::desk::{Acts, Desk, text_of};
use super::output::{Output, exact, findings_sentence};
use crate::ui::{CopyButton, Countdown, Glyph, Icon, Job, Kind, StatusWord, Time, words};

/// The card of action `id` in an open session.
#[component]
pub fn Card(
    /// The session.
    desk: Desk,
    /// What can be done.
    acts: Acts,
    /// The action.
    id: ActionId,
) -> impl IntoView {
    let action = Memo::new(move |_| desk.action(id));
    let may_act = Memo::new(move |_| desk.view.with(|v| v.may_act));
    // Number and command never change.
    action.get_untracked().map(|a| {
        let number = a.number;
        view! {
            <li class="act" id=format!("action-{number}")>
                {move || action.get().map(|a| head(&a))}
                {what(&a.command)}
                {move || action.get().map(|a| standing(&a, may_act.get(), acts))}
                <Output desk=desk id=id number=number/>
                {move || action.get().and_then(|a| foot(&a, Some(text_of(desk, id))))}
            </li>
        }
    })
}

/// Number, kind, state, time, permalink.
pub fn head(a: &ActionView) -> AnyView {
    let shown = words::action(a.state, a.outcome);
    let word = match (a.state, a.cancelling) {
        (ActionState::Running | ActionState::Dispatched, true) => "Cancelling",
        _ => shown.word,
    };
    view! {
        <header class="act-head">
            <a class="act-number" href=format!("#action-{}", a.number) aria-label=format!("Action {}: permalink", a.number)>
                {a.number}
            </a>
            <span class="act-verb">{kind_word(&a.command)}</span>
            <StatusWord job=shown.job glyph=shown.glyph word=word/>
            <span class="act-time"><Time at=a.proposed_at clock_only=true/></span>
        </header>
    }
    .into_any()
}

/// `file.read`, or `sh script`.
pub fn kind_word(command: &Command) -> String {
    match command {
        Command::Verb(v) => v.name().to_owned(),
        Command::Script(s) => format!("{} script", s.shell.word()),
    }
}

/// The exact text: a script's, or what a verb is for.
pub fn what(command: &Command) -> Option<AnyView> {
    let text = match command {
        Command::Verb(v) => command
            .to_string()
            .strip_prefix(v.name())
            .unwrap_or_default()
            .trim_start()
            .to_owned(),
        Command::Script(s) => s.text.clone(),
    };
    (!text.is_empty()).then(|| view! { <pre class="act-exact"><code>{exact(&text)}</code></pre> }.into_any())
}

/// Why it runs, waits or was refused, and what can be done about it.
fn standing(a: &ActionView, may_act: bool, acts: Acts) -> AnyView {
    view! {
        {basis(a)}
        {(a.state == ActionState::Waiting).then(|| waiting(a, may_act, acts))}
        {refusal(a)}
        {running(a, may_act, acts)}
    }
    .into_any()
}

/// `Allowed by …; leaf 1,284 before dispatch 1,287`.
pub fn basis(a: &ActionView) -> Option<AnyView> {
    let b = a.basis.clone()?;
    let order = match a.dispatched_leaf {
        Some(dispatch) => format!(
            "leaf {} before dispatch {}",
            words::number(b.leaf),
            words::number(dispatch)
        ),
        None => format!("leaf {}, not dispatched", words::number(b.leaf)),
    };
    let sentence = b.sentence.trim_end_matches('.').to_owned();
    Some(
        view! {
            <p class="act-basis">
                <Icon glyph=Glyph::Allowed/>
                <span>
                    {sentence} "; "
                    <span class="leaves">{order}</span>
                    {b.request.map(|r| view! { " · " <a href=format!("/approvals/{r}")>"The request"</a> })}
                </span>
            </p>
        }
        .into_any(),
    )
}

fn waiting(a: &ActionView, may_act: bool, acts: Acts) -> AnyView {
    let asked = if a.asked.is_empty() {
        "somebody who may decide".to_owned()
    } else {
        a.asked.join(", ")
    };
    let request = a
        .request
        .map(|r| view! { <a class="act-link" href=format!("/approvals/{r}")>"What they are shown"</a> });
    view! {
        <div class="act-note job-waiting">
            <Icon glyph=Glyph::Waiting/>
            <div>
                <p>
                    "Waiting for " <strong>{asked}</strong> " since " {a.proposed_at.clock()} " UTC. "
                    {a.decide_until.map(|until| view! { <Countdown until=until over="Time is up; it will be refused."/> })}
                </p>
                <div class="act-acts">
                    {request}
                    {may_act.then(|| one_button(acts.withdraw, "action", a.id, Kind::Plain, "Withdraw"))}
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// Why it never ran, and which way is open.
pub fn refusal(a: &ActionView) -> Option<AnyView> {
    let reason = a.refusal?;
    let detail = (!a.detail.is_empty()).then(|| view! { <p class="act-detail">{exact(&a.detail)}</p> });
    let leaf = a
        .ended_leaf
        .map(|leaf| view! { <span class="leaves">" Recorded as leaf " {words::number(leaf)} "."</span> });
    Some(
        view! {
            <div class="act-note job-refused">
                <Icon glyph=Glyph::Refused/>
                <div>
                    <p><strong>{reason.sentence()}</strong> " Nothing ran." {leaf}</p>
                    {detail}
                    <p>{way_open(reason)}</p>
                </div>
            </div>
        }
        .into_any(),
    )
}

/// What somebody can do after a refusal.
fn way_open(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::PolicyDenied => {
            "An admin can change the policy. Until then, look for a narrower verb that it allows."
        }
        RefusalReason::Denied => "Talk to whoever denied it, or propose something narrower.",
        RefusalReason::Expired => "Propose it again when somebody can answer, or call the contact first.",
        RefusalReason::Withdrawn => "Propose it again if it is needed after all.",
        RefusalReason::SessionClosed => "Open a new session on the endpoint and propose it there.",
        RefusalReason::SelfApproval | RefusalReason::NotApprover => "Another contact of the client has to decide.",
        RefusalReason::StaleStatement => "Propose it again; whoever decides then reads what is asked now.",
        RefusalReason::AlreadyDecided => "Look at the request: it says who decided what.",
        RefusalReason::NoApprover => "Ask an admin to name a contact for this client, then propose it again.",
        RefusalReason::OutOfScope => "Ask for access to what it needs, or propose what the grant covers.",
        RefusalReason::ChangedBytes
        | RefusalReason::BadSignature
        | RefusalReason::WrongEndpoint
        | RefusalReason::Replayed => {
            "This should not happen. Tell an admin: something between server and endpoint changed what was sent."
        }
        RefusalReason::OrderExpired => "The endpoint was not reachable in time. Propose it again when it is ready.",
        RefusalReason::Malformed => "Server and agent may be of different versions. Ask an admin to update the agent.",
        RefusalReason::Unsupported => "The agent says what is missing there. Look for another verb, or use a script.",
        RefusalReason::EndpointRemoved => "Enrol the endpoint again to work on it.",
        RefusalReason::EndpointNotConfirmed => "Ask an admin to confirm the machine, then propose it again.",
        RefusalReason::NotRun => "Propose it again.",
    }
}

fn running(a: &ActionView, may_act: bool, acts: Acts) -> Option<AnyView> {
    let word = match a.state {
        ActionState::Authorised => "Allowed; its order is being written.",
        ActionState::Dispatched => "Sent. It starts as soon as the endpoint answers.",
        ActionState::Running => "Running.",
        ActionState::Waiting | ActionState::Finished | ActionState::Refused => return None,
    };
    let cancelling = a
        .cancelling
        .then_some(" Cancelling was asked for; the endpoint stops everything it started.");
    let cancel = (may_act && !a.cancelling).then(|| one_button(acts.cancel, "action", a.id, Kind::Plain, "Cancel"));
    Some(
        view! {
            <div class="act-note job-authorised">
                <Icon glyph=Glyph::Running/>
                <div>
                    <p>{word} {cancelling} {a.started_at.map(|at| view! { " Started " <Time at=at clock_only=true/> })}</p>
                    <div class="act-acts">{cancel}</div>
                </div>
            </div>
        }
        .into_any(),
    )
}

/// How it ended, what was counted, the copy button. `copied` is the output's text; without it nothing is offered to copy.
pub fn foot(a: &ActionView, copied: Option<Signal<String>>) -> Option<AnyView> {
    let ran = a.started_at.is_some() || a.finished_at.is_some() || a.lines > 0;
    if !ran || a.state == ActionState::Refused {
        return None;
    }
    let ended = a.finished_at.is_some();
    let exit = a.exit.map(|code| format!("exit {code}"));
    let lasted = a.duration_ms.map(|ms| for_people(Duration::from_millis(ms)));
    let facts: Vec<_> = [
        exit,
        lasted,
        Some(words::bytes(a.bytes)),
        Some(words::count(a.lines, "line", "lines")),
        Some(findings_sentence(&a.findings)),
        a.ended_leaf.map(|leaf| format!("leaf {}", words::number(leaf))),
    ]
    .into_iter()
    .flatten()
    .map(|fact| view! { <li>{fact}</li> })
    .collect();
    let note = (ended && !a.detail.is_empty()).then(|| view! { <p class="act-detail">{exact(&a.detail)}</p> });
    Some(
        view! {
            {note}
            <footer class="act-foot">
                <ul class="act-facts">{facts}</ul>
                {copied.filter(|_| a.lines > 0).map(|text| view! { <CopyButton text=text what="the output"/> })}
            </footer>
        }
        .into_any(),
    )
}

/// A card that doesn't change: for pages that show what was done.
pub fn still_card(a: &ActionView, link: Option<String>) -> AnyView {
    let output = super::output::still_output(&a.output, a.number);
    let text = super::lines::plain(&a.output);
    view! {
        <li class="act" id=format!("action-{}", a.number)>
            {head(a)}
            {what(&a.command)}
            {basis(a)}
            {refusal(a)}
            {output}
            {foot(a, Some(Signal::stored(text)))}
            {link.map(|href| view! { <a class="act-link" href=href>"In its session"</a> })}
        </li>
    }
    .into_any()
}

/// The colour of an action in a list of numbers.
pub fn job(a: &ActionView) -> Job {
    words::action(a.state, a.outcome).job
}
