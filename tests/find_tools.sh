#!/bin/sh
# Make Chromium (browser tests) and Node.js (tests of the browser modules) available where we may install them;
# say so loudly where we may not. Both kinds of test skip without them, and with CI=true a skip fails.
browser() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome
}
missing=""
browser >/dev/null 2>&1 || missing="$missing chromium"
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing for the tests …"
    # shellcheck disable=SC2086 - two words are two packages
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null &&
        exit 0
fi
echo "NOT FOUND:$missing. The tests that need it will be skipped. Install it, or set CHROMIUM to a browser's path." >&2
