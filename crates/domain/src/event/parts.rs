//! What every event says beside its own fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::Basis;
use crate::ids::{ActionId, EndpointId, OrgId, PersonId, RequestId, SessionId, ShareId};
use crate::roles::{Caller, Permission};

/// Something with an id and the name it had at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name at that time.
    pub name: String,
}

impl Named {
    /// `id` and `name`.
    pub fn new(id: impl ToString, name: impl Into<String>) -> Self {
        Self {
            id: id.to_string(),
            name: name.into(),
        }
    }
}

/// Who did it: identity, role at that time, how they proved it, from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Who {
    /// A person who is signed in.
    Person {
        /// The person.
        id: PersonId,
        /// Their name then.
        name: String,
        /// Their roles then, joined by commas.
        role: String,
        /// How they had signed in.
        authentication: String,
        /// From which network address.
        from: String,
    },
    /// Somebody who is not signed in: a failed sign-in, a reader of a public share.
    Anonymous {
        /// From which network address.
        from: String,
    },
    /// An endpoint's agent, by its device key.
    Agent {
        /// The endpoint.
        id: EndpointId,
        /// Its name then.
        name: String,
        /// SHA-256 of its public key, in hexadecimal.
        key: String,
        /// From which network address.
        from: String,
    },
    /// The server itself: a timer, a start, an operator at its command line.
    Server {
        /// Which part, such as `timer` or `command line`.
        part: String,
    },
}

impl Who {
    /// The caller, as they are now.
    pub fn caller(c: &Caller) -> Self {
        Self::Person {
            id: c.person,
            name: c.name.clone(),
            role: c.roles.to_string(),
            authentication: c.authentication.word().to_owned(),
            from: c.from.clone(),
        }
    }

    /// The name to show.
    pub fn name(&self) -> &str {
        match self {
            Self::Person { name, .. } | Self::Agent { name, .. } => name,
            Self::Anonymous { .. } => "somebody not signed in",
            Self::Server { .. } => "the server",
        }
    }
}

/// What it was done to, by the names of that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What kind of thing: `org`, `person`, `endpoint`, `session`, `action` …
    pub kind: String,
    /// The thing.
    pub object: Named,
    /// The endpoint it is on, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Named>,
    /// The client it belongs to, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Named>,
}

impl Target {
    /// A thing that is on no endpoint.
    pub fn new(kind: &str, object: Named) -> Self {
        Self {
            kind: kind.to_owned(),
            object,
            endpoint: None,
            client: None,
        }
    }

    /// The org itself.
    pub fn org(id: OrgId, name: &str) -> Self {
        Self::new("org", Named::new(id, name))
    }

    /// The same, on an endpoint of a client.
    pub fn on(mut self, endpoint: Named, client: Named) -> Self {
        self.endpoint = Some(endpoint);
        self.client = Some(client);
        self
    }

    /// The same, of a client.
    pub fn of(mut self, client: Named) -> Self {
        self.client = Some(client);
        self
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOutcome {
    /// It was done.
    Success,
    /// It was tried and failed.
    Failure,
    /// It was not allowed.
    Refused,
    /// It waits for something.
    Pending,
}

impl EventOutcome {
    /// The word, as stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Refused => "refused",
            Self::Pending => "pending",
        }
    }
}

/// On what authority it was done or tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum By {
    /// An action, with the basis it was allowed on.
    Basis(Basis),
    /// Anything else.
    Other(Authority),
}

/// Authority of what is not an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "snake_case")]
pub enum Authority {
    /// A permission of the caller's roles.
    Permission {
        /// Which.
        permission: Permission,
    },
    /// Every signed-in person may do it, for themselves.
    SignedIn,
    /// Possession of a one-time link, an enrolment token or a share's link.
    Link,
    /// Credentials were shown (or tried).
    Credentials,
    /// The endpoint's device key.
    DeviceKey,
    /// The server's own rules: time-outs, life-cycle.
    Server,
    /// None: what was tried was not allowed.
    None,
}

impl By {
    /// A permission of the caller's.
    pub fn permission(permission: Permission) -> Self {
        Self::Other(Authority::Permission { permission })
    }

    /// Any signed-in person's own right.
    pub const SIGNED_IN: Self = Self::Other(Authority::SignedIn);
    /// Possession of a secret link or token.
    pub const LINK: Self = Self::Other(Authority::Link);
    /// Credentials.
    pub const CREDENTIALS: Self = Self::Other(Authority::Credentials);
    /// The device key.
    pub const DEVICE_KEY: Self = Self::Other(Authority::DeviceKey);
    /// The server's own rules.
    pub const SERVER: Self = Self::Other(Authority::Server);
    /// No authority.
    pub const NONE: Self = Self::Other(Authority::None);
}

/// The session, action, request or share that the event belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refs {
    /// The session.
    pub session: Option<SessionId>,
    /// The action.
    pub action: Option<ActionId>,
    /// The approval request.
    pub request: Option<RequestId>,
    /// The share.
    pub share: Option<ShareId>,
}

impl Refs {
    /// Of no session.
    pub const NONE: Self = Self {
        session: None,
        action: None,
        request: None,
        share: None,
    };

    /// Of a session.
    pub fn session(session: SessionId) -> Self {
        Self {
            session: Some(session),
            ..Self::NONE
        }
    }

    /// The same, of an action.
    pub fn action(self, action: ActionId) -> Self {
        Self {
            action: Some(action),
            ..self
        }
    }

    /// The same, of a request.
    pub fn request(self, request: RequestId) -> Self {
        Self {
            request: Some(request),
            ..self
        }
    }

    /// The same, of a share.
    pub fn share(self, share: ShareId) -> Self {
        Self {
            share: Some(share),
            ..self
        }
    }

    /// Name to id, for the leaf's header.
    pub fn map(&self) -> BTreeMap<String, String> {
        let all = [
            ("session", self.session.map(|i| i.to_string())),
            ("action", self.action.map(|i| i.to_string())),
            ("request", self.request.map(|i| i.to_string())),
            ("share", self.share.map(|i| i.to_string())),
        ];
        all.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect()
    }
}
