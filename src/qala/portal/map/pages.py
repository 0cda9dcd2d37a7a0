"""The map's pages: the country, a city, an object."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page

from qala import facts
from qala.lake import City
from qala.people import audit
from qala.people.access import access_city_by_code, require, visible_cities
from qala.places import counts, objects
from qala.places.layers import Layer, layers, word
from qala.portal.map.api import access_layer, day_asked, found_objects
from qala.portal.map.models import Layer as OwnLayer
from qala.portal.map.own_queries import features_at, layers_for, style_of
from qala.portal.map.pictures import bounds_of, outlines
from qala.portal.map.queries import (
    CityLayer,
    CityPoint,
    Shading,
    city_layers,
    country,
    days_of,
    first_points,
    grouped,
    metrics,
    overview_of,
    own_layer_data,
    shading,
)
from qala.portal.map.words import script_words
from qala.portal.scores.country import Point, country_map
from qala.standard import Problem
from qala.standard.period import Period
from qala.standard.values import Language
from qala.ui import formats
from qala.ui.downloads import table_response, wanted
from qala.ui.maps import MapView
from qala.ui.problems import told

FIRST_LAYERS = ("stops", "leisure")
"""What is shown where the address names nothing."""
_MOST_COUNTED = 8
_MODULES = ("map/moving.js", "map/style.js", "ui/js/live.js", "ui/js/look.js", "ui/js/map.js", "vendor/maplibre-gl.mjs")
"""What the map's script imports, one after the other if nobody says it before."""


@gzip_page
def map_page(request: HttpRequest) -> HttpResponseBase:
    """The country, or with `?city=` a city."""
    code = request.GET.get("city")
    if not code:
        return _country_page(request)
    return _city_page(request, access_city_by_code(request.user, code, "map.see"))


# the country


def _country_page(request: HttpRequest) -> HttpResponseBase:
    points = country(visible_cities(request.user, "map.see"))
    language = formats.language_of(get_language())
    if wanted(request):
        rows = [
            (p.city.code, p.city.names[language], p.category or "", p.index, p.band or "", p.city.lat, p.city.lon)
            for p in points
        ]
        columns = [_("Code"), _("City"), _("Category"), _("Index"), _("Band"), _("Latitude"), _("Longitude")]
        return table_response(request, "map", columns, rows)
    context = {
        "points": sorted(points, key=lambda one: one.city.names[language]),
        "view": _country_view(points, language) if points else None,
        "simulated": any(one.city.simulated for one in points),
    }
    return render(request, "portal/map/country.html", context)


def _country_view(points: list[CityPoint], language: Language) -> MapView | None:
    edition = facts.edition()
    bands = edition.scoring["bands"]
    found = [
        Point(
            one.city.code,
            one.city.names[language],
            formats.number(one.index, 2, language),
            one.band,
            str(bands[one.band]["name"][language]) if one.band in bands else _("not rated"),
            "" if one.place is None else str(one.place),
            f"{reverse('map:map')}?city={one.city.code}",
        )
        for one in points
    ]
    return country_map(
        found, edition, lambda text: text[language], 2, without=_("not rated"), leads_to=_("The city's map")
    )


# a city


@dataclass
class Asked:
    """What the address asks of a city's map."""

    chosen: list[str]
    on: date
    at: str = ""
    metric: str = ""
    by: str = "district"
    tall: bool = False
    q: str = ""
    problems: list[str] = field(default_factory=list)


