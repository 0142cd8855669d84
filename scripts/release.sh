#!/usr/bin/env bash
# The binary of a release, with the list of what is in it, twice:
#   scripts/release.sh [--profile release] [--out target/release-files]
# Inside the binary (cargo-auditable: `cargo audit bin` and scanners of images read it) and beside it as a CycloneDX
# SBOM (`logitd.cdx.json`, cargo-cyclonedx); `SHA256SUMS` covers both. Fails where the two disagree, and where a file
# names a directory of this machine. The tools are installed below target/tools. `--profile dev` is for trying it out.
set -euo pipefail
cd -P "$(dirname "$0")/.."

readonly AUDITABLE=0.7.7 CYCLONEDX=0.5.9
readonly TOOLS=$PWD/target/tools
profile=release
out=target/release-files

fail() {
  echo "release.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --profile) profile=${2:?} && shift 2 ;;
    --out) out=${2:?} && shift 2 ;;
    *) fail "unknown argument $1; the head of the script says what there is" ;;
  esac
done
for tool in cargo objcopy python3 sha256sum; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install it: apt-get install binutils python3 coreutils, and rustup"
done

# Built without optimisation: they run for seconds.
tool_is_there() {
  grep -qs "^\"$1 $2 " "$TOOLS/.crates.toml" && return
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 \
    cargo install --quiet --locked --root "$TOOLS" "$1@$2"
}

# Where cargo puts what it builds by this profile.
built() {
  case $profile in
    dev) echo target/debug/logitd ;;
    *) echo "target/$profile/logitd" ;;
  esac
}

# The directories of this machine that a file of the release might name.
places=("$PWD" "${CARGO_HOME:-$HOME/.cargo}" "${RUSTUP_HOME:-$HOME/.rustup}")

# Every place in them by a name that is the same wherever it is built: as flags of this name, with this between.
# What else is in RUSTFLAGS or CFLAGS is not taken: a release is made one way.
renamed() {
  printf '%s' "$1=${places[0]}=/logitd$2$1=${places[1]}=/cargo$2$1=${places[2]}=/rustup"
}

tool_is_there cargo-auditable "$AUDITABLE"
tool_is_there cargo-cyclonedx "$CYCLONEDX"
export PATH=$TOOLS/bin:$PATH
mkdir -p "$out"
CARGO_ENCODED_RUSTFLAGS=$(renamed --remap-path-prefix $'\x1f') CFLAGS=$(renamed -ffile-prefix-map ' ') \
  CARGO_TARGET_DIR=$PWD/target cargo auditable build --locked --profile "$profile" --bin logitd
cp "$(built)" "$out/logitd"
# It writes a file beside every Cargo.toml of the workspace; ours is taken, the others go.
cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename logitd.cdx
mv logitd.cdx.json "$out/logitd.cdx.json"
rm -f -- migration/logitd.cdx.json
python3 scripts/release_files.py anonymous "$out/logitd.cdx.json" "$PWD"
python3 scripts/release_files.py check "$out/logitd" "$out/logitd.cdx.json" "${places[@]}"
(cd "$out" && sha256sum logitd logitd.cdx.json >SHA256SUMS)
echo "$out: $(tr '\n' ' ' <"$out/SHA256SUMS")"
