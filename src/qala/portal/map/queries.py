"""What the map is asked for: layers of a city, their legends, values by district and by cell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.people.access import Somebody, may, require
from qala.places import counts, objects
from qala.places.disclosure import SMALLEST, guarded
from qala.places.layers import ColourBy, Layer, groups, layers, word
from qala.places.overview import district_features, overview
from qala.places.relations import CELL_RESOLUTION, cell_outline, snapshot
from qala.portal.data.guard import restricted_columns
from qala.portal.kpi.told import Public
from qala.portal.map.styles import TOKENS
from qala.ratings.queries import published
from qala.standard import Problem
from qala.standard.period import Period
from qala.ui.maps import Key

_SMALL, _FIRST_POINTS = 5000, 250
"""A layer of at most so many rows gives so many points to the picture that is seen before the map."""


@dataclass(frozen=True)
class CityLayer:
    """A layer of the lake in a city, as somebody may see it.

    Attributes:
        rows: about how many; 0 where the city has none.
        cells: whether it is told by H3 cells only.
    """

    layer: Layer
    rows: int
    cells: bool
    city: str

    @property
    def id(self) -> str:
        return self.layer.id

    @property
    def events(self) -> bool:
        """Whether its rows happened on a day, rather than hold from a day on."""
        return facts.catalogue().contract(self.layer.dataset).kind != "registry" and not self.cells

    def legend(self, language: str) -> list[Key]:
        """What its colours mean."""
        shape = {"line": "line", "area": "area", "mixed": "line"}.get(self.layer.shape, "point")
        if self.cells:
            return [Key(_("few rows"), "heat-1"), Key(_("many rows"), "heat-5")]
        colour = self.layer.colour
        if not isinstance(colour, ColourBy):
            return [Key(self.layer.name.say(language), TOKENS[colour], shape)]  # type: ignore[arg-type]  # of three words
        if colour.values:
            return [Key(word(value, language), TOKENS[one], shape) for value, one in colour.values.items()]  # type: ignore[arg-type]
        edges = [f"{step:g}" for step in colour.steps]
        said = [f"< {edges[0]}", *(f"{a}–{b}" for a, b in zip(edges, edges[1:], strict=False)), f"≥ {edges[-1]}"]
        return [Key(one, f"heat-{at + 1}", shape) for at, one in enumerate(said)]  # type: ignore[arg-type]

    def legend_title(self, language: str) -> str:
        """What its colours stand for."""
        colour = self.layer.colour
        if self.cells:
            return _("Rows in the month")
        label = (
            self.layer.label(colour.by, facts.catalogue().contract(self.layer.dataset))
            if isinstance(colour, ColourBy)
            else None
        )
        return label.say(language) if label else ""

    def data(self, language: str) -> dict[str, Any]:
        """What the map's script draws from."""
        layer = self.layer
        contract = facts.catalogue().contract(layer.dataset)
        colour: Any = layer.colour
        if isinstance(colour, ColourBy):
            colour = {
                "by": colour.by,
                "values": {k: TOKENS[v] for k, v in colour.values.items()},
                "steps": colour.steps,
            }
        else:
            colour = TOKENS[colour]
        live: dict[str, Any] = {}
        if layer.live is not None and not self.cells:
            live = {
                "geojson": reverse("tiles:now", args=[self.city, layer.id]),
                "live": layer.dataset,
                "timeless": True,
            }
        return {
            **live,
            "id": layer.id,
            "name": layer.name.say(language),
            "shape": "area" if self.cells else layer.shape,
            "cells": self.cells,
            "events": self.events,
            "lasting": bool(layer.until) or not self.events,
            "colour": colour,
            "title": f"name_{language}" if layer.title == "name" else layer.title,
            "height": layer.height,
            "heat": layer.heat,
            "dots": layer.dots,
            "min_zoom": layer.min_zoom,
            "labels": {
                name: label.say(language) for name in layer.show if (label := layer.label(name, contract)) is not None
            },
        }


def city_layers(user: Somebody, city: str) -> list[CityLayer]:
    """Every layer that somebody may see, in order; those without rows too, for a gap is worth knowing."""
    lake, personal = facts.lake(), may(user, "personal.see", city=city)
    restricted = may(user, "restricted.see", city=city)
    return [
        CityLayer(layer, counts.in_all(lake, layer, city), layer.guarded(facts.catalogue()) and not personal, city)
        for layer in layers().values()
        if restricted or not layer.restricted
    ]


def grouped(found: list[CityLayer]) -> list[tuple[Any, list[CityLayer]]]:
    """(name, layers) of each group."""
    return [(name, own) for group, name in groups().items() if (own := [x for x in found if x.layer.group == group])]


