//! The endpoints: the list, and one endpoint's page with the form that opens a session.

mod api;
mod confirm;
mod list;
mod page;
mod parts;
mod update;

pub use api::{
    ConfirmEndpoint, EndpointData, ListEndpoints, OpenSession, ReadEndpoint, RemoveEndpoint, UpdateClient,
    UpdateEndpoint, confirm_endpoint, list_endpoints, open_session, read_endpoint, remove_endpoint, update_client,
    update_endpoint,
};
pub use list::EndpointsPage;
pub use page::EndpointPage;
