//! The page behind a one-time link: choose a password, then be signed in.

use domain::api::Field;
use leptos::prelude::*;
use leptos_meta::Title;

use super::{RedeemLink, greet};
use crate::api_error::AppError;
use crate::routes::param;
use crate::ui::browser::load;
use crate::ui::{Form, Loaded, Submit, TextField};

/// The first visit.
#[component]
pub fn WelcomePage() -> impl IntoView {
    let secret = param("secret");
    let owner = Resource::new(move || secret.get(), greet);
    let action = ServerAction::<RedeemLink>::new();
    go_when_done(action.value());
    view! {
        <Card title="Welcome">
            <Loaded resource=owner rows=4 let:name>
                <p class="card-lead">"Hello " <strong>{name}</strong> ". Choose a password, and you are signed in. This link works once."</p>
                <Form action=action>
                    <input type="hidden" name="secret" value=secret.get_untracked()/>
                    <TextField
                        label="New password"
                        name="password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 12 characters. Four or five unrelated words do well."
                        min_length=12
                        field=Field::Password
                        required=true
                        autofocus=true
                    />
                    <TextField label="The same password again" name="again" kind="password" autocomplete="new-password" min_length=12 required=true/>
                    <div class="form-actions">
                        <Submit>"Set the password and sign in"</Submit>
                    </div>
                </Form>
            </Loaded>
        </Card>
    }
    .into_any()
}

/// The card that pages outside the frame are on.
#[component]
pub(super) fn Card(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="plain-page" id="main">
            <div class="card">
                <p class="card-brand">
                    <svg class="brand-mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
                        <path d="M3 13.5C5 9 7 5 8.6 5c2 0-1.6 8.2.2 8.2 1.5 0 2.3-3.4 3.7-3.4 1.2 0 .3 2.5 1.5 2.5.9 0 1.7-.6 3-1.6M3 16.75h14"></path>
                    </svg>
                    "Countersign"
                </p>
                <h1>{title}</h1>
                {children()}
            </div>
            <p class="plain-foot">"Nothing runs unless it was allowed, and all of it is on the record."</p>
        </main>
    }
}

/// Loads the page that a server function answered with.
pub(super) fn go_when_done(value: MappedSignal<Option<Result<String, AppError>>>) {
    Effect::new(move |_| {
        if let Some(Ok(path)) = value.get() {
            load(&path);
        }
    });
}
