#!/usr/bin/env bash
# shellcheck disable=SC2034 # what it sets is used by whoever sources it
# Sourced by the other scripts: where things are, what must be installed, how a phase is told.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
export npm_config_loglevel=${npm_config_loglevel:-error} npm_config_update_notifier=false

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need_apt PACKAGE...: installs the ones that are missing, without starting any service they bring.
need_apt() {
  command -v dpkg-query >/dev/null || return 0 # not a Debian: what is missing will say so itself
  local package missing=()
  for package; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  # shellcheck disable=SC2016 # the inner shell expands these
  # The policy file is how Debian is told "install, but start nothing".
  as_root env DEBIAN_FRONTEND=noninteractive sh -c '
    set -e
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
      trap "rm -f $policy" EXIT
      printf "#!/bin/sh\nexit 101\n" >$policy
      chmod +x $policy
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null' sh "${missing[@]}"
}

# What both `make run` and `make test` stand on.
need_tools() {
  command -v cargo >/dev/null || fail 'cargo is missing: install Rust (rustup.rs), then try again'
  command -v node >/dev/null || fail 'node is missing: install Node.js 20.19 or newer, then try again'
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    fail "Node.js 20.19 or newer is needed; this is $(node --version)"
  command -v cc >/dev/null || need_apt build-essential
}

# phase NAME COMMAND...: runs it and tells how long it took.
phase() {
  local name=$1 from=$SECONDS
  shift
  say "── $name"
  "$@"
  say "── $name: $((SECONDS - from)) s"
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(String(s.address().port)); s.close() })'
}

# hash_of PATH...: one hash over names and contents of everything that is a source.
hash_of() {
  find "$@" \( -name node_modules -o -name dist -o -name test-results \) -prune -o -type f -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# unless_same STAMP HASH COMMAND...: runs the command and remembers the hash, or does nothing if it is known.
unless_same() {
  local stamp=$ROOT/.run/stamps/$1 hash=$2
  shift 2
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$hash" ] && return 0
  mkdir -p "${stamp%/*}"
  rm -f "$stamp"
  "$@"
  printf '%s\n' "$hash" >"$stamp"
}

npm_ci() { (cd "$1" && npm ci --no-audit --no-fund); }

# npm_install DIR: node_modules as the lock file says, fetched once per lock file.
npm_install() {
  local stamp=npm-${1//\//-}
  [ -d "$1/node_modules" ] || rm -f ".run/stamps/$stamp"
  unless_same "$stamp" "$(sha256sum "$1/package-lock.json" | cut -d ' ' -f 1)-$(node --version)" npm_ci "$1"
}
