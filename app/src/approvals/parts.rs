//! The parts of a request's page, in the order in which an approver asks: who, where, why, what, what could it reach, for how
//! long.

use domain::action::{Command, Shell};
use domain::api::{ApprovalView, RequestState};
use leptos::prelude::*;

use crate::session::output::exact;
use crate::ui::{Glyph, Icon, Time, words};

/// Who asks, on which machine.
pub(super) fn who(v: &ApprovalView) -> AnyView {
    let row = &v.row;
    let initials: String = row
        .requester
        .name
        .split_whitespace()
        .filter_map(|w| w.chars().next())
        .take(2)
        .collect();
    let asks = if v.command.is_some() {
        "asks to run this on "
    } else {
        "asks for access to "
    };
    view! {
        <div class="ask-who">
            <span class="ask-initials" aria-hidden="true">{initials}</span>
            <p>
                <strong>{exact(&row.requester.name)}</strong>" "<span class="ask-role">{v.requester_role.clone()}</span>
                <br/>
                {asks} <strong class="ask-machine">{exact(&row.endpoint.name)}</strong> ", " {exact(&row.client.name)}
            </p>
        </div>
    }
    .into_any()
}

/// Why.
pub(super) fn why(v: &ApprovalView) -> AnyView {
    let ticket = (!v.ticket.is_empty()).then(|| {
        let ticket = exact(&v.ticket);
        view! { <span class="ask-ticket">"Ticket " {ticket}</span> }
    });
    view! {
        <div class="ask-part">
            <h2>"Why"</h2>
            <p class="ask-reason">{exact(&v.reason)} " " {ticket}</p>
        </div>
    }
    .into_any()
}

/// Exactly what: the text as the statement has it, with what would not show escaped.
pub(super) fn what(v: &ApprovalView) -> AnyView {
    let title = match &v.command {
        None => "What: access, for this session",
        Some(Command::Verb(_)) => "What, exactly",
        Some(Command::Script(s)) => match s.shell {
            Shell::Sh => "What: this shell script, exactly",
            Shell::Pwsh => "What: this PowerShell 7 script, exactly",
            Shell::Powershell => "What: this Windows PowerShell script, exactly",
            Shell::Cmd => "What: this Windows command script, exactly",
        },
    };
    let shown: Vec<AnyView> = v
        .shown
        .iter()
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, escaped)| {
            if *escaped {
                view! { <span class="escaped" title="A character that would not show, or would disturb the others">{text.clone()}</span> }
                    .into_any()
            } else {
                text.clone().into_any()
            }
        })
        .collect();
    let hidden = v.hidden.map(|digest| {
        view! {
            <p class="field-hint">
                "What is sensitive in it, such as a password, stands here in brackets. You decide about the exact text, with the SHA-256 "
                <code class="hash">{digest.to_string()}</code> "; no other runs."
            </p>
        }
    });
    view! {
        <div class="ask-part">
            <h2>{title}</h2>
            <pre class="ask-exact" tabindex="0"><code>{shown}</code></pre>
            {hidden}
        </div>
    }
    .into_any()
}

/// What it could reach, and what was noticed.
pub(super) fn reach(v: &ApprovalView) -> AnyView {
    let risks: Vec<_> = v
        .risks
        .iter()
        .map(|risk| {
            let risk = exact(risk);
            view! { <li><Icon glyph=Glyph::Alert/> <span>{risk}</span></li> }
        })
        .collect();
    let risks = (!risks.is_empty()).then(|| view! { <ul class="ask-risks" aria-label="What was noticed">{risks}</ul> });
    view! {
        <div class="ask-part">
            <h2>"What it could reach"</h2>
            <p>{exact(&v.reach)}</p>
            {risks}
        </div>
    }
    .into_any()
}

/// How often and how long.
pub(super) fn how_long(v: &ApprovalView) -> String {
    let times = match v.uses {
        1 => "Once".to_owned(),
        n => format!("Up to {n} times"),
    };
    match v.minutes {
        0 => format!("{times}: exactly this and nothing else."),
        m => format!("{times}, for {m} minutes after you approve. You can revoke it at any moment."),
    }
}

/// What came of it: who decided what, when.
pub(super) fn outcome(v: &ApprovalView) -> AnyView {
    let row = &v.row;
    let shown = words::request(row.state);
    let by = (!row.decided_by.is_empty()).then(|| format!("by {} ", row.decided_by));
    let at = row.decided_at.map(|at| view! { <Time at=at/> });
    let allowed = (!row.allowed.is_empty()).then(|| {
        if v.command.is_some() {
            return view! { <p>"Allowed: exactly what stands below, once."</p> }.into_any();
        }
        let words = if row.state == RequestState::Narrowed {
            "Allowed, narrowed to"
        } else {
            "Allowed"
        };
        let scope = exact(&row.allowed);
        view! { <p>{words} " " <code class="ask-scope">{scope}</code></p> }.into_any()
    });
    view! {
        <div class=format!("ask-outcome {}", shown.job.class())>
            <p class="ask-outcome-word">{shown.view()} " " {by} {at}</p>
            {allowed}
        </div>
    }
    .into_any()
}
