#!/usr/bin/env bash
# Makes a typed client from the document of a service:
#   scripts/clients.sh python|typescript|rust DOCUMENT FOLDER
# DOCUMENT is a file of JSON (`logitd openapi > openapi.json`) or the address of a running service's
# (http://127.0.0.1:8080/openapi.json). FOLDER is made anew where a client of that language is in it, and
# refused where anything else is. The generators are installed once, below target/clients.
set -euo pipefail

readonly LANGUAGE=${1:-} DOCUMENT=${2:-} FOLDER=${3:-}
ROOT=$(cd "$(dirname "$0")/.." && pwd)
readonly ROOT
readonly TEMPLATES=$ROOT/openapi/clients
readonly TOOLS=$ROOT/target/clients

fail() {
  echo "clients.sh: $*" >&2
  exit 1
}

needs() {
  command -v "$1" >/dev/null || fail "$1 is missing; install it: apt-get install $2"
}

# The document, without the calls of the Open Inference Protocol: those have clients of their own.
read_document() {
  case $DOCUMENT in
    http://* | https://*) curl -fsS "$DOCUMENT" ;;
    *) cat -- "$DOCUMENT" ;;
  esac | python3 "$TEMPLATES/own_calls.py" >"$WORK/openapi.json"
}

# Only a client that this script made is replaced.
empty_folder() {
  local mark=$FOLDER/.logitd-client
  if [ -e "$FOLDER" ] && [ ! -e "$mark" ] && [ -n "$(ls -A -- "$FOLDER")" ]; then
    fail "$FOLDER holds something else than a client of this script's: name another folder"
  fi
  rm -rf -- "$FOLDER"
  mkdir -p -- "$FOLDER"
  : >"$mark"
}

python_generator_is_there() {
  local list=$TEMPLATES/python/requirements.txt
  cmp --quiet "$list" "$TOOLS/python/requirements.txt" && return
  python3 -m venv --clear "$TOOLS/python"
  "$TOOLS/python/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$list"
  cp "$list" "$TOOLS/python/requirements.txt"
}

python_client() {
  python_generator_is_there
  # The hooks call ruff by its name, whose cache does not belong into a client.
  RUFF_NO_CACHE=true PATH="$TOOLS/python/bin:$PATH" openapi-python-client generate --path "$WORK/openapi.json" \
    --config "$TEMPLATES/python/config.yaml" --meta none --fail-on-warning \
    --output-path "$FOLDER/logitd_client" >"$WORK/said" || fail "$(cat "$WORK/said")"
  : >"$FOLDER/logitd_client/py.typed"
}

# Installed in the folder too: the client is complete, and independent of this one.
typescript_client() {
  cp "$TEMPLATES"/typescript/{package.json,package-lock.json,tsconfig.json,client.ts} "$FOLDER"
  npm ci --prefix "$FOLDER" --silent --no-audit --no-fund
  # A member with a default may be left out of a request; without the option it would be required.
  (cd "$FOLDER" && node_modules/.bin/openapi-typescript "$WORK/openapi.json" \
    --default-non-nullable false --output document.ts) >"$WORK/said" 2>&1 || fail "$(cat "$WORK/said")"
}

# The examples are the caller's own.
rust_client() {
  mkdir "$FOLDER/src" "$FOLDER/examples"
  cp "$TEMPLATES"/rust/{Cargo.toml,Cargo.lock} "$FOLDER"
  CARGO_TARGET_DIR=$TOOLS/rust cargo build --quiet --locked \
    --manifest-path "$TEMPLATES/rust_generator/Cargo.toml"
  "$TOOLS/rust/debug/logitd-client-generator" <"$WORK/openapi.json" >"$FOLDER/src/lib.rs"
}

[ "$#" -eq 3 ] || fail "usage: scripts/clients.sh python|typescript|rust DOCUMENT FOLDER"
needs python3 python3-venv
case $DOCUMENT in http*) needs curl curl ;; esac
case $LANGUAGE in
  python) ;;
  typescript) needs node nodejs && needs npm npm ;;
  rust) command -v cargo >/dev/null || fail "cargo is missing: install rustup" ;;
  *) fail "python, typescript or rust, not ${LANGUAGE:-nothing}" ;;
esac
WORK=$(mktemp -d)
readonly WORK
trap 'rm -rf -- "$WORK"' EXIT
read_document
empty_folder
"${LANGUAGE}_client"
