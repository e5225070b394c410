//! The review before a share, and the shares that there are.

use domain::api::{Field, ShareReview, ShareRow, Withheld};
use leptos::prelude::*;

use super::api::{self, CreateShare, RevokeShare};
use crate::session::button::one_button;
use crate::session::card::still_card;
use crate::session::output::exact;
use crate::ui::field::Choice;
use crate::ui::form::FormErrors;
use crate::ui::{
    ButtonLink, Check, Fact, Facts, Form, Glyph, Icon, Job, Kind, Loaded, Note, PageHead, Secret, Section, Select,
    StatusWord, Submit, TextField, Time, error_of, words,
};

/// The transcript of a session as it would be shown, and the form that shares it.
#[component]
pub fn ShareReviewPage() -> impl IntoView {
    let id = crate::param("id");
    let create = ServerAction::<CreateShare>::new();
    let revoke = ServerAction::<RevokeShare>::new();
    let versions = move || create.version().get() + revoke.version().get();
    let review = Resource::new(move || (id.get(), versions()), |(id, _)| api::review_share(id));
    view! {
        <PageHead title="Share a session" sub=|| view! { "Read it first: what is shown below is what everybody with the link will see." }>
            {move || view! { <ButtonLink href=format!("/sessions/{}", id.get())>"The session"</ButtonLink> }}
        </PageHead>
        {made(create)}
        <FormErrors error=error_of(revoke)/>
        <Loaded resource=review rows=12 let:r>{page(&r, create, revoke)}</Loaded>
    }
    .into_any()
}

/// The new link.
fn made(create: ServerAction<CreateShare>) -> AnyView {
    let link = move || {
        create
            .value()
            .with(|v| v.as_ref().and_then(|r| r.as_ref().ok().cloned()))
    };
    view! {
        <div role="status">
            {move || link().map(|made| view! {
                <Note job=Job::Authorised glyph=Glyph::Share title="The share is made. This is its link, shown only now.">
                    <p>
                        {made.who()} " It pins the record at "
                        {words::count(made.size, "leaf", "leaves")} ": hand it on whole, with the part after #. " {made.works()}
                    </p>
                    <Secret what="the link" text=made.link.clone()/>
                    <p><a href=made.link rel="external">"Open it as others see it"</a></p>
                </Note>
            })}
        </div>
    }
    .into_any()
}

fn page(r: &ShareReview, create: ServerAction<CreateShare>, revoke: ServerAction<RevokeShare>) -> AnyView {
    view! {
        <div class="split share-review">
            <div class="split-main">{transcript(r)}</div>
            <div class="split-side">
                {confirm(r, create)}
                {shares(&r.shares, revoke)}
            </div>
        </div>
    }
    .into_any()
}

/// Everything that would be shown.
fn transcript(r: &ShareReview) -> AnyView {
    let v = &r.session;
    let row = &v.row;
    let notes: Vec<_> = v
        .notes
        .iter()
        .map(|n| {
            let (text, author, at) = (exact(&n.text), n.author.clone(), n.at);
            view! { <li class="side-row"><p class="side-words">{text}</p><p class="side-note">{author} ", " <Time at=at/></p></li> }
        })
        .collect();
    let cards: Vec<_> = v.actions.iter().map(|a| still_card(a, None)).collect();
    let (endpoint, client, technician) = (
        row.endpoint.name.clone(),
        row.client.name.clone(),
        row.technician.name.clone(),
    );
    let (reason, ticket, opened_at) = (exact(&row.reason), row.ticket.clone(), row.opened_at);
    let closed = row.closed_at.map(|at| {
        let reason = exact(&v.close_reason);
        view! { <Fact name="Closed"><Time at=at/> " " {reason}</Fact> }
    });
    let ticket = (!ticket.is_empty()).then(|| view! { <Fact name="Ticket">{ticket}</Fact> });
    let count = words::count(cards.len() as u64, "action", "actions");
    view! {
        <Section title="About the session">
            <Facts>
                <Fact name="Endpoint">{endpoint}</Fact>
                <Fact name="Client">{client}</Fact>
                <Fact name="Technician">{technician}</Fact>
                <Fact name="Reason">{reason}</Fact>
                {ticket}
                <Fact name="Opened"><Time at=opened_at/></Fact>
                {closed}
            </Facts>
        </Section>
        {(!notes.is_empty()).then(|| view! { <Section title="Notes"><ol class="side-list">{notes}</ol></Section> })}
        <Section title="Transcript" aside=count><ol class="transcript">{cards}</ol></Section>
    }
    .into_any()
}

/// How long a link can work: days, and words.
const SPANS: [(&str, &str); 5] = [
    ("", "As long as nobody revokes it"),
    ("7", "A week"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "A year"),
];

