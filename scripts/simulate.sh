#!/usr/bin/env bash
# `make simulate`: many seeds, or one of them again (SEED=7). Each row of the matrix must occur twenty times in the
# whole run; a shorter run asks for less.
. "$(dirname "$0")/lib.sh"

need_tools
scripts/web.sh # the server embeds them
SEEDS=${SEEDS:-2000}
cargo run --quiet --release --package simulator -- --seeds "$SEEDS" --least $((SEEDS / 100)) ${SEED:+--seed "$SEED"}