def _city_page(request: HttpRequest, city: City) -> HttpResponseBase:
    language = formats.language_of(get_language())
    asked = _asked(request, city)
    found = city_layers(request.user, city.code)
    own = [one for one in layers_for(request.user, city.code) if one.state == "published"]
    shown = [one for one in found if one.id in asked.chosen]
    version, first_sight = overview_of(city.code)
    features = first_sight["features"]
    districts = [one["properties"] for one in features if one["properties"]["kind"] == "district"]
    shade = _shade(request, city, asked, language)
    table = _table(city.code, shown[:_MOST_COUNTED], asked.on, districts, shade, language)
    if wanted(request):
        return table_response(request, f"map-{city.code}", table["columns"], table["rows"])
    bounds = bounds_of(features, city.lon, city.lat)
    name = f"name_{language}"
    first, last = days_of(city.code)
    context = {
        "city": city,
        "name": city.names[language],
        "cities": visible_cities(request.user, "map.see"),
        "groups": [(said, [_line(one, asked, language) for one in own]) for said, own in grouped(found)],
        "own_layers": [_own_line(one, asked) for one in own],
        "asked": asked,
        "first": first,
        "last": last,
        "metrics": _by_group(metrics(found, language)),
        "shade": shade,
        "table": table,
        "found": found_objects(request, city.code, asked.q) if asked.q else None,
        "picture": outlines(
            features,
            bounds,
            name,
            _("Outlines of the districts and main streets"),
            first_points(shown, city.code, asked.on),
        ),
        "language_name": name,
        "simulated": city.simulated,
        "modules": _MODULES,
        "data": {
            "city": city.code,
            "bounds": bounds,
            "overview": f"{reverse('tiles:overview', args=[city.code])}?v={version}",
            "tiles": reverse("tiles:root") + city.code,
            "search": reverse("map:search", args=[city.code]),
            "values": reverse("map:values", args=[city.code]),
            "object": reverse("map:object", args=[city.code, "LAYER", "KEY"]),
            "layers": [*(one.data(language) for one in found), *(own_layer_data(one) for one in own)],
            "chosen": asked.chosen,
            "name": name,
            "on": asked.on.isoformat(),
            "first": first.isoformat(),
            "last": last.isoformat(),
            "at": asked.at,
            "basemap": os.environ.get("QALA_BASEMAP", ""),
            "words": script_words(),
        },
    }
    answer = render(request, "portal/map/city.html", context)
    allow_basemap(answer)
    return answer


def _line(one: CityLayer, asked: Asked, language: str) -> dict[str, Any]:
    return {
        "layer": one,
        "on": one.id in asked.chosen,
        "name": one.layer.name.say(language),
        "note": one.layer.note.say(language) if one.layer.note else "",
        "legend": one.legend(language),
        "legend_title": one.legend_title(language),
    }


def _own_line(layer: OwnLayer, asked: Asked) -> dict[str, Any]:
    return {
        "id": layer.pk,
        "on": f"own-{layer.pk}" in asked.chosen,
        "title": layer.title,
        "count": features_at(layer).count(),
        "owner": layer.owner or _("the akimat as a whole"),
        "url": reverse("map:own", args=[layer.pk]),
        "legend": style_of(layer).legend(layer.title, "point"),
    }


def _asked(request: HttpRequest, city: City) -> Asked:
    said = request.GET.getlist("layers")
    chosen = [name for part in said for name in part.split(",") if name in layers() or name.startswith("own-")]
    return Asked(
        chosen=chosen if said or "q" in request.GET else list(FIRST_LAYERS),
        on=day_asked(request, city),
        at=request.GET.get("at", "")[:60],
        metric=request.GET.get("metric", "")[:80],
        by="cell" if request.GET.get("by") == "cell" else "district",
        tall=request.GET.get("tall") == "1",
        q=request.GET.get("q", "").strip()[:100],
    )


def _shade(request: HttpRequest, city: City, asked: Asked, language: str) -> Shading | None:
    if not asked.metric:
        return None
    try:
        return shading(request.user, city, asked.metric, asked.by, asked.on, language)
    except Problem as problem:
        asked.problems.append(told(problem.message))
        return None


def _by_group(found: list[Any]) -> list[tuple[str, list[Any]]]:
    names = list(dict.fromkeys(one.group for one in found))
    return [(name, [one for one in found if one.group == name]) for name in names]


def _table(
    city: str, shown: list[CityLayer], on: date, districts: list[dict[str, Any]], shade: Shading | None, language: str
) -> dict[str, Any]:
    """How many objects of each chosen layer a district has, and the value that colours it: the map in numbers."""
    columns, parts = [_("District")], []
    for one in shown:
        month = Period.of(on, "month")
        days = (month.first_day, month.last_day) if one.events or one.cells else (on, on)
        columns.append(one.layer.name.say(language))
        parts.append(counts.by_district(facts.lake(), one.layer, city, *days))
    by_district = shade is not None and shade.by == "district"
    if by_district and shade is not None:
        columns.append(f"{shade.name}, {shade.unit}" if shade.unit else shade.name)
    rows = []
    for district in districts:
        code = district["id"]
        line: list[Any] = [district[f"name_{language}"]]
        line += [part.get(code, 0 if part else None) for part in parts]
        if by_district and shade is not None:
            line.append(shade.values.get(code))
        rows.append(line)
    return {"columns": columns, "rows": rows}


