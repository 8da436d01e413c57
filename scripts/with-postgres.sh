#!/usr/bin/env bash
# with-postgres.sh COMMAND...: runs it with MOTT_TEST_POSTGRES naming a PostgreSQL of its own, made for this and
# removed after it, whatever happens. `initdb` refuses root, so root becomes the user postgres for it.
. "$(dirname "$0")/lib.sh"

need_apt postgresql
BIN=$(find /usr/lib/postgresql/*/bin -name initdb 2>/dev/null | sort -V | tail -n 1)
BIN=${BIN%/initdb}
[ -n "$BIN" ] || BIN=$(dirname "$(command -v initdb)") || fail 'PostgreSQL is missing and could not be installed'
DIR=$(mktemp -d "${TMPDIR:-/tmp}/mott-postgres.XXXXXX")
PORT=$(free_port)

as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

stop() {
  local status=$?
  trap - EXIT
  [ ! -f "$DIR/data/postmaster.pid" ] || as_postgres "$BIN/pg_ctl" -D "$DIR/data" -m immediate -w stop >/dev/null || true
  rm -rf "$DIR"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

[ "$(id -u)" != 0 ] || chown postgres "$DIR"
as_postgres "$BIN/initdb" -D "$DIR/data" -U mott --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
# Durability is what production needs and what tests pay for: a machine that loses power has lost the test anyway.
OPTIONS="-c listen_addresses=127.0.0.1 -p $PORT -c unix_socket_directories=$DIR -c max_connections=300 \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
as_postgres "$BIN/pg_ctl" -D "$DIR/data" -l "$DIR/log" -w -o "$OPTIONS" start >/dev/null || { cat "$DIR/log" >&2; exit 1; }
export MOTT_TEST_POSTGRES=postgres://mott@127.0.0.1:$PORT/postgres
"$@"
