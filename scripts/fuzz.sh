#!/usr/bin/env bash
# `make fuzz`: every target of fuzz/ for a minute, or the named ones. Finds begin in fuzz/seeds; what a run learns goes to
# fuzz/corpus (not committed), and an input that breaks something to fuzz/artifacts: make it a test.
. "$(dirname "$0")/lib.sh"

FUZZ_SECONDS=${FUZZ_SECONDS:-60}
CARGO_FUZZ=0.13.2

command -v cargo >/dev/null || fail 'cargo is missing: install Rust (rustup.rs), then try again'
command -v c++ >/dev/null || need_apt build-essential # libFuzzer itself is C++
if [ "$("$TARGET/tools/bin/cargo-fuzz" --version 2>/dev/null)" != "cargo-fuzz $CARGO_FUZZ" ]; then
  phase 'cargo-fuzz' cargo install --quiet --locked --version "$CARGO_FUZZ" --root "$TARGET/tools" cargo-fuzz
fi
# Coverage needs flags that the stable compiler keeps for itself. No sanitizer: the product has no unsafe code, and without
# one twice as much is tried in the same minute.
export RUSTC_BOOTSTRAP=1 PATH="$TARGET/tools/bin:$PATH" CARGO_TARGET_DIR="$TARGET/fuzz"
flags=(--sanitizer none)
# A function because the flags come in two places.
fuzz() { cargo fuzz "$1" "${flags[@]}" "${@:2}"; }

phase 'building the targets' fuzz build
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo fuzz list)
# What was tried and what was found; all of it only where something was.
try() {
  local log=$TARGET/fuzz/$1.log
  fuzz run "$1" "fuzz/corpus/$1" "fuzz/seeds/$1" -- -max_total_time="$FUZZ_SECONDS" -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -print_funcs=0 -verbosity=0 >"$log" 2>&1 || { tail -n 60 "$log" >&2; fail "$1: see fuzz/artifacts/$1"; }
  sed -n 's/^stat::\(number_of_executed_units\|average_exec_per_sec\): */   \1 /p' "$log" >&2
}
for target in "${targets[@]}"; do
  mkdir -p "fuzz/corpus/$target"
  phase "$target" try "$target"
done
