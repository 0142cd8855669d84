#!/usr/bin/env bash
# bench/edge.sh: what clients that mean harm, or are too many, cost the others.
#
# The release binary serves the breast-cancer example by its defaults. 500 connections with half a head, 500
# with half a body and 500 that read no answer, beside real clients; then four times the load that it can
# serve. Writes bench/RESULTS-edge.md; about two minutes. Needs: cargo build --release --locked;
# apt-get install curl python3.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly LOGITD=${LOGITD:-$PWD/target/release/logitd}
for tool in curl python3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install $tool" >&2; exit 1; }
done
[ -x "$LOGITD" ] || { echo "build it first: cargo build --release --locked" >&2; exit 1; }

work=$(mktemp -d)
service=
clean() {
  [ -z "$service" ] || kill -KILL "$service" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT

export LOGITD_DATABASE__URL="sqlite://$work/logitd.db" LOGITD_HTTP__LISTEN=127.0.0.1:0
readonly config=examples/breast-cancer/logitd.toml
"$LOGITD" import --example breast-cancer --config "$config" >/dev/null 2>&1
"$LOGITD" train --config "$config" >/dev/null 2>&1
"$LOGITD" serve --config "$config" 2>"$work/log" &
service=$!
address=
for _ in $(seq 100); do
  address=$(sed -n 's/.*listening on http:\/\/\([0-9.:]*\).*/\1/p' "$work/log" | head -1)
  [ -n "$address" ] && curl -fsS "http://$address/readyz" >/dev/null 2>&1 && break
  sleep 0.1
done
curl -fsS "http://$address/openapi.json" | python3 -c '
import json, sys
schema = json.load(sys.stdin)["components"]["schemas"]["Instance"]
print(json.dumps(schema["example"]))' >"$work/instance.json"
{
  echo "# At the edge"
  echo
  echo "Written by \`bench/edge.sh\` on $(nproc) cores, service and clients together; logitd $("$LOGITD" --version | cut -d' ' -f2)."
  echo
  python3 bench/edge/load.py "$address" "$service" "$work/instance.json"
} >"$work/results.md"
cp "$work/results.md" bench/RESULTS-edge.md
cat bench/RESULTS-edge.md
