//! The manifest beside a program, signed with the release key.

use std::io;
use std::path::{Path, PathBuf};

use domain::digest::Digest;
use domain::timestamp::Timestamp;
use ed25519_dalek::SigningKey;
use wire::{MANIFEST_VERSION, Manifest, SignedManifest, Version};

/// What is said of a program.
#[derive(Clone, Debug)]
pub struct About {
    /// Its version.
    pub version: Version,
    /// What it was built for.
    pub target: String,
    /// The oldest version that it may replace.
    pub minimum: Version,
    /// Not to be installed before this.
    pub not_before: Option<Timestamp>,
}

/// The signed manifest of a program.
///
/// # Errors
/// When what is said of it can't be a manifest.
pub fn sign(program: &[u8], about: &About, key: &SigningKey) -> Result<SignedManifest, String> {
    let manifest = Manifest {
        v: MANIFEST_VERSION,
        version: about.version,
        target: about.target.clone(),
        size: program.len() as u64,
        sha256: Digest::of(&[program]),
        minimum: about.minimum,
        not_before: about.not_before,
    };
    let signed = SignedManifest::sign(&manifest, key).map_err(|e| e.to_string())?;
    match signed.claimed() {
        Ok(_) => Ok(signed),
        Err(_) => Err("a program has 1 byte to 256 MiB, and a target lower-case letters, digits, _ . and -".into()),
    }
}

/// Where the manifest of a program is kept: `NAME.json` beside it.
pub fn manifest_path(program: &Path) -> PathBuf {
    let mut name = program.file_name().unwrap_or_default().to_owned();
    name.push(".json");
    program.with_file_name(name)
}

/// Signs the program in a file and leaves the manifest beside it; gives where.
///
/// # Errors
/// As the system says, or when what is said of it can't be a manifest.
pub fn sign_file(program: &Path, about: &About, key: &SigningKey) -> io::Result<PathBuf> {
    let signed = sign(&std::fs::read(program)?, about, key).map_err(io::Error::other)?;
    let path = manifest_path(program);
    std::fs::write(&path, serde_json::to_vec(&signed)?)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R10: the manifest names the very bytes.
    #[test]
    fn a_manifest_stands_beside_its_program_and_names_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("countersign-agent-1.2.3");
        std::fs::write(&program, b"bytes").unwrap();
        let key = SigningKey::from_bytes(&[4; 32]);
        let mut about = About {
            version: "1.2.3".parse().unwrap(),
            target: "x86_64-unknown-linux-gnu".into(),
            minimum: "0.0.0".parse().unwrap(),
            not_before: None,
        };
        let path = sign_file(&program, &about, &key).unwrap();
        assert_eq!(path, dir.path().join("countersign-agent-1.2.3.json"));
        let signed: SignedManifest = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let manifest = signed.open(&key.verifying_key()).unwrap();
        assert_eq!((manifest.size, manifest.sha256), (5, Digest::of(&[b"bytes"])));
        about.target = "Linux".into();
        assert!(sign(b"bytes", &about, &key).is_err());
        assert!(sign(b"", &about, &key).is_err());
    }
}
