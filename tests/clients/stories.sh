#!/usr/bin/env bash
# Makes the Python, TypeScript and Rust clients anew for several configurations, checks their types with
# every warning an error, and tells the same story through each against the running service:
#   tests/clients/stories.sh LOGITD
# What of the story differs between configurations is a file of each language: python/orders.py, ...
set -euo pipefail
LOGITD=$(realpath "$1")
readonly LOGITD
cd "$(dirname "$0")/../.."
readonly HERE=$PWD/tests/clients TOOLS=$PWD/target/clients
readonly PATIENCE_SECONDS=60
# Both configurations with a story have the keys "orders" and "reader", and observations.
readonly KEYS='[
  { name = "ci", role = "operate", sha256 = "1c168adb00d208e42f93314529f1fa9c0427eb63233ceda95a5db52b7012a719" },
  { name = "reader", role = "predict", sha256 = "3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30" },
]'
WORK=$(mktemp -d)
readonly WORK
service=
address=
trap 'stop; forget' EXIT

fail() {
  echo "stories.sh: $*" >&2
  exit 1
}

make_clients() {
  rm -rf -- "$WORK/python" "$WORK/typescript" "$WORK/rust"
  scripts/clients.sh python "$1" "$WORK/python"
  scripts/clients.sh typescript "$1" "$WORK/typescript"
  scripts/clients.sh rust "$1" "$WORK/rust"
}

# The story is a program of each client's user: the crate `story` beside the crate of the client.
add_story() {
  cp "$HERE/python/story.py" "$WORK/python"
  cp "$HERE/python/$1.py" "$WORK/python/shape.py"
  cp "$HERE/typescript/story.ts" "$WORK/typescript"
  cp "$HERE/typescript/$1.ts" "$WORK/typescript/shape.ts"
  rm -rf -- "$WORK/story"
  cp -r "$HERE/rust" "$WORK/story"
  mv "$WORK/story/src/$1.rs" "$WORK/story/src/shape.rs"
}

# Every warning an error, in the client and in what uses it.
types_hold() {
  local crate=$WORK/rust modules=(--package logitd_client)
  [ -e "$WORK/python/story.py" ] && modules+=(--module story --module shape) && crate=$WORK/story
  (cd "$WORK/python" && "$TOOLS/python/bin/mypy" --strict "${modules[@]}")
  npm --prefix "$WORK/typescript" run --silent build
  RUSTFLAGS="-D warnings" CARGO_TARGET_DIR=$TOOLS/rust \
    cargo build --quiet --locked --manifest-path "$crate/Cargo.toml"
}

# A service of the configuration $1 on a free port, with a first version trained on the rows of $2...
serve() {
  local folder=$WORK/service deadline=$((SECONDS + PATIENCE_SECONDS))
  rm -rf -- "$folder"
  mkdir "$folder"
  export LOGITD_DATABASE__URL=sqlite://$folder/logitd.db LOGITD_HTTP__LISTEN=127.0.0.1:0
  "$LOGITD" import "${@:2}" --config "$1" >"$folder/log" 2>&1 || fail "$(cat "$folder/log")"
  "$LOGITD" train --config "$1" >"$folder/log" 2>&1 || fail "$(cat "$folder/log")"
  "$LOGITD" serve --config "$1" >"$folder/log" 2>&1 &
  service=$!
  until [ -n "$address" ] && curl -fs "$address/readyz" >"$folder/ready"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "the service is not ready: $(cat "$folder/log")"
    sleep 0.1
    address=$(sed -n 's/.*"listening on \(http:[^"]*\)".*/\1/p' "$folder/log")
  done
}

# Built from a folder that is gone, the two crates are of no use to the next run.
forget() {
  [ -d "$WORK/story" ] && CARGO_TARGET_DIR=$TOOLS/rust \
    cargo clean --quiet --manifest-path "$WORK/story/Cargo.toml" --package logitd-client --package story
  rm -rf -- "$WORK"
}

stop() {
  [ -n "$service" ] || return 0
  kill "$service"
  wait "$service" || true
  service='' address=''
}

# The last word of each is the key of the first row that it writes.
tell_stories() {
  (cd "$WORK/python" && "$TOOLS/python/bin/python" story.py "$address" orders reader 900001)
  (cd "$WORK/typescript" && node build/story.js "$address" orders reader 900011)
  "$TOOLS/rust/debug/story" "$address" orders reader 900021
}

# The name of the story's files, the configuration, and what `logitd import` is to read.
story_of() {
  echo "clients of $2, and their story"
  "$LOGITD" openapi --config "$2" >"$WORK/openapi.json"
  make_clients "$WORK/openapi.json"
  add_story "$1"
  types_hold
  serve "${@:2}"
  tell_stories
  stop
}

echo "clients of tests/clients/configurations/readings.toml"
"$LOGITD" openapi --config "$HERE/configurations/readings.toml" >"$WORK/openapi.json"
make_clients "$WORK/openapi.json"
types_hold
export LOGITD_AUTH__KEYS=$KEYS LOGITD_OBSERVATIONS__ENABLED=true LOGITD_HTTP__DRAIN_SECONDS=0
story_of breast_cancer examples/breast-cancer/logitd.toml --example breast-cancer
story_of orders tests/clients/configurations/orders.toml tests/clients/configurations/orders.csv
