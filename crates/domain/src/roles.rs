//! Who may do what: roles, the permissions they carry, and the caller that every port method takes first.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{OrgId, PersonId};
use crate::timestamp::Timestamp;

/// A person's role in an org. A person may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Opens sessions and proposes actions.
    Technician,
    /// Decides for the clients whose contact they are.
    Approver,
    /// Reads everything in the org, exports and shares.
    Director,
    /// Manages people, clients and endpoints.
    Admin,
}

/// What a role allows (R51: separate permissions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Open sessions, propose and cancel actions.
    Initiate,
    /// Decide approval requests.
    Approve,
    /// Read every session and the record, search, export.
    Audit,
    /// Make and revoke public shares.
    Share,
    /// Set how long texts are kept, hold and erase them.
    Retain,
    /// Manage people, clients, endpoints, settings.
    Administer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Technician, Self::Approver, Self::Director, Self::Admin];

    /// The word, as stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Technician => "technician",
            Self::Approver => "approver",
            Self::Director => "director",
            Self::Admin => "admin",
        }
    }

    /// What the role allows.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Technician => &[Permission::Initiate],
            Self::Approver => &[Permission::Approve],
            Self::Director => &[Permission::Audit, Permission::Share, Permission::Retain],
            Self::Admin => &[Permission::Administer],
        }
    }
}

impl Permission {
    /// What the permission is for, as in "this needs the permission to …".
    pub fn to_do(self) -> &'static str {
        match self {
            Self::Initiate => "open sessions and propose actions",
            Self::Approve => "decide approval requests",
            Self::Audit => "read and export the record",
            Self::Share => "share transcripts",
            Self::Retain => "set how long texts are kept, hold and erase them",
            Self::Administer => "manage people, clients and endpoints",
        }
    }

    /// The word, as stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Initiate => "initiate",
            Self::Approve => "approve",
            Self::Audit => "audit",
            Self::Share => "share",
            Self::Retain => "retain",
            Self::Administer => "administer",
        }
    }
}

/// The text is not a role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a role")]
pub struct NotARole;

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(s: &str) -> Result<Self, NotARole> {
        Self::ALL.into_iter().find(|r| r.word() == s).ok_or(NotARole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A set of roles, stored and shown as words joined by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(pub BTreeSet<Role>);

impl Roles {
    /// Whether any of the roles carries `permission`.
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.iter().any(|r| r.permissions().contains(&permission))
    }
}

impl<const N: usize> From<[Role; N]> for Roles {
    fn from(roles: [Role; N]) -> Self {
        Self(roles.into())
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(|r| r.word()).collect::<Vec<_>>().join(", "))
    }
}

impl FromStr for Roles {
    type Err = NotARole;

    fn from_str(s: &str) -> Result<Self, NotARole> {
        s.split(',')
            .map(str::trim)
            .filter(|w| !w.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// How a person proved who they are in this web session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// A local account's password.
    Password,
    /// A one-time link (first admin, invitation).
    OneTimeLink,
}

impl Authentication {
    /// The word, as stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OneTimeLink => "one-time link",
        }
    }
}

/// The signed-in person behind a call. Made by the engine from a web session, never from anything the client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The org of the session; every query is scoped to it.
    pub org: OrgId,
    /// The person.
    pub person: PersonId,
    /// Their name now.
    pub name: String,
    /// Their roles now.
    pub roles: Roles,
    /// How they signed in.
    pub authentication: Authentication,
    /// When they signed in.
    pub authenticated_at: Timestamp,
    /// The network address they call from.
    pub from: String,
}

impl Caller {
    /// Whether the caller holds `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.allow(permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R51: no role carries another's permission.
    #[test]
    fn permissions_are_separate() {
        for role in Role::ALL {
            for other in Role::ALL.into_iter().filter(|o| *o != role) {
                assert!(
                    role.permissions().iter().all(|p| !other.permissions().contains(p)),
                    "{role} and {other} overlap"
                );
            }
        }
        assert!(!Roles::from([Role::Admin]).allow(Permission::Approve));
    }

    #[test]
    fn roles_read_back_from_their_words() {
        let roles = Roles::from([Role::Director, Role::Technician]);
        assert_eq!(roles.to_string(), "technician, director");
        assert_eq!("technician, director".parse(), Ok(roles));
        assert_eq!("root".parse::<Roles>(), Err(NotARole));
    }
}
