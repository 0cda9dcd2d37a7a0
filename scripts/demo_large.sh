#!/usr/bin/env bash
# A city with 3 million trees, its tiles, and its map: scripts/demo_large.sh [OUT]
#
# OUT (default out/large) then holds lake/ and site/. With a terminal the site is served until Ctrl+C; SERVE=0 ends before.
set -euo pipefail

out=${1:-out/large}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
qala=$root/.venv/bin/qala
port=${QALA_PORT:-8000}
trees=${QALA_DEMO_TREES:-3000000} # fewer for a test of this script
[[ -x $qala ]] || { echo "The program is not set up: run 'make setup' first." >&2; exit 2; }
if [[ -e $out/lake && ! -e $out/lake/made-by-demo ]]; then
  echo "$out/lake was not made by this demo and stays as it is. Choose another folder: make demo-large OUT=out/other" >&2
  exit 2
fi

mkdir -p "$out"
export QALA_LAKE=$out/lake QALA_HOME=$out/site QALA_EDITION=order_469
say() { printf '\n%s\n' "$*"; }

if [[ ! -e $out/lake/made-by-demo ]]; then
  new=$out/making
  rm -rf "$new"
  trap 'rm -rf "$new"' EXIT
  say "1/3  A simulated city of the largest kind, with $trees trees, through the border"
  "$root/.venv/bin/python" "$root/scripts/large_city.py" "$new" "$trees"
  touch "$new/made-by-demo"
  rm -rf "$out/lake"
  mv "$new" "$out/lake"
else
  say "1/3  The city is there already ($out/lake)"
fi
city=$("$qala" city list --format csv | awk -F, 'NR == 2 {print $1}')

say "2/3  Partial sums"
"$qala" compute --format csv >/dev/null

say "3/3  Vector tiles of every layer"
"$qala" tiles --city "$city" --format csv | awk -F, 'NR > 1 {printf "     %-20s %10d rows\n", $1, $2}'

say "Made in $SECONDS s. The map: http://localhost:$port/kk/map/?city=$city&layers=trees"
if [[ ${SERVE:-} == 0 || ! -t 1 ]]; then
  echo "qala serve --lake $QALA_LAKE --home $QALA_HOME --demo --port $port    serves it"
else
  exec "$qala" serve --demo --port "$port"
fi
