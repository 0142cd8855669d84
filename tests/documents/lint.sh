#!/usr/bin/env bash
# Two linters that others wrote find nothing in the documents of several configurations: openapi-spec-validator,
# and @redocly/cli with its recommended rules, where a warning counts as an error:
#   tests/documents/lint.sh LOGITD
# The first is in target/venv (scripts/test.sh makes it); the second is installed below target/documents, and
# works with Node 18 too, although it asks for 20.
set -euo pipefail
LOGITD=$(realpath "$1")
readonly LOGITD
cd "$(dirname "$0")/../.."
readonly HERE=$PWD/tests/documents TOOLS=$PWD/target/documents
readonly CONFIGURATIONS=(examples/*/logitd.toml tests/clients/configurations/*.toml tests/documents/*.toml)

linter_is_there() {
  cmp --quiet "$HERE/package-lock.json" "$TOOLS/installed.json" && return
  mkdir -p "$TOOLS"
  cp "$HERE/package.json" "$HERE/package-lock.json" "$TOOLS"
  npm ci --prefix "$TOOLS" --silent --no-audit --no-fund
  cp "$HERE/package-lock.json" "$TOOLS/installed.json"
}

# Not by the validator's command line: it reads JSON as YAML, where a key may have 1,024 characters.
is_valid() {
  target/venv/bin/python -c 'import json, sys
from openapi_spec_validator import validate
validate(json.load(sys.stdin))' <"$1"
}

is_clean() {
  REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true "$TOOLS/node_modules/.bin/redocly" lint --extends recommended-strict \
    --format stylish "$1" >"$1.said" 2>&1 && return
  cat "$1.said" >&2
  return 1
}

linter_is_there
WORK=$(mktemp -d)
readonly WORK
trap 'rm -rf -- "$WORK"' EXIT
for configuration in "${CONFIGURATIONS[@]}"; do
  "$LOGITD" openapi --config "$configuration" >"$WORK/openapi.json"
  is_valid "$WORK/openapi.json"
  is_clean "$WORK/openapi.json"
  echo "nothing to say of the document of $configuration"
done
