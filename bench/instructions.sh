#!/usr/bin/env bash
# bench/instructions.sh [NAME...]
#
# Counts the instructions of each part that benches/parts times, by callgrind: on a machine that does other
# things too, times move by more than many a change does, and these counts move by a thousandth. Each
# operation is called a number of times and twice that number, and the difference is told, so that a start does
# not count. Prints a table; names choose fewer (`cargo bench --bench parts -- --names` lists them).
#
# Compare tables of one machine and one compiler: valgrind offers fewer instructions than a processor has (no
# SHA-NI), so what hashes costs more here than it does there.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in cargo valgrind python3; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing: apt-get install valgrind python3; cargo comes with rustup" >&2
    exit 1
  }
done

# BENCH_PARTS: a program that was built before, to compare two revisions.
parts=${BENCH_PARTS:-$(cargo bench --locked --bench parts --no-run --message-format=json | python3 -c '
import json, sys
for line in sys.stdin:
    told = json.loads(line)
    if told.get("reason") == "compiler-artifact" and told["target"]["name"] == "parts":
        print(told["executable"])')}

# instructions NAME TIMES: of a whole run.
instructions() {
  local said
  said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$parts" --count "$1" "$2" 2>&1) || {
    echo "$said" >&2
    return 1
  }
  sed -n 's/.*Collected : \([0-9]*\).*/\1/p' <<<"$said"
}

names=("$@")
[ "${#names[@]}" -gt 0 ] || mapfile -t names < <("$parts" --names)
printf '| %-18s | %14s |\n| %s | %s: |\n' operation instructions "------------------" "-------------"
for name in "${names[@]}"; do
  case $name in
    # Enough for what runs beside it, such as a timer, to vanish.
    probe | json-1) times=2000 ;;
    *-1000) times=20 ;;
    *) times=1 ;;
  esac
  once=$(instructions "$name" "$times")
  twice=$(instructions "$name" $((2 * times)))
  printf "| %-18s | %'14d |\n" "$name" $(((twice - once) / times))
done
