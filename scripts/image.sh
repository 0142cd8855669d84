#!/usr/bin/env bash
# The container image from a built binary, without a container engine:
#   scripts/image.sh [--binary target/release/logitd] [--out target/image/logitd.tar] [--name logitd:VERSION]
#   scripts/image.sh --rootfs DIR [--binary ...]
# The first writes an OCI archive that containerd (`ctr images import`, kind, k3d, k3s) and docker
# (`docker load`) import: two layers, what the machine gives and the binary. The second only lays out
# the root file system, as deploy/Containerfile does in its last stage but one.
#
# Byte for byte the same when run twice on one machine: names sorted, owner 0, no time but
# SOURCE_DATE_EPOCH (the last commit's, unless it is set), gzip without name and time.
# The architecture is the binary's; run it on a machine of that architecture, whose C library goes in.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=target/release/logitd
out=target/image/logitd.tar
name=
rootfs=
# Numeric, and of nobody on any machine: distroless' "nonroot".
readonly USER_ID=65532
readonly CERTIFICATES=/etc/ssl/certs/ca-certificates.crt
readonly ZONES=/usr/share/zoneinfo

fail() {
  echo "image.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --binary) binary=${2:?} && shift 2 ;;
    --out) out=${2:?} && shift 2 ;;
    --name) name=${2:?} && shift 2 ;;
    --rootfs) rootfs=${2:?} && shift 2 ;;
    *) fail "unknown argument $1; the head of the script says what there is" ;;
  esac
done

for tool in tar gzip sha256sum ldd od sed stat; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install it: apt-get install tar gzip coreutils libc-bin sed"
done
[ -f "$binary" ] || fail "$binary is missing; build it: cargo build --release --locked"
[ -f "$CERTIFICATES" ] || fail "$CERTIFICATES is missing; install it: apt-get install ca-certificates"
[ -d "$ZONES" ] || fail "$ZONES is missing; install it: apt-get install tzdata"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=${name:-logitd:$version}
revision=$(git rev-parse HEAD 2>/dev/null || true)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
created=$(date --utc --date "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)

# Field e_machine of the ELF header.
architecture() {
  case $(od -An -t u2 -j 18 -N 2 "$binary" | tr -d ' ') in
    62) echo amd64 ;;
    183) echo arm64 ;;
    *) fail "$binary is built for neither amd64 nor arm64" ;;
  esac
}

# The loader and the libraries that the binary names, as files under the names it asks for. A static
# binary names none.
libraries() {
  local said
  said=$(ldd "$binary" 2>&1) || case $said in
    *"not a dynamic executable"*) return 0 ;;
    *) fail "ldd cannot read $binary on this machine: $said" ;;
  esac
  case $said in *"not found"*) fail "a library is missing here: $said" ;; esac
  sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' <<<"$said" | sort -u
}

# Lays out what the machine gives below $1.
lay_out_base() {
  local library
  while read -r library; do
    mkdir -p "$1$(dirname "$library")"
    cp -L "$library" "$1$library"
  done < <(libraries)
  mkdir -p "$1$(dirname "$CERTIFICATES")" "$1$ZONES"
  cp -L "$CERTIFICATES" "$1$CERTIFICATES"
  # `right` counts leap seconds and `posix` repeats the rest: no program asks for them by chance.
  tar -C "$ZONES" --exclude ./right --exclude ./posix --exclude ./localtime -cf - . | tar -C "$1$ZONES" -xf -
}

lay_out_binary() {
  mkdir -p "$1/usr/local/bin"
  cp "$binary" "$1/usr/local/bin/logitd"
}

# One form for every mode and owner, whatever umask the machine has.
readonly SAME=(--sort=name --format=gnu --owner=0 --group=0 --numeric-owner
  "--mtime=@$SOURCE_DATE_EPOCH" "--mode=u=rwX,go=rX")

digest() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# Moves the file $1 into the blobs, and prints its digest.
blob() {
  local sum
  sum=$(digest "$1")
  mv "$1" "$layout/blobs/sha256/$sum"
  echo "$sum"
}

size() {
  stat -c %s "$layout/blobs/sha256/$1"
}

