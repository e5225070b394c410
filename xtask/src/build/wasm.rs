//! What runs in the browser: the app, bound to JavaScript by the wasm-bindgen library, and the share page's verifier, a
//! plain module without bindings.

use crate::hash;
use crate::paths::{Profile, WASM, Workspace, stamps};
use crate::run;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// The profile for what travels to browsers: small, with the names that wasm-bindgen reads still in it.
const SMALL: &str = "wasm-release";

/// Compiles `countersign-frontend` and binds it into `<site>/pkg/`.
pub(crate) fn frontend(workspace: &Workspace, profile: Profile, site: &Path) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "countersign-frontend", "--lib", "--target", WASM]);
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            cargo.args(["--profile", SMALL]);
            SMALL
        }
    };
    run::run(&mut cargo)?;

    let module = workspace.target.join(WASM).join(folder).join("frontend.wasm");
    let pkg = site.join("pkg");
    let outputs = [pkg.join("countersign.js"), pkg.join("countersign_bg.wasm")];
    let inputs = hash::of(std::slice::from_ref(&module), &format!("{} {}", folder, pkg.display()))?;
    let ran = hash::unless_current(&stamps(site).join("frontend"), &inputs, &outputs, || {
        let snippets = pkg.join("snippets");
        if snippets.exists() {
            fs::remove_dir_all(&snippets).with_context(|| format!("removing {}", snippets.display()))?;
        }
        bind(&module, profile, &pkg)
    })?;
    println!("    {}", if ran { "bound with wasm-bindgen" } else { "unchanged" });
    Ok(())
}

fn bind(module: &Path, profile: Profile, pkg: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("countersign")
        .typescript(false)
        .keep_debug(false)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(true)
        .omit_default_module_path(false);
    bindgen.web(true)?.generate(pkg).context("binding the frontend")
}

/// Compiles `countersign-verifier`, always small, and puts it with its script into `<site>/verifier/`.
///
/// It has no bindings, so its own build script has the linker strip it, and nothing is left to do here.
pub(crate) fn verifier(workspace: &Workspace, site: &Path) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args([
        "build",
        "--package",
        "countersign-verifier",
        "--lib",
        "--target",
        WASM,
        "--profile",
        SMALL,
    ]);
    run::run(&mut cargo)?;

    let folder = site.join("verifier");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let module = workspace.target.join(WASM).join(SMALL).join("verifier.wasm");
    let script = workspace.root.join("frontend/verifier/share.js");
    for (from, to) in [
        (module, folder.join("verifier.wasm")),
        (script, folder.join("share.js")),
    ] {
        fs::copy(&from, &to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    }
    Ok(())
}
