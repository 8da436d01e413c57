#!/usr/bin/env bash
# Builds the web apps whose sources changed since their last build. The server embeds what comes out. --all also builds
# the mini program for WeChat.
. "$(dirname "$0")/lib.sh"

# build APP SCRIPT: its words are for whoever looks for a failure.
build() {
  local log=$ROOT/.run/web-$1.log
  (cd "apps/$1" && npm run --silent "$2") >"$log" 2>&1 && return 0
  cat "$log" >&2
  return 1
}

# web_app APP SCRIPT OUTPUT: builds it unless its output is there and its sources are the ones it was made of.
web_app() {
  local stamp=web-$1-${2//:/-}
  [ -d "apps/$1/$3" ] || rm -f ".run/stamps/$stamp"
  unless_same "$stamp" "$(hash_of "apps/$1" packages/api-client)" phase "web: $1 $2" build "$1" "$2"
}

npm_install packages/api-client
for app in payer console miniprogram; do npm_install "apps/$app"; done
web_app payer build dist
web_app console build dist
web_app miniprogram build:h5 dist/h5
# What WeChat is given is not in the binary; whoever asks for everything wants to see it build.
[ "${1:-}" != --all ] || web_app miniprogram build:weapp dist/weapp