def allow_basemap(answer: HttpResponse) -> None:
    """Let the page load tiles from the outside server that `QALA_BASEMAP` names, and from no other."""
    host = urlsplit(os.environ.get("QALA_BASEMAP", ""))
    if host.scheme in ("http", "https") and host.netloc:
        origin = f"{host.scheme}://{host.netloc}"
        policy: dict[str, list[Any]] = {name: [*sources] for name, sources in settings.SECURE_CSP.items()}  # type: ignore[misc]
        for name in ("connect-src", "img-src"):
            policy[name].append(origin)
        answer._csp_config = policy  # type: ignore[attr-defined]  # as django's csp_override sets it


# an object


def object_page(request: HttpRequest, city: str, layer: str, key: str) -> HttpResponse:
    """All that is recorded of an object; with `?part=1` the card without the page around it."""
    one, cells = access_layer(request, city, layer)
    where = access_city_by_code(request.user, city, "map.see")
    if cells:
        require(request.user, "personal.see", city=city)
    card = objects.card(facts.lake(), one, city, key)
    if card is None:
        raise Http404(_("There is no such object."))
    language = formats.language_of(get_language())
    if one.guarded(facts.catalogue()):
        audit.read(request, f"map_layer:{one.id}", city=city, rows=1, columns=tuple(card.states[0].values))
    place = card.place
    context = {
        "city": where,
        "name": where.names[language],
        "card": card,
        "layer_name": one.name.say(language),
        "owner": facts.catalogue().contract(one.dataset).owner.say(language),
        "title": card.title[language],
        "states": _states(one, card, language, where),
        "linked": [_linked(linked, language, where.zone) for linked in card.linked],
        "place": place,
        "map_url": _map_url(city, one, place),
        "part": "part" in request.GET,
        "simulated": where.simulated,
        "address": reverse("map:object", args=[city, layer, key]),
    }
    return render(request, "portal/map/card.html" if context["part"] else "portal/map/object.html", context)


def _map_url(city: str, layer: Layer, place: tuple[float, float] | None) -> str:
    at = f"&at=16/{place[1]}/{place[0]}" if place else ""
    return f"{reverse('map:map')}?city={city}&layers={layer.id}{at}"


_QUIET = ("lat", "lon", "valid_from", "valid_to", "registered_at", "changed_at")


def _states(layer: Layer, card: objects.Card, language: Language, city: City) -> list[dict[str, Any]]:
    contract = facts.catalogue().contract(layer.dataset)
    districts = {one.code: formats.said(one.names, language) for one in city.districts}
    states = []
    for state in card.states:
        lines = []
        for name, value in state.values.items():
            label = layer.label(name, contract)
            if name in _QUIET or value is None or label is None:
                continue
            if name == contract.place.district and value in districts:
                lines.append((_("District"), districts[value], ""))
                continue
            column = contract.all_columns.get(name)
            unit = word(column.unit, language) if column and column.unit not in (None, "count") else ""
            lines.append((label.say(language), _said(value, language, city.zone), unit))
        states.append({"first": state.first_day, "last": state.last_day, "lines": lines, "still": _holds(state)})
    return states


def _holds(state: objects.State) -> bool:
    return state.last_day is None or state.last_day >= facts.today()


def _said(value: Any, language: Language, zone: str) -> str:
    if value is None:
        return "—"
    if isinstance(value, (str, bool)):
        return word(value, language)
    if isinstance(value, datetime):
        return formats.moment(value, language, zone)
    return formats.day(value, language) if isinstance(value, date) else formats.number(value, None, language)


def _linked(linked: objects.LinkedRows, language: Language, zone: str) -> dict[str, Any]:
    hidden = set(linked.contract.pseudonyms)
    names = [name for name in (linked.rows[0] if linked.rows else {}) if name not in (*_QUIET, "district")]
    return {
        "name": linked.contract.name.say(language),
        "dataset": linked.contract.id,
        "total": linked.total,
        "columns": [linked.contract.columns[name].meaning.say(language) for name in names],
        "rows": [
            [
                _("hidden") if name in hidden and row[name] is not None else _said(row[name], language, zone)
                for name in names
            ]
            for row in linked.rows
        ],
    }
