"""What the components page shows its parts with. The figures are invented and describe no city."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from qala.standard.period import Period
from qala.ui.charts import Chart, Kind, Series
from qala.ui.formats import language_of, short_period
from qala.ui.maps import Key, MapView, Table

_MONTHS = [Period.parse(f"2026-{month:02d}") for month in range(1, 13)]
_SHARES = [81.2, 82.9, None, 84.4, 86.1, 85.7, 88.3, 89.6, 91.2, 90.8, 92.4, 93.1]
_PEERS = [78.4, 78.9, 79.9, 80.2, 81.6, 82.2, 82.9, 83.1, 84.6, 85.2, 85.9, 86.3]


def charts(language: str) -> list[Chart]:
    """One chart of each kind."""
    months = [short_period(one, language_of(language)) for one in _MONTHS]
    city, peers = _("A city"), _("Its peers")
    sections = [_("Governance"), _("Safety"), _("Transport"), _("Ecology"), _("Housing")]
    many = [
        Series(f"{row}.{at}", [(row * 17 + at * 31 + x * 13) % 100 for x in range(8)])
        for row in (1, 2)
        for at in (1, 2, 3)
    ]
    made: list[tuple[Kind, dict[str, Any]]] = [
        (
            "line",
            {
                "title": _("Appeals resolved at first contact"),
                "categories": months,
                "series": [Series(city, _SHARES), Series(peers, _PEERS, dashed=True)],
                "unit": "%",
                "target": 90,
                "digits": 1,
                "note": _("A gap is a month without data."),
            },
        ),
        (
            "bar",
            {
                "title": _("Appeals by month"),
                "categories": months,
                "series": [Series(city, [1204 + 90 * m for m in range(12)])],
                "digits": 0,
            },
        ),
        (
            "stacked",
            {
                "title": _("Points won, by section"),
                "categories": [f"{city} {at}" for at in "ABCD"],
                "series": [Series(name, [20 - at * 2 + k for k in range(4)]) for at, name in enumerate(sections)],
                "digits": 1,
                "horizontal": True,
            },
        ),
        (
            "radar",
            {
                "title": _("Five sections"),
                "categories": sections,
                "series": [Series(city, [82, 74, 66, 91, 58]), Series(peers, [70, 71, 69, 75, 72], dashed=True)],
                "most": 100,
            },
        ),
        (
            "heat",
            {
                "title": _("KPIs by city"),
                "categories": [f"{city} {at}" for at in "ABCDEFGH"],
                "series": many,
                "least": 0,
                "most": 100,
                "digits": 0,
            },
        ),
        (
            "scatter",
            {
                "title": _("Coverage and index"),
                "categories": [f"{city} {at}" for at in range(1, 25)],
                "series": [
                    Series(_("Coverage"), [40 + (at * 37) % 60 for at in range(24)]),
                    Series(_("Index"), [45 + (at * 37) % 60 * 0.5 + (at * 13) % 17 for at in range(24)]),
                ],
                "digits": 1,
            },
        ),
        (
            "range",
            {
                "title": f"{_('Index')}: {_('Low bound')}, {_('High bound')}",
                "categories": [f"{city} {at}" for at in "ABCD"],
                "series": [
                    Series(_("Low bound"), [1, 1, 2, 4]),
                    Series(_("High bound"), [2, 3, 4, 4]),
                    Series(_("Index"), [1, 2, 3, 4]),
                ],
                "digits": 0,
                "least": 0,
                "horizontal": True,
            },
        ),
        (
            "sparkline",
            {
                "title": _("A small line"),
                "categories": months,
                "series": [Series(city, _SHARES)],
                "target": 90,
                "digits": 1,
            },
        ),
        ("line", {"title": _("Nothing yet"), "categories": months, "series": [Series(city, [None] * 12)]}),
    ]
    return [Chart(id=f"sample-{kind}-{at}", kind=kind, **given) for at, (kind, given) in enumerate(made)]


def country() -> MapView:
    """Three points and an area."""
    places = [("Astana", 71.43, 51.13, 1), ("Almaty", 76.95, 43.24, 2), ("Shymkent", 69.60, 42.32, 4)]
    area = [[[66.0, 48.0], [70.5, 46.6], [73.0, 48.5], [70.0, 50.0], [66.0, 48.0]]]
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"name": name, "band": band},
        }
        for name, lon, lat, band in places
    ]
    colours = ["match", ["get", "band"], 1, "var(--band-1)", 2, "var(--band-2)", 4, "var(--band-4)", "var(--none)"]
    return MapView(
        id="sample-map",
        title=_("Cities by band"),
        sources={
            "area": {
                "type": "geojson",
                "data": {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": area}},
            },
            "cities": {"type": "geojson", "data": {"type": "FeatureCollection", "features": points}},
        },
        layers=[
            {
                "id": "area",
                "type": "fill",
                "source": "area",
                "paint": {"fill-color": "var(--accent)", "fill-opacity": 0.18},
            },
            {
                "id": "cities",
                "type": "circle",
                "source": "cities",
                "paint": {
                    "circle-radius": 9,
                    "circle-color": colours,
                    "circle-stroke-color": "var(--ink)",
                    "circle-stroke-width": 1.5,
                },
            },
            {
                "id": "names",
                "type": "symbol",
                "source": "cities",
                "layout": {
                    "text-field": ["get", "name"],
                    "text-size": 14,
                    "text-anchor": "left",
                    "text-offset": [0.9, 0],
                },
            },
        ],
        bounds=(62.0, 41.0, 82.0, 53.0),
        legend=(
            Key(_("Band 1"), "band-1", "point"),
            Key(_("Band 2"), "band-2", "point"),
            Key(_("Band 4"), "band-4", "point"),
            Key(_("An area"), "accent"),
        ),
        table=Table([_("City"), _("Band")], [[name, str(band)] for name, _lon, _lat, band in places]),
        popup={"cities": [("name", _("City")), ("band", _("Band"))]},
        note=_("Invented, for this page only."),
    )


def everything(language: str) -> dict[str, Any]:
    """Context of the components page."""
    rows = [
        {
            "place": 1,
            "city": "A",
            "index": 91.24,
            "low": 88,
            "high": 95.5,
            "band": "excellent",
            "change": 2.4,
            "status": "reached",
            "months": _SHARES,
        },
        {
            "place": 2,
            "city": "B",
            "index": 78.5,
            "low": 70,
            "high": 85,
            "band": "good",
            "change": 0,
            "status": "near",
            "months": _PEERS,
        },
        {
            "place": 3,
            "city": "C",
            "index": 63.017,
            "low": 51,
            "high": 74,
            "band": "medium",
            "change": -1.2,
            "status": "far",
            "months": _PEERS[::-1],
        },
        {
            "place": 4,
            "city": "D",
            "index": 52,
            "low": 41,
            "high": 69,
            "band": "below_medium",
            "change": -4.75,
            "status": "missing",
            "months": [*_PEERS[:4], *([None] * 4), *_PEERS[8:]],
        },
        {
            "place": 5,
            "city": "E",
            "index": 31.4,
            "low": 12,
            "high": 66,
            "band": "low",
            "change": None,
            "status": "no_events",
            "months": [None, 4, None, 3],
        },
    ]
    return {
        "simulated": True,
        "charts": charts(language),
        "map": country(),
        "rows": rows,
        "bands": ["excellent", "good", "medium", "below_medium", "low"],
        "statuses": [
            "reached",
            "near",
            "far",
            "missing",
            "invalid",
            "no_events",
            "no_baseline",
            "not_due",
            "not_applicable",
            "no_target",
            "ok",
        ],
        "periods": [Period.parse(text) for text in ("2026", "2026-Q1", "2026-03", "2026-W09", "2026-03-05")],
        "page": Paginator(range(240), 10).page(7),
        "icons": ICONS,
        "tokens": TOKENS,
        "numbers": {
            "big": 1234567.891,
            "change": -4.75,
            "percent": 93.14,
            "share": 0.9996,
            "day": date(2026, 3, 5),
            "moment": datetime(2026, 3, 5, 14, 7, tzinfo=UTC),
        },
        "wide": wide(),
    }


def wide() -> dict[str, Any]:
    """A table that is wider than a screen: (value, step of colour) by KPI and city."""
    cities = [f"{_('A city')} {at}" for at in range(1, 25)]
    rows = []
    for kpi in range(1, 15):
        values = [None if (kpi * 7 + at * 5) % 29 == 0 else (kpi * 23 + at * 17) % 1000 / 10 for at in range(24)]
        cells = [(value, "none" if value is None else min(int(value // 20) + 1, 5)) for value in values]
        rows.append((f"{kpi}.{kpi % 4 + 1} {_('Appeals resolved at first contact')}", cells))
    return {"cities": cities, "rows": rows}


ICONS = [
    "menu",
    "search",
    "theme",
    "person",
    "notice",
    "info",
    "lab",
    "check",
    "near",
    "far",
    "gap",
    "cross",
    "circle",
    "clock",
    "dash",
    "up",
    "down",
    "same",
    "left",
    "right",
    "download",
    "upload",
    "table",
    "chart",
    "map",
    "layers",
    "city",
    "external",
    "link",
    "filter",
    "edit",
    "plus",
    "lock",
    "book",
    "bell",
    "calendar",
    "fullscreen",
    "refresh",
    "play",
    "pause",
]
TOKENS = [
    "ink",
    "soft",
    "paper",
    "raised",
    "sunk",
    "line",
    "line-strong",
    "accent",
    "accent-strong",
    "accent-paper",
    "sky",
    "gold",
    "good",
    "good-paper",
    "warn",
    "warn-paper",
    "bad",
    "bad-paper",
    "simulated",
    "simulated-paper",
    "band-1",
    "band-2",
    "band-3",
    "band-4",
    "band-5",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
    "series-5",
    "series-6",
    "series-7",
    "series-8",
    "heat-1",
    "heat-2",
    "heat-3",
    "heat-4",
    "heat-5",
    "map-land",
    "map-water",
    "map-park",
    "map-road",
    "map-building",
    "map-border",
]
