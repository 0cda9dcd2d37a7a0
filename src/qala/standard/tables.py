"""The law as flat tables, and what two editions say differently. Columns ending in `_ru` hold the order's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel

from qala.standard.edition import Edition
from qala.standard.types import Kpi

What = Literal["kpis", "functions", "initiatives"]
WHATS: tuple[What, ...] = get_args(What)

Row = dict[str, str | int]


def table(edition: Edition, what: What) -> list[Row]:
    """One table of the edition; all rows have the same columns in the same sequence."""
    makers: dict[What, Callable[[Edition], Iterator[Row]]] = {
        "kpis": _kpis,
        "functions": _functions,
        "initiatives": _initiatives,
    }
    return list(makers[what](edition))


def _kpis(edition: Edition) -> Iterator[Row]:
    for kpi in edition.kpis.values():
        yield {
            "initiative": kpi.initiative,
            "row": kpi.row,
            "id": kpi.id,
            "name_ru": kpi.name.ru,
            "unit": kpi.unit,
            "every": kpi.every,
            "target_ru": kpi.law.target,
            "points": kpi.points,
            "source_ru": kpi.law.source,
            "formula_ru": kpi.law.formula,
            "description_ru": kpi.law.description,
            "system_ru": kpi.law.system,
            "influence_ru": kpi.law.influence,
        }


def _functions(edition: Edition) -> Iterator[Row]:
    for initiative in edition.initiatives.values():
        for function in initiative.functions:
            yield {
                "initiative": initiative.no,
                "no": function.no,
                "function_ru": function.name.ru,
                **{category: function.marks[category] for category in edition.categories},
                "need_ru": function.need.ru,
            }


def _initiatives(edition: Edition) -> Iterator[Row]:
    for initiative in edition.initiatives.values():
        for category, step in initiative.roadmap.items():
            yield {
                "initiative": initiative.no,
                "id": initiative.system,
                "name_ru": initiative.name.ru,
                "category": category,
                "level_ru": step.level,
                "stage": step.stage,
                "stage_ru": step.written.stage,
                "executors_ru": step.written.executors,
                "years_ru": step.written.years,
                "sphere": initiative.sphere,
                "sphere_ru": initiative.sphere_written,
            }


class Difference(NamedTuple):
    """One thing that two editions say differently.

    Attributes:
        what: kpi, function, initiative, open_term, unit, reading, category, scoring or edition.
        name: its id, as in the newer edition where both have it.
        change: `added`, `removed`, or `changed`.
        field: which field changed, dotted; empty for added and removed.
        before, after: the values; empty where there is none.
    """

    what: str
    name: str
    change: str
    field: str
    before: str
    after: str


def differences(before: Edition, after: Edition) -> list[Difference]:
    """Everything of the second edition that is not as in the first, in a fixed sequence."""
    found: list[Difference] = []
    for what, left, right in (
        ("category", before.categories, after.categories),
        ("initiative", _by_system(before), _by_system(after)),
        ("function", _by_function(before), _by_function(after)),
        ("kpi", before.kpis, after.kpis),
        ("unit", before.units, after.units),
        ("open_term", before.open_terms, after.open_terms),
        ("reading", before.readings, after.readings),
        ("norm", before.norms, after.norms),
    ):
        found += _between(what, left, right)
    left_act, right_act = _flat(before.act), _flat(after.act)
    found += _fields("edition", after.id, left_act, right_act)
    return [*found, *_fields("scoring", after.id, _flat(before.scoring), _flat(after.scoring))]


def _by_system(edition: Edition) -> dict[str, Any]:
    return {
        initiative.system: {**initiative.model_dump(exclude={"functions"})}
        for initiative in edition.initiatives.values()
    }


def _by_function(edition: Edition) -> dict[str, Any]:
    """Functions by their words: numbers shift when one is put between."""
    found: dict[str, Any] = {}
    for initiative in edition.initiatives.values():
        for function in initiative.functions:
            name = f"{initiative.system}: {function.name.ru}"
            while name in found:
                name += " (again)"
            found[name] = {"marks": function.marks, "need": function.need}
    return found


def _between(what: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Difference]:
    for name in [*left, *(name for name in right if name not in left)]:
        if name not in right:
            yield Difference(what, name, "removed", "", _title(left[name]), "")
        elif name not in left:
            yield Difference(what, name, "added", "", "", _title(right[name]))
        elif left[name] != right[name]:
            yield from _fields(what, name, _flat(left[name]), _flat(right[name]))


def _fields(what: str, name: str, left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[Difference]:
    for path in [*left, *(path for path in right if path not in left)]:
        before, after = left.get(path, ""), right.get(path, "")
        if before != after:
            yield Difference(what, name, "changed", path, before, after)


def _title(value: Any) -> str:
    if isinstance(value, Kpi):
        return f"{value.row} {value.name.en}"
    name = value.get("name") if isinstance(value, Mapping) else getattr(value, "name", None)
    said = name.get("en") if isinstance(name, Mapping) else getattr(name, "en", "")
    return str(said or "")


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """Leaves by dotted path; what is absent or empty has no leaf."""
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        found: dict[str, str] = {}
        for key, inner in value.items():
            found |= _flat(inner, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(value, list | tuple) and any(isinstance(item, BaseModel | Mapping) for item in value):
        return _flat({str(number): item for number, item in enumerate(value, 1)}, path)
    if value is None or value == () or value == []:
        return {}
    return {path: ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)}
