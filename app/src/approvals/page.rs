//! One request, made for a phone: everything to be weighed without scrolling, the two buttons at the bottom.

use domain::api::{ApprovalView, RequestState};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;

use super::api::{self, Decide, RevokeGrant, WithdrawOwn};
use super::{decide, parts};
use crate::session::button::one_button;
use crate::session::card::still_card;
use crate::ui::form::FormErrors;
use crate::ui::{ButtonLink, Countdown, Disclosure, Glyph, Icon, Kind, Loaded, Section, error_of, use_live, words};

/// One request.
#[component]
pub fn ApprovePage() -> impl IntoView {
    let id = crate::param("id");
    let acts = Acts {
        decide: ServerAction::new(),
        revoke: ServerAction::new(),
        withdraw: ServerAction::new(),
    };
    let again = RwSignal::new(0_u32);
    let read = Resource::new(
        move || (id.get(), again.get(), acts.version()),
        |(id, _, _)| api::approval(id),
    );
    follow(read, again, id);
    view! {
        <div class="ask-page">
            <FormErrors error=error_of(acts.decide)/>
            <FormErrors error=error_of(acts.revoke)/>
            <FormErrors error=error_of(acts.withdraw)/>
            <Loaded resource=read rows=8 let:v>{page(&v, acts)}</Loaded>
        </div>
    }
    .into_any()
}

/// What can be done on the page.
#[derive(Clone, Copy)]
struct Acts {
    decide: ServerAction<Decide>,
    revoke: ServerAction<RevokeGrant>,
    withdraw: ServerAction<WithdrawOwn>,
}

impl Acts {
    fn version(self) -> usize {
        self.decide.version().get() + self.revoke.version().get() + self.withdraw.version().get()
    }
}

/// Reads the request again when the record moved. That an approver was shown a waiting request is itself in the record, so
/// while it waits only its standing is asked for: otherwise each reading would cause the next.
fn follow(read: Resource<Result<ApprovalView, crate::api_error::AppError>>, again: RwSignal<u32>, id: Memo<String>) {
    let live = use_live();
    Effect::new(move |before: Option<u64>| {
        let head = live.head.get();
        let Some(shown) = read.get_untracked().and_then(Result::ok).map(|v| v.row.state) else {
            return head;
        };
        if before.is_some_and(|b| b != head) {
            let id = id.get_untracked();
            spawn_local(async move {
                let waits = shown == RequestState::Pending && api::still_pending(id).await.unwrap_or(true);
                if !waits {
                    let _ = again.try_update(|n| *n += 1);
                }
            });
        }
        head
    });
}

fn page(v: &ApprovalView, acts: Acts) -> AnyView {
    let waits = v.row.state == RequestState::Pending;
    let title = format!("{} asks for access to {}", v.row.requester.name, v.row.endpoint.name);
    let outcome = (!waits).then(|| parts::outcome(v));
    let decide = (waits && v.row.may_decide).then(|| decide::form(v, acts.decide));
    let others = (waits && !v.row.may_decide).then(|| waiting(v, acts));
    let after = (!waits).then(|| after(v, acts));
    view! {
        <Title text=title/>
        <article class="ask" class:ask-decidable=waits && v.row.may_decide>
            <h1 class="visually-hidden">"Request for access"</h1>
            {outcome}
            {parts::who(v)}
            {parts::why(v)}
            {parts::what(v)}
            {parts::reach(v)}
            {decide}
            {others}
            {after}
            {statement(v)}
        </article>
    }
    .into_any()
}

/// For whoever may look but not decide.
fn waiting(v: &ApprovalView, acts: Acts) -> AnyView {
    let asked = if v.row.asked.is_empty() {
        "somebody who may decide".to_owned()
    } else {
        v.row.asked.join(", ")
    };
    let session = format!("/sessions/{}", v.row.session);
    view! {
        <div class="ask-part">
            <h2>"For how long"</h2>
            <p>{parts::how_long(v)}</p>
        </div>
        <div class="ask-outcome job-waiting">
            <p class="ask-outcome-word">
                <Icon glyph=Glyph::Waiting/> " Waiting for " <strong>{asked}</strong> ". "
                <Countdown until=v.row.expires over="Time is up: it will be refused."/>
            </p>
            <p>"You can look at this request but not decide it: a contact of the client does, and never whoever asked."</p>
            <div class="cluster">
                {one_button(acts.withdraw, "request", v.row.id, Kind::Plain, "Withdraw")}
                <ButtonLink href=session kind=Kind::Quiet>"The session"</ButtonLink>
            </div>
        </div>
    }
    .into_any()
}

/// What was done under it, and taking it back.
fn after(v: &ApprovalView, acts: Acts) -> AnyView {
    let cards: Vec<_> = v.done.actions.iter().map(|a| still_card(a, None)).collect();
    let count = words::count(cards.len() as u64, "action", "actions");
    let approved = matches!(v.row.state, RequestState::Approved | RequestState::Narrowed);
    let done = approved.then(|| {
        let none = cards.is_empty().then(
            || view! { <p class="muted">"Nothing yet. What is done under it appears here, with its output."</p> },
        );
        view! {
            <Section title="What was done under it" aside=count>
                {none}
                <ol class="transcript">{cards}</ol>
            </Section>
        }
    });
    view! {
        {v.grant.as_ref().map(|g| {
            let live = g.state == "active";
            let revoke = live.then(|| view! {
                <p>"It ends by itself: " <Countdown until=g.until over="expired"/> ". Revoking ends it now; what already ran stays in the record."</p>
                {one_button(acts.revoke, "grant", g.id, Kind::Refuse, "Revoke")}
            });
            let used = format!("Used {} of {}.", g.used, words::count(u64::from(g.uses), "time", "times"));
            view! {
                <div class="ask-part ask-grant">
                    <h2>"The access"</h2>
                    <p>{words::grant(&g.state).view()} " " {used}</p>
                    {revoke}
                </div>
            }
        })}
        {done}
    }
    .into_any()
}

/// What the decision binds to, for whoever wants to see it.
fn statement(v: &ApprovalView) -> AnyView {
    let (text, digest) = (crate::session::output::exact(&v.statement), v.digest.to_string());
    view! {
        <Disclosure summary="The statement that a decision binds to" kind=Kind::Quiet>
            <p class="muted">"SHA-256 " <code class="ask-digest">{digest}</code></p>
            <pre class="ask-statement" tabindex="0"><code>{text}</code></pre>
        </Disclosure>
    }
    .into_any()
}
