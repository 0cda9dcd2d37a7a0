"""What an item of a board shows: each kind has a function that gives its template the context. Numbers are formatted there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.people.access import Somebody, may
from qala.places.overview import district_features
from qala.portal.board import mnemonics, queries
from qala.portal.board.layer_map import bounds_of, layer_map
from qala.portal.board.layout import Item
from qala.portal.board.tallies import by_day, tally
from qala.portal.data.guard import hides_persons, masked_columns
from qala.portal.data.samples import newest
from qala.ratings import queries as ratings
from qala.ratings.lines import words_of
from qala.standard.period import Period
from qala.standard.types import Kpi
from qala.standard.values import Language
from qala.ui import formats
from qala.ui.charts import Chart, Series
from qala.ui.maps import MapView, Table

Context = dict[str, Any]


@dataclass(frozen=True)
class At:
    """Where and when a board stands, and who looks."""

    city: City
    day: date
    user: Somebody

    @property
    def category(self) -> str | None:
        """The city's on that day."""
        return self.city.category_on(self.day)


def shown(item: Item, at: At) -> Context:
    """Context of the item's template `portal/board/items/<kind>.html`."""
    return {
        "item": item,
        "template": f"portal/board/items/{item.kind}.html",
        "heading": _heading(item),
        "city": at.city,
        "day": at.day,
        **KINDS[item.kind](item, at),
    }


def watches(item: Item) -> str:
    """What an item is shown anew for at once: ids of datasets, `*` for any; nothing where it tells of periods that are over,
    for these are asked about once a minute.
    """
    if item.kind == "latest":
        return "*"
    if item.kind == "feed":
        return "situation_centre.incidents"
    if item.kind == "mnemonic":
        return f"{item.network}.outages city.utility_networks"
    if item.kpis and item.grain == "day" and item.kind in ("kpi", "gauge", "chart"):
        return " ".join(dict.fromkeys(name for kpi in item.kpis for name in facts.values().datasets(queries.kpi(kpi))))
    return item.dataset


def _heading(item: Item) -> Any:
    given = item.title
    if given.kk or given.ru or given.en:
        return given
    if item.kpis:
        return queries.kpi(item.kpis[0]).name
    if item.dataset:
        return facts.catalogue().contract(item.dataset).name
    return None


def _target(one: Kpi, at: At) -> str:
    """What the KPI is to reach, in the page's language; empty where nothing is set."""
    rule = queries.rule_of(one, at.category)
    return "" if rule is None or rule.none is not None else words_of(facts.edition(at.day)).target(one, rule)


def _amount(one: Kpi, number: Fraction | None, at: At) -> str:
    """A KPI's number with its unit."""
    unit = "percent" if one.compare else one.unit
    words, rule = words_of(facts.edition(at.day)), queries.rule_of(one, at.category)
    return words.amount(number, unit, sign=bool(one.compare), beside=words.edges(rule))


def _unit(one: Kpi) -> str:
    unit = facts.edition().units.get(one.unit)
    return "%" if one.compare else formats.said(unit.symbol if unit else one.unit, _language())


def _language() -> Language:
    return formats.language_of(get_language())


def _kpi(item: Item, at: At) -> Context:
    one = queries.kpi(item.kpis[0])
    points = queries.series(at.city.code, one, at.day, item.grain, 13)
    period = points[-1][0]
    found = queries.value(at.city.code, one, period)
    rule = queries.rule_of(one, at.category)
    threshold = rule.threshold if rule else None
    number = queries.number_of(found)
    return {
        "kpi": one,
        "unit": _unit(one),
        "period": period,
        "value": found,
        "number": number,
        "said": formats.number(number, 1, _language(), beside=() if rule is None else rule.edges),
        "before": points[-2][1],
        "target": _target(one, at),
        "threshold": threshold,
        "most": 100 if _unit(one) == "%" else Fraction(5, 4) * max(number or 0, threshold or 0) or 1,
        "met": queries.met(one, at.category, found),
        "line": [number for _period, number in points],
        "address": reverse("kpi:kpi", args=[at.city.code, one.row]),
    }


