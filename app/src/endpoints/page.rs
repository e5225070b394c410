//! One endpoint's page.

use domain::api::{EndpointState, Field};
use leptos::prelude::*;

use super::confirm::NeedsAPerson;
use super::parts::{Abilities, About, Grants, Policy, Visits};
use super::update::Update;
use super::{ConfirmEndpoint, EndpointData, OpenSession, RemoveEndpoint, UpdateEndpoint, read_endpoint};
use crate::routes::param;
use crate::ui::words::endpoint;
use crate::ui::{Disclosure, Form, Glyph, Job, Kind, Loaded, Note, PageHead, Section, Submit, TextField, use_live};

/// An endpoint.
#[component]
pub fn EndpointPage() -> impl IntoView {
    let live = use_live();
    let id = param("id");
    let confirm = ServerAction::<ConfirmEndpoint>::new();
    let update = ServerAction::<UpdateEndpoint>::new();
    let data = Resource::new(
        move || {
            (
                id.get(),
                live.head.get(),
                confirm.version().get(),
                update.version().get(),
            )
        },
        |(id, ..)| read_endpoint(id),
    );
    let open = ServerAction::<OpenSession>::new();
    let remove = ServerAction::<RemoveEndpoint>::new();
    view! {
        <Loaded resource=data rows=12 let:data>
            <Everything data=data open=open confirm=confirm remove=remove update=update/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Everything(
    data: EndpointData,
    open: ServerAction<OpenSession>,
    confirm: ServerAction<ConfirmEndpoint>,
    remove: ServerAction<RemoveEndpoint>,
    update: ServerAction<UpdateEndpoint>,
) -> impl IntoView {
    let EndpointData {
        view,
        may_open,
        may_remove,
        clients,
    } = data;
    let state = view.row.state;
    let id = view.row.id.to_string();
    let client = view.row.client.name.clone();
    let removed = state == EndpointState::Removed;
    let takes_sessions = !removed && state != EndpointState::Removing && !view.row.client.id.is_empty();
    view! {
        <PageHead title=view.row.name.clone() sub=move || view! { {client.clone()} " · " {endpoint(state).view()} }/>
        <div class="split">
            <div class="split-main">
                {(!removed).then(|| view! { <NeedsAPerson view=view.clone() clients=clients may_confirm=may_remove action=confirm/> })}
                {(may_open && takes_sessions).then(|| view! { <OpenForm id=id.clone() state=state action=open/> })}
                <Visits rows=view.sessions.clone()/>
                <Grants rows=view.grants.clone()/>
            </div>
            <div class="split-side">
                <About view=view.clone()/>
                <Update view=view.clone() may_update={may_remove && !removed} action=update/>
                <Abilities words=view.capabilities.clone()/>
                <Policy sentences=view.policy hosts=view.registered_hosts/>
                {(may_remove && !removed).then(|| view! { <Remove id=id name=view.row.name state=state action=remove/> })}
            </div>
        </div>
    }
    .into_any()
}

/// The form that opens a session.
#[component]
fn OpenForm(id: String, state: EndpointState, action: ServerAction<OpenSession>) -> impl IntoView {
    let now = match state {
        EndpointState::Ready => None,
        EndpointState::Offline => {
            Some("The endpoint is offline. You can open a session; what is allowed runs when it connects again.")
        }
        EndpointState::Pending => Some(
            "The endpoint has not connected yet, or waits to be confirmed. You can open a session; what is proposed before it is confirmed is refused.",
        ),
        EndpointState::Removing => Some("The endpoint is being removed."),
        EndpointState::Removed => Some("The endpoint was removed."),
    };
    view! {
        <Section title="Open a session">
            {now.map(|text| view! { <Note job=Job::Waiting glyph=Glyph::Offline title="Not connected"><p>{text}</p></Note> })}
            <Form action=action class="form-wide">
                <input type="hidden" name="endpoint" value=id/>
                <div class="form-row">
                    <TextField
                        label="Reason"
                        name="reason"
                        field=Field::Reason
                        hint="The contact reads it before deciding. It goes into the record."
                        required=true
                    />
                    <TextField label="Ticket" name="ticket" field=Field::Ticket hint="Such as INC-20418."/>
                </div>
                <div class="form-actions">
                    <Submit>"Open a session"</Submit>
                </div>
            </Form>
        </Section>
    }
}

/// Removing it, after a second thought.
#[component]
fn Remove(id: String, name: String, state: EndpointState, action: ServerAction<RemoveEndpoint>) -> impl IntoView {
    let removing = state == EndpointState::Removing;
    let (first, at_once) = (id.clone(), id);
    view! {
        <Section title="Remove">
            {removing.then(|| view! {
                <Note job=Job::Waiting glyph=Glyph::Waiting title="It is being removed">
                    <p>"Its agent ends what runs, reports it and forgets who it is. Where the machine does not come back, don't wait for it."</p>
                </Note>
            })}
            {(!removing).then(|| view! {
                <Disclosure summary="Remove this endpoint" kind=Kind::Refuse>
                    <p>
                        "The agent on " <strong class="mono">{name}</strong> " ends what runs, reports it and forgets who it is. Then its key is refused. Its history stays in the record. To come back, the machine has to be enrolled again."
                    </p>
                    <Form action=action>
                        <input type="hidden" name="endpoint" value=first/>
                        <div class="form-actions">
                            <Submit kind=Kind::Refuse>"Remove it"</Submit>
                        </div>
                    </Form>
                </Disclosure>
            })}
            <Disclosure summary="Remove without waiting" kind=Kind::Refuse>
                <p>"The key is refused from now on. The agent is not asked to end what runs, and keeps its files: for a machine that is lost or that was copied."</p>
                <Form action=action>
                    <input type="hidden" name="endpoint" value=at_once/>
                    <input type="hidden" name="now" value="true"/>
                    <div class="form-actions">
                        <Submit kind=Kind::Refuse>"Remove it now"</Submit>
                    </div>
                </Form>
            </Disclosure>
        </Section>
    }
}
