#!/usr/bin/env bash
# `make format`: what `make lint` would ask for.
. "$(dirname "$0")/lib.sh"

cargo fmt --all
npm_install .
npx --no-install biome check --write .
