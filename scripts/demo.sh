#!/usr/bin/env bash
# The main job, from raw rows to reports: scripts/demo.sh [OUT]
#
# Twelve invented cities record a year through every dataset; their rows go through the same border as a real city's files, become
# sums, values, scores, three ratings and reports. OUT (default out/demo) then holds lake/ and reports/. A second run makes
# everything anew beside the old and puts it in the old's place when it is whole. On a terminal the site is then served, with a
# sign-in for each role, until Ctrl+C; SERVE=0 ends after the rating. `make serve` starts the site again on what is there.
set -euo pipefail

out=${1:-out/demo}
year=2026
half=$year-06-30 # a rating of the half-year, so that the one of the year has something before it
as_of=$year-12-31
seed=7
cities=${QALA_DEMO_CITIES:-12} # fewer and smaller for a test of this script
scale=${QALA_DEMO_SCALE:-0.005}
categories=(republican oblast district)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
qala=$root/.venv/bin/qala
[[ -x $qala ]] || { echo "The program is not set up: run 'make setup' first." >&2; exit 2; }
if [[ -e $out/lake && ! -e $out/lake/made-by-demo ]]; then
  echo "$out/lake was not made by this demo and stays as it is. Choose another folder: make demo OUT=out/other" >&2
  exit 2
fi

if pid=$(head -n1 "$out/site/postgres/postmaster.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null; then
  echo "The site of $out is running: stop it first (Ctrl+C where it runs), or choose another folder: make demo OUT=out/other" >&2
  exit 2
fi

mkdir -p "$out"
new=$out/making
rm -rf "$new"
mkdir "$new"
trap 'rm -rf "$new"' EXIT
log=$new/log.txt
export QALA_LAKE=$new/lake QALA_EDITION=order_469

say() { printf '\n%s\n' "$*"; }
quietly() { "$@" 2>>"$log" || { cat "$log" >&2; exit 1; }; }
count() { find "$1" -type f -name "$2" | wc -l | tr -d ' '; }

say "1/4  Simulating $cities cities, $(($year - 1)) and $year, through every dataset"
"$qala" simulate --seed $seed --cities $cities --scale $scale --year $year --to "$QALA_LAKE" --format csv >"$new/cities.csv"
touch "$QALA_LAKE/made-by-demo"
awk -F, 'NR > 1 {rows += $7; n++} END {printf "     %d cities delivered %.1f million rows. Everything made of them is marked simulated.\n", n, rows / 1e6}' "$new/cities.csv"

say "2/4  Partial sums by day: one scan per dataset"
quietly "$qala" compute --format csv >"$new/sums.csv"
awk -F, 'NR > 1 {scans += $3; sums += $5} END {printf "     %d scans, %d thousand daily sums.\n", scans, sums / 1000}' "$new/sums.csv"

say "3/4  Values, scores, places: an immutable run for each category, of the half-year and of the year"
for category in "${categories[@]}"; do
  quietly "$qala" rank --year $year --as-of $half --category "$category" --format csv >/dev/null
done
for category in "${categories[@]}"; do
  quietly "$qala" rank --year $year --as-of $as_of --category "$category" --format csv >"$new/$category.csv"
done
grep -m1 Notice "$log" | sed 's/^/     /' || true

say "4/4  Reports: a score sheet for each city, the ratings for the ministry"
all=()
while IFS=, read -r code _; do all+=(--city "$code"); done < <(tail -n +2 "$new/cities.csv")
quietly "$qala" report "${all[@]}" --year $year --as-of $as_of --lang all --form html --out "$new/reports" >/dev/null
quietly "$qala" report "${all[@]:0:2}" --year $year --as-of $as_of --lang all --form pdf,xlsx --out "$new/reports" >/dev/null
quietly "$qala" report --rating --year $year --as-of $as_of --lang all --form all --out "$new/reports" >/dev/null

rm -rf "$out/lake" "$out/reports" "$out/site" # the site's publications were of the old lake
mv "$new/lake" "$new/reports" "$out/"

for category in "${categories[@]}"; do
  say "Rating $year, category $category (simulated cities)"
  awk -F, '
    NR == 1 {for (i = 1; i <= NF; i++) at[$i] = i
      printf "%5s  %-8s %-18s %6s  %-13s %8s %6s %6s  %-12s %s\n", "place", "city", "name", "index", "bounds", "coverage", "bonus", "final", "band", "standing"; next}
    {printf "%5s  %-8s %-18s %6.2f  %5.2f–%-5.2f  %7.1f%% %6s %6.2f  %-12s %s\n", $at["place"], $at["city"], $at["name"], $at["index"], $at["low"],
      $at["high"], 100 * $at["coverage"], "+" $at["bonus"], $at["final"], $at["band"], $at["standing"]}' "$new/$category.csv"
done

first=${all[1]}
say "$(count "$out/reports" '*.html') pages, $(count "$out/reports" '*.pdf') PDF files and $(count "$out/reports" '*.xlsx') workbooks are in $out/reports (kk, ru, en). Made in $SECONDS s."
cat <<END

Why is a number what it is? For example:

  export QALA_LAKE=$out/lake QALA_EDITION=order_469 PATH=$root/.venv/bin:\$PATH
  qala explain --city $first --year $year --as-of $as_of     # what each KPI adds, what is missing, where points can be won
  qala value 2.2 --city $first --period $year-03              # one KPI: sums, rows, versions, readings, open terms
  qala rows 2.2 --city $first --period $year-03 --limit 5     # the very rows behind it
  qala verify latest                                      # a rating computed again from the versions that it names
END

# The site is served where somebody can see it and stop it: on a terminal, unless SERVE=0; or with SERVE=1.
if [[ ${SERVE:-} == 1 || (${SERVE:-} != 0 && -t 1) ]]; then
  say "The site, over these cities; two of them go on living, sixty times as fast (QALA_DEMO_PLAY= keeps them still)"
  play=${QALA_DEMO_PLAY-60}
  exec "$qala" serve --demo ${play:+--play "$play"} --lake "$out/lake" --home "$out/site" --edition order_469 --port "${PORT:-8000}"
fi
