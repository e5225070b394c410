//! Whether a release may be taken: everything that can be known from its manifest.

use std::io;
use std::path::{Path, PathBuf};

use domain::timestamp::Timestamp;
use ed25519_dalek::VerifyingKey;
use wire::{Manifest, SignedManifest, Version};

use super::swap::Place;
use crate::data::{DataDir, write_atomically};
use crate::service;

/// The public half of the key that signs releases. It came with the package or was named at enrolment, never over the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseKey(pub VerifyingKey);

/// The name of the file that holds it.
pub const FILE: &str = "release.pub";

impl ReleaseKey {
    /// The key of this endpoint: in the data folder, or else beside the program.
    ///
    /// # Errors
    /// With a sentence, when there is none, or others than its owner could have written it.
    pub fn find(data: &DataDir, place: &Place) -> Result<Self, String> {
        let own = data.release_key();
        if own.exists() {
            return Self::read(&own, service::check_private(&own));
        }
        let packaged = place.folder().join(FILE);
        if packaged.exists() {
            return Self::read(&packaged, service::check_unforgeable(&packaged));
        }
        Err(format!(
            "this endpoint holds no release key, so it takes no updates. Put the public key of your releases into {}",
            own.display()
        ))
    }

    /// A key as it is typed: 64 hexadecimal digits, or a file that holds them.
    ///
    /// # Errors
    /// With a sentence, when it is neither.
    pub fn named(text: &str) -> Result<Self, String> {
        let neither = || format!("{text} is neither a public key (64 hexadecimal digits) nor a file that holds one");
        let parse = |text: &str| wire::parse_public_key(text.trim()).map(Self);
        parse(text)
            .or_else(|| parse(&std::fs::read_to_string(PathBuf::from(text)).ok()?))
            .ok_or_else(neither)
    }

    /// Leaves the key in the data folder.
    ///
    /// # Errors
    /// As the system says.
    pub fn save(&self, data: &DataDir) -> io::Result<()> {
        write_atomically(
            &data.release_key(),
            format!("{}\n", wire::public_key_text(&self.0)).as_bytes(),
        )
    }

    fn read(path: &Path, safe: io::Result<()>) -> Result<Self, String> {
        safe.map_err(|e| format!("the release key can't be trusted: {e}"))?;
        std::fs::read_to_string(path)
            .ok()
            .and_then(|text| wire::parse_public_key(text.trim()))
            .map(Self)
            .ok_or_else(|| format!("{} holds no public key (64 hexadecimal digits)", path.display()))
    }
}

