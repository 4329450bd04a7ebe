#!/bin/sh
# Run a command beside a PostgreSQL server of its own, thrown away afterwards:
#
#     sh tests/with_postgres.sh python -m pytest tests/data
#
# Its address is in SSD_STUDIO_TEST_POSTGRES, by which the tests know that they shall run on PostgreSQL too. Where that is set
# already, that server is used. Without PostgreSQL the command runs on SQLite alone; with CI set that fails.
set -eu

[ -n "${SSD_STUDIO_TEST_POSTGRES:-}" ] && exec "$@"

find_programs() {
    for folder in "$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && programs=$folder
    done
    [ -n "${programs:-}" ]
}

if ! find_programs && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing postgresql for the tests …"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null || true
    find_programs || true
fi
if [ -z "${programs:-}" ]; then
    echo "NOT FOUND: PostgreSQL. THE TESTS OF THE DATA SET RUN ON SQLITE ALONE. Install it: apt-get install postgresql" >&2
    [ -n "${CI:-}" ] && exit 1
    exec "$@"
fi

# The server refuses to run as root; Debian's package brings a user for it.
as_owner() {
    if [ "$(id -u)" != 0 ]; then "$@"; else su "$owner" -s /bin/sh -c 'exec "$0" "$@"' -- "$@"; fi
}
owner=postgres
id "$owner" >/dev/null 2>&1 || owner=nobody

home=$(mktemp -d "${TMPDIR:-/tmp}/ssd-studio-postgres.XXXXXX")
stop() {
    as_owner "$programs/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
port=$("${PYTHON:-python3}" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf '%s' "$password" >"$home/password"
[ "$(id -u)" = 0 ] && chown -R "$owner" "$home"
# Where it can, the server sorts as people do and not by bytes, which is what a user's server may do as well.
create() {
    as_owner "$programs/initdb" -D "$home/data" -U tester -A password --pwfile="$home/password" -E UTF8 --locale=C "$@" \
        >"$home/log" 2>&1
}
create --locale-provider=icu --icu-locale=en || create || {
    cat "$home/log" >&2
    exit 1
}
# Nothing here has to outlive a power cut.
options="-p $port -c listen_addresses=127.0.0.1 -k $home -c fsync=off -c full_page_writes=off -c max_connections=300"
as_owner "$programs/pg_ctl" -D "$home/data" -w -l "$home/server.log" -o "$options" start >/dev/null || {
    cat "$home/server.log" >&2
    exit 1
}
export SSD_STUDIO_TEST_POSTGRES="postgresql://tester:$password@127.0.0.1:$port/postgres"
"$@" || exit $?
