//! Who this endpoint is: its ids, its key, and the server's keys, pinned when it enrolled.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::digest::{hex, unhex};
use domain::fingerprint::fingerprint;
use domain::ids::{EndpointId, OrgId};
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use wire::{BrokenChain, KeyRotation};

use crate::data::{DataDir, write_atomically};
use crate::server_url::ServerUrl;
use crate::service;

/// What the agent knows from its enrolment.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The server.
    pub server: ServerUrl,
    /// This endpoint.
    pub endpoint: EndpointId,
    /// Its org.
    pub org: OrgId,
    /// Its name on the server.
    pub name: String,
    /// Signs orders, as pinned at the start of this process; what counts now is [`OrderKey`].
    pub order_key: VerifyingKey,
    /// Which order key that is; the one from the beginning is 1.
    pub order_generation: u32,
    /// Signs the record's checkpoints (C2SP verifier key); kept for whoever checks a transcript against it.
    pub log_key: String,
    /// Proves who this endpoint is.
    pub device_key: SigningKey,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Not enrolled.
    #[error("this endpoint is not enrolled yet. Run: countersign-agent enrol --url … --token …")]
    NotEnrolled,
    /// The file is there, but not as it was written.
    #[error("{0} can't be read as an identity. Restore it, or remove it and enrol again")]
    Damaged(String),
    /// The file can't be read, or others can reach it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u32,
    server: String,
    endpoint: EndpointId,
    org: OrgId,
    name: String,
    order_key: String,
    /// Left out where it is the first, as agents before protocol 2 write it.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    order_generation: u32,
    log_key: String,
    device_key: String,
}