def _chart(item: Item, at: At) -> Context:
    language = _language()
    kpis = [queries.kpi(name) for name in item.kpis]
    found = [queries.series(at.city.code, one, at.day, item.grain, item.span) for one in kpis]
    rule = queries.rule_of(kpis[0], at.category)
    spec = Chart(
        id=f"chart-{item.id}",
        kind="line",
        title=formats.said(_heading(item), language),
        categories=[formats.short_period(period, language) for period, _number in found[0]],
        series=[
            Series(formats.said(one.name, language), [n for _p, n in points])
            for one, points in zip(kpis, found, strict=True)
        ],
        unit=_unit(kpis[0]),
        target=rule.threshold if rule and len(kpis) == 1 and not kpis[0].compare else None,
        heading=0,
    )
    return {"chart": spec}


def _counter(item: Item, at: At) -> Context:
    period = Period.of(at.day, item.grain)
    first = period.first_day
    found = tally(at.user, at.city.code, item.dataset, first, at.day)
    before = Period.of(first - timedelta(days=1), item.grain)
    same = min(before.last_day, before.first_day + (at.day - first))
    registry = facts.catalogue().contract(item.dataset).kind == "registry"
    return {
        "number": found.number,
        "hidden": found.hidden,
        "before": None if registry else tally(at.user, at.city.code, item.dataset, before.first_day, same).number,
        "period": period,
        "address": reverse("data:dataset", args=[item.dataset]) + f"?city={at.city.code}",
    }


def _timeline(item: Item, at: At) -> Context:
    first = at.day - timedelta(days=item.span - 1)
    found = by_day(at.user, at.city.code, item.dataset, first, at.day)
    days = [first + timedelta(days=n) for n in range(item.span)]
    language = _language()
    spec = Chart(
        id=f"timeline-{item.id}",
        kind="bar",
        title=formats.said(_heading(item), language),
        categories=[formats.day(day, language, "short") for day in days],
        series=[Series(_("Rows"), [found.get(day, 0) for day in days])],
        heading=0,
        digits=0,
    )
    return {"chart": spec}


def _table(item: Item, at: At) -> Context:
    lines = []
    for one in queries.kpis_of(item, at.city, at.day):
        period = queries.periods(at.day, _grain(one, item), 1)[0]
        found = queries.value(at.city.code, one, period)
        number = queries.number_of(found)
        lines.append(
            {
                "kpi": one, "period": period, "status": found.status, "number": number, "said": _amount(one, number, at),
                "target": _target(one, at), "met": queries.met(one, at.category, found),
                "address": reverse("kpi:kpi", args=[at.city.code, one.row]),
            }
        )  # fmt: skip
    return {"lines": lines}


def _grain(one: Kpi, item: Item) -> Any:
    """A KPI is asked for as often as the order wants it, and never more finely than the item says."""
    order = ("day", "week", "month", "quarter", "year")
    return max(one.every, item.grain, key=order.index)


def _heat(item: Item, at: At) -> Context:
    periods = queries.periods(at.day, "month", item.span)
    lines = []
    for one in queries.kpis_of(item, at.city, at.day):
        cells = []
        for period in periods:
            found = queries.value(at.city.code, one, period)
            cells.append(
                {"period": period, "number": queries.number_of(found), "met": queries.met(one, at.category, found)}
            )
        lines.append({"kpi": one, "cells": cells, "address": reverse("kpi:kpi", args=[at.city.code, one.row])})
    return {"lines": lines, "periods": periods}


def _radar(item: Item, at: At) -> Context:
    found = ratings.shown(at.user, city=at.city.code)
    if found is None:
        return {"chart": None}
    language = _language()
    score = found.run.score(at.city.code)
    spheres = found.run.edition.spheres
    spec = Chart(
        id=f"radar-{item.id}",
        kind="radar",
        title=_("Sections of the index"),
        categories=[capfirst(formats.said(spheres[one.id].name, language)) for one in score.sections],
        series=[
            Series(
                formats.said(at.city.names, language),
                [None if one.score is None else 100 * one.score for one in score.sections],
            )
        ],
        least=0,
        most=100,
        heading=0,
        digits=0,
    )
    return {"chart": spec, "score": score, "place": found.run.place_of.get(at.city.code)}


