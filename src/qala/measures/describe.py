"""A value with everything that an auditor asks: sums, rows, table versions, readings, open terms, article of the order."""

from __future__ import annotations

from typing import Any

from qala.measures.indicators import Indicator
from qala.measures.value import Value
from qala.measures.values import Values
from qala.standard.period import Period
from qala.standard.types import Kpi


def described(value: Value, kpi: Kpi, values: Values, period: Period, notice: str | None) -> dict[str, Any]:
    """The value and its footing, as one flat mapping of JSON-able things (fractions stay exact)."""
    lake = values.lake
    city = lake.cities.get(value.city)
    versions = {name: values.computer.snapshot(name).version for name in value.datasets}
    return {
        "kpi": value.kpi,
        "row": value.row,
        "name": kpi.name.en,
        "city": value.city,
        "category": city.category_on(period.last_day),
        "period": value.period,
        "status": value.status,
        "value": value.value,
        "unit": value.unit,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "base": value.base,
        "change_percent": value.change,
        "components": dict(value.components),
        "projection": value.projection,
        "rows": value.rows,
        "periods_delivered": value.delivered,
        "periods_due": value.due,
        "ways": dict(value.ways),
        "beside": {name: {"value": number, "unit": unit} for name, (number, unit) in value.beside.items()},
        "variants": dict(value.variants),
        "target": {category: rule.say() for category, rule in kpi.target.items()},
        **(_declared(kpi, value) if isinstance(kpi, Indicator) else _of_the_law(kpi)),
        "readings": list(kpi.readings),
        "open_terms": open_terms(kpi, values, value.city, period),
        "flags": list(value.flags),
        "table_versions": versions,
        "edition": values.edition.id,
        "notice": notice,
        "simulated": city.simulated,
    }


def _of_the_law(kpi: Kpi) -> dict[str, Any]:
    return {
        "formula": kpi.law.formula,
        "article": f"annex 4, initiative {kpi.initiative}, row {kpi.row.split('.')[1]}",
    }


def _declared(one: Indicator, value: Value) -> dict[str, Any]:
    return {
        "own_indicator": "never scored",
        "target_met": one.met(value.value),
        "owner": one.owner.en,
        "sphere": one.section,
        "cities": "all" if one.cities is None else list(one.cities),
    }


def open_terms(kpi: Kpi, values: Values, city: str, period: Period) -> dict[str, Any]:
    """The KPI's open terms with the value that was used; words where a term has no number."""
    context = values.computer.planner(city).context
    stretch = [s for s in context.stretches if s.first is None or s.first <= period.last_day][-1]
    filed = dict(stretch.filed)
    found: dict[str, Any] = {}
    for name in kpi.open_terms:
        term = values.edition.open_terms[name]
        day = max(period.last_day, term.from_day)
        parameter = values.edition.parameter(name, day, filed.get(name), category=stretch.category)
        found[name] = {
            "value": parameter.value,
            "unit": parameter.unit,
            "set_by": parameter.set_by,
            "text": term.default.text.en,
        }
    for name, limit in kpi.limits.items():
        found[name] = {"value": limit.values.get(stretch.category), "unit": limit.unit, "set_by": "edition", "text": ""}
    return found
