//! Brotli copies of the larger files of a release's site, made once here so that the server never compresses.
//!
//! A development build removes them: an old `.br` beside a new file would be served in its place.

use crate::hash;
use crate::paths::{Profile, stamps};
use crate::tidy::walk;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Below this many bytes a compressed copy saves no packet.
const WORTH_IT: u64 = 1_024;

/// Makes the site's compressed copies current: one beside each larger file in a release, none otherwise.
pub(crate) fn site(profile: Profile, site: &Path) -> Result<()> {
    let large: Vec<PathBuf> = match profile {
        Profile::Dev => Vec::new(),
        Profile::Release => files(site)?.into_iter().filter(|file| is_large(file)).collect(),
    };
    let wanted: Vec<PathBuf> = large.iter().map(|file| beside(file)).collect();
    for old in walk::files(site)?
        .into_iter()
        .filter(|file| is_copy(file) && !wanted.contains(file))
    {
        fs::remove_file(&old).with_context(|| format!("removing {}", old.display()))?;
    }
    let inputs = hash::of(&large, &site.to_string_lossy())?;
    let ran = hash::unless_current(&stamps(site).join("compressed"), &inputs, &wanted, || {
        large.iter().try_for_each(|file| compress(file))
    })?;
    println!(
        "    {}",
        if ran {
            format!("{} made", wanted.len())
        } else {
            "unchanged".to_owned()
        }
    );
    Ok(())
}

/// The site's files, without compressed copies, sorted.
pub(crate) fn files(site: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = walk::files(site)?.into_iter().filter(|file| !is_copy(file)).collect();
    files.sort();
    Ok(files)
}

/// Where the compressed copy of `file` is.
pub(crate) fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

fn is_copy(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "br")
}

fn is_large(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.len() >= WORTH_IT)
}

fn compress(file: &Path) -> Result<()> {
    let input = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: input.len(),
        ..Default::default()
    };
    let mut output = Vec::new();
    brotli::BrotliCompress(&mut input.as_slice(), &mut output, &params)
        .with_context(|| format!("compressing {}", file.display()))?;
    fs::write(beside(file), output).with_context(|| format!("writing beside {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_copies_that_decompress_and_a_development_build_has_none() {
        let root = std::env::temp_dir().join(format!("xtask-compress-{}", std::process::id()));
        let folder = root.join("site");
        fs::create_dir_all(&folder).unwrap();
        let (large, small) = (folder.join("large.css"), folder.join("small.css"));
        fs::write(&large, "main{}".repeat(500)).unwrap();
        fs::write(&small, "main{}").unwrap();

        site(Profile::Release, &folder).unwrap();
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut fs::read(beside(&large)).unwrap().as_slice(), &mut back).unwrap();
        assert_eq!(back, fs::read(&large).unwrap());
        assert!(!beside(&small).exists());
        assert_eq!(files(&folder).unwrap(), [large.clone(), small]);

        site(Profile::Dev, &folder).unwrap();
        assert!(
            !beside(&large).exists(),
            "a stale copy would be served in place of the new file"
        );
        fs::remove_dir_all(&root).unwrap();
    }
}
