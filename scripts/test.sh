#!/usr/bin/env bash
# Everything that has to hold before a change goes in, from an empty machine on:
#   scripts/test.sh
# It installs what is missing (Debian packages; cargo-deny and Python packages below target/),
# runs each step, stops at the first that fails, and prints the minutes of each.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly KUBECTL_MINOR=28
readonly CARGO_DENY=0.20.2
PACKAGES=(postgresql prometheus openssl chromium chromium-driver curl gcc libc6-dev python3-venv
  shellcheck bubblewrap binutils util-linux ca-certificates tzdata tmux)
readonly TOOLS=$PWD/target/tools
readonly VENV=$PWD/target/venv

names=()
seconds=()
current=start

fail() {
  echo "test.sh: $*" >&2
  exit 1
}

# Shown however the script ends: also a failed run says where its time went.
report() {
  local status=$? index total=0
  [ "${#names[@]}" -gt 0 ] && printf '\n%-28s %s\n' step minutes
  for index in "${!names[@]}"; do
    total=$((total + seconds[index]))
    minutes "${names[index]}" "${seconds[index]}"
  done
  [ "${#names[@]}" -gt 0 ] && minutes total "$total"
  [ "$status" -eq 0 ] || echo "test.sh: failed at: $current" >&2
  exit "$status"
}

minutes() {
  printf '%-28s %4d:%02d\n' "$1" $(($2 / 60)) $(($2 % 60))
}

step() {
  local start=$SECONDS status=0
  current=$1
  shift
  printf '\n== %s\n' "$current"
  # Not `if` or `||` around the function itself: they would switch `set -e` off inside it.
  set +e
  (set -e; "$@")
  status=$?
  set -e
  names+=("$current")
  seconds+=($((SECONDS - start)))
  return "$status"
}

# Asked for first, and not installed: distributions carry it old, and it belongs to the cluster's
# administrator to choose.
kubectl_is_there() {
  local hint="kubectl 1.$KUBECTL_MINOR or newer is needed; install it from the package repository \
of the Kubernetes project or with your system's package manager, so that it is on the PATH"
  local version major minor
  command -v kubectl >/dev/null || fail "kubectl is missing: $hint"
  version=$(kubectl version --client -o json | sed -n 's/.*"gitVersion": *"v\([0-9.]*\).*/\1/p' | head -n 1)
  IFS=. read -r major minor _ <<<"$version"
  [ "${major:-0}" -gt 1 ] || [ "${minor:-0}" -ge "$KUBECTL_MINOR" ] ||
    fail "kubectl is ${version:-of an unknown version}: $hint"
}

packages_are_there() {
  local missing=() package as_root=()
  # Node by its commands: who has a newer one than Debian's has no package of these names.
  command -v node >/dev/null || PACKAGES+=(nodejs)
  command -v npm >/dev/null || PACKAGES+=(npm)
  command -v dpkg-query >/dev/null ||
    fail "this is no Debian: install what these packages hold, and run the steps by hand: ${PACKAGES[*]}"
  for package in "${PACKAGES[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  echo "installing ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Built without optimisation: it runs for two seconds, and compiles in a third of the time.
cargo_deny_is_there() {
  [ "$("$TOOLS/bin/cargo-deny" --version 2>/dev/null)" = "cargo-deny $CARGO_DENY" ] && return
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 \
    cargo install --quiet --locked --root "$TOOLS" "cargo-deny@$CARGO_DENY"
}

# The list that was installed is kept beside it: another list, another environment.
python_packages_are_there() {
  cmp --quiet tests/python/requirements.txt "$VENV/requirements.txt" && return
  python3 -m venv --clear "$VENV"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement tests/python/requirements.txt
  cp tests/python/requirements.txt "$VENV/requirements.txt"
}

trap report EXIT
step "kubectl" kubectl_is_there
command -v cargo >/dev/null ||
  fail "cargo is missing: install rustup; it fetches the compiler that rust-toolchain.toml names"
step "Debian packages" packages_are_there
step "shell scripts" shellcheck scripts/*.sh bench/*.sh deploy/*.sh tests/*/*.sh .ci/run
step "format" cargo fmt --all --check
step "clippy" cargo clippy --workspace --all-targets --test histories --locked -- -D warnings
step "install cargo-deny" cargo_deny_is_there
step "licences, bans, sources" "$TOOLS/bin/cargo-deny" --locked check \
  -D unmatched-skip -D unnecessary-skip licenses bans sources
step "files of a release" python3 tests/release/files.py
step "Python packages" python_packages_are_there
step "axe for the pages" tests/accessibility/install.sh
step "tests" cargo test --workspace --locked
# Hundreds of trainings: optimised, and so a step of its own.
step "histories of the gate" cargo test --locked --test histories \
  --config profile.dev.package.logitd.opt-level=2
step "the OpenAPI document" tests/documents/lint.sh target/debug/logitd
step "clients and their story" tests/clients/stories.sh target/debug/logitd
step "quick start of the clients" python3 tests/clients/quick_start.py target/debug/logitd
step "schemathesis" target/venv/bin/python tests/schemathesis/run.py target/debug/logitd
