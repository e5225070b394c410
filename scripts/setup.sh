#!/usr/bin/env bash
# Makes this machine able to build and test Countersign; says what it installs; does nothing where nothing is missing.
#
#   scripts/setup.sh         what building and the demo need: a C compiler, Rust, the WASM target
#   scripts/setup.sh test    and what the tests need: clippy, rustfmt, Node, Chromium, end2end/node_modules, the Windows
#                            target with mingw-w64, Wine, wixl
#
# Messages go to stderr. stdout is one line, the toolchain to build with:
#   export RUSTUP_TOOLCHAIN="$(scripts/setup.sh)"
# (Without rustup the variable is harmless and cargo is the distribution's.)
#
# As root, or with sudo, missing programs come from apt-get. Anywhere else it stops and says what to install.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib.sh"

what=${1:-build}
case $what in build | test) ;; *) fail "usage: scripts/setup.sh [build|test]" ;; esac

command -v cc >/dev/null || install gcc libc6-dev
command -v cc >/dev/null || fail "no C compiler" "install one so that \`cc\` works (gcc or clang)"

toolchain=$("$here/setup-wasm.sh" "$what")
# What was built may not be used by what is called: the caller's cargo must start with this toolchain.
RUSTUP_TOOLCHAIN=$toolchain cargo --version >/dev/null || fail "cargo does not start" "put cargo on the PATH"

if [ "$what" = test ]; then
  "$here/setup-end2end.sh"
  status=0
  "$here/setup-windows.sh" "$toolchain" || status=$?
  if [ $status = 3 ]; then
    log "$toolchain can't be given the Windows target; taking Debian's toolchain for everything"
    toolchain=$(WASM_SKIP_RUSTUP=1 "$here/setup-wasm.sh" "$what")
    "$here/setup-windows.sh" "$toolchain"
  elif [ $status != 0 ]; then
    exit $status
  fi
fi
echo "$toolchain"
