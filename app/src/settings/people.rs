//! People: who they are, what they may do, inviting and changing roles.

use domain::api::{Field, PersonRow};
use domain::roles::{Role, Roles};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::once::{ShownOnce, once_of};
use super::tabs::Tabs;
use super::{Invite, SetRoles, list_people};
use crate::ui::form::{FormErrors, Group};
use crate::ui::{
    Age, Check, Disclosure, EmptyState, Form, Glyph, Job, Kind, Loaded, PageHead, Section, StatusWord, Submit, Table,
    TextField, error_of, use_live,
};

/// What a role is for, in one sentence.
fn about(role: Role) -> &'static str {
    match role {
        Role::Technician => "Opens sessions and proposes actions.",
        Role::Approver => "Decides for the clients whose contact they are.",
        Role::Director => "Reads everything, exports and shares.",
        Role::Admin => "Manages people, clients and endpoints.",
    }
}

/// `Technician`.
fn title(role: Role) -> String {
    let word = role.word();
    word[..1].to_uppercase() + &word[1..]
}

/// The people.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let live = use_live();
    let invite = ServerAction::<Invite>::new();
    let set_roles = ServerAction::<SetRoles>::new();
    let people = Resource::new(
        move || (live.head.get(), invite.version().get(), set_roles.version().get()),
        |_| list_people(),
    );
    view! {
        <PageHead title="People" sub=|| view! { "Who may do what. Every change is in the record, with who made it." }/>
        <Tabs/>
        <FormErrors error=error_of(set_roles)/>
        <ShownOnce once=once_of(invite)/>
        <div class="split">
            <div class="split-main">
                <Loaded resource=people rows=6 let:people>
                    <List people=people set_roles=set_roles/>
                </Loaded>
            </div>
            <div class="split-side">
                <InviteForm action=invite/>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn List(people: Vec<PersonRow>, set_roles: ServerAction<SetRoles>) -> impl IntoView {
    if people.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::People title="Nobody is here yet"><p>"Invite somebody with the form."</p></EmptyState>
        }
        .into_any();
    }
    let lines: Vec<_> = people
        .into_iter()
        .map(|person| view! { <Person person=person set_roles=set_roles/> })
        .collect();
    view! { <Table caption="People" class="people" columns=&["Name", "Roles", "Contact for", "Last sign-in"]>{lines}</Table> }.into_any()
}

#[component]
fn Person(person: PersonRow, set_roles: ServerAction<SetRoles>) -> impl IntoView {
    let seen = match (person.active, person.last_sign_in) {
        (false, _) => {
            view! { <StatusWord job=Job::Waiting glyph=Glyph::Waiting word="Invited, no password yet"/> }.into_any()
        }
        (true, Some(at)) => view! { <Age at=at/> }.into_any(),
        (true, None) => view! { "Never" }.into_any(),
    };
    let contact_for = if person.contact_for.is_empty() {
        "–".to_owned()
    } else {
        person.contact_for.join(", ")
    };
    view! {
        <tr>
            <td data-label="Name" class="cell-name"><span class="person-name">{person.name}</span><span class="person-email">{person.email}</span></td>
            <td class="cell-roles">
                <Disclosure summary=person.roles.to_string() kind=Kind::Quiet label="Change the roles">
                    <ActionForm action=set_roles>
                        <input type="hidden" name="person" value=person.id.to_string()/>
                        <RoleChecks held=person.roles/>
                        <p class="field-hint">"Their open web sessions follow at once."</p>
                        <div class="form-actions"><Submit kind=Kind::Plain>"Save the roles"</Submit></div>
                    </ActionForm>
                </Disclosure>
            </td>
            <td data-label="Contact for">{contact_for}</td>
            <td data-label="Last sign-in">{seen}</td>
        </tr>
    }
}

/// A box a role.
#[component]
fn RoleChecks(held: Roles) -> impl IntoView {
    let boxes: Vec<_> = Role::ALL
        .into_iter()
        .map(|role| view! { <Check label=title(role) name="roles[]" value=role.word() checked=held.0.contains(&role) hint=about(role)/> })
        .collect();
    view! { <Group field=Field::Roles legend="Roles">{boxes}</Group> }
}

#[component]
fn InviteForm(action: ServerAction<Invite>) -> impl IntoView {
    view! {
        <Section title="Invite somebody">
            <p class="muted">"They get a one-time link from you and choose their own password."</p>
            <Form action=action reset=true>
                <TextField label="Name" name="name" field=Field::Name required=true/>
                <TextField label="E-mail address" name="email" kind="email" field=Field::Email required=true hint="They sign in with it."/>
                <RoleChecks held=Roles::from([Role::Technician])/>
                <div class="form-actions"><Submit>"Make a one-time link"</Submit></div>
            </Form>
        </Section>
    }
}
