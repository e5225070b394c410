//! A folder of releases, as a server holds it: programs with their manifests beside them. Whoever holds it can hand releases
//! on and can forge none.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use domain::digest::Digest;
use wire::{MAX_PART, Manifest, SignedManifest, UpdatePart, UpdateWant, Version};

/// The releases in a folder, each for a version and a target.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    releases: BTreeMap<Digest, Release>,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// As it was signed.
    pub signed: SignedManifest,
    /// What it says of itself; only an endpoint that holds the release key can tell whether that is true.
    pub manifest: Manifest,
    program: PathBuf,
}

/// What is wrong with a folder of releases.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder or a file can't be read.
    #[error("{0} can't be read: {1}")]
    Io(PathBuf, io::Error),
    /// A manifest that is none.
    #[error("{0} is no manifest of a release. Make it with: cargo xtask sign-release")]
    NotAManifest(PathBuf),
    /// The program is not the one that was signed.
    #[error("{0} is not the program that {1} was made for: sign it again, or copy it again")]
    OtherProgram(PathBuf, PathBuf),
    /// Two of them.
    #[error("{0} and {1} are both {2} for {3}. Keep one")]
    Twice(PathBuf, PathBuf, Version, String),
}

impl Folder {
    /// Reads every `NAME.json` in the folder and checks that `NAME` beside it is the program it was made for.
    ///
    /// # Errors
    /// See [`FolderError`].
    pub fn open(folder: &Path) -> Result<Self, FolderError> {
        let unreadable = |e| FolderError::Io(folder.to_owned(), e);
        let mut releases = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|e| e == "json") {
                let release = Release::read(&path)?;
                let same = |r: &&Release| {
                    (r.manifest.version, &r.manifest.target) == (release.manifest.version, &release.manifest.target)
                };
                if let Some(other) = releases.values().find(same) {
                    let Release { manifest, program, .. } = release;
                    let (version, target) = (manifest.version, manifest.target);
                    return Err(FolderError::Twice(other.program.clone(), program, version, target));
                }
                releases.insert(release.signed.digest(), release);
            }
        }
        Ok(Self { releases })
    }

    /// The newest release for `target` that an agent of version `running` could take: newer, and not too new for it.
    pub fn newest(&self, target: &str, running: Version) -> Option<&Release> {
        let fits = |m: &Manifest| m.target == target && m.version > running && m.minimum <= running;
        let fitting = self.releases.values().filter(|r| fits(&r.manifest));
        fitting.max_by_key(|r| r.manifest.version)
    }

    /// The release with this digest.
    pub fn get(&self, release: &Digest) -> Option<&Release> {
        self.releases.get(release)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.releases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.releases.is_empty()
    }

    /// The piece that an agent asks for; none when there is no such release, or nothing there. Blocks on the disk.
    ///
    /// # Errors
    /// When the program can't be read.
    pub fn part(&self, want: UpdateWant) -> io::Result<Option<UpdatePart>> {
        let Some(release) = self.get(&want.release) else {
            return Ok(None);
        };
        let mut file = File::open(&release.program)?;
        file.seek(SeekFrom::Start(want.offset))?;
        let mut bytes = vec![];
        file.take(MAX_PART as u64).read_to_end(&mut bytes)?;
        Ok((!bytes.is_empty()).then(|| UpdatePart::new(want.release, want.offset, &bytes)))
    }
}

impl Release {
    fn read(path: &Path) -> Result<Self, FolderError> {
        let text = std::fs::read(path).map_err(|e| FolderError::Io(path.to_owned(), e))?;
        let none = || FolderError::NotAManifest(path.to_owned());
        let signed: SignedManifest = serde_json::from_slice(&text).map_err(|_| none())?;
        let manifest = signed.claimed().map_err(|_| none())?;
        let program = path.with_extension("");
        let bytes = std::fs::read(&program).map_err(|e| FolderError::Io(program.clone(), e))?;
        if bytes.len() as u64 == manifest.size && Digest::of(&[&bytes]) == manifest.sha256 {
            Ok(Self {
                signed,
                manifest,
                program,
            })
        } else {
            Err(FolderError::OtherProgram(program, path.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::{About, sign_file};
    use ed25519_dalek::SigningKey;

    const LINUX: &str = "x86_64-unknown-linux-gnu";

    fn put(folder: &Path, name: &str, version: &str, minimum: &str, target: &str) {
        let program = folder.join(name);
        std::fs::write(&program, vec![7; MAX_PART + 3]).unwrap();
        let about = About {
            version: version.parse().unwrap(),
            target: target.into(),
            minimum: minimum.parse().unwrap(),
            not_before: None,
        };
        sign_file(&program, &about, &SigningKey::from_bytes(&[4; 32])).unwrap();
    }

    #[test]
    fn the_newest_release_that_an_agent_can_take_is_found_and_read_in_pieces() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "a", "0.2.0", "0.1.0", LINUX);
        put(dir.path(), "b", "0.10.0", "0.2.0", LINUX);
        put(dir.path(), "c", "0.11.0", "0.1.0", "x86_64-pc-windows-gnu");
        let folder = Folder::open(dir.path()).unwrap();
        assert_eq!(folder.len(), 3);
        let newest = |running: &str| {
            let found = folder.newest(LINUX, running.parse().unwrap());
            found.map(|r| r.manifest.version.to_string())
        };
        assert_eq!(newest("0.1.0").as_deref(), Some("0.2.0"), "0.10.0 wants 0.2.0 first");
        assert_eq!(newest("0.2.0").as_deref(), Some("0.10.0"));
        assert_eq!(newest("0.10.0"), None);
        let release = folder.newest(LINUX, "0.2.0".parse().unwrap()).unwrap().signed.digest();
        let part = |offset| folder.part(UpdateWant { release, offset }).unwrap();
        assert_eq!(part(0).unwrap().bytes().unwrap().len(), MAX_PART);
        assert_eq!(part(MAX_PART as u64).unwrap().bytes().unwrap(), [7; 3]);
        assert_eq!(part(MAX_PART as u64 + 3), None);
        let unknown = UpdateWant {
            release: Digest::of(&[]),
            offset: 0,
        };
        assert_eq!(folder.part(unknown).unwrap(), None);
    }

    #[test]
    fn a_folder_with_something_wrong_in_it_is_refused_with_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let refused = || Folder::open(dir.path()).unwrap_err().to_string();
        put(dir.path(), "a", "0.2.0", "0.1.0", LINUX);
        put(dir.path(), "b", "0.2.0", "0.1.0", LINUX);
        assert!(refused().contains("are both 0.2.0"), "{}", refused());
        std::fs::remove_file(dir.path().join("b.json")).unwrap();
        assert_eq!(Folder::open(dir.path()).unwrap().len(), 1);
        std::fs::write(dir.path().join("a"), "changed").unwrap();
        assert!(refused().contains("sign it again"), "{}", refused());
        std::fs::write(dir.path().join("a.json"), "{}").unwrap();
        assert!(refused().contains("no manifest"), "{}", refused());
        std::fs::remove_file(dir.path().join("a.json")).unwrap();
        assert!(Folder::open(dir.path()).unwrap().is_empty());
        assert!(Folder::open(&dir.path().join("none")).is_err());
    }
}
