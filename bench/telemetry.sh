#!/usr/bin/env bash
# bench/telemetry.sh [SECONDS]: what a collector costs a request, healthy, refusing, hanging or gone.
#
# The release binary serves the breast-cancer example to wrk (two kept connections, one instance a
# request), each time with another collector; every request makes three spans.
# Tells latency, memory before and after, and how long the end took. About two minutes with 15 seconds
# each. Needs: cargo build --release --locked; apt-get install wrk curl python3.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly SECONDS_EACH=${1:-15}
readonly LOGITD=$PWD/target/release/logitd
for tool in wrk curl python3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install $tool" >&2; exit 1; }
done
[ -x "$LOGITD" ] || { echo "build it first: cargo build --release --locked" >&2; exit 1; }

work=$(mktemp -d)
service=
collector=
clean() {
  [ -z "$service" ] || kill -KILL "$service" 2>/dev/null || true
  [ -z "$collector" ] || kill "$collector" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT

cp examples/breast-cancer/logitd.toml "$work/logitd.toml"
cd "$work"
export LOGITD_DATABASE__URL="sqlite://$work/logitd.db" LOGITD_HTTP__LISTEN=127.0.0.1:0 \
  LOGITD_HTTP__DRAIN_SECONDS=0 LOGITD_HTTP__SHUTDOWN_SECONDS=10 LOGITD_TRAINING__ON_START=never
"$LOGITD" import --example breast-cancer >/dev/null 2>&1
"$LOGITD" train >/dev/null 2>&1

resident_mb() { awk '/VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$service/status"; }

# What wrk posts: the document's own example of an instance.
body() {
  curl -fsS "$1/openapi.json" | python3 -c '
import json, sys
schema = json.load(sys.stdin)["components"]["schemas"]["Instance"]
instance = json.dumps({name: one["example"] for name, one in schema["properties"].items()})
print("wrk.method = \"POST\"\nwrk.path = \"/v1/predict\"")
print("wrk.headers[\"content-type\"] = \"application/json\"")
print("wrk.body = [[" + instance + "]]")' >post.lua
}

serve() {
  env "$@" "$LOGITD" serve >out 2>log &
  service=$!
  local tries=0
  until url=$(grep -ho -m1 'http://127.0.0.1:[0-9]*' out log) && curl -fsS "$url/readyz" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { cat log >&2; exit 1; }
    sleep 0.1
  done
  [ -s post.lua ] || body "$url"
}

# measure NAME VARIABLE=VALUE...
measure() {
  local name=$1 before after begun took
  shift
  serve "$@"
  wrk -t1 -c2 -d2s -s post.lua "$url" >/dev/null
  before=$(resident_mb)
  wrk -t1 -c2 "-d${SECONDS_EACH}s" --latency -s post.lua "$url" >wrk.txt
  after=$(resident_mb)
  if grep -q 'Non-2xx\|Socket errors' wrk.txt; then
    echo "not every request was answered with $name:" >&2
    cat wrk.txt >&2
    exit 1
  fi
  begun=$(date +%s%N)
  kill -TERM "$service"
  wait "$service" || true
  took=$((($(date +%s%N) - begun) / 1000000))
  service=
  printf '| %s | %.0f | %s | %s | %s MB | %s MB | %s.%03d s |\n' "$name" \
    "$(awk '/Requests\/sec/ { print $2 }' wrk.txt)" \
    "$(awk '$1 == "50%" { print $2 }' wrk.txt)" "$(awk '$1 == "99%" { print $2 }' wrk.txt)" \
    "$before" "$after" $((took / 1000)) $((took % 1000))
}

# with MANNER NAME VARIABLE=VALUE...
with() {
  local manner=$1 name=$2 port
  shift 2
  coproc COLLECTING { exec python3 "$OLDPWD/bench/collector.py" "$manner"; }
  # shellcheck disable=SC2154 # set by coproc
  collector=$COLLECTING_PID
  read -r port <&"${COLLECTING[0]}"
  measure "$name" "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$port" "$@"
  kill "$collector" 2>/dev/null || true
  wait "$collector" 2>/dev/null || true
  collector=
}

echo "| collector | requests a second | half within | 99 in 100 within | memory before | after | the end took |"
echo "|---|---|---|---|---|---|---|"
measure "none named" LOGITD_LOG=info
with healthy "healthy" LOGITD_LOG=info
with healthy "healthy, one trace in a hundred" LOGITD_LOG=info OTEL_TRACES_SAMPLER=parentbased_traceidratio \
  OTEL_TRACES_SAMPLER_ARG=0.01
with refusing "refusing" LOGITD_LOG=info
with hanging "hanging" LOGITD_LOG=info
measure "gone" LOGITD_LOG=info OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9
