#!/usr/bin/env bash
# Node, Chromium and end2end/node_modules, for the end-to-end tests. Called by setup.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib.sh"
end2end=$here/../end2end
NODE=18.19 # the first with --test-concurrency

command -v node >/dev/null || install nodejs
found=$(node --version)
[ "$(printf '%s\n%s\n' $NODE "${found#v}" | sort -V | head -n1)" = $NODE ] \
  || fail "node is $found" "install Node $NODE or newer"
command -v npm >/dev/null || install npm

if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null \
  && ! command -v google-chrome >/dev/null; then
  install chromium
fi

# npm leaves a copy of the lock file behind; older than the lock file it is of another time.
if ! [ "$end2end/node_modules/.package-lock.json" -nt "$end2end/package-lock.json" ]; then
  log "npm ci in end2end"
  (cd "$end2end" && npm ci --no-audit --no-fund >&2) || fail "npm ci failed" "see its message above"
fi
