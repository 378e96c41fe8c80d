#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time each (default 60s).
# A finding is saved below the package's testdata/fuzz and stays a test.
set -euo pipefail
cd "$(dirname "$0")/.."
span=${1:-60s}

count=0
while read -r package; do
  while read -r target; do
    echo "== $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$span" "$package"
    count=$((count + 1))
  done < <(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true)
done < <(git ls-files -co --exclude-standard -- '*_test.go' | xargs -r grep -l '^func Fuzz' | xargs -rn1 dirname | sort -u | sed 's#^#./#')
echo "$count fuzz targets, $span each: nothing found"
