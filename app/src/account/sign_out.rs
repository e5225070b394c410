//! The way out.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::SignOutNow;
use super::welcome::go_when_done;
use crate::ui::{Glyph, Icon};

/// Id of the form, for the palette.
pub const SIGN_OUT_FORM: &str = "sign-out";

/// Signs out: an item of the person's menu.
#[component]
pub fn SignOut() -> impl IntoView {
    let action = ServerAction::<SignOutNow>::new();
    go_when_done(action.value());
    view! {
        <ActionForm action=action attr:id=SIGN_OUT_FORM>
            <button class="menu-item" type="submit"><Icon glyph=Glyph::SignOut/> "Sign out"</button>
        </ActionForm>
    }
}
