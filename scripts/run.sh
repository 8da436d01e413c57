#!/usr/bin/env bash
# `make run`: builds what changed and starts the demo.
. "$(dirname "$0")/lib.sh"

need_tools
scripts/web.sh
phase 'release binaries' cargo build --quiet --release --package mott --package sandbox
exec node scripts/demo.mjs --binaries "$TARGET/release" --state "$ROOT/.run"
