#!/usr/bin/env bash
# Compares `countersign redact` with other programs that find sensitive values, on made-up console output with labels.
#
#   scripts/redaction-peers/run.sh [SEED...]      seeds 1 and 2 unless given
#
# The table goes to standard output, everything else to stderr. From the environment:
#   REDACTION_PEERS   folder for the peers' venv, the corpora and details (misses and false findings, line by line);
#                     target/redaction-peers unless given
#   COUNTERSIGN       the program; target/debug/countersign unless given
#   LINES             lines of each corpus; 20000 unless given
#
# It needs Python 3.11 or newer, and PyPI for the peers. A peer that can't be installed is named in the output.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../lib.sh"

target=${CARGO_TARGET_DIR:-$here/../../target}
folder=${REDACTION_PEERS:-$target/redaction-peers}
program=${COUNTERSIGN:-$target/debug/countersign}
[ -x "$program" ] || fail "no $program" "cargo build --package countersign, or set COUNTERSIGN"
[ $# -gt 0 ] || set -- 1 2
export PYTHONDONTWRITEBYTECODE=1

mkdir -p "$folder"
python=$folder/venv/bin/python
if ! "$python" -m pip --version >/dev/null 2>&1; then
  rm -rf "$folder/venv"
  if ! python3 -m venv "$folder/venv" >&2; then
    install python3-venv
    rm -rf "$folder/venv"
    python3 -m venv "$folder/venv" >&2 || fail "python3 -m venv failed" "see its message above"
  fi
fi
# A stamp, since pip takes seconds to find that nothing is missing.
if ! cmp -s "$here/requirements.txt" "$folder/installed.txt"; then
  log "installing the peers into $folder/venv"
  if "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2; then
    cp "$here/requirements.txt" "$folder/installed.txt"
  else
    for peer in presidio-analyzer detect-secrets kingfisher-bin datafog; do
      "$python" -m pip install --quiet --disable-pip-version-check --constraint "$here/requirements.txt" "$peer" >&2 \
        || log "$peer can't be installed; see pip's message above"
    done
  fi
fi

corpora=()
for seed in "$@"; do
  corpora+=("$folder/seed-$seed")
  "$python" "$here/corpus.py" --seed "$seed" --lines "${LINES:-20000}" --out "$folder/seed-$seed" >&2
done
"$python" "$here/compare.py" --countersign "$program" --details "$folder/details.tsv" "${corpora[@]}"
