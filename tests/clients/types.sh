#!/usr/bin/env bash
# Makes the Python, TypeScript and Rust clients anew for several configurations, and checks their types
# with every warning an error:
#   tests/clients/types.sh LOGITD
set -euo pipefail
LOGITD=$(realpath "$1")
readonly LOGITD
cd "$(dirname "$0")/../.."
readonly TOOLS=$PWD/target/clients
WORK=$(mktemp -d)
readonly WORK
trap 'rm -rf -- "$WORK"' EXIT

types_hold() {
  scripts/clients.sh python "$1" "$WORK/python"
  (cd "$WORK/python" && "$TOOLS/python/bin/mypy" --strict --package logitd_client)
  scripts/clients.sh typescript "$1" "$WORK/typescript"
  npm --prefix "$WORK/typescript" run --silent check
  scripts/clients.sh rust "$1" "$WORK/rust"
  RUSTFLAGS="-D warnings" CARGO_TARGET_DIR=$TOOLS/rust \
    cargo build --quiet --locked --manifest-path "$WORK/rust/Cargo.toml"
}

for config in examples/breast-cancer/logitd.toml examples/two-features/logitd.toml \
  tests/clients/configurations/*.toml; do
  echo "clients of $config"
  "$LOGITD" openapi --config "$config" >"$WORK/openapi.json"
  types_hold "$WORK/openapi.json"
done
