#!/bin/sh
# JavaScript packages of package-lock.json into node_modules, where npm is there.
set -eu
command -v npm >/dev/null || exit 0
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent --no-audit --no-fund
