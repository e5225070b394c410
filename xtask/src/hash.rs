//! Content hashes that say whether a step's inputs changed since its outputs were made.
//!
//! Content and not modification time: a fresh clone has new times on unchanged files. The hash guards nothing but work
//! saved, so the standard library's SipHash with fixed keys is enough.

use anyhow::{Context, Result};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

/// A hash over the named files' names and contents and any further text, as 16 hexadecimal digits.
pub(crate) fn of(files: &[PathBuf], extra: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    hasher.write(extra.as_bytes());
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        hasher.write(file.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.write_usize(bytes.len());
        hasher.write(&bytes);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Runs `work` unless `stamp` holds `hash` and every output is there; writes the stamp afterwards. True if it ran.
pub(crate) fn unless_current(
    stamp: &Path,
    hash: &str,
    outputs: &[PathBuf],
    work: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    let current = fs::read_to_string(stamp).is_ok_and(|old| old == hash) && outputs.iter().all(|path| path.exists());
    if current {
        return Ok(false);
    }
    // Without its stamp a half-made output is never taken for a finished one.
    if stamp.exists() {
        fs::remove_file(stamp).with_context(|| format!("removing {}", stamp.display()))?;
    }
    work()?;
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    fs::write(stamp, hash).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_again_when_inputs_change_or_an_output_is_missing_or_the_work_failed() {
        let folder = std::env::temp_dir().join(format!("xtask-hash-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (input, output, stamp) = (folder.join("in"), folder.join("out"), folder.join("stamp"));
        let make = || {
            fs::write(&output, "made")?;
            Ok(())
        };
        fs::write(&input, "one").unwrap();
        let one = of(std::slice::from_ref(&input), "").unwrap();
        assert!(unless_current(&stamp, &one, std::slice::from_ref(&output), make).unwrap());
        assert!(!unless_current(&stamp, &one, std::slice::from_ref(&output), make).unwrap());
        fs::remove_file(&output).unwrap();
        assert!(unless_current(&stamp, &one, std::slice::from_ref(&output), make).unwrap());
        fs::write(&input, "two").unwrap();
        let two = of(std::slice::from_ref(&input), "").unwrap();
        assert_ne!(one, two);
        assert!(unless_current(&stamp, &two, std::slice::from_ref(&output), || anyhow::bail!("broken")).is_err());
        assert!(unless_current(&stamp, &two, std::slice::from_ref(&output), make).unwrap());
        fs::remove_dir_all(&folder).unwrap();
    }
}