/// The manifest, if the release is genuine, newer than `running`, meant for such a program and this system, and due at `now`
/// (the server's clock).
///
/// # Errors
/// With a sentence.
pub fn check(
    signed: &SignedManifest,
    key: &ReleaseKey,
    running: Option<Version>,
    target: &str,
    now: Option<Timestamp>,
) -> Result<Manifest, String> {
    let manifest = signed.open(&key.0).map_err(|e| e.to_string())?;
    let running = running.ok_or("the version that runs here is none that was released")?;
    if manifest.version <= running {
        return Err(format!(
            "{} is not newer than {running}, which runs here",
            manifest.version
        ));
    }
    if running < manifest.minimum {
        return Err(format!(
            "{} replaces {minimum} or newer, and {running} runs here. Update to {minimum} first",
            manifest.version,
            minimum = manifest.minimum
        ));
    }
    if manifest.target != target {
        return Err(format!("it is for {}, and this is {target}", manifest.target));
    }
    match (manifest.not_before, now) {
        (None, _) => Ok(manifest),
        (Some(due), Some(now)) if due <= now => Ok(manifest),
        (Some(due), _) => Err(format!("it is not to be installed before {}", due.for_people())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::digest::Digest;
    use ed25519_dalek::SigningKey;
    use std::time::Duration;

    const TARGET: &str = "x86_64-unknown-linux-gnu";

    fn at(seconds: u64) -> Timestamp {
        Timestamp::default().plus(Duration::from_secs(seconds))
    }

    fn manifest() -> Manifest {
        Manifest {
            v: wire::MANIFEST_VERSION,
            version: "0.2.0".parse().unwrap(),
            target: TARGET.into(),
            size: 3,
            sha256: Digest::of(&[b"abc"]),
            minimum: "0.1.0".parse().unwrap(),
            not_before: Some(at(100)),
        }
    }

    fn why(change: impl FnOnce(&mut Manifest), running: &str, now: Option<Timestamp>) -> Result<Manifest, String> {
        let key = SigningKey::from_bytes(&[4; 32]);
        let mut manifest = manifest();
        change(&mut manifest);
        let signed = SignedManifest::sign(&manifest, &key).unwrap();
        check(
            &signed,
            &ReleaseKey(key.verifying_key()),
            running.parse().ok(),
            TARGET,
            now,
        )
    }

    /// R10, R75: what the manifest says is checked, each with its own sentence.
    #[test]
    fn a_release_is_taken_only_if_it_is_newer_meant_for_this_and_due() {
        let now = Some(at(100));
        assert_eq!(why(|_| {}, "0.1.0", now), Ok(manifest()));
        assert_eq!(why(|m| m.not_before = None, "0.1.9", None).unwrap().not_before, None);
        for (refused, part) in [
            (why(|_| {}, "0.2.0", now), "is not newer than 0.2.0"),
            (why(|_| {}, "1.0.0", now), "is not newer than 1.0.0"),
            (why(|_| {}, "0.0.9", now), "Update to 0.1.0 first"),
            (why(|_| {}, "a build of mine", now), "none that was released"),
            (
                why(|m| m.target = "aarch64-apple-darwin".into(), "0.1.0", now),
                "it is for aarch64",
            ),
            (why(|_| {}, "0.1.0", Some(at(99))), "not to be installed before"),
            (why(|_| {}, "0.1.0", None), "not to be installed before"),
        ] {
            let said = refused.unwrap_err();
            assert!(said.contains(part), "{said} does not say {part}");
        }
        let key = ReleaseKey(SigningKey::from_bytes(&[5; 32]).verifying_key());
        let signed = SignedManifest::sign(&manifest(), &SigningKey::from_bytes(&[4; 32])).unwrap();
        let said = check(&signed, &key, "0.1.0".parse().ok(), TARGET, now).unwrap_err();
        assert!(said.contains("not signed with the release key"), "{said}");
    }

    /// R10: without a key that was put there, nothing is taken; one in the data folder comes before one beside the program.
    #[test]
    fn the_release_key_is_found_in_the_data_folder_or_beside_the_program() {
        let (_dir, data, place) = places();
        let none = ReleaseKey::find(&data, &place).unwrap_err();
        assert!(none.contains("holds no release key"), "{none}");
        let [a, b] = [1, 2].map(key);
        let packaged = place.folder().join(FILE);
        drop(service::create_private_file(&packaged).unwrap());
        std::fs::write(&packaged, wire::public_key_text(&b.0)).unwrap();
        assert_eq!(ReleaseKey::find(&data, &place), Ok(b));
        a.save(&data).unwrap();
        assert_eq!(ReleaseKey::find(&data, &place), Ok(a));
        let hex = wire::public_key_text(&a.0);
        assert_eq!(ReleaseKey::named(&hex), Ok(a));
        assert_eq!(ReleaseKey::named(packaged.to_str().unwrap()), Ok(b));
        assert!(ReleaseKey::named("release").unwrap_err().contains("neither"));
    }

    /// R10: a key that others than its owner could have written is none. (By Unix modes; `win::acl` has the same for access
    /// lists.)
    #[cfg(unix)]
    #[test]
    fn a_release_key_that_others_can_write_is_not_trusted() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, data, place) = places();
        let [a, b] = [1, 2].map(key);
        let packaged = place.folder().join(FILE);
        std::fs::write(&packaged, wire::public_key_text(&b.0)).unwrap();
        std::fs::set_permissions(&packaged, PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(ReleaseKey::find(&data, &place), Ok(b), "others may read it");
        std::fs::set_permissions(&packaged, PermissionsExt::from_mode(0o664)).unwrap();
        let refused = ReleaseKey::find(&data, &place).unwrap_err();
        assert!(refused.contains("can't be trusted"), "{refused}");
        a.save(&data).unwrap();
        std::fs::set_permissions(data.release_key(), PermissionsExt::from_mode(0o640)).unwrap();
        let refused = ReleaseKey::find(&data, &place).unwrap_err();
        assert!(refused.contains("can't be trusted"), "{refused}");
    }

    fn key(n: u8) -> ReleaseKey {
        ReleaseKey(SigningKey::from_bytes(&[n; 32]).verifying_key())
    }

    /// A data folder, and the place of a program.
    fn places() -> (tempfile::TempDir, DataDir, Place) {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(&dir.path().join("data")).unwrap();
        let place = Place::of(dir.path().join("bin"));
        (dir, data, place)
    }
}