fn first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_first(generation: &u32) -> bool {
    *generation == 1
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolling {
    device_key: String,
}

impl Identity {
    /// Reads the identity from the data folder.
    ///
    /// # Errors
    /// When there is none, it is damaged, or others can reach it.
    pub fn load(data: &DataDir) -> Result<Self, IdentityError> {
        let path = data.identity();
        match service::check_private(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(IdentityError::NotEnrolled),
            other => other?,
        }
        let damaged = || IdentityError::Damaged(path.display().to_string());
        let stored: Stored = serde_json::from_slice(&std::fs::read(&path)?).map_err(|_| damaged())?;
        Self::from_stored(stored).ok_or_else(damaged)
    }

    /// Writes the identity; the key of the enrolment in progress is forgotten with it.
    ///
    /// # Errors
    /// As the system says.
    pub fn save(&self, data: &DataDir) -> io::Result<()> {
        self.write(data)?;
        std::fs::remove_file(data.enrolling())
    }

    /// The device key's fingerprint, as the server's page for this endpoint shows it.
    pub fn fingerprint(&self) -> String {
        fingerprint(self.device_key.verifying_key().as_bytes())
    }

    fn write(&self, data: &DataDir) -> io::Result<()> {
        let stored = Stored {
            v: 1,
            server: self.server.to_string(),
            endpoint: self.endpoint,
            org: self.org,
            name: self.name.clone(),
            order_key: wire::public_key_text(&self.order_key),
            order_generation: self.order_generation,
            log_key: self.log_key.clone(),
            device_key: hex(self.device_key.as_bytes()),
        };
        write_atomically(&data.identity(), &serde_json::to_vec_pretty(&stored)?)
    }

    fn from_stored(stored: Stored) -> Option<Self> {
        let Stored {
            v: 1,
            server,
            endpoint,
            org,
            name,
            order_key,
            order_generation,
            log_key,
            device_key,
        } = stored
        else {
            return None;
        };
        Some(Self {
            server: server.parse().ok()?,
            endpoint,
            org,
            name,
            order_key: wire::parse_public_key(&order_key)?,
            order_generation,
            log_key,
            device_key: key_from(&device_key)?,
        })
    }
}

/// The order key that is pinned now. It changes only along the chain that starts at the enrolment.
#[derive(Debug)]
pub struct OrderKey(Mutex<(u32, VerifyingKey)>);

/// Why a new order key was not pinned.
#[derive(Debug, thiserror::Error)]
pub enum NotPinned {
    /// It does not follow from the pinned one.
    #[error(transparent)]
    Broken(#[from] BrokenChain),
    /// It can't be written down.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl OrderKey {
    /// What the identity has pinned.
    pub fn of(identity: &Identity) -> Self {
        Self(Mutex::new((identity.order_generation, identity.order_key)))
    }

    /// The key that orders must be signed with.
    pub fn now(&self) -> VerifyingKey {
        self.lock().1
    }

    /// Follows a new key, and returns only once it is on the disk; gives the generation that is pinned then. One that is pinned
    /// already, or older, changes nothing. Blocks on the disk.
    ///
    /// # Errors
    /// See [`NotPinned`]; then the old key stays.
    pub fn follow(
        &self,
        rotation: &KeyRotation,
        identity: &Identity,
        data: &DataDir,
        now: Timestamp,
    ) -> Result<u32, NotPinned> {
        let mut pinned = self.lock();
        if rotation.generation <= pinned.0 {
            return Ok(pinned.0);
        }
        let order_key = rotation.follow(identity.org, &pinned.1, now)?;
        let next = Identity {
            order_key,
            order_generation: rotation.generation,
            ..identity.clone()
        };
        next.write(data)?;
        *pinned = (rotation.generation, order_key);
        Ok(rotation.generation)
    }

    fn lock(&self) -> MutexGuard<'_, (u32, VerifyingKey)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets who this endpoint is: it was removed, and has ended what it had to.
///
/// # Errors
/// As the system says.
pub fn forget(data: &DataDir) -> io::Result<()> {
    std::fs::remove_file(data.identity())?;
    service::sync_dir(data.root())
}

/// The device key for an enrolment: a new one, or the one of an attempt whose answer never came, so that the server can
/// recognise the second attempt as the same machine's. It is on disk before it is used.
///
/// # Errors
/// When there is no randomness, or the file can't be written or read.
pub fn enrolment_key(data: &DataDir) -> io::Result<SigningKey> {
    let path = data.enrolling();
    if path.exists() {
        return read_enrolling(&path);
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    let key = SigningKey::from_bytes(&seed);
    write_atomically(&path, &serde_json::to_vec(&Enrolling { device_key: hex(&seed) })?)?;
    Ok(key)
}

fn read_enrolling(path: &Path) -> io::Result<SigningKey> {
    service::check_private(path)?;
    let stored: Enrolling = serde_json::from_slice(&std::fs::read(path)?)?;
    key_from(&stored.device_key).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is damaged; remove it", path.display()),
        )
    })
}

fn key_from(text: &str) -> Option<SigningKey> {
    Some(SigningKey::from_bytes(&unhex(text)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_identity_reads_back_and_is_refused_when_others_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(&dir.path().join("data")).unwrap();
        assert!(matches!(Identity::load(&data), Err(IdentityError::NotEnrolled)));
        let device_key = enrolment_key(&data).unwrap();
        assert_eq!(
            enrolment_key(&data).unwrap().to_bytes(),
            device_key.to_bytes(),
            "the second attempt uses the same key"
        );
        let identity = Identity {
            server: "https://cs.example.com".parse().unwrap(),
            endpoint: "01890000-0000-7000-8000-000000000001".parse().unwrap(),
            org: "01890000-0000-7000-8000-000000000002".parse().unwrap(),
            name: "POS-07".into(),
            order_key: SigningKey::from_bytes(&[7; 32]).verifying_key(),
            order_generation: 1,
            log_key: "k".into(),
            device_key,
        };
        identity.save(&data).unwrap();
        let back = Identity::load(&data).unwrap();
        assert_eq!(
            (back.device_key.to_bytes(), back.order_key, back.name),
            (
                identity.device_key.to_bytes(),
                identity.order_key,
                identity.name.clone()
            )
        );
        assert!(!data.enrolling().exists());
        follows_the_chain(&data, &identity);
        std::fs::set_permissions(data.identity(), PermissionsExt::from_mode(0o644)).unwrap();
        assert!(matches!(Identity::load(&data), Err(IdentityError::Io(_))));
        std::fs::set_permissions(data.identity(), PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(data.identity(), b"{}").unwrap();
        assert!(matches!(Identity::load(&data), Err(IdentityError::Damaged(_))));
    }

    /// R10: a new order key is pinned only from the one before it, and is on the disk before it counts.
    fn follows_the_chain(data: &DataDir, identity: &Identity) {
        let (old, new) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
        let rotation = |generation, by: &SigningKey| {
            KeyRotation {
                org: identity.org,
                generation,
                order_key: wire::public_key_text(&new.verifying_key()),
                log_key: "k".into(),
                not_before: Timestamp(0),
                signature: String::new(),
            }
            .sign(by)
            .unwrap()
        };
        let key = OrderKey::of(identity);
        let follow = |r: &KeyRotation| key.follow(r, identity, data, Timestamp(1));
        assert!(matches!(follow(&rotation(2, &new)), Err(NotPinned::Broken(_))));
        assert_eq!(key.now(), old.verifying_key());
        assert_eq!(follow(&rotation(2, &old)).unwrap(), 2);
        assert_eq!(follow(&rotation(2, &old)).unwrap(), 2, "told again");
        let back = Identity::load(data).unwrap();
        assert_eq!(
            (back.order_generation, back.order_key, key.now()),
            (2, new.verifying_key(), new.verifying_key())
        );
        identity.write(data).unwrap();
    }
}