# Packs the folder $1: sets `diff_id` (of the plain layer) and `layer` (of the compressed one).
pack_layer() {
  tar "${SAME[@]}" -C "$1" -cf "$work/layer.tar" .
  diff_id=$(digest "$work/layer.tar")
  gzip -9n "$work/layer.tar"
  layer=$(blob "$work/layer.tar.gz")
}

config_json() {
  cat <<END
{
  "created": "$created",
  "architecture": "$(architecture)",
  "os": "linux",
  "config": {
    "User": "$USER_ID:$USER_ID",
    "ExposedPorts": {"8080/tcp": {}},
    "Env": ["PATH=/usr/local/bin", "SSL_CERT_FILE=$CERTIFICATES"],
    "Entrypoint": ["/usr/local/bin/logitd"],
    "Cmd": ["serve"],
    "WorkingDir": "/",
    "StopSignal": "SIGTERM",
    "Healthcheck": {"Test": ["CMD", "/usr/local/bin/logitd", "healthcheck"], "Interval": 10000000000, "Timeout": 5000000000, "StartPeriod": 30000000000},
    "Labels": {
      "org.opencontainers.image.title": "logitd",
      "org.opencontainers.image.description": "A table of labelled rows in, served probabilities out",
      "org.opencontainers.image.version": "$version",
      "org.opencontainers.image.revision": "$revision",
      "org.opencontainers.image.created": "$created",
      "org.opencontainers.image.licenses": "Apache-2.0"
    }
  },
  "rootfs": {"type": "layers", "diff_ids": ["sha256:${diff_ids[0]}", "sha256:${diff_ids[1]}"]},
  "history": [
    {"created": "$created", "created_by": "scripts/image.sh: C library, CA certificates, time zones"},
    {"created": "$created", "created_by": "scripts/image.sh: logitd"}
  ]
}
END
}

described() {
  printf '{"mediaType": "%s", "digest": "sha256:%s", "size": %s}' "$1" "$2" "$(size "$2")"
}

manifest_json() {
  local layer_type=application/vnd.oci.image.layer.v1.tar+gzip
  cat <<END
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": $(described application/vnd.oci.image.config.v1+json "$config"),
  "layers": [
    $(described "$layer_type" "${layers[0]}"),
    $(described "$layer_type" "${layers[1]}")
  ]
}
END
}

index_json() {
  cat <<END
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:$manifest",
      "size": $(size "$manifest"),
      "platform": {"architecture": "$(architecture)", "os": "linux"},
      "annotations": {
        "io.containerd.image.name": "$full_name",
        "org.opencontainers.image.ref.name": "${full_name##*:}"
      }
    }
  ]
}
END
}

# What `docker load` reads; newer ones read index.json too.
docker_json() {
  printf '[{"Config": "blobs/sha256/%s", "RepoTags": ["%s"], "Layers": ["blobs/sha256/%s", "blobs/sha256/%s"]}]\n' \
    "$config" "$name" "${layers[0]}" "${layers[1]}"
}

if [ -n "$rootfs" ]; then
  mkdir -p "$rootfs"
  lay_out_base "$rootfs"
  lay_out_binary "$rootfs"
  exit
fi

case $name in
  *:*) ;;
  *) fail "--name needs a tag: $name:$version" ;;
esac
# containerd knows full names only; docker.io/library is what docker and Kubernetes read into a bare one.
case ${name%%/*} in
  "$name") full_name=docker.io/library/$name ;;
  *.* | *:* | localhost) full_name=$name ;;
  *) full_name=docker.io/$name ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
layout=$work/layout
mkdir -p "$layout/blobs/sha256" "$work/base" "$work/binary"

lay_out_base "$work/base"
lay_out_binary "$work/binary"
layers=() diff_ids=()
for part in base binary; do
  pack_layer "$work/$part"
  layers+=("$layer")
  diff_ids+=("$diff_id")
done
config_json >"$work/config.json"
config=$(blob "$work/config.json")
manifest_json >"$work/manifest.json"
manifest=$(blob "$work/manifest.json")
index_json >"$layout/index.json"
docker_json >"$layout/manifest.json"
echo '{"imageLayoutVersion": "1.0.0"}' >"$layout/oci-layout"

mkdir -p "$(dirname "$out")"
tar "${SAME[@]}" -C "$layout" -cf "$out" blobs index.json manifest.json oci-layout
echo "$out: $name, $(architecture), $(($(stat -c %s "$out") / 1000)) kB, sha256:$manifest"
