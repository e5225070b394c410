//! Enrolment tokens: making one for as many machines as it takes, and stopping or replacing those that are out.

use domain::api::{ClientRow, Field, TokenRow};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::once::{ShownOnce, once_of};
use super::tabs::Tabs;
use super::{CreateToken, RevokeToken, RotateToken, list_clients, list_tokens};
use crate::ui::field::Choice;
use crate::ui::form::FormErrors;
use crate::ui::words::number;
use crate::ui::{
    Age, Check, Disclosure, EmptyState, Form, Glyph, Kind, Loaded, PageHead, Section, Select, Submit, Table, TextField,
    Time, error_of, use_live,
};

const COLUMNS: &[&str] = &["For", "Uses left", "Confirmed", "Made by", "Until", ""];

/// The tokens.
#[component]
pub fn EnrolmentPage() -> impl IntoView {
    let live = use_live();
    let create = ServerAction::<CreateToken>::new();
    let revoke = ServerAction::<RevokeToken>::new();
    let rotate = ServerAction::<RotateToken>::new();
    let data = Resource::new(
        move || {
            (
                live.head.get(),
                create.version().get(),
                revoke.version().get(),
                rotate.version().get(),
            )
        },
        |_| async { Ok((list_tokens().await?, list_clients().await?)) },
    );
    view! {
        <PageHead title="Enrolment" sub=|| view! { "Tokens with which machines become endpoints. Each is shown once, when it is made." }/>
        <Tabs/>
        <FormErrors error=error_of(revoke)/>
        <FormErrors error=error_of(rotate)/>
        <ShownOnce once=once_of(create)/>
        <ShownOnce once=once_of(rotate)/>
        <Loaded resource=data rows=6 let:data>
            <div class="split">
                <div class="split-main"><List tokens=data.0 revoke=revoke rotate=rotate/></div>
                <div class="split-side"><NewToken clients=data.1 action=create/></div>
            </div>
        </Loaded>
    }
    .into_any()
}

#[component]
fn List(tokens: Vec<TokenRow>, revoke: ServerAction<RevokeToken>, rotate: ServerAction<RotateToken>) -> impl IntoView {
    if tokens.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::Key title="No token is out">
                <p>"Make one with the form, and run the command that it gives on the machine."</p>
            </EmptyState>
        }
        .into_any();
    }
    let lines: Vec<_> = tokens
        .into_iter()
        .map(|token| view! { <Token token=token revoke=revoke rotate=rotate/> })
        .collect();
    view! { <Table caption="Enrolment tokens" columns=COLUMNS>{lines}</Table> }.into_any()
}

#[component]
fn Token(token: TokenRow, revoke: ServerAction<RevokeToken>, rotate: ServerAction<RotateToken>) -> impl IntoView {
    let (revoked, rotated) = (token.id.to_string(), token.id.to_string());
    let whose = token.client.map_or_else(|| "Any client".to_owned(), |c| c.name);
    let only = token
        .hostname
        .map(|h| view! { <br/><span class="muted">"only "</span> <span class="mono">{h}</span> });
    let left = format!(
        "{} of {}",
        number(u64::from(token.uses - token.used)),
        number(u64::from(token.uses))
    );
    let confirmed = if token.confirmation {
        "By a person, each"
    } else {
        "By the token"
    };
    let made_by = if token.made_by.is_empty() {
        "–".to_owned()
    } else {
        token.made_by
    };
    view! {
        <tr>
            <td data-label="For" class="cell-name">{whose}{only}</td>
            <td data-label="Uses left" class="num">{left}</td>
            <td data-label="Confirmed">{confirmed}</td>
            <td data-label="Made by">{made_by} ", " <Age at=token.made_at/></td>
            <td data-label="Until" class="nowrap"><Time at=token.expires/></td>
            <td>
                <Disclosure summary="Stop or replace" kind=Kind::Quiet>
                    <p class="field-hint">"The command that was given out stops working at once. Machines that have enrolled stay."</p>
                    <div class="cluster">
                        <ActionForm action=revoke>
                            <input type="hidden" name="token" value=revoked/>
                            <Submit kind=Kind::Refuse>"Revoke"</Submit>
                        </ActionForm>
                        <ActionForm action=rotate>
                            <input type="hidden" name="token" value=rotated/>
                            <Submit kind=Kind::Plain>"Replace with a new one"</Submit>
                        </ActionForm>
                    </div>
                </Disclosure>
            </td>
        </tr>
    }
}

/// How long a token can be used: minutes and words.
const SPANS: [(u32, &str); 6] = [
    (10, "10 minutes"),
    (60, "1 hour"),
    (24 * 60, "1 day"),
    (7 * 24 * 60, "1 week"),
    (30 * 24 * 60, "30 days"),
    (90 * 24 * 60, "90 days"),
];

#[component]
fn NewToken(clients: Vec<ClientRow>, action: ServerAction<CreateToken>) -> impl IntoView {
    let any = std::iter::once(Choice {
        value: String::new(),
        label: "Any client: said when confirmed".into(),
        chosen: true,
    });
    let of: Vec<_> = any
        .chain(clients.into_iter().map(|c| Choice {
            value: c.id.to_string(),
            label: c.name,
            chosen: false,
        }))
        .collect();
    let spans = SPANS
        .into_iter()
        .map(|(minutes, label)| Choice {
            value: minutes.to_string(),
            label: label.into(),
            chosen: minutes == 60,
        })
        .collect();
    view! {
        <Section title="Make a token">
            <Form action=action>
                <Select label="Whose machines" name="client" field=Field::Client choices=of/>
                <TextField label="How many" name="uses" kind="number" value="1" field=Field::Uses required=true hint="1 to 10,000."/>
                <TextField label="Only the machine called" name="hostname" field=Field::Host mono=true hint="Its host name; the token is then for this one."/>
                <Select label="Can be used for" name="minutes" field=Field::Expires choices=spans/>
                <Check
                    label="A person confirms each machine"
                    name="confirmation"
                    checked=true
                    hint="Nothing runs on it before its fingerprint was compared. Always so for any client's."
                />
                <div class="form-actions"><Submit>"Make the token"</Submit></div>
            </Form>
        </Section>
    }
}
