#!/bin/sh
# Types and unit tests of the browser code, where node is there.
set -eu
if ! command -v npm >/dev/null; then
    echo "liveroom: JavaScript checks are skipped; they need node 20 or later with npm"
    exit 0
fi
sh scripts/packages.sh
npm run --silent form
npm run --silent types
npm test --silent > .venv/javascript.txt 2>&1 || { cat .venv/javascript.txt; exit 1; }
grep -E '^# (pass|fail) ' .venv/javascript.txt || true
