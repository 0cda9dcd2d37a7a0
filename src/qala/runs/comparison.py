"""What differs between two runs, or between a run and its recomputation, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from qala.runs.record import Json, Run

_CITY = ("category", "index", "low", "high", "coverage", "bonus", "final", "band", "standing")
_KPI = ("status", "score")


class Difference(NamedTuple):
    """One thing that differs.

    Attributes:
        city: code.
        row: of the KPI; "" for the city as a whole.
        field: which field, `index`, `score`, `observation.value`.
        old, new: as recorded; None where it is absent.
    """

    city: str
    row: str
    field: str
    old: object
    new: object


def differences(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Difference]:
    """All that differs between the results of two runs, city by city: the city first, then its KPIs by row."""
    for city in sorted({*old, *new}):
        one, other = old.get(city), new.get(city)
        if one is None or other is None:
            yield Difference(city, "", "takes_part", one is not None, other is not None)
            continue
        if one == other:
            continue
        for name in sorted({*one, *other} - {"kpis"}, key=lambda name: (name not in _CITY, name)):
            if one.get(name) != other.get(name):
                yield Difference(city, "", name, one.get(name), other.get(name))
        rows = {**one["kpis"], **other["kpis"]}
        for row in rows:
            yield from _of_kpi(city, row, one["kpis"].get(row, {}), other["kpis"].get(row, {}))


def _of_kpi(city: str, row: str, old: Json, new: Json) -> Iterator[Difference]:
    for name in (*_KPI, "readings", "flags"):
        if old.get(name) != new.get(name):
            yield Difference(city, row, name, old.get(name), new.get(name))
    one, other = old.get("observation", {}), new.get("observation", {})
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield Difference(city, row, f"observation.{name}", one.get(name), other.get(name))


def explained(old: Run, new: Run) -> list[Json]:
    """What a new run of the same scope changes: KPI (or city), from what to what, and why.

    Why is a list of words: `period` (another last day), `table NAME: 4 → 6` for every dataset of the KPI whose
    table moved on (new or corrected rows), `code` (another program), `law` (the edition's own files), `claims`,
    `category`.
    """
    whole = _whole_reasons(old, new)
    datasets: Mapping[str, list[str]] = {**old.content["datasets"], **new.content["datasets"]}
    cities = {one["code"]: one for one in old.content["cities"]}
    now = {one["code"]: one for one in new.content["cities"]}
    said: list[Json] = []
    changed: dict[tuple[str, str], dict[str, list[object]]] = {}
    for one in differences(old.results, new.results):
        if one.row or one.field in _CITY or one.field == "takes_part":
            changed.setdefault((one.city, one.row), {})[one.field] = [one.old, one.new]
    for (city, row), fields in changed.items():
        moved = _moved(old, new, city, datasets.get(row, [])) if row else []
        own = [name for name in ("category", "claims") if cities.get(city, {}).get(name) != now.get(city, {}).get(name)]
        because = [*whole, *own, *moved]
        if not row and not because:
            because = ["its indicators"]
        said.append({"city": city, "row": row, "changes": fields, "because": because})
    return said


def _whole_reasons(old: Run, new: Run) -> list[str]:
    """Reasons that concern every city."""
    one, other = old.content["code"], new.content["code"]
    reasons = [f"period: {old.as_of} → {new.as_of}"] if old.as_of != new.as_of else []
    if one["edition"] != other["edition"]:
        reasons.append(f"law: {one['edition'][:8]} → {other['edition'][:8]}")
    if one["sources"] != other["sources"] or one["package"] != other["package"]:
        reasons.append(f"code: {one['package']} ({one['sources'][:8]}) → {other['package']} ({other['sources'][:8]})")
    return reasons


def _moved(old: Run, new: Run, city: str, datasets: list[str]) -> list[str]:
    before, after = ({**run.versions, **run.corrected.get(city, {})} for run in (old, new))
    return [
        f"table {name}: {_version(before, name)} → {_version(after, name)}"
        for name in datasets
        if before.get(name) != after.get(name)
    ]


def _version(versions: Mapping[str, int], name: str) -> str:
    found = versions.get(name, -1)
    return "none" if found < 0 else str(found)


def restate(old: Run, new: Run) -> list[Json]:
    """What changed from one run to a later one of the same scope; see `explained`.

    Raises:
        ValueError: they are of different scopes, so that nothing can be said of one by the other.
    """
    if old.scope != new.scope:
        raise ValueError(f"the runs {old.id} and {new.id} are of different scopes")
    return explained(old, new)
