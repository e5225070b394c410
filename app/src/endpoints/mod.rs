//! The endpoints: the list, and one endpoint's page with the form that opens a session.

mod api;
mod list;
mod page;
mod parts;

pub use api::{
    EndpointData, ListEndpoints, OpenSession, ReadEndpoint, RemoveEndpoint, list_endpoints, open_session,
    read_endpoint, remove_endpoint,
};
pub use list::EndpointsPage;
pub use page::EndpointPage;
