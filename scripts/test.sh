#!/usr/bin/env bash
# `make test`: everything, cold or warm. Nothing is skipped: what is missing is installed, or the run fails.
. "$(dirname "$0")/lib.sh"

need_tools
need_apt build-essential postgresql chromium fonts-noto-cjk nginx
[ -n "${MOTT_TEST_POSTGRES:-}" ] || exec scripts/with-postgres.sh scripts/test.sh

STARTED=$SECONDS
OUT=$ROOT/.run/test
mkdir -p "$OUT"

# The tests of real processes are handed the binaries: nothing is built twice, and nothing is replaced under them.
rust() { MOTT_KILL_BINARY=$OUT/mott-plain MOTT_SCENARIO_BINARY=$OUT/mott cargo test --workspace --no-fail-fast; }

front_ends() {
  local app
  for app in payer console miniprogram; do
    (cd "apps/$app" && npm test --silent)
  done
}

# The journeys and the scenarios need a clock they can move, which the shipped binary must not have: both are built, and compared.
binaries() {
  cargo build --quiet --workspace --bins
  cp "$TARGET/debug/mott" "$OUT/mott-plain"
  cp "$TARGET/debug/sandbox" "$OUT/sandbox"
  cargo build --quiet --workspace --bins --features mott/test-clock
  cp "$TARGET/debug/mott" "$OUT/mott"
}

journeys() {
  npm_install tests/e2e
  (cd tests/e2e && MOTT_BIN=$OUT/mott MOTT_PLAIN_BIN=$OUT/mott-plain SANDBOX_BIN=$OUT/sandbox npm test --silent)
}

scripts/web.sh --all
phase 'binaries' binaries
phase 'rust' rust
phase 'front ends' front_ends
phase 'generated files' cargo xtask openapi --check --binary "$OUT/mott-plain"
phase 'browser journeys' journeys
say "── everything: $((SECONDS - STARTED)) s"
