#!/usr/bin/env bash
# Lists the security requirements (scripts/security-ids.txt) that no test names,
# area by area. It only prints: a missing id is a question to the reader.
set -euo pipefail
cd "$(dirname "$0")/.."

named=$(git ls-files -co --exclude-standard -- '*_test.go' '*.txtar' 'e2e/*.mjs' |
  xargs -r cat | grep -oE '\b[A-Z]{3}-[0-9]+\b' | sort -u || true)

show() { # area, state, covered, total, missing
  [ "$4" -eq 0 ] && return
  printf '%-36s %-6s %2d of %2d' "$1" "$2" "$3" "$4"
  if [ -n "$5" ] && [ "$2" = built ]; then printf '   without a test:%s' "$5"; fi
  printf '\n'
}

area='' state='' covered=0 total=0 missing='' gaps=0
while read -r first rest; do
  case "$first" in
    '' | '#') ;;
    '##')
      show "$area" "$state" "$covered" "$total" "$missing"
      area=${rest% (*} state=${rest##*(} state=${state%)} covered=0 total=0 missing=''
      ;;
    *)
      total=$((total + 1))
      if grep -qx "$first" <<<"$named"; then
        covered=$((covered + 1))
      else
        missing+=" $first"
        if [ "$state" = built ]; then gaps=$((gaps + 1)); fi
      fi
      ;;
  esac
done <scripts/security-ids.txt
show "$area" "$state" "$covered" "$total" "$missing"
echo "security ids of built areas that no test names: $gaps"
