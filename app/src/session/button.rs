//! A form that is one button about one thing: withdraw, cancel, revoke. It shows no error of its own, since many of them share
//! one action on a page; the page shows it once.

use leptos::form::ActionForm;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use server_fn::client::Client;
use server_fn::codec::PostUrl;
use server_fn::request::ClientReq;
use server_fn::{Http, ServerFn};
use web_sys::FormData;

use crate::api_error::AppError;
use crate::ui::{Button, Kind};

/// The button `word`, which calls `action` with `value` as its only argument `name`.
pub fn one_button<S, O>(
    action: ServerAction<S>,
    name: &'static str,
    value: impl ToString,
    kind: Kind,
    word: &'static str,
) -> AnyView
where
    S: DeserializeOwned + ServerFn<Protocol = Http<PostUrl, O>, Error = AppError> + Clone + Send + Sync + 'static,
    <<S::Client as Client<AppError>>::Request as ClientReq<AppError>>::FormData: From<FormData>,
    S::Output: Send + Sync + 'static,
    S::Client: Client<AppError>,
    O: 'static,
{
    let value = value.to_string();
    let pending = Signal::from(action.pending());
    view! {
        <ActionForm action=action>
            <input type="hidden" name=name value=value/>
            <Button kind=kind submit=true disabled=pending>{word}</Button>
        </ActionForm>
    }
    .into_any()
}
