#!/usr/bin/env bash
# Installs axe, which the tests put into pages, below target/accessibility; it needs node and npm:
#   tests/accessibility/install.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly HERE=$PWD/tests/accessibility TOOLS=$PWD/target/accessibility

cmp --quiet "$HERE/package-lock.json" "$TOOLS/installed.json" && exit
mkdir -p "$TOOLS"
cp "$HERE/package.json" "$HERE/package-lock.json" "$TOOLS"
npm ci --prefix "$TOOLS" --silent --no-audit --no-fund
cp "$HERE/package-lock.json" "$TOOLS/installed.json"