def days_of(city: str) -> tuple[date, date]:
    """The first and the last day of which the city's events tell; the time slider runs between them."""
    first, last = date.max, date.min
    lake = facts.lake()
    for layer in layers().values():
        if facts.catalogue().contract(layer.dataset).kind == "registry":
            continue
        for file in snapshot(lake, layer.dataset).files(city):
            first, last = min(first, file.first_day), max(last, file.last_day)
    today = facts.today(lake.cities.get(city).zone)
    if first > last:
        return today - timedelta(days=365), today
    return max(first, last - timedelta(days=730)), last


def first_points(shown: list[CityLayer], city: str, on: date) -> list[tuple[str, float, float]]:
    """Token, longitude and latitude of the objects of the chosen layers that are small enough to be told with the page."""
    found = []
    for one in shown:
        if one.layer.shape != "point" or one.cells or not 0 < one.rows <= _SMALL:
            continue
        colour = one.layer.colour
        for lon, lat, value in objects.points_on(facts.lake(), one.layer, city, on, _FIRST_POINTS):
            if isinstance(colour, ColourBy):
                said = str(value).lower() if isinstance(value, bool) else str(value)
                token = TOKENS[colour.values.get(said, "grey")]
            else:
                token = TOKENS[colour]
            found.append((token, lon, lat))
    return found


def overview_of(city: str) -> tuple[str, dict[str, Any]]:
    """Version and GeoJSON of the city's first sight."""
    version, path = overview(facts.lake(), settings.HOME, city)
    return version, json.loads(path.read_text("utf-8"))


def own_layer_data(layer: Any) -> dict[str, Any]:
    """A department's layer as the map's script draws it."""
    from qala.portal.map.own_queries import AS_GEOJSON, features_at, shape_word, shapes, style_of

    few = features_at(layer).count() <= AS_GEOJSON
    where = (
        {"geojson": reverse("tiles:own_geojson", args=[layer.pk, layer.version])}
        if few
        else {"tilejson": reverse("tiles:own_layer", args=[layer.pk])}
    )
    return {
        "id": f"own-{layer.pk}",
        "name": layer.title,
        "shape": shape_word(shapes(layer) or {"Point"}),
        "timeless": True,
        **where,
        "object": reverse("map:own_object", args=[layer.pk, 0]).replace("/0/", "/KEY/"),
        **style_of(layer).data(),
    }


# values by district and by cell


@dataclass(frozen=True)
class Metric:
    """Something that districts and cells are coloured by.

    Attributes:
        id: `count:trees` or `kpi:2.2`.
    """

    id: str
    name: str
    group: str


def metrics(city_has: list[CityLayer], language: str) -> list[Metric]:
    """Everything that may be coloured by: counts of layers, then the KPIs that know a district."""
    found = [
        Metric(f"count:{one.id}", one.layer.name.say(language), _("Number of objects"))
        for one in city_has
        if one.rows and one.layer.group != "base"
    ]
    return found + [Metric(f"kpi:{row}", f"{row} {name.say(language)}", _("KPIs")) for row, name in _kpis()]


@cache
def _kpis() -> tuple[tuple[str, Any], ...]:
    """KPIs of the edition whose rows all know their district."""
    catalogue = facts.catalogue()
    return tuple(
        (kpi.row, kpi.name)
        for kpi in facts.edition().kpis.values()
        if kpi.id in catalogue.computations
        and all(catalogue.contract(name).place.district for name in catalogue.computations[kpi.id].datasets)
    )


@dataclass(frozen=True)
class Shading:
    """Values by place.

    Attributes:
        values: district code or H3 cell -> value; None where there is none, or where it is too small to be told.
        note: what the reader must know of it.
    """

    metric: str
    name: str
    by: str
    period: str
    unit: str
    values: Mapping[str, float | None]
    note: str = ""

    def geojson(self, city: str) -> dict[str, Any]:
        """The places with their values."""
        if self.by == "cell":
            features = [
                {
                    "type": "Feature",
                    "geometry": json.loads(cell_outline(cell)),
                    "properties": {"id": cell, "value": value},
                }
                for cell, value in self.values.items()
            ]
        else:
            features = [
                {**one, "properties": {**one["properties"], "value": self.values.get(one["properties"]["id"])}}
                for one in district_features(facts.lake(), city)
            ]
        return {"type": "FeatureCollection", "features": features}


def shading(user: Somebody, city: City, metric: str, by: str, on: date, language: str) -> Shading:
    """A metric by district or by cell (`by`), for the month (counts) or the KPI's own period that holds the day.

    Raises:
        Problem: there is no such metric.
    """
    kind, _colon, name = metric.partition(":")
    if kind == "count" and name in layers():
        if layers()[name].restricted:
            require(user, "restricted.see", city=city.code)
        return _counted(layers()[name], city.code, metric, by, on, language)
    if kind == "kpi":
        return _valued(user, city, metric, name, by, on, language)
    raise Problem(_("There is no metric %(name)s.") % {"name": metric}, where="metric")


