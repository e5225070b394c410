#!/usr/bin/env bash
# Makes a toolchain compile the agent for Windows (x86_64-pc-windows-gnu), and this machine able to run it under Wine.
#   1. the toolchain already does         -> nothing
#   2. rustup can add the target to it    -> that
#   3. it is Debian's rustc-web           -> std for Windows built once from rust-web-src into its own sysroot
#
#   scripts/setup-windows.sh [TOOLCHAIN]      the toolchain is RUSTUP_TOOLCHAIN unless named
# Messages go to stderr. Ends with 3 if nothing but the toolchain is missing and it can't be given the target: another may
# do (setup.sh then takes Debian's).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib.sh"

T=x86_64-pc-windows-gnu
LINKER=x86_64-w64-mingw32-gcc-posix
toolchain=${1:-${RUSTUP_TOOLCHAIN:-stable}}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" # away from the checkout's own configuration

# --- the C compiler and linker, Wine, and what makes an MSI -----------------------------------------------------------
need=()
command -v $LINKER >/dev/null || need+=(gcc-mingw-w64-x86-64-posix)
[ -x /usr/lib/wine/wine64 ] || command -v wine64 >/dev/null || need+=(wine64 wine)
command -v wixl >/dev/null || need+=(wixl)
[ ${#need[@]} -eq 0 ] || install "${need[@]}"

# --- Rust -------------------------------------------------------------------------------------------------------------
# compiles RUSTC... : can it compile and link std code for Windows?
compiles() {
  echo 'fn main() { println!("{:?}", std::env::args().collect::<Vec<_>>()); }' >p.rs
  "$@" --edition 2024 --target $T -Clinker=$LINKER -o p.exe p.rs >log 2>&1
}

RUSTC=(rustc)
command -v rustup >/dev/null && RUSTC=(rustup run "$toolchain" rustc)
compiles "${RUSTC[@]}" && exit 0

if command -v rustup >/dev/null && [ "$toolchain" != system ]; then
  log "rustup target add $T (toolchain $toolchain)"
  timeout 300 rustup target add --toolchain "$toolchain" $T >&2 && compiles "${RUSTC[@]}" && exit 0
  exit 3
fi

DEBIAN=/usr/bin/rustc
[ "$(readlink -f "$("${RUSTC[@]}" --print sysroot)")" = "$(readlink -f "$($DEBIAN --print sysroot)")" ] || exit 3
R=$($DEBIAN --print sysroot)/lib/rustlib
[ -d "$R/src/rust/library" ] || install rust-web-src
log "building std for $T with $($DEBIAN -V) (about a minute of one core)"
env -u RUSTUP_TOOLCHAIN -u CARGO_BUILD_TARGET -u CARGO_ENCODED_RUSTFLAGS -u RUSTC_WRAPPER \
  RUSTC=$DEBIAN RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zforce-unstable-if-unmarked CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$LINKER \
  __CARGO_DEFAULT_LIB_METADATA=windowsstd CARGO_PROFILE_DIST_DEBUG=0 CARGO_TARGET_DIR="$tmp/std" \
  /usr/bin/cargo build -q --locked --profile dist --target $T --features panic-unwind,backtrace \
  --manifest-path "$R/src/rust/library/sysroot/Cargo.toml" >&2
as_root mkdir -p "$R/$T/lib" || fail "writing below $R needs root" "run scripts/setup.sh test as root once"
as_root cp "$tmp/std/$T/dist/deps/"*.rlib "$R/$T/lib/"
as_root rm -f "$R/$T/lib/"libsysroot-*.rlib
compiles "${RUSTC[@]}" || { cat log >&2; fail "the std built for $T does not work (messages above)"; }
