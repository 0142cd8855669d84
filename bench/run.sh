#!/usr/bin/env bash
# bench/run.sh [--quick] [--serving|--training] [--with litserve] [--with bentoml] [--with mlserver]
#
# logitd beside what a user would otherwise run, on this machine, in one session: builds the release binary,
# makes seeded data, installs the peers in virtual environments below target/bench, measures each pair in
# turn and writes bench/RESULTS.md with medians, spread and ratios, the machine and the versions.
# A part that is not measured keeps what the file says of it.
# About an hour after the builds; --quick is for trying it out, and its numbers are no results.
#
# BENCH_SERVICE_CORES (0) and BENCH_LOAD_CORES (1) are the cores of the services and of the load.
# BENCH_LOGITD, BENCH_FIT and BENCH_OHA are programs that are there already: the release binary, benches/fit, oha.
# Needs wrk, taskset and python3-venv beside the compiler, and postgresql for trainings; oha is built below
# target/tools. The largest table of a training takes 2 GB of the folder for temporary files.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly OHA=1.14.0
readonly OUT=$PWD/target/bench
readonly LOGITD=${BENCH_LOGITD:-$PWD/target/release/logitd}
export BENCH_OHA=${BENCH_OHA:-$PWD/target/tools/bin/oha}

# Each part lays what it measured into target/bench, from where bench/report.py takes it: serving.json, and
# training.md, whose text bench/training writes itself.
parts=(serving)
[ ! -e bench/training/run.py ] || parts+=(training)
with=()
quick=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=(--rounds 1 --seconds 1 --latency-seconds 2) && shift ;;
    --serving | --training) parts=("${1#--}") && shift ;;
    --with) with+=("${2:?}") && shift 2 ;;
    *) echo "run.sh: unknown argument $1; the head of the script says what there is" >&2 && exit 2 ;;
  esac
done

for tool in cargo wrk taskset python3 ps; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing: apt-get install wrk util-linux procps python3-venv; cargo comes with rustup" >&2
    exit 1
  }
done
mkdir -p "$OUT"

# environment NAME REQUIREMENTS: kept until the list changes.
environment() {
  cmp --quiet "$2" "$OUT/$1/requirements.txt" && return
  python3 -m venv --clear "$OUT/$1"
  "$OUT/$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
  cp "$2" "$OUT/$1/requirements.txt"
}

oha_is_there() {
  [ "$("$BENCH_OHA" --version 2>/dev/null)" = "oha $OHA" ] ||
    cargo install --quiet --locked --root target/tools --no-default-features --features rustls "oha@$OHA"
}

serving() {
  local beside=() name
  cargo build --release --locked --manifest-path bench/serving/floor/Cargo.toml --target-dir "$OUT/floor"
  oha_is_there
  environment serving bench/serving/requirements.txt
  for name in ${with[@]+"${with[@]}"}; do
    environment "$name" "bench/serving/requirements-$name.txt"
    beside+=(--beside "$name=$OUT/$name/bin/python")
  done
  python3 bench/serving/measure.py "$LOGITD" "$OUT/floor/release/floor" "$OUT/serving/bin/python" \
    "$OUT/serving.json" ${quick[@]+"${quick[@]}"} ${beside[@]+"${beside[@]}"}
}

# Where cargo laid the program of benches/fit.
fit() {
  cargo bench --locked --bench fit --no-run --message-format=json | python3 -c '
import json, sys
for line in sys.stdin:
    told = json.loads(line)
    if told.get("reason") == "compiler-artifact" and told["target"]["name"] == "fit":
        print(told["executable"])'
}

training() {
  environment training bench/training/requirements.txt
  oha_is_there
  "$OUT/training/bin/python" bench/training/run.py "$LOGITD" "$FIT" "$OUT/training.md" ${quick[@]+--quick}
}

# Before the binary: a bench builds that too, with what the test dependencies ask of shared crates.
FIT=${BENCH_FIT:-}
[[ " ${parts[*]} " != *" training "* || -n $FIT ]] || FIT=$(fit)
[ -n "${BENCH_LOGITD:-}" ] || cargo build --release --locked
for part in "${parts[@]}"; do
  "$part"
done
python3 bench/report.py "$LOGITD" "$OUT" bench/RESULTS.md
echo "wrote bench/RESULTS.md"
