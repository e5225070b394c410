//! Confirming a machine: its fingerprint here beside the one that the agent shows there, and what was found out about its key.

use domain::api::{CloneFound, EndpointView, Field};
use domain::event::Named;
use leptos::prelude::*;

use super::ConfirmEndpoint;
use crate::ui::field::Choice;
use crate::ui::{Fact, Facts, Form, Glyph, Job, Kind, Note, Section, Select, Submit, Time};

/// What a person has to see to about this machine; nothing where there is nothing.
#[component]
pub(super) fn NeedsAPerson(
    view: EndpointView,
    clients: Vec<Named>,
    may_confirm: bool,
    action: ServerAction<ConfirmEndpoint>,
) -> impl IntoView {
    let waits = view.row.needs_confirmation;
    let found = view.clone.clone().map(|found| view! { <Cloned found=found/> });
    view! {
        {found}
        {waits.then(|| view! { <Confirm view=view clients=clients may_confirm=may_confirm action=action/> })}
    }
}

/// One key on two machines.
#[component]
fn Cloned(found: CloneFound) -> impl IntoView {
    let side = |(address, instance): (String, String)| {
        view! { <span class="mono">{address}</span> ", start " <code>{instance}</code> }
    };
    view! {
        <Section title="Its key was on two machines at once">
            <Note job=Job::Refused glyph=Glyph::Alert title="Both were stopped, and neither can connect">
                <p>
                    "Two agents with this endpoint's key were connected at the same time, so its data folder was copied. Find out which is the machine that was enrolled. On the other one remove the agent's data folder and enrol it anew; then confirm this one."
                </p>
            </Note>
            <Facts>
                <Fact name="Noticed"><Time at=found.at/></Fact>
                <Fact name="Was connected">{side(found.first)}</Fact>
                <Fact name="Came to it">{side(found.second)}</Fact>
            </Facts>
        </Section>
    }
}

/// The fingerprint, and the button that says it is the right one.
#[component]
fn Confirm(
    view: EndpointView,
    clients: Vec<Named>,
    may_confirm: bool,
    action: ServerAction<ConfirmEndpoint>,
) -> impl IntoView {
    let (id, shown) = (view.row.id.to_string(), view.fingerprint.clone());
    let unassigned = view.row.client.id.is_empty();
    let choices = std::iter::once(Choice {
        value: String::new(),
        label: "Choose a client".into(),
        chosen: true,
    });
    let choices: Vec<_> = choices
        .chain(clients.into_iter().map(|c| Choice {
            value: c.id,
            label: c.name,
            chosen: false,
        }))
        .collect();
    let form = move || {
        view! {
            <Form action=action>
                <input type="hidden" name="endpoint" value=id/>
                <input type="hidden" name="shown" value=shown/>
                {unassigned.then(|| view! {
                    <Select label="Whose machine is it?" name="client" field=Field::Client choices=choices hint="Its contacts approve for it, and the client's rules hold."/>
                })}
                <div class="form-actions"><Submit kind=Kind::Allow>"Confirm this machine"</Submit></div>
            </Form>
        }
    };
    view! {
        <Section title="Confirm this machine">
            <p>
                "Nothing is sent to it before that. Compare this fingerprint with the one that " <code>"countersign-agent status"</code> " shows on the machine:"
            </p>
            <p><code class="fingerprint">{view.fingerprint}</code></p>
            {if may_confirm {
                form().into_any()
            } else {
                view! { <p class="muted">"An admin confirms it here."</p> }.into_any()
            }}
        </Section>
    }
}
