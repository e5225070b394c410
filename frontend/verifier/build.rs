//! Has the linker leave names and debug information out of the verifier's module, which no bindings generator reads:
//! the workspace's profile for WebAssembly keeps them for the one module that needs them.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--strip-all");
    }
}
