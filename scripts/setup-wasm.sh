#!/usr/bin/env bash
# Finds or makes a Rust toolchain, new enough, that compiles for this host and for the browser (wasm32-unknown-unknown).
#   1. rustup's toolchain already does                -> use it
#   2. rustup can add the target or a new toolchain   -> use it
#   3. neither rustup nor its downloads               -> Debian's rustc-web and cargo-web, std for the browser built once
#      from rust-web-src into rustc's own sysroot, lld as rust-lld; if there is a rustup, known to it as "system"
#
#   scripts/setup-wasm.sh [test]      with `test` also clippy and rustfmt
# Messages go to stderr; stdout is the toolchain's name for RUSTUP_TOOLCHAIN. WASM_SKIP_RUSTUP=1 forces the third way.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib.sh"

T=wasm32-unknown-unknown
MINIMUM=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/../Cargo.toml")
what=${1:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" # away from the checkout's own configuration

# compiles RUSTC... : is this rustc new enough, and can it compile and link std code for the browser, LTO included?
compiles() {
  local version
  version=$("$@" -V 2>/dev/null | cut -d' ' -f2) || return 1
  [ "$(printf '%s\n%s\n' "$MINIMUM" "${version%%-*}" | sort -V | head -n1)" = "$MINIMUM" ] || return 1
  echo '#[unsafe(no_mangle)] pub extern "C" fn f(n: usize) -> usize { vec![1u8; n].iter().map(|x| *x as usize).sum() }' >p.rs
  "$@" --edition 2024 --crate-type cdylib --target $T -Clto=fat -Copt-level=z -o p.wasm p.rs >log 2>&1
}

# with_rustup TOOLCHAIN : true if rustup's toolchain serves, after adding to it what it lacks.
with_rustup() {
  local toolchain=$1 add=()
  rustup run "$toolchain" rustc -V >/dev/null 2>&1 || return 1
  if ! compiles rustup run "$toolchain" rustc; then
    [ "$toolchain" != system ] || return 1 # linked, so that rustup cannot add to it
    log "rustup target add $T (toolchain $toolchain)"
    timeout 300 rustup target add --toolchain "$toolchain" $T >&2 || return 1
    compiles rustup run "$toolchain" rustc || return 1
  fi
  [ "$what" = test ] || return 0
  rustup run "$toolchain" cargo-clippy --version >/dev/null 2>&1 || add+=(clippy)
  rustup run "$toolchain" rustfmt --version >/dev/null 2>&1 || add+=(rustfmt)
  [ ${#add[@]} -eq 0 ] || timeout 300 rustup component add --toolchain "$toolchain" "${add[@]}" >&2
}

# --- 1, 2: rustup ---------------------------------------------------------------------------------------------------
if [ -z "${WASM_SKIP_RUSTUP:-}" ] && command -v rustup >/dev/null; then
  active=${RUSTUP_TOOLCHAIN:-$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1 || true)}
  if [ -n "$active" ] && with_rustup "$active"; then
    echo "$active"
    exit 0
  fi
  if [ "$active" != "$MINIMUM" ] && [ "$active" != system ]; then
    log "${active:-no toolchain} does not serve; trying rustup toolchain install $MINIMUM"
    if timeout 600 rustup toolchain install "$MINIMUM" --profile minimal -c clippy -c rustfmt -t $T >&2 \
      && with_rustup "$MINIMUM"; then
      echo "$MINIMUM"
      exit 0
    fi
  fi
  log "rustup cannot provide Rust $MINIMUM with $T; falling back to Debian's rustc-web"
fi

# --- no rustup, but a Rust of one's own that already serves ---------------------------------------------------------
if [ -z "${WASM_SKIP_RUSTUP:-}" ] && ! command -v rustup >/dev/null && compiles rustc \
  && { [ "$what" = build ] || { command -v cargo-clippy >/dev/null && command -v rustfmt >/dev/null; }; }; then
  echo stable # names no toolchain: without rustup nothing reads it
  exit 0
fi

# --- 3: Debian ------------------------------------------------------------------------------------------------------
RUSTC=/usr/bin/rustc
need=()
want() { dpkg -s "$1" >/dev/null 2>&1 || need+=("$1"); }
if ! [ -x /usr/bin/cargo ] || ! compiles $RUSTC; then want rustc-web; want cargo-web; want rust-web-src; fi
if [ "$what" = test ]; then
  [ -x /usr/bin/cargo-clippy ] || want rust-web-clippy
  [ -x /usr/bin/rustfmt ] || want rustfmt-web
fi
if [ ${#need[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || fail "no Rust $MINIMUM or newer with the target $T, clippy and rustfmt" \
    "install it with rustup (rustup toolchain install $MINIMUM -t $T -c clippy -c rustfmt) or from your distribution"
  install "${need[@]}"
fi
version=$($RUSTC -V)
host=$($RUSTC -vV | sed -n 's/^host: //p')
llvm=$($RUSTC -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')

if ! compiles $RUSTC; then
  [ -x "/usr/bin/lld-$llvm" ] || install "lld-$llvm"
  R=$($RUSTC --print sysroot)/lib/rustlib
  as_root mkdir -p "$R/$host/bin" || fail "writing below $R needs root" "run scripts/setup.sh as root once"
  as_root ln -sfn "/usr/bin/lld-$llvm" "$R/$host/bin/rust-lld"
fi
if ! compiles $RUSTC; then
  log "building std for $T with $version (about a minute of one core)"
  env -u RUSTUP_TOOLCHAIN -u CARGO_BUILD_TARGET -u CARGO_ENCODED_RUSTFLAGS -u RUSTC_WRAPPER \
    RUSTC=$RUSTC RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zforce-unstable-if-unmarked \
    __CARGO_DEFAULT_LIB_METADATA=wasm32std CARGO_PROFILE_DIST_DEBUG=0 CARGO_TARGET_DIR="$tmp/std" \
    /usr/bin/cargo build -q --locked --profile dist --target $T \
    --manifest-path "$R/src/rust/library/sysroot/Cargo.toml" >&2
  as_root rm -rf "${R:?}/$T"
  as_root mkdir -p "$R/$T/lib"
  as_root cp "$tmp/std/$T/dist/deps/"*.rlib "$R/$T/lib/"
  as_root rm -f "$R/$T/lib/"libsysroot-*.rlib
fi
compiles $RUSTC || { cat log >&2; fail "the std built for $T does not work (messages above)"; }

if command -v rustup >/dev/null; then
  [ "$(readlink -f "$(rustup which --toolchain system rustc 2>/dev/null)" 2>/dev/null)" = "$(readlink -f $RUSTC)" ] \
    || rustup toolchain link system /usr >&2
fi
echo system
