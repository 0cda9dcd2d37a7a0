"""A number on the map of its city: by H3 cell, or by district, over the city's own outlines and main streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import h3
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala.places.relations import CELL_RESOLUTION
from qala.portal.kpi.cells import Cells
from qala.portal.kpi.series import District
from qala.portal.kpi.subject import Subject
from qala.portal.map.queries import overview_of
from qala.ui import formats
from qala.ui.maps import Key, MapView, Table

_STEPS = 5


@dataclass(frozen=True)
class Area:
    """A part of the city with its number.

    Attributes:
        geometry: GeoJSON, WGS 84.
        amount: None where it is not told.
        facts: what a click shows: property -> text.
    """

    geometry: dict[str, Any]
    amount: Fraction | None
    facts: dict[str, str]


def cell_map(subject: Subject, found: Cells) -> MapView | None:
    """The cells coloured by share, or by number of rows; None where there is none."""
    if not found.cells:
        return None
    shares, words = any(one.share is not None for one in found.cells), subject.words

    def said(share: Fraction | None, rows: int) -> str:
        return words.amount(share, "percent") if shares else words.short(rows)

    areas = [
        Area(
            _hexagon(one.cell),
            one.share if shares else Fraction(one.whole),
            {"value": said(one.share, one.whole), "rows": words.short(one.whole)},
        )
        for one in found.cells
    ]
    return _map(
        subject,
        areas,
        "percent" if shares else "count",
        title=_("By cell of the H3 grid"),
        table=Table(
            (_("Cell"), _("Share") if shares else _("Rows"), _("Rows counted")),
            [(one.cell, said(one.share, one.whole), words.short(one.whole)) for one in found.cells],
            _("Cells of the H3 grid, resolution %(n)s") % {"n": CELL_RESOLUTION},
        ),
        popup=[("value", _("Share") if shares else _("Rows")), ("rows", _("Rows counted"))],
    )


def district_map(subject: Subject, districts: Sequence[District]) -> MapView | None:
    """The districts coloured by the value itself; None where their outlines are not known."""
    shapes = {one["properties"]["id"]: one["geometry"] for one in _features(subject, "district")}
    known = [one for one in districts if one.code in shapes]
    if not known:
        return None
    areas = [
        Area(
            shapes[one.code],
            None if one.point is None else subject.number(one.point.value),
            {"name": one.name, "value": _("too few to tell") if one.point is None else one.point.said},
        )
        for one in known
    ]
    return _map(
        subject,
        areas,
        "percent" if subject.compares else subject.unit,
        title=_("By district"),
        table=Table(
            (_("District"), _("Value")),
            [(one.name, _("too few to tell") if one.point is None else one.point.said) for one in known],
        ),
        popup=[("name", _("District")), ("value", _("Value"))],
    )


def _map(
    subject: Subject, areas: Sequence[Area], unit: str, *, title: str, table: Table, popup: Sequence[tuple[str, str]]
) -> MapView:
    amounts = sorted({one.amount for one in areas if one.amount is not None})
    steps = _steps(amounts)
    features = [
        {
            "type": "Feature",
            "properties": {
                "step": sum(one.amount > limit for limit in steps) if one.amount is not None else -1,
                **one.facts,
            },
            "geometry": one.geometry,
        }
        for one in areas
    ]
    colours: list[Any] = ["match", ["get", "step"]]
    for step in range(len(steps) + 1):
        colours += [step, f"var(--heat-{_tone(step, len(steps))})"]
    colours.append("var(--heat-none)")
    ground, beneath, above = _ground(subject)
    legend = [
        Key(_between(subject, low, high, unit), f"heat-{_tone(step, len(steps))}")
        for step, (low, high) in enumerate(_classes(amounts, steps))
    ]
    if any(one.amount is None for one in areas):
        legend.append(Key(_("not told"), "heat-none"))
    return MapView(
        id="areas",
        title=title,
        sources={**ground, "areas": {"type": "geojson", "data": {"type": "FeatureCollection", "features": features}}},
        layers=[
            *beneath,
            {"id": "areas", "type": "fill", "source": "areas", "paint": {"fill-color": colours, "fill-opacity": 0.6}},
            {"id": "edges", "type": "line", "source": "areas", "paint": {"line-color": "var(--line-strong)"}},
            *above,
        ],
        bounds=_bounds(areas),
        table=table,
        legend=legend,
        popup={"areas": popup},
        tall=True,
        heading=2,
    )


def _ground(subject: Subject) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """The city's first sight: source, layers beneath the areas (streets), and above them (districts' borders and names)."""
    version, said = overview_of(subject.city.code)
    if not said["features"]:
        return {}, [], []
    name = f"name_{formats.language_of(get_language())}"
    source = {"type": "geojson", "data": f"{reverse('tiles:overview', args=[subject.city.code])}?v={version}"}
    streets: list[Any] = ["==", ["get", "kind"], "street"]
    districts: list[Any] = ["==", ["get", "kind"], "district"]
    beneath = [
        {
            "id": "land-of-city",
            "type": "fill",
            "source": "ground",
            "filter": districts,
            "paint": {"fill-color": "var(--raised)"},
        }
    ]
    above = [
        {
            "id": "streets",
            "type": "line",
            "source": "ground",
            "filter": streets,
            "paint": {"line-color": "var(--map-road-edge)", "line-width": 1.2, "line-opacity": 0.8},
        },
        {
            "id": "borders",
            "type": "line",
            "source": "ground",
            "filter": districts,
            "paint": {"line-color": "var(--map-border)", "line-width": 1.2},
        },
        {
            "id": "districts",
            "type": "symbol",
            "source": "ground",
            "filter": districts,
            "layout": {"text-field": ["get", name], "text-size": 14},
            "paint": {"text-halo-width": 2.2},
        },
    ]
    return {"ground": source}, beneath, above


def _features(subject: Subject, kind: str) -> list[dict[str, Any]]:
    _version, said = overview_of(subject.city.code)
    return [one for one in said["features"] if one["properties"]["kind"] == kind]


def _hexagon(cell: str) -> dict[str, Any]:
    ring = [[round(lon, 6), round(lat, 6)] for lat, lon in h3.cell_to_boundary(cell)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _bounds(areas: Sequence[Area]) -> tuple[float, float, float, float]:
    points = [point for one in areas for point in _points(one.geometry["coordinates"])]
    lons, lats = [lon for lon, _lat in points], [lat for _lon, lat in points]
    return min(lons), min(lats), max(lons), max(lats)


def _points(coordinates: Any) -> list[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [point for part in coordinates for point in _points(part)]


def _steps(amounts: Sequence[Fraction]) -> list[Fraction]:
    """The highest amount of each class but the last: quantiles of the different amounts."""
    classes = min(_STEPS, len(amounts))
    return [amounts[len(amounts) * n // classes - 1] for n in range(1, classes)]


def _classes(amounts: Sequence[Fraction], steps: Sequence[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """(lowest, highest) amount that there is in each class."""
    found = []
    for low, high in zip([None, *steps], [*steps, None], strict=True):
        inside = [one for one in amounts if (low is None or one > low) and (high is None or one <= high)]
        if inside:
            found.append((inside[0], inside[-1]))
    return found


def _tone(step: int, steps: int) -> int:
    """Few classes are spread over the whole scale, so that they can be told apart."""
    return 3 if not steps else 1 + round(step * (_STEPS - 1) / steps)


def _between(subject: Subject, low: Fraction, high: Fraction, unit: str) -> str:
    words = subject.words
    return words.amount(low, unit) if low == high else f"{words.amount(low, unit)} – {words.amount(high, unit)}"
