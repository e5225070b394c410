//! Tells the program what it is built for, so that it takes no release for another system.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo:rustc-env=COUNTERSIGN_TARGET={target}");
}
