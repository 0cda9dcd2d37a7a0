"""Signs tried on a lake of simulated cities: what they say of its own faults, and of faults planted in its months.

    .venv/bin/qala simulate --seed 7 --cities 6 --scale 0.002 --to /tmp/trial && .venv/bin/qala compute --lake /tmp/trial
    .venv/bin/python scripts/signs_trial.py /tmp/trial

A planted fault: from July on every month 40 % better (`step`); seven months moved to just over the target (`just_over`); two
months and what lies beside them so bad that they were left out (`withheld`). Prints tables in Markdown.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from qala.datasets import load_catalogue
from qala.lake import Lake
from qala.measures.values import Values
from qala.signs import look, rules, series
from qala.signs.search import _better
from qala.standard import editions
from qala.standard.period import Period

YEAR, AS_OF = 2026, date(2026, 12, 31)


def main(folder: Path) -> None:
    """Both trials."""
    catalogue = load_catalogue()
    lake, law = Lake(folder, catalogue), editions()["order_469"]
    values = Values(lake, law, catalogue)
    print("| city | character | its own faults | signs |\n| --- | --- | --- | --- |")
    for city in lake.cities.all():
        books = json.loads((folder / "simulation" / f"{city.code}.json").read_text())
        category = lake.cities.category_on(city.code, AS_OF)
        signs = Counter(one.rule for one in look(values, city.code, YEAR, AS_OF, category))
        faults = books["faults"]
        said = "; ".join(
            f"{name}: {len(faults[name])}" for name in ("not_connected", "withheld_months", "late_and_corrected")
        )
        print(f"| {city.code} | {books['character']} | {said} | {dict(signs) or 'none'} |")
    found, tried, alarms, honest = _planted(lake, values)
    print("\n| rule | planted | found | honest series | false alarms |\n| --- | ---: | ---: | ---: | ---: |")
    for name in ("step", "just_over", "withheld"):
        print(f"| {name} | {tried[name]} | {found[name]} | {honest[name]} | {alarms[name]} |")


def _planted(lake: Lake, values: Values) -> tuple[Counter[str], ...]:
    found: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    honest: Counter[str] = Counter()
    months = [Period.of(date(YEAR, month, 1), "month") for month in range(1, 13)]
    for city in lake.cities.all():
        category = lake.cities.category_on(city.code, AS_OF)
        for kpi in values.edition.kpis.values():
            target = kpi.target.get(category)
            better = None if target is None else _better(target)
            if target is None or better is None:
                continue
            seen = [values.of(city.code).value(kpi, month, AS_OF, extras=False) for month in months]
            numbers = [None if one.value is None or one.status != "ok" else float(one.value) for one in seen]
            if any(one is None for one in numbers):
                continue
            whole = [one for one in numbers if one is not None]
            _try(whole, better, float(target.threshold or 0), found, tried, alarms, honest)
    return found, tried, alarms, honest


def _try(
    whole: list[float], better: series.Better, target: float, found: Counter[str], tried: Counter[str],
    alarms: Counter[str], honest: Counter[str],
) -> None:  # fmt: skip
    known = rules()
    honest["step"] += 1
    alarms["step"] += series.step(whole, better, known["step"]) is not None
    if all(whole):
        stepped = [*whole[:6], *(one * (1 + 0.4 * better) for one in whole[6:])]
        tried["step"] += 1
        at = series.step(stepped, better, known["step"])
        found["step"] += at is not None and at.at == 6
    if target:
        honest["just_over"] += 1
        alarms["just_over"] += series.just_over(whole, target, better, known["just_over"]) is not None
        near = [target * (1 + better * 0.005) if month < 7 else one for month, one in enumerate(whole)]
        tried["just_over"] += 1
        found["just_over"] += series.just_over(near, target, better, known["just_over"]) is not None
        scores = [min(1.0, one / target if better > 0 else target / one if one else 1.0) for one in whole]
        gaps: list[float | None] = [None if month in (4, 5) else one for month, one in enumerate(scores)]
        bad = [None if one is None else one * 0.6 if month in (3, 6) else one for month, one in enumerate(gaps)]
        honest["withheld"] += 1
        alarms["withheld"] += series.withheld(gaps, known["withheld"]) is not None
        tried["withheld"] += 1
        found["withheld"] += series.withheld(bad, known["withheld"]) is not None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
