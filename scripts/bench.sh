#!/usr/bin/env bash
# `make bench`: both sides of every ratio are measured in the same run. An argument names one group.
. "$(dirname "$0")/lib.sh"

need_tools
need_apt postgresql postgresql-contrib nginx
scripts/web.sh
phase 'release binaries' cargo build --quiet --release --package mott --package sandbox --package bench
# A real disk: /tmp may be memory, where being durable costs nothing. PostgreSQL runs as another user, who must pass.
SCRATCH=$(mktemp -d /var/tmp/mott-bench.XXXXXX)
trap 'rm -rf "$SCRATCH"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$SCRATCH"
cargo run --quiet --release --package bench -- --scratch "$SCRATCH" ${1:+--only "$1"} ${SIZE:+--size "$SIZE"}