def _map(item: Item, at: At) -> Context:
    """A layer, or districts coloured by a KPI of the last month."""
    if item.layer:
        return {"map": layer_map(item, at.city, at.day, at.user), "layer": True}
    features = district_features(facts.lake(), at.city.code)
    if not features or not item.kpis:
        return {"map": None}
    language = _language()
    one = queries.kpi(item.kpis[0])
    period = queries.periods(at.day, "month", 1)[0]
    rows, rule = [], queries.rule_of(one, at.category)
    for feature in features:
        code = feature["properties"].get("code") or feature["properties"].get("id")
        found = facts.values().of(at.city.code, code).value(one, period, period.last_day, extras=False)
        number, met = queries.number_of(found), queries.met(one, at.category, found)
        feature["properties"]["met"] = {True: "yes", False: "no", None: "none"}[met]
        names = feature["properties"].get("name") or feature["properties"]
        rows.append(
            (
                formats.said(names, language) or str(code),
                formats.number(number, 2, language, beside=() if rule is None else rule.edges),
            )
        )
    colour = ["match", ["get", "met"], "yes", "var(--good)", "no", "var(--bad)", "var(--line)"]
    spec = MapView(
        id=f"map-{item.id}",
        title=formats.said(one.name, language),
        sources={"districts": {"type": "geojson", "data": {"type": "FeatureCollection", "features": features}}},
        layers=[
            {
                "id": "area",
                "type": "fill",
                "source": "districts",
                "paint": {"fill-color": colour, "fill-opacity": 0.55},
            },
            {
                "id": "edge",
                "type": "line",
                "source": "districts",
                "paint": {"line-color": "var(--ink)", "line-width": 1},
            },
        ],
        bounds=bounds_of(features),
        table=Table([_("District"), _unit(one) or _("Value")], rows),
        heading=0,
    )
    return {"map": spec}


def _mnemonic(item: Item, at: At) -> Context:
    outages = queries.outages(at.city.code, item.network, at.day)
    names = {district.code: district.names for district in at.city.districts}
    for one in outages:
        one["district_name"] = names.get(one["district"])
    read = queries.meters_read(at.city.code, item.network, at.day)
    diagram = mnemonics.diagram(queries.elements(at.city.code, item.network, at.day), outages, names, read)
    districts = [node for node in diagram.nodes if node.kind == "district"] if diagram else []
    return {
        "diagram": diagram,
        "districts": districts,
        "sources": [node for node in diagram.nodes if node.kind != "district"] if diagram else [],
        "outages": outages,
        "open": [one for one in outages if one["open"]],
    }


def _feed(item: Item, at: At) -> Context:
    names = {district.code: district.names for district in at.city.districts}
    found = queries.incidents(at.city.code, at.day, item.span)
    return {"incidents": [(one, names.get(one.district)) for one in found], "zone": at.city.zone}


def _alarms(item: Item, at: At) -> Context:
    found = queries.alarms(at.city, at.day)
    lines = [(one, _amount(one.kpi, one.value, at), _target(one.kpi, at)) for one in found[:50]]
    return {"alarms": lines, "more": max(0, len(found) - 50), "may_note": queries.may_note(at.user, at.city.code)}


def _latest(item: Item, at: At) -> Context:
    found = queries.latest(at.city, at.day, item.span)
    lines = [(one, facts.catalogue().contracts.get(one.dataset)) for one in found]
    return {"receipts": lines, "silent": queries.silent_sources(at.city.code)}


def _rows(item: Item, at: At) -> Context:
    """The newest rows of a dataset; rows about persons for those only who may see rows."""
    contract = facts.catalogue().contract(item.dataset)
    address = reverse("data:dataset", args=[contract.id]) + f"?city={at.city.code}"
    if hides_persons(contract) and not may(at.user, "rows.see", city=at.city.code):
        return {"closed": True, "address": address}
    masked = masked_columns(contract, at.user, at.city.code)
    columns = item.columns or [name for name in contract.all_columns if name not in masked][:_COLUMNS]
    heads, rows = newest(contract, at.city.code, masked, item.span, columns=columns, until=at.day)
    return {"heads": heads, "rows": rows, "address": address, "dataset": contract.name}


_COLUMNS = 6
"""So many columns a table of rows has where none is chosen."""


def _text(item: Item, at: At) -> Context:
    text = formats.said(item.text.model_dump(), _language())
    return {"paragraphs": [part.strip() for part in text.split("\n\n") if part.strip()]}


KINDS: Mapping[str, Callable[[Item, At], Context]] = {
    "kpi": _kpi,
    "gauge": _kpi,
    "chart": _chart,
    "counter": _counter,
    "timeline": _timeline,
    "table": _table,
    "heat": _heat,
    "radar": _radar,
    "map": _map,
    "mnemonic": _mnemonic,
    "feed": _feed,
    "alarms": _alarms,
    "latest": _latest,
    "rows": _rows,
    "text": _text,
}
