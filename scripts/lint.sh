#!/usr/bin/env bash
# `make lint`: what a reviewer should never have to say.
. "$(dirname "$0")/lib.sh"

need_tools
phase 'cargo fmt' cargo fmt --all --check
phase 'tidy' cargo xtask tidy
npm_install .
for folder in packages/api-client apps/payer apps/console apps/miniprogram tests/e2e; do
  npm_install "$folder"
  phase "tsc: $folder" sh -c "cd $folder && npx --no-install tsc --noEmit"
done
phase 'biome' npx --no-install biome check .
scripts/web.sh # the server embeds them, so clippy cannot read it without
phase 'clippy' cargo clippy --quiet --workspace --all-targets -- -D warnings
