//! The style sheet: `style/main.css` and what it imports, as one minified file.
//!
//! Compiled for the browsers that know `light-dark()` and nesting (all since May 2024), so that little is rewritten.

use crate::hash;
use crate::paths::{Workspace, stamps};
use crate::tidy::walk;
use anyhow::{Context, Result, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};
use std::fs;
use std::path::{Path, PathBuf};

/// Writes `<site>/pkg/countersign.css`.
pub(crate) fn build(workspace: &Workspace, site: &Path) -> Result<()> {
    let folder = workspace.root.join("style");
    let mut inputs: Vec<PathBuf> = walk::files(&folder)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "css"))
        .collect();
    inputs.sort();
    let output = site.join("pkg/countersign.css");
    let hash = hash::of(&inputs, &output.to_string_lossy())?;
    let ran = hash::unless_current(
        &stamps(site).join("style"),
        &hash,
        std::slice::from_ref(&output),
        || {
            let css = bundle(&folder.join("main.css"))?;
            fs::create_dir_all(site.join("pkg")).context("making the site folder")?;
            fs::write(&output, css).with_context(|| format!("writing {}", output.display()))
        },
    )?;
    println!("    {}", if ran { "bundled and minified" } else { "unchanged" });
    Ok(())
}

/// The style sheet at `main` with every `@import` in place, minified.
fn bundle(main: &Path) -> Result<String> {
    let files = FileProvider::new();
    let mut sheet = Bundler::new(&files, None, ParserOptions::default())
        .bundle(main)
        .map_err(|error| anyhow!("{}: {error}", main.display()))?;
    let targets = Targets::from(browsers());
    sheet
        .minify(MinifyOptions {
            targets,
            ..MinifyOptions::default()
        })
        .map_err(|error| anyhow!("minifying the style: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets,
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("printing the style: {error}"))?;
    Ok(printed.code)
}

/// The oldest browsers supported; a version is `major << 16 | minor << 8`.
fn browsers() -> Browsers {
    Browsers {
        chrome: Some(123 << 16),
        edge: Some(123 << 16),
        android: Some(123 << 16),
        firefox: Some(120 << 16),
        safari: Some(17 << 16 | 5 << 8),
        ios_saf: Some(17 << 16 | 5 << 8),
        ..Browsers::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_bundled_and_mistakes_refused() {
        let folder = std::env::temp_dir().join(format!("xtask-style-{}", std::process::id()));
        fs::create_dir_all(folder.join("parts")).unwrap();
        let main = folder.join("main.css");
        fs::write(
            &main,
            "@import \"parts/base.css\";\nmain { color: light-dark(#000000, #ffffff); }\n",
        )
        .unwrap();
        fs::write(folder.join("parts/base.css"), ":root {\n  --gap: 4px;\n}\n").unwrap();
        assert_eq!(
            bundle(&main).unwrap(),
            ":root{--gap:4px}main{color:light-dark(#000,#fff)}"
        );

        fs::write(&main, "@import \"parts/gone.css\";\n").unwrap();
        assert!(bundle(&main).is_err(), "a missing partial must not pass");
        fs::write(&main, "main { color: red; } }").unwrap();
        assert!(bundle(&main).is_err(), "a syntax error must not pass");
        fs::remove_dir_all(&folder).unwrap();
    }
}
