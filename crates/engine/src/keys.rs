//! The server's keys. One secret of 32 bytes in a file that only the server's account can read; every key is derived from
//! it (HKDF-SHA256, RFC 5869), so that a copy of the database alone signs nothing.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use audit::checkpoint::{Vkey, origin_for};
use domain::ids::{ActionId, OrgId, SessionId, ShareId};
use domain::timestamp::Timestamp;
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::deps::Deps;

/// File name of the secret, in the data folder.
pub const KEY_FILE: &str = "server.key";

/// The secret can't be read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read or written.
    #[error("the key file {KEY_FILE} can't be used: {0}")]
    Io(#[from] std::io::Error),
    /// The file is not 32 bytes long.
    #[error("the key file {KEY_FILE} is damaged: it holds {0} bytes instead of 32")]
    Length(usize),
    /// Others than the owner may read the file.
    #[error("the key file {KEY_FILE} may be read by others: allow only its owner (chmod 600)")]
    Open,
}

/// The server's keys.
pub(crate) struct Keys {
    secret: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Reads the secret below `data`, or makes it where there is none.
    pub(crate) fn load(data: &Path, deps: &Deps) -> Result<Self, KeyError> {
        let path = data.join(KEY_FILE);
        if !path.exists() {
            let secret = Zeroizing::new(deps.bytes::<32>());
            write_private(&path, &*secret)?;
        }
        check_private(&path)?;
        let bytes = Zeroizing::new(fs::read(&path)?);
        let secret: [u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError::Length(bytes.len()))?;
        Ok(Self {
            secret: Zeroizing::new(secret),
        })
    }

    /// Keys of a known secret.
    #[cfg(test)]
    pub(crate) fn of(secret: [u8; 32]) -> Self {
        Self {
            secret: Zeroizing::new(secret),
        }
    }

    /// `generation` is empty for a purpose's first key.
    fn derive(&self, purpose: &str, org: OrgId, generation: &[u8]) -> SigningKey {
        SigningKey::from_bytes(&self.bytes(purpose, org, generation))
    }

    fn bytes(&self, purpose: &str, org: OrgId, further: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0u8; 32]);
        let info = [purpose.as_bytes(), org.0.as_bytes(), further];
        // 32 bytes are within what HKDF-SHA256 can give (255 * 32), so this can't fail.
        Hkdf::<Sha256>::new(None, &*self.secret)
            .expand_multi_info(&info, &mut *key)
            .expect("32 bytes of key");
        key
    }

    /// The key that seals what belongs to one action, for one purpose.
    pub(crate) fn sealing(&self, purpose: &str, org: OrgId, action: ActionId) -> Zeroizing<[u8; 32]> {
        self.bytes(purpose, org, action.0.as_bytes())
    }

    /// The key from which a session's placeholders get their numbers. Stored nowhere: whoever has a copy of the database can't
    /// try values against them.
    pub(crate) fn placeholders(&self, org: OrgId, session: SessionId) -> [u8; 32] {
        *self.bytes("countersign placeholder key v1", org, session.0.as_bytes())
    }

    /// Wraps the keys that the org's texts are encrypted with.
    pub(crate) fn text_wrapping(&self, org: OrgId) -> Zeroizing<[u8; 32]> {
        self.bytes("countersign text key wrapping v1", org, &[])
    }

    /// What opens a share that has a passcode, until then; it opens nothing once the share has another one.
    pub(crate) fn share_ticket(&self, org: OrgId, share: ShareId, passcode: &str, until: Timestamp) -> [u8; 32] {
        let of = [
            share.0.as_bytes().as_slice(),
            &until.0.to_be_bytes(),
            passcode.as_bytes(),
        ]
        .concat();
        *self.bytes("countersign share ticket v1", org, &of)
    }

    /// Signs the org's checkpoints.
    pub(crate) fn log(&self, org: OrgId) -> SigningKey {
        self.derive("countersign log key v1", org, &[])
    }

    /// Signs the org's orders for endpoints that have pinned this generation of the key; the first is 1.
    pub(crate) fn order(&self, org: OrgId, generation: u32) -> SigningKey {
        let bytes = generation.to_be_bytes();
        let generation: &[u8] = if generation <= 1 { &[] } else { &bytes };
        self.derive("countersign order key v1", org, generation)
    }

    /// The log's public key in verifier-key form.
    pub(crate) fn log_vkey(&self, org: OrgId) -> Vkey {
        // The name is "countersign/" and a UUID: no character that a key name may not have.
        Vkey::new(origin_for(&org.to_string()), self.log(org).verifying_key()).expect("a valid key name")
    }
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut f = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    f.write_all(bytes)?;
    f.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut f = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    f.write_all(bytes)?;
    f.sync_all()
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open);
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R10: each org and each generation has a key of its own, the same after every start.
    #[test]
    fn every_generation_is_another_key_and_stays_the_same() {
        let deps = Deps::system();
        let secret = || Keys::of([7; 32]);
        let keys = secret();
        let (one, two) = (OrgId(deps.uuid()), OrgId(deps.uuid()));
        let all = [
            keys.order(one, 1),
            keys.order(one, 2),
            keys.order(one, 3),
            keys.order(two, 1),
            keys.order(two, 2),
            keys.log(one),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().map(|k| k.to_bytes()).collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(secret().order(one, 2).to_bytes(), all[1].to_bytes());

        let (a, b) = (SessionId(deps.uuid()), SessionId(deps.uuid()));
        assert_eq!(keys.placeholders(one, a), secret().placeholders(one, a));
        assert_ne!(keys.placeholders(one, a), keys.placeholders(one, b));
        assert_ne!(keys.placeholders(one, a), keys.placeholders(two, a));
    }
}
