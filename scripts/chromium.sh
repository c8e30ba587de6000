#!/bin/sh
# A Chromium for the tests: $CHROMIUM, the usual places, or Debian's package when root on Debian.
set -eu
for found in "${CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
    [ -n "$found" ] && [ -x "$found" ] && break || found=
done
if [ -z "$found" ] && [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    echo "liveroom: installing Chromium from Debian's packages"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null && found=/usr/bin/chromium
fi
[ -n "$found" ] || echo "liveroom: browser tests will be skipped; install Chromium (sudo apt-get install chromium fonts-noto-cjk) or set CHROMIUM"
