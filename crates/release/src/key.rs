//! The release key: a file with the secret half for whoever makes releases, one with the public half for the endpoints.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use domain::digest::{hex, unhex};
use ed25519_dalek::SigningKey;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be written or read.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// It holds something else.
    #[error("{0} holds no release key (64 hexadecimal digits)")]
    NotAKey(PathBuf),
    /// There is no randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

/// Makes a key: the secret half in `secret`, for its owner only, the public half beside it as `….pub`, whose path is given.
/// Neither may exist.
///
/// # Errors
/// See [`KeyError`].
pub fn make(secret: &Path) -> Result<PathBuf, KeyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(KeyError::Random)?;
    let key = SigningKey::from_bytes(&seed);
    let public = secret.with_extension("pub");
    write(secret, &hex(&seed), 0o600)?;
    write(&public, &wire::public_key_text(&key.verifying_key()), 0o644)?;
    Ok(public)
}

/// Reads the secret half.
///
/// # Errors
/// See [`KeyError`].
pub fn read(secret: &Path) -> Result<SigningKey, KeyError> {
    let text = std::fs::read_to_string(secret).map_err(|e| KeyError::Io(secret.to_owned(), e))?;
    let seed = unhex(text.trim()).and_then(|b| <[u8; 32]>::try_from(b).ok());
    seed.map(|s| SigningKey::from_bytes(&s))
        .ok_or_else(|| KeyError::NotAKey(secret.to_owned()))
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), KeyError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options
        .open(path)
        .and_then(|mut file| writeln!(file, "{text}"))
        .map_err(|e| KeyError::Io(path.to_owned(), e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("release.key");
        let public = make(&secret).unwrap();
        let key = read(&secret).unwrap();
        let text = std::fs::read_to_string(public).unwrap();
        assert_eq!(wire::parse_public_key(text.trim()), Some(key.verifying_key()));
        assert!(make(&secret).is_err(), "a second one does not replace it");
        assert_eq!(read(&secret).unwrap(), key);
        std::fs::write(&secret, "no key").unwrap();
        assert!(matches!(read(&secret), Err(KeyError::NotAKey(_))));
    }
}
