//! Clients: their tags, hosts and contacts, and enrolling endpoints for them.

use domain::api::{ClientRow, Field, PersonRow};
use domain::roles::Role;
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::once::{ShownOnce, once_of};
use super::tabs::Tabs;
use super::{CreateClient, CreateToken, SetContacts, list_clients, list_people};
use crate::endpoints::UpdateClient;
use crate::ui::form::{FormErrors, Group};
use crate::ui::words::count;
use crate::ui::{
    Check, Disclosure, EmptyState, Fact, Facts, Form, Glyph, Job, Kind, Loaded, PageHead, Section, StatusWord, Submit,
    Tags, TextArea, TextField, error_of, use_live,
};

/// The clients.
#[component]
pub fn ClientsPage() -> impl IntoView {
    let live = use_live();
    let create = ServerAction::<CreateClient>::new();
    let contacts = ServerAction::<SetContacts>::new();
    let token = ServerAction::<CreateToken>::new();
    let update = ServerAction::<UpdateClient>::new();
    let data = Resource::new(
        move || (live.head.get(), create.version().get(), contacts.version().get()),
        |_| async { Ok((list_clients().await?, list_people().await?)) },
    );
    view! {
        <PageHead title="Clients and enrolment" sub=|| view! { "Customers or departments, who approves for them, and their machines." }/>
        <Tabs/>
        <FormErrors error=error_of(contacts)/>
        <FormErrors error=error_of(token)/>
        <FormErrors error=error_of(update)/>
        <ShownOnce once=once_of(token)/>
        <div class="split">
            <div class="split-main">
                <Loaded resource=data rows=6 let:data>
                    <List clients=data.0 people=data.1 contacts=contacts token=token update=update/>
                </Loaded>
            </div>
            <div class="split-side">
                <NewClientForm action=create/>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn List(
    clients: Vec<ClientRow>,
    people: Vec<PersonRow>,
    contacts: ServerAction<SetContacts>,
    token: ServerAction<CreateToken>,
    update: ServerAction<UpdateClient>,
) -> impl IntoView {
    if clients.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::People title="No client yet">
                <p>"Add the first one with the form. Then name who approves for it, and enrol its machines."</p>
            </EmptyState>
        }
        .into_any();
    }
    let approvers: Vec<PersonRow> = people
        .into_iter()
        .filter(|p| p.roles.0.contains(&Role::Approver))
        .collect();
    let items: Vec<_> = clients
        .into_iter()
        .map(|client| view! { <Client client=client approvers=approvers.clone() contacts=contacts token=token update=update/> })
        .collect();
    view! { <div class="clients">{items}</div> }.into_any()
}

#[component]
fn Client(
    client: ClientRow,
    approvers: Vec<PersonRow>,
    contacts: ServerAction<SetContacts>,
    token: ServerAction<CreateToken>,
    update: ServerAction<UpdateClient>,
) -> impl IntoView {
    let id = client.id.to_string();
    let names: Vec<_> = client.contacts.iter().map(|c| c.name.clone()).collect();
    let held: Vec<_> = client.contacts.iter().map(|c| c.id.clone()).collect();
    let who = if names.is_empty() {
        view! { <StatusWord job=Job::Refused glyph=Glyph::Alert word="Nobody: what needs approval is refused"/> }
            .into_any()
    } else {
        view! { {names.join(", ")} }.into_any()
    };
    let (token_for, update_for) = (id.clone(), id.clone());
    let hosts: Vec<_> = client
        .registered_hosts
        .iter()
        .map(|h| view! { <li class="mono">{h.clone()}</li> })
        .collect();
    let hosts = if hosts.is_empty() {
        view! { "None" }.into_any()
    } else {
        view! { <ul class="plain-list">{hosts}</ul> }.into_any()
    };
    view! {
        <section class="client">
            <header class="client-head">
                <h2>{client.name.clone()}</h2>
                <Tags tags=client.tags/>
                <span class="muted">{count(client.endpoints, "endpoint", "endpoints")}</span>
            </header>
            <Facts>
                <Fact name="Who approves">{who}</Fact>
                <Fact name="Probed without asking">{hosts}</Fact>
            </Facts>
            <div class="cluster">
                <ActionForm action=token>
                    <input type="hidden" name="client" value=token_for/>
                    <input type="hidden" name="name" value=client.name/>
                    <Submit kind=Kind::Plain>"Enrol an endpoint"</Submit>
                </ActionForm>
                <ActionForm action=update>
                    <input type="hidden" name="client" value=update_for/>
                    <Submit kind=Kind::Plain>"Update its agents"</Submit>
                </ActionForm>
                <Disclosure summary="Contacts">
                    <ContactForm id=id held=held approvers=approvers action=contacts/>
                </Disclosure>
            </div>
        </section>
    }
}

#[component]
fn ContactForm(
    id: String,
    held: Vec<String>,
    approvers: Vec<PersonRow>,
    action: ServerAction<SetContacts>,
) -> impl IntoView {
    if approvers.is_empty() {
        return view! { <p>"Nobody holds the role approver yet. " <a href="/settings/people">"Invite the client's contact"</a> " first."</p> }.into_any();
    }
    let boxes: Vec<_> = approvers
        .into_iter()
        .map(|p| {
            let checked = held.contains(&p.id.to_string());
            view! { <Check label=p.name name="contacts[]" value=p.id.to_string() checked=checked hint=p.email/> }
        })
        .collect();
    view! {
        <ActionForm action=action>
            <input type="hidden" name="client" value=id/>
            <Group field=Field::Contact legend="Who approves for this client">{boxes}</Group>
            <div class="form-actions"><Submit kind=Kind::Plain>"Save the contacts"</Submit></div>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn NewClientForm(action: ServerAction<CreateClient>) -> impl IntoView {
    view! {
        <Section title="Add a client">
            <Form action=action reset=true>
                <TextField label="Name" name="name" field=Field::Name required=true/>
                <TextField label="Tags" name="tags" field=Field::Tags hint="Such as pci, hipaa, sox; the policy can ask more of tagged clients."/>
                <TextArea
                    label="Hosts that may be probed without asking"
                    name="hosts"
                    field=Field::Hosts
                    hint="One host:port a line, such as gw.payments.example:443."
                    mono=true
                />
                <div class="form-actions"><Submit>"Add the client"</Submit></div>
            </Form>
        </Section>
    }
}
