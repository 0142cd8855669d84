#!/usr/bin/env bash
# The binary of a release, with the list of what is in it, twice:
#   scripts/release.sh [--profile release] [--out target/release-files]
# Inside the binary (cargo-auditable: `cargo audit bin` and scanners of images read it) and beside it as a CycloneDX
# SBOM (`logitd.cdx.json`, cargo-cyclonedx); `SHA256SUMS` covers both. The tools are installed below target/tools.
# `--profile dev` is for trying it out.
set -euo pipefail
cd "$(dirname "$0")/.."

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

# As the binary tells it, decompressed: the crates that went into it.
crates_inside() {
  local list
  list=$(mktemp)
  objcopy --dump-section ".dep-v0=$list" "$1" /dev/null || fail "$1 holds no list of its crates"
  python3 -c 'import json, sys, zlib
for crate in json.loads(zlib.decompress(open(sys.argv[1], "rb").read()))["packages"]:
    if crate.get("kind", "runtime") == "runtime": print(crate["name"], crate["version"])' "$list" | sort -u
  rm -f -- "$list"
}

crates_beside() {
  python3 -c 'import json, sys
bom = json.load(open(sys.argv[1]))
assert bom["bomFormat"] == "CycloneDX", bom["bomFormat"]
for crate in [bom["metadata"]["component"], *bom["components"]]: print(crate["name"], crate["version"])' "$1" | sort -u
}

# What is inside must stand in the list beside it too: two tools that read the same lock file.
lists_agree() {
  local missing
  missing=$(comm -23 <(crates_inside "$out/logitd") <(crates_beside "$out/logitd.cdx.json"))
  [ -z "$missing" ] || fail "in the binary and not in the SBOM: $missing"
  [ "$(crates_inside "$out/logitd" | wc -l)" -gt 100 ] || fail "the binary tells too few crates"
}

tool_is_there cargo-auditable "$AUDITABLE"
tool_is_there cargo-cyclonedx "$CYCLONEDX"
export PATH=$TOOLS/bin:$PATH
mkdir -p "$out"
cargo auditable build --locked --profile "$profile" --bin logitd
cp "$(built)" "$out/logitd"
# It writes a file beside every Cargo.toml of the workspace; ours is taken, the others go.
cargo cyclonedx --quiet --format json --spec-version 1.5 --override-filename logitd.cdx
mv logitd.cdx.json "$out/logitd.cdx.json"
rm -f -- migration/logitd.cdx.json
lists_agree
(cd "$out" && sha256sum logitd logitd.cdx.json >SHA256SUMS)
echo "$out: $(crates_inside "$out/logitd" | wc -l) crates in the binary, all of them in the SBOM"
