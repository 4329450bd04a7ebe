#!/bin/sh
# Make Debian's Chromium available to the browser tests when we may; say so loudly when we may not.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "${CHROMIUM:-}" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "NO CHROMIUM FOUND: the browser tests will be skipped. Install Chromium, or set CHROMIUM to its path." >&2
