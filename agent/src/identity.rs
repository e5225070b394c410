//! Who this endpoint is: its ids, its key, and the server's keys, pinned when it enrolled.

use std::io;
use std::path::Path;

use domain::digest::{hex, unhex};
use domain::ids::{EndpointId, OrgId};
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

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
    /// Signs orders.
    pub order_key: VerifyingKey,
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
    log_key: String,
    device_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_by: Option<String>,
}

/// The device key as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    device_key: String,
    /// What it is sealed by; nothing where the file's own protection is all there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_by: Option<String>,
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
        let StoredKey { device_key, sealed_by } = StoredKey::of(&self.device_key)?;
        let stored = Stored {
            v: 1,
            server: self.server.to_string(),
            endpoint: self.endpoint,
            org: self.org,
            name: self.name.clone(),
            order_key: wire::public_key_text(&self.order_key),
            log_key: self.log_key.clone(),
            device_key,
            sealed_by,
        };
        write_atomically(&data.identity(), &serde_json::to_vec_pretty(&stored)?)?;
        std::fs::remove_file(data.enrolling())
    }

    fn from_stored(stored: Stored) -> Option<Self> {
        let Stored {
            v: 1,
            server,
            endpoint,
            org,
            name,
            order_key,
            log_key,
            device_key,
            sealed_by,
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
            log_key,
            device_key: StoredKey { device_key, sealed_by }.open()?,
        })
    }
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
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(io::Error::other)?;
    let key = SigningKey::from_bytes(&seed);
    write_atomically(&path, &serde_json::to_vec(&StoredKey::of(&key)?)?)?;
    Ok(key)
}

fn read_enrolling(path: &Path) -> io::Result<SigningKey> {
    service::check_private(path)?;
    let stored: StoredKey = serde_json::from_slice(&std::fs::read(path)?)?;
    stored.open().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is damaged; remove it", path.display()),
        )
    })
}

impl StoredKey {
    fn of(key: &SigningKey) -> io::Result<Self> {
        Ok(Self {
            device_key: hex(&service::seal(key.as_bytes())?),
            sealed_by: service::SEALED_BY.map(Into::into),
        })
    }

    /// The key; none when it is not as it was kept, or was sealed on another machine.
    fn open(&self) -> Option<SigningKey> {
        if self.sealed_by.as_deref() != service::SEALED_BY {
            return None;
        }
        let seed = service::unseal(&unhex(&self.device_key)?).ok()?;
        Some(SigningKey::from_bytes(seed.as_slice().try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
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
            log_key: "k".into(),
            device_key,
        };
        identity.save(&data).unwrap();
        let back = Identity::load(&data).unwrap();
        assert_eq!(
            (back.device_key.to_bytes(), back.order_key, back.name),
            (identity.device_key.to_bytes(), identity.order_key, identity.name)
        );
        assert!(!data.enrolling().exists());
        // Who reaches a file is told by modes here and by access lists on Windows, which the tests of `win::acl` are about.
        #[cfg(unix)]
        {
            std::fs::set_permissions(data.identity(), PermissionsExt::from_mode(0o644)).unwrap();
            assert!(matches!(Identity::load(&data), Err(IdentityError::Io(_))));
            std::fs::set_permissions(data.identity(), PermissionsExt::from_mode(0o600)).unwrap();
        }
        let text = std::fs::read_to_string(data.identity()).unwrap();
        let plain = text.contains(&hex(&back.device_key.to_bytes()));
        assert_eq!(plain, service::SEALED_BY.is_none(), "where it can be sealed, it is");
        for changed in [
            text.replace("\"device_key\": \"", "\"device_key\": \"00"),
            text.replacen('{', "{\"sealed_by\": \"another\",", 1),
        ] {
            std::fs::write(data.identity(), changed).unwrap();
            assert!(matches!(Identity::load(&data), Err(IdentityError::Damaged(_))));
        }
        std::fs::write(data.identity(), b"{}").unwrap();
        assert!(matches!(Identity::load(&data), Err(IdentityError::Damaged(_))));
    }
}
