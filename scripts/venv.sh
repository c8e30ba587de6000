#!/bin/sh
# A virtual environment; on Debian, where it is a package of its own, root gets it installed.
set -eu
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "liveroom: Python 3.11 or later is needed (set PYTHON=…)"; exit 1; }
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq python3-venv
    else
        echo "liveroom: the Python module venv is missing; on Debian: sudo apt-get install python3-venv"
        exit 1
    fi
fi
"$python" -m venv "$venv"