def _counted(layer: Layer, city: str, metric: str, by: str, on: date, language: str) -> Shading:
    lake, registry = facts.lake(), facts.catalogue().contract(layer.dataset).kind == "registry"
    few = layer.guarded(facts.catalogue())
    period = counts.told_month(lake, layer, city, on) if few else Period.of(on, "day" if registry else "month")
    values: Mapping[str, int | None]
    if by == "cell":
        values = counts.by_cell(lake, layer, city, period.first_day, period.last_day, CELL_RESOLUTION + 1)
    else:
        values = counts.by_district(lake, layer, city, period.first_day, period.last_day)
    return Shading(metric, layer.name.say(language), by, str(period), "", values, _few_note() if few else "")


def _valued(user: Somebody, city: City, metric: str, row: str, by: str, on: date, language: str) -> Shading:
    values = facts.values()
    kpi = values.kpi(row)
    period, last = Period.of(on, kpi.every), snapshot_end(city.code)
    public = Public(city, kpi, last, everything=may(user, "rows.see", city=city.code))
    name = f"{kpi.row} {kpi.name.say(language)}"
    unit = str(facts.edition().units[kpi.unit].name.say(language)) if kpi.unit in facts.edition().units else ""
    if not public.by_place(period) or (by == "cell" and not public.all):
        month = Period.of(on, "month")
        period = month if public.by_place(month) else public.last_month
    if by == "cell":
        found, dataset = _rows_by_cell(city.code, row, period, everything=public.all)
        note = _("By cell: how many rows were counted for the KPI (%(dataset)s).") % {"dataset": dataset}
        return Shading(metric, name, by, str(period), unit, found, note)
    by_district: dict[str, float | None] = {}
    for district in (one["properties"]["id"] for one in district_features(facts.lake(), city.code)):
        value = values.of(city.code, district).value(kpi, period, max(period.last_day, last), extras=False)
        told = value.value is not None and public.district(district, period)
        by_district[district] = round(float(value.value), 4) if told and value.value is not None else None
    return Shading(metric, name, by, str(period), unit, by_district, "" if public.all else _few_note())


def _few_note() -> str:
    return _("Places with fewer than %(number)s are not told: a small number points at persons.") % {"number": SMALLEST}


def snapshot_end(city: str) -> date:
    """The last day of which the city's events tell."""
    return days_of(city)[1]


def _rows_by_cell(city: str, row: str, period: Period, *, everything: bool) -> tuple[dict[str, float | None], str]:
    import h3

    from qala.measures.rows import rows_behind

    values = facts.values()
    kpi = values.kpi(row)
    figure = values.computer.planner(city).figures(kpi.id)[0]
    side = "denominator" if figure.denominator is not None else "numerator"
    wanted = figure.denominator or figure.numerator
    contract = facts.catalogue().contract(wanted.shape.dataset)
    if not (contract.place.lat and contract.place.lon) or restricted_columns(contract):
        return {}, contract.id
    rows = rows_behind(values, city, kpi, period, side, 200_000).rows
    found: dict[str, int] = {}
    for one in rows:
        lat, lon = one.get(contract.place.lat), one.get(contract.place.lon)
        if lat is not None and lon is not None:
            cell = str(h3.latlng_to_cell(float(lat), float(lon), CELL_RESOLUTION))
            found[cell] = found.get(cell, 0) + 1
    told = found if everything else guarded(found)
    return {cell: float(count) for cell, count in sorted(told.items()) if count is not None}, contract.id


# the country


@dataclass(frozen=True)
class CityPoint:
    """A city on the country's map, with the place and band that its newest published rating gave it."""

    city: City
    category: str | None
    index: Any
    band: str | None
    place: int | None


def country(cities: list[City]) -> list[CityPoint]:
    """Cities with a place, and their bands."""
    today = facts.today()
    scores: dict[str, Any] = {}
    places: dict[str, int | None] = {}
    for category in {one.category_on(today) for one in cities} - {None}:
        assert category is not None
        publication = published(None, category)
        if publication is not None:
            run = run_of(publication)
            scores |= {score.city: score for score in run.scores(category)}
            places |= run.place_of
    found = []
    for one in cities:
        score = scores.get(one.code)
        found.append(
            CityPoint(
                one, one.category_on(today), score and score.final, score.band if score else None, places.get(one.code)
            )
        )
    return found


def run_of(publication: Any) -> Any:
    """The run that a publication shows."""
    from qala.ratings.rated_run import rated_run

    return rated_run(publication.run)
