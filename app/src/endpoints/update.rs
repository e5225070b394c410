//! The agent's version on an endpoint's page: what runs, what there is, and how far an update is.

use domain::api::{EndpointView, UpdateView};
use leptos::prelude::*;

use super::UpdateEndpoint;
use crate::ui::words::update;
use crate::ui::{Fact, Facts, Form, Kind, Section, Submit, Time};

/// The agent's version, and the form that has it updated.
#[component]
pub(super) fn Update(view: EndpointView, may_update: bool, action: ServerAction<UpdateEndpoint>) -> impl IntoView {
    if view.available_version.is_none() && view.update.is_none() {
        return ().into_any();
    }
    let id = view.row.id.to_string();
    let available = view.available_version.clone();
    let ask = available.clone().filter(|_| may_update).map(|version| {
        view! {
            <Form action=action>
                <input type="hidden" name="endpoint" value=id/>
                <p class="field-hint">"It is installed once nothing runs there. If it does not come up, the version before it comes back by itself."</p>
                <div class="form-actions"><Submit kind=Kind::Plain>{format!("Update to {version}")}</Submit></div>
            </Form>
        }
    });
    view! {
        <Section title="Agent">
            <Facts>
                <Fact name="Runs">{view.agent_version}</Fact>
                <Fact name="Available">{available.unwrap_or_else(|| "Nothing newer".into())}</Fact>
                {view.update.map(|u| view! { <Latest update=u/> })}
            </Facts>
            {ask}
        </Section>
    }
    .into_any()
}

#[component]
fn Latest(update: UpdateView) -> impl IntoView {
    let detail = (!update.detail.is_empty()).then(|| view! { <p class="field-hint">{update.detail.clone()}</p> });
    view! {
        <Fact name="Latest update">
            {update.version} ": " {self::update(update.stage).view()}
            {detail}
            <p class="field-hint">"Asked for by " {update.asked_by} ", " <Time at=update.changed_at/></p>
        </Fact>
    }
}
