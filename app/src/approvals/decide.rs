//! The form that decides: narrowing, a reason for denying, and the two buttons within the thumb's reach. One plain form, so
//! that it works without script; the digest of what was shown goes with it.

use domain::api::{ApprovalView, Field};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::api::Decide;
use super::hold::HoldToApprove;
use super::parts::how_long;
use crate::ui::form::FormState;
use crate::ui::{Button, Countdown, Disclosure, Glyph, Icon, Kind, TextField, error_of};

/// The form. `action` is made outside of what is read again, so that its error stays.
pub(super) fn form(v: &ApprovalView, action: ServerAction<Decide>) -> AnyView {
    let pending: Signal<bool> = action.pending().into();
    let state = FormState {
        error: error_of(action),
        pending,
    };
    let (request, shown) = (v.row.id.to_string(), v.digest.to_string());
    // What can't be narrowed has no field for its scope, and so nothing to be compared with it.
    let asked = if v.can_narrow { v.scope.clone() } else { String::new() };
    let narrow = v.can_narrow.then(|| narrow(v));
    let until = v.row.expires;
    let words = if v.minutes > 0 {
        "Approve access"
    } else {
        "Approve once"
    };
    let long = how_long(v);
    view! {
        <leptos::context::Provider value=state>
            <ActionForm action=action>
                <input type="hidden" name="request" value=request/>
                <input type="hidden" name="shown" value=shown/>
                <input type="hidden" name="asked" value=asked/>
                // Enter in a field must decide nothing: the form's first button is the one that it would press.
                <button class="visually-hidden" type="submit" disabled tabindex="-1" aria-hidden="true"></button>
                {narrow}
                <div class="ask-part">
                    <h2>"For how long"</h2>
                    <p>{long}</p>
                </div>
                <Disclosure summary="Give a reason, if you deny it" kind=Kind::Quiet>
                    <TextField label="Reason" name="reason" field=Field::Reason hint="The technician reads it, and it stays in the record."/>
                </Disclosure>
                <div class="ask-bar">
                    <p class="ask-clock"><Icon glyph=Glyph::Waiting/> <Countdown until=until over="Time is up: it will be refused"/></p>
                    <div class="ask-buttons">
                        <Button kind=Kind::Refuse submit=true name="ruling" value="deny" disabled=pending>
                            <Icon glyph=Glyph::Refused/> <span>"Deny"</span>
                        </Button>
                        <HoldToApprove words=words disabled=pending/>
                    </div>
                </div>
            </ActionForm>
        </leptos::context::Provider>
    }
    .into_any()
}

/// The scope, to be made smaller.
fn narrow(v: &ApprovalView) -> AnyView {
    let scope = v.scope.clone();
    view! {
        <div class="ask-part ask-narrow">
            <h2>"Allow less"</h2>
            <TextField
                label="What you allow"
                name="scope"
                value=scope
                field=Field::Scope
                mono=true
                required=false
                hint="Make it smaller if less is enough: replace ** by a folder or a file's name, as in file.read(\"/etc/pos/connection.conf\"). It can't be made larger. Left as it is, everything asked for is allowed."
            />
        </div>
    }
    .into_any()
}
