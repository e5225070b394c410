# Shared by the set-up scripts; sourced, never run.

log() { echo "setup: $*" >&2; }

# fail WHAT [REMEDY] : stop, with what is wrong and what to do.
fail() {
  echo "setup: $1" >&2
  [ $# -lt 2 ] || echo "setup: remedy: $2" >&2
  exit 1
}

# as_root COMMAND... : as root if that can be had without asking for a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 126
  fi
}

# install PACKAGE... : Debian packages, never removing any. Updates the package lists once a run.
install() {
  command -v apt-get >/dev/null || fail "missing: $*" "this is no Debian: install what these Debian packages hold: $*"
  as_root true || fail "missing: $*, and neither root nor sudo without a password" "apt-get install $*"
  log "apt-get install $*"
  if [ -z "${SETUP_UPDATED:-}" ]; then
    as_root apt-get update -qq >&2 || log "apt-get update failed; going on with the lists at hand"
    export SETUP_UPDATED=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends --no-remove "$@" >&2 \
    || fail "apt-get could not install: $*" "see its message above; nothing was removed"
}
