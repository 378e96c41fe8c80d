#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time each (default 60s).
# A finding is saved below the package's testdata/fuzz and stays a test.
set -euo pipefail
cd "$(dirname "$0")/.."
span=${1:-60s}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# fuzz runs one target. Left alone, the engine makes each new input smaller for up
# to a minute, in which it tries nothing new. And it sometimes calls the end of its
# own time a failure ("context deadline exceeded", without an input); that is none.
fuzz() { # package, target
  echo "== $1 $2"
  go test -run '^$' -fuzz "^$2\$" -fuzztime "$span" -fuzzminimizetime 2s "$1" 2>&1 | tee "$out" && return 0
  grep -q 'context deadline exceeded' "$out" && ! grep -qE 'Failing input|panic|_test\.go' "$out"
}

count=0 found=()
while read -r package; do
  while read -r target; do
    count=$((count + 1))
    fuzz "$package" "$target" || found+=("$package $target")
  done < <(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true)
done < <(git ls-files -co --exclude-standard -- '*_test.go' | xargs -r grep -l '^func Fuzz' | xargs -rn1 dirname | sort -u | sed 's#^#./#')

if [ ${#found[@]} -gt 0 ]; then
  echo "found something in:"
  printf '  %s\n' "${found[@]}"
  exit 1
fi
echo "$count fuzz targets, $span each: nothing found"