/// The counts, the box to tick, the button.
fn confirm(r: &ShareReview, create: ServerAction<CreateShare>) -> AnyView {
    if r.session.row.closed_at.is_none() {
        return view! {
            <Section title="Make a link">
                <Note job=Job::Waiting glyph=Glyph::Waiting title="The session is still open">
                    <p>"A link is made once it is closed, so that the transcript is whole."</p>
                </Note>
            </Section>
        }
        .into_any();
    }
    let (session, versions) = (r.session.row.id.to_string(), versions(&r.shares));
    let (leaves, findings) = (words::number(r.leaves), words::number(r.findings));
    let spans = SPANS
        .into_iter()
        .map(|(days, label)| Choice {
            value: days.into(),
            label: label.into(),
            chosen: days.is_empty(),
        })
        .collect();
    let shows = Withheld::ALL
        .into_iter()
        .map(|w| Choice {
            value: w.word().into(),
            label: match w {
                Withheld::Nothing => "Everything in it",
                Withheld::Output => "Not what was printed",
                Withheld::Texts => "Not what was typed and printed: who did what when, and with which result",
            }
            .into(),
            chosen: w == Withheld::Nothing,
        })
        .collect();
    view! {
        <Section title="Make a link">
            <Facts>
                <Fact name="Leaves it would hold">{leaves}</Fact>
                <Fact name="Values redacted in them">{findings}</Fact>
            </Facts>
            <p class="muted">"Redaction finds what it knows. Look for what only a person recognises: names of people, sites, customers."</p>
            <Form action=create>
                <input type="hidden" name="session" value=session/>
                {versions}
                <Select label="The link works for" name="days" field=Field::Expires choices=spans/>
                <Select label="The link shows" name="withheld" field=Field::Withheld choices=shows
                    hint="What is left out is marked at each place, and the rest is verified all the same."/>
                <TextField label="Passcode, if there is to be one" name="passcode" field=Field::Passcode
                    hint="8 characters or more. Tell it to the readers in another way than the link; it is not shown again."/>
                <Check
                    label="I have read this transcript and it may be shown to others"
                    name="reviewed"
                    required=true
                    hint="That you confirmed it is in the record."
                />
                <div class="form-actions"><Submit><Icon glyph=Glyph::Share/> "Make the link"</Submit></div>
            </Form>
        </Section>
    }
    .into_any()
}

/// Which of the links that can have a newer version the new one is that of; nothing where there is none.
fn versions(shares: &[ShareRow]) -> Option<AnyView> {
    let older = shares.iter().filter(|s| s.revoked_at.is_none() && !s.replaced);
    let older: Vec<_> = older
        .map(|s| Choice {
            value: s.id.to_string(),
            label: format!("The next version of the one of {}", s.made_at.for_people()),
            chosen: false,
        })
        .collect();
    let own = Choice {
        value: String::new(),
        label: "On its own".into(),
        chosen: true,
    };
    (!older.is_empty()).then(|| {
        let choices = std::iter::once(own).chain(older).collect();
        view! {
            <Select label="The link is" name="replaces" field=Field::Other choices=choices
                hint="An older version works on, and tells its readers that there is a newer one."/>
        }
        .into_any()
    })
}

/// The shares that there are.
fn shares(rows: &[ShareRow], revoke: ServerAction<RevokeShare>) -> AnyView {
    let count = words::count(rows.len() as u64, "share", "shares");
    let rows: Vec<_> = rows.iter().map(|s| share(s, revoke)).collect();
    let none = rows
        .is_empty()
        .then(|| view! { <p class="muted">"This session has not been shared."</p> });
    view! { <Section title="Shares" aside=count>{none}<ul class="side-list">{rows}</ul></Section> }.into_any()
}

fn share(s: &ShareRow, revoke: ServerAction<RevokeShare>) -> AnyView {
    let state = match s.revoked_at {
        None if s.expired => view! { <StatusWord job=Job::Refused glyph=Glyph::Refused word="Expired"/> }.into_any(),
        Some(at) => {
            view! { <StatusWord job=Job::Refused glyph=Glyph::Refused word="Revoked"/> " " <Time at=at/> }.into_any()
        }
        None => view! { <StatusWord job=Job::Authorised glyph=Glyph::Share word="Public"/> }.into_any(),
    };
    let version = (s.version > 1).then(|| format!("Version {}. ", s.version));
    let replaced = s.replaced.then_some(" There is a newer version.");
    let locked = s.passcode.then_some(" Has a passcode.");
    let without = s.withheld.what().map(|what| format!(" Without {what}."));
    let until = s.expires.map(|at| view! { " Works until " <Time at=at/> "." });
    let button =
        (s.revoked_at.is_none() && !s.expired).then(|| one_button(revoke, "share", s.id, Kind::Refuse, "Revoke"));
    let (made_by, made_at) = (s.made_by.clone(), s.made_at);
    let (views, size) = (
        words::count(s.views, "view", "views"),
        words::count(s.size, "leaf", "leaves"),
    );
    view! {
        <li class="side-row">
            <div class="side-row-head">{state}</div>
            <p class="side-note">{version} "Made by " {made_by} ", " <Time at=made_at/> ". Pins " {size} ". " <strong>{views}</strong> "." {without} {locked} {until} {replaced}</p>
            {button}
        </li>
    }
    .into_any()
}
