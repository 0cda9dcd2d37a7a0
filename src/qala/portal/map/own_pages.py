"""Layers of departments: the catalogue, a layer, its style, its objects, its history."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.people import audit
from qala.people.access import Refused, access_city_by_code, may_somewhere, visible_cities
from qala.places import geofiles
from qala.portal.map import services
from qala.portal.map.forms import AboutForm, FileForm, ObjectForm, StyleForm
from qala.portal.map.models import Layer
from qala.portal.map.own_queries import (
    access_layer,
    as_files_say,
    bounds,
    columns,
    features_at,
    history_of,
    layers_for,
    may_edit,
    owners_for,
    shape_word,
    shapes,
    style_of,
)
from qala.portal.map.pages import allow_basemap
from qala.portal.map.queries import own_layer_data
from qala.portal.map.words import script_words
from qala.standard import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.problems import told

_A_PAGE = 50
_TYPES = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3", "csv": "text/csv; charset=utf-8"}


@require_safe
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """All layers of departments that one may see: owner, date, state."""
    code = request.GET.get("city", "")
    city = access_city_by_code(request.user, code, "map.see") if code else None
    found = layers_for(request.user, code or None)
    if wanted(request):
        names = [_("Name"), _("City"), _("Owner"), _("Objects"), _("Version"), _("Changed"), _("State"), _("Shown to")]
        rows = [
            (one.title, one.city, one.owner.name_ru if one.owner else "", features_at(one).count(), one.version,
             one.changed_at, one.state, one.shown_to)
            for one in found
        ]  # fmt: skip
        return table_response(request, "layers", names, rows)
    cities = facts.lake().cities
    context = {
        "city": city,
        "cities": visible_cities(request.user, "map.see"),
        "layers": [
            {
                "layer": one,
                "city": cities.get(one.city).names if one.city in cities else one.city,
                "count": features_at(one).count(),
            }
            for one in found
        ],
        "may_add": bool(city and owners_or_city(request, city.code)),
        "may_somewhere": may_somewhere(request.user, "layers.edit"),
    }
    return render(request, "portal/map/layers.html", context)


def owners_or_city(request: HttpRequest, city: str) -> bool:
    """Whether who asks may publish a layer in a city, as the akimat or as one of its organisations."""
    return may_edit(request.user, Layer(city=city)) or bool(owners_for(request.user, city))


@require_http_methods(["GET", "POST"])
def new_layer(request: HttpRequest) -> HttpResponse:
    """A layer out of a file: kept as a draft, to be looked at before it is published."""
    city = access_city_by_code(request.user, request.GET.get("city", ""), "map.see")
    if not owners_or_city(request, city.code):
        raise Refused("layers.edit", guest=not request.user.is_authenticated)
    about = AboutForm(request.user, city.code, request.POST or None)
    file = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and about.is_valid() and file.is_valid():
        layer = about.save(commit=False)
        layer.city = city.code
        if not may_edit(request.user, layer):
            raise Refused("layers.edit", guest=False)
        services.create_layer(
            request, layer, file.features, _("From the file %(name)s") % {"name": file.cleaned_data["file"].name}
        )
        messages.success(
            request,
            _("%(number)s objects were read. Look at them, choose the style, then publish.")
            % {"number": len(file.features)},
        )
        return redirect("map:own", layer.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "portal/map/new_layer.html", {"city": city, "forms": [about, file]}, status=status)


@require_safe
def own_layer(request: HttpRequest, number: int) -> HttpResponseBase:
    """A layer: its map, what is known of it, its objects; with `format=` its file."""
    layer = access_layer(request.user, number)
    if "format" in request.GET:
        return _download(layer, request.GET["format"])
    names = columns(layer)
    page = Paginator(features_at(layer), _A_PAGE).get_page(request.GET.get("page"))
    one = own_layer_data(layer)
    context = {
        **_frame(request, layer),
        "columns": names,
        "page": page,
        "rows": [(one, [one.properties.get(name) for name in names]) for one in page],
        "legend": style_of(layer).legend(layer.title, "point"),
        "data": _map_data(layer, one),
    }
    answer = render(request, "portal/map/own.html", context)
    allow_basemap(answer)
    return answer


def _frame(request: HttpRequest, layer: Layer) -> dict[str, Any]:
    registry = facts.lake().cities
    city = registry.get(layer.city) if layer.city in registry else None
    return {
        "layer": layer,
        "city": city,
        "may_edit": may_edit(request.user, layer),
        "count": features_at(layer).count(),
    }


def _map_data(layer: Layer, one: dict[str, Any]) -> dict[str, Any]:
    city = facts.lake().cities
    lon, lat = (city.get(layer.city).lon, city.get(layer.city).lat) if layer.city in city else (67.0, 48.0)
    box = bounds(layer) or ((lon or 67) - 0.05, (lat or 48) - 0.03, (lon or 67) + 0.05, (lat or 48) + 0.03)
    return {
        "bounds": box,
        "layer": one,
        "overview": reverse("tiles:overview", args=[layer.city]),
        "words": script_words(),
    }


def _download(layer: Layer, kind: str) -> HttpResponse:
    if kind not in _TYPES:
        raise Http404
    found = as_files_say(layer)
    name = slugify(layer.title_en or layer.title_ru) or f"layer-{layer.pk}"
    if kind == "gpkg":
        content = geofiles.write_geopackage(found, name)
    else:
        content = geofiles.write_geojson(found) if kind == "geojson" else geofiles.write_csv(found)
    answer = HttpResponse(content, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}-v{layer.version}.{kind}"'
    return answer


@require_http_methods(["GET", "POST"])
def about_layer(request: HttpRequest, number: int) -> HttpResponse:
    """Names, owner and audience of a layer."""
    layer = access_layer(request.user, number, edit=True)
    before = audit.said(layer)
    form = AboutForm(request.user, layer.city, request.POST or None, instance=layer)
    if request.method == "POST" and form.is_valid():
        services.describe(request, form.save(commit=False), before)
        return redirect("map:own", number)
    return render(
        request, "portal/map/form.html", {**_frame(request, layer), "form": form, "heading": _("About the layer")}
    )


@require_http_methods(["GET", "POST"])
def style_layer(request: HttpRequest, number: int) -> HttpResponse:
    """How a layer is drawn."""
    layer = access_layer(request.user, number, edit=True)
    now = style_of(layer)
    form = StyleForm(columns(layer), request.POST or None, initial=now.model_dump())
    if request.method == "POST" and form.is_valid():
        by = form.cleaned_data["by"]
        values = [said.get(by) for said in features_at(layer).values_list("properties", flat=True)] if by else []
        services.restyle(request, layer, form.style(now, values))
        return redirect("map:own", number)
    return render(request, "portal/map/form.html", {**_frame(request, layer), "form": form, "heading": _("Style")})


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """A file in the place of all objects."""
    layer = access_layer(request.user, number, edit=True)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        services.replace_all(
            request, layer, form.features, _("From the file %(name)s") % {"name": form.cleaned_data["file"].name}
        )
        return redirect("map:own", number)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context = {**_frame(request, layer), "form": form, "heading": _("New version from a file")}
    return render(request, "portal/map/form.html", context, status=status)


@require_POST
def change_state(request: HttpRequest, number: int) -> HttpResponse:
    """Publish, or withdraw (`do`)."""
    layer = access_layer(request.user, number, edit=True)
    (services.withdraw if request.POST.get("do") == "withdraw" else services.publish)(request, layer)
    return redirect("map:own", number)


@require_safe
def history(request: HttpRequest, number: int) -> HttpResponse:
    """All versions of a layer."""
    layer = access_layer(request.user, number)
    versions = layer.versions.select_related("made_by")
    return render(request, "portal/map/history.html", {**_frame(request, layer), "versions": versions})


@require_POST
def restore(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """Bring an earlier version back, as a new one."""
    layer = access_layer(request.user, number, edit=True)
    try:
        services.bring_back(request, layer, version)
    except Problem as problem:
        raise Http404(problem.message) from None
    messages.success(request, _("Version %(number)s is shown again.") % {"number": version})
    return redirect("map:history", number)


@require_safe
def own_object(request: HttpRequest, number: int, key: int) -> HttpResponse:
    """An object with all its states; with `?part=1` the card without the page around it."""
    layer = access_layer(request.user, number)
    states = history_of(layer, key)
    if not states:
        raise Http404(_("There is no such object."))
    label = style_of(layer).label
    made = {one.number: one for one in layer.versions.select_related("made_by")}
    context = {
        **_frame(request, layer),
        "key": key,
        "title": str(states[0].properties.get(label) or f"{layer.title} {key}"),
        "states": [(one, made.get(one.since), made.get(one.until or 0)) for one in states],
        "part": "part" in request.GET,
    }
    return render(request, "portal/map/own_card.html" if context["part"] else "portal/map/own_object.html", context)


@require_http_methods(["GET", "POST"])
def edit_object(request: HttpRequest, number: int, key: int | None = None) -> HttpResponse:
    """Change an object, or add one: its attributes, and its place on the map."""
    layer = access_layer(request.user, number, edit=True)
    now = features_at(layer).filter(key=key).first() if key is not None else None
    if key is not None and now is None:
        raise Http404(_("There is no such object."))
    names = columns(layer)
    first = {f"p{at}": now.properties.get(name) for at, name in enumerate(names)} if now else {}
    first |= {"geometry": json.dumps(now.geometry) if now else "", "seen": layer.version}
    form = ObjectForm(names, request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        properties = {**(now.properties if now else {}), **form.properties(now.properties if now else _sample(layer))}
        try:
            made = services.change_object(
                request, layer, key, form.cleaned_data["geometry"], properties, form.cleaned_data["seen"]
            )
        except Problem as problem:
            form.add_error(None, told(problem.message))
        else:
            return redirect("map:own_object", number, made.key)
    one = own_layer_data(layer)
    context = {
        **_frame(request, layer),
        "form": form,
        "key": key,
        "kinds": [("Point", _("point")), ("LineString", _("line")), ("Polygon", _("area"))],
        "kind": now.geometry["type"]
        if now
        else {"line": "LineString", "area": "Polygon"}.get(shape_word(shapes(layer) or {"Point"}), "Point"),
        "data": _map_data(layer, one),
    }
    answer = render(request, "portal/map/edit.html", context)
    allow_basemap(answer)
    return answer


def _sample(layer: Layer) -> dict[str, Any]:
    """A value of each column, so that a new object's are of the same kind."""
    found: dict[str, Any] = {}
    for said in features_at(layer).values_list("properties", flat=True)[:200]:
        found |= {name: value for name, value in said.items() if value is not None and name not in found}
    return found


@require_POST
def delete_object(request: HttpRequest, number: int, key: int) -> HttpResponse:
    """Take an object out of the layer."""
    layer = access_layer(request.user, number, edit=True)
    try:
        services.delete_object(request, layer, key, int(request.POST.get("seen") or layer.version))
    except (Problem, ValueError) as problem:
        messages.error(request, getattr(problem, "message", str(problem)))
        return redirect("map:own_object", number, key)
    messages.success(request, _("The object was deleted. The history can bring it back."))
    return redirect("map:own", number)
