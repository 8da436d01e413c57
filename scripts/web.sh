#!/usr/bin/env bash
# Builds the web apps whose sources changed since their last build. The server embeds what comes out.
. "$(dirname "$0")/lib.sh"

build() { (cd "apps/$1" && npm run --silent build); }

[ ! -f packages/api-client/package.json ] || npm_install packages/api-client
for app in payer console miniprogram; do
  npm_install "apps/$app"
  [ -d "apps/$app/dist" ] || rm -f ".run/stamps/web-$app"
  unless_same "web-$app" "$(hash_of "apps/$app" packages/api-client)" phase "web: $app" build "$app"
done
