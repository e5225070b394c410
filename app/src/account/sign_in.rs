//! The sign-in page.

use domain::api::Field;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::SignIn;
use super::welcome::{Card, go_when_done};
use crate::ui::{Form, Submit, TextField};

/// Sign-in with an e-mail address and a password.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    go_when_done(action.value());
    let query = use_query_map();
    let next = Memo::new(move |_| query.with(|q| q.get("next")).unwrap_or_default());
    view! {
        <Card title="Sign in">
            <Form action=action>
                <input type="hidden" name="next" value=move || next.get()/>
                <TextField label="E-mail address" name="email" kind="email" autocomplete="username" field=Field::Email required=true autofocus=true/>
                <TextField label="Password" name="password" kind="password" autocomplete="current-password" field=Field::Password required=true/>
                <div class="form-actions">
                    <Submit>"Sign in"</Submit>
                </div>
            </Form>
            <p class="card-foot">"No account, or a forgotten password? An admin of your organisation can send you a one-time link."</p>
        </Card>
    }
    .into_any()
}
