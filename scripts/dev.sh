#!/usr/bin/env bash
# `make dev`: debug builds with their own data, and the console with hot reload.
. "$(dirname "$0")/lib.sh"

need_tools
scripts/web.sh
phase 'debug binaries' cargo build --quiet --package mott --package sandbox
exec node scripts/demo.mjs --binaries "$TARGET/debug" --state "$ROOT/.run/dev" --vite apps/console
