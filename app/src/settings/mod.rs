//! Settings: people and their roles, clients with their contacts, enrolment, redaction, retention.
//!
//! Secrets (one-time links, enrolment tokens) are shown once, right after they are made, and never travel in an address.

mod api;
mod clients;
mod enrolment;
mod once;
mod people;
mod redaction;
mod retention;
mod tabs;

pub use api::{
    CreateClient, CreateToken, Invite, ListClients, ListPeople, ListTokens, RevokeToken, RotateToken, SetContacts,
    SetRoles, create_client, create_token, invite, list_clients, list_people, list_tokens, revoke_token, rotate_token,
    set_contacts, set_roles,
};
pub use clients::ClientsPage;
pub use enrolment::EnrolmentPage;
pub use once::Once;
pub use people::PeoplePage;
pub use redaction::{
    ReadRedaction, RedactionPage, SetRedaction, SettingsForm, TryRedaction, read_redaction, set_redaction,
    try_redaction,
};
pub use retention::{
    PlaceHold, ReadRetention, ReleaseHold, RetentionPage, SetRetention, place_hold, read_retention, release_hold,
    set_retention,
};
