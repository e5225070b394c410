//! Somebody signed in: what they do through the ports, and their browser.

use std::net::SocketAddr;
use std::ops::Deref;

use domain::action::Command;
use domain::api::{
    Accounts, ActionView, Actions, ApiError, ApprovalView, Approvals, AskAccess, Decision, Filter, History, HistoryRow,
    NewSession, NewShare, Proposal, Redaction, Ruling, SessionView, Sessions, ShareRow, Shares,
};
use domain::digest::Digest;
use domain::ids::{ActionId, ClientId, EndpointId, RequestId, SessionId};
use domain::roles::Caller;
use engine::Engine;

use super::http::Http;

/// A person. Dereferences to their browser.
pub(crate) struct Person {
    pub(crate) engine: Engine,
    pub(crate) caller: Caller,
    pub(crate) http: Http,
}

impl Deref for Person {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.http
    }
}

impl Person {
    pub(crate) async fn new(engine: Engine, address: SocketAddr, token: &str) -> Self {
        let caller = engine
            .resume(token, "192.0.2.7")
            .await
            .unwrap()
            .expect("the web session lasts");
        Self {
            engine,
            caller,
            http: Http {
                address,
                token: Some(token.to_owned()),
            },
        }
    }

    pub(crate) async fn open_session(&self, endpoint: EndpointId) -> SessionId {
        self.open_session_for(endpoint, "The till freezes", "POS-1")
            .await
            .unwrap()
    }

    pub(crate) async fn open_session_for(
        &self,
        endpoint: EndpointId,
        reason: &str,
        ticket: &str,
    ) -> Result<SessionId, ApiError> {
        let new = NewSession {
            endpoint,
            reason: reason.into(),
            ticket: ticket.into(),
        };
        self.engine.open_session(&self.caller, new).await
    }

    pub(crate) async fn session(&self, id: SessionId) -> SessionView {
        self.engine.session(&self.caller, id).await.unwrap()
    }

    pub(crate) async fn close_session(&self, id: SessionId) {
        self.engine
            .close_session(&self.caller, id, "Done".into())
            .await
            .unwrap();
    }

    pub(crate) async fn propose(&self, session: SessionId, command: Command) -> ActionId {
        self.try_propose(session, command).await.unwrap()
    }

    pub(crate) async fn try_propose(&self, session: SessionId, command: Command) -> Result<ActionId, ApiError> {
        self.engine.propose(&self.caller, Proposal { session, command }).await
    }

    pub(crate) async fn action(&self, session: SessionId, action: ActionId) -> ActionView {
        let actions = self.session(session).await.actions;
        actions
            .into_iter()
            .find(|a| a.id == action)
            .expect("the action is in the session")
    }

    /// The request that an action waits for.
    pub(crate) async fn request_of(&self, session: SessionId, action: ActionId) -> RequestId {
        self.action(session, action)
            .await
            .request
            .expect("it waits for somebody")
    }

    pub(crate) async fn ask_access(&self, session: SessionId, scope: &str) -> RequestId {
        let ask = AskAccess {
            session,
            scope: scope.into(),
            workflow: None,
        };
        self.engine.ask_access(&self.caller, ask).await.unwrap()
    }

    pub(crate) async fn reads(&self, request: RequestId) -> ApprovalView {
        self.engine.approval(&self.caller, request).await.unwrap()
    }

    /// Reads the request, then decides what was shown.
    pub(crate) async fn decide(&self, request: RequestId, ruling: Ruling) -> Result<(), ApiError> {
        let shown = self.engine.approval(&self.caller, request).await?.digest;
        self.engine
            .decide(&self.caller, Decision { request, shown, ruling })
            .await
    }

    pub(crate) async fn approve(&self, request: RequestId) {
        self.decide(request, Ruling::Approve).await.unwrap();
    }

    pub(crate) async fn narrow(&self, request: RequestId, scope: &str) {
        self.decide(request, Ruling::Narrow { scope: scope.into() })
            .await
            .unwrap();
    }

    pub(crate) async fn deny(&self, request: RequestId, reason: &str) {
        self.decide(request, Ruling::Deny { reason: reason.into() })
            .await
            .unwrap();
    }

    /// What names a client's redaction settings, or those for all, as this person sees them.
    pub(crate) async fn redaction_shown(&self, client: Option<ClientId>) -> Digest {
        let view = self.engine.redaction(&self.caller).await.unwrap();
        let of = |id: ClientId| {
            view.clients
                .iter()
                .find(|c| c.client.id == id.to_string())
                .unwrap()
                .digest
        };
        client.map_or(view.digest, of)
    }

    pub(crate) async fn find(&self, filter: Filter) -> Vec<HistoryRow> {
        self.engine.history(&self.caller, filter).await.unwrap().rows
    }

    pub(crate) async fn share(&self, session: SessionId) -> ShareRow {
        self.try_share(session, true, None).await.unwrap()
    }

    pub(crate) async fn try_share(
        &self,
        session: SessionId,
        reviewed: bool,
        days: Option<u32>,
    ) -> Result<ShareRow, ApiError> {
        let new = NewShare {
            reviewed,
            days,
            ..NewShare::of(session)
        };
        self.engine.create_share(&self.caller, new).await
    }
}
