#!/usr/bin/env bash
# `make bench`: both sides of every ratio are measured in the same run. An argument names one group.
. "$(dirname "$0")/lib.sh"

need_tools
need_apt postgresql postgresql-contrib nginx
scripts/web.sh
phase 'release binaries' cargo build --quiet --release --package mott --package sandbox --package bench
exec cargo run --quiet --release --package bench -- ${1:+--only "$1"}
