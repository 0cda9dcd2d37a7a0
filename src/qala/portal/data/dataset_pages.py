"""Datasets: the list, one of them, its counts, its rows as files, its templates, the catalogue for harvesters."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import Contract
from qala.lake import City
from qala.lake.series import object_columns
from qala.lake.what_to_send import Due, often, write_templates
from qala.people import audit
from qala.people.access import access_city_by_code, may, require, visible_cities
from qala.portal.data import dcat, export, volumes
from qala.portal.data.guard import hides_persons, masked_columns, personal_columns
from qala.portal.data.pages import city_asked
from qala.portal.data.samples import newest
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES
from qala.ui import formats
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted

SAMPLE = 20
TEMPLATES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}


def datasets(request: HttpRequest) -> HttpResponseBase:
    """Every kind of fact that there is a contract for."""
    require(request.user, "data.see")
    catalogue = facts.catalogue()
    rows = _kpi_rows()
    lines = [(one, volumes.volume(one.id), rows.get(one.id, [])) for one in catalogue.contracts.values()]
    if wanted(request):
        language = formats.language_of(get_language())
        columns = [
            _("Dataset"),
            _("Name"),
            _("One row is"),
            _("Standard"),
            _("How often"),
            _("Rows"),
            _("For the KPIs"),
        ]
        found = (
            (
                one.id,
                one.name.say(language),
                one.one_row_is.say(language),
                one.standard,
                one.arrives.every,
                v.rows,
                ", ".join(k),
            )
            for one, v, k in lines
        )
        return table_response(request, "datasets", columns, found)
    return render(request, "portal/data/datasets.html", {"lines": lines})


def _kpi_rows() -> dict[str, list[str]]:
    """Dataset -> rows of annex 4 that are computed from it."""
    found: dict[str, list[str]] = {}
    for kpi in facts.edition().kpis.values():
        for name in facts.values().datasets(kpi):
            found.setdefault(name, []).append(kpi.row)
    return found


def contract_of(dataset: str) -> Contract:
    """A contract, or 404."""
    found = facts.catalogue().contracts.get(dataset)
    if found is None:
        raise Http404(_("There is no dataset “%(dataset)s”.") % {"dataset": dataset})
    return found


def dataset(request: HttpRequest, dataset: str) -> HttpResponseBase:
    """A dataset: contract, KPIs, volume, sample."""
    contract, city = contract_of(dataset), city_asked(request)
    require(request.user, "data.see")
    edition = facts.edition()
    language = formats.language_of(get_language())
    code = None if city is None else city.code
    may_rows = code is not None and may(request.user, "rows.see", city=code)
    open_sample = code is not None and (may_rows or not hides_persons(contract))
    wide = volumes.volume(contract.id, code)
    masked = masked_columns(contract, request.user, code) if code else personal_columns(contract)
    heads, sample = newest(contract, code, masked, SAMPLE) if open_sample and code else ((), [])
    return render(
        request,
        "portal/data/dataset.html",
        {
            "contract": contract,
            "columns": [(name, column, name in masked) for name, column in contract.all_columns.items()],
            "often": often(contract, language),
            "kpis": [edition.kpi(row) for row in _kpi_rows().get(contract.id, [])],
            "city": city,
            "cities": visible_cities(request.user, "data.see"),
            "volume": wide,
            "everywhere": volumes.volume(contract.id),
            "chart": None if code is None else _chart(contract, code, wide, everything=may_rows),
            "heads": heads,
            "sample": sample,
            "personal": hides_persons(contract),
            "may_rows": may_rows,
            "may_download": code is not None and may(request.user, "data.download", city=code),
            "bys": volumes.possible(contract),
            "has_series": code is not None and may_rows and bool(object_columns(contract)),
            "has_places": bool(contract.place.lat and contract.place.lon),
            "simulated": city is not None and city.simulated,
        },
    )


def _chart(contract: Contract, city: str, wide: volumes.Volume, *, everything: bool) -> Chart | None:
    if wide.first_day is None or wide.last_day is None:
        return None
    found = volumes.counts(contract, city, "month", wide.first_day, wide.last_day, everything=everything)
    language = formats.language_of(get_language())
    registry = contract.kind == "registry"
    return Chart(
        id="volume",
        kind="bar",
        title=_("Rows by month in which they began to hold") if registry else _("Rows by month"),
        categories=[formats.period(Period.parse(month), language) for month in found.rows],
        series=[Series(_("Rows"), list(found.rows.values()))],
        digits=0,
        heading=2,
    )


def counts(request: HttpRequest, dataset: str) -> HttpResponseBase:
    """How many rows by month, day, district or cell; small numbers are hidden from the public."""
    require(request.user, "data.see")
    contract, city = contract_of(dataset), city_asked(request)
    if city is None:
        raise Http404(_("There is no city."))
    asked = request.GET.get("by", "month")
    by = next((one for one in volumes.possible(contract) if one == asked), None)
    if by is None:
        raise Problem(
            _("Rows of this dataset cannot be counted so."), where="by", hint=", ".join(volumes.possible(contract))
        )
    wide = volumes.volume(contract.id, city.code)
    first, last = _days(request, wide)
    everything = may(request.user, "rows.see", city=city.code)
    found = None
    if first is not None and last is not None:
        found = volumes.counts(contract, city.code, by, first, last, everything=everything)
    rows = {} if found is None else found.rows
    if wanted(request):
        columns = [_("Counted by"), _("Rows")]
        return table_response(request, f"{city.code}-{contract.id}-{by}", columns, rows.items())
    named = {one.code: one.names for one in city.districts}
    return render(
        request,
        "portal/data/counts.html",
        {
            "contract": contract,
            "city": city,
            "cities": visible_cities(request.user, "data.see"),
            "by": by,
            "bys": _by_names(volumes.possible(contract)),
            "lines": [(named.get(name, name), count) for name, count in rows.items()],
            "hidden": sum(count is None for count in rows.values()),
            "guarded": not everything and hides_persons(contract) and by in ("district", "cell"),
            "first": first if found is None else found.first,
            "last": last if found is None else found.last,
            "simulated": city.simulated,
        },
    )


def _by_names(possible: tuple[volumes.By, ...]) -> list[tuple[str, str]]:
    names = {"month": _("month"), "day": _("day"), "district": _("district"), "cell": _("H3 cell")}
    return [(one, names[one]) for one in possible]


def _days(request: HttpRequest, wide: volumes.Volume) -> tuple[date | None, date | None]:
    """`?from=` and `?to=`, periods or days; else all that there is.

    Raises:
        Problem: they are none.
    """
    get = request.GET
    first = Period.parse(get["from"]).first_day if get.get("from") else wide.first_day
    last = Period.parse(get["to"]).last_day if get.get("to") else wide.last_day
    return first, last


def download(request: HttpRequest, dataset: str, kind: str) -> HttpResponseBase:
    """The rows of a city as a file, sent as they are read."""
    contract = contract_of(dataset)
    if kind not in export.KINDS or (kind == "geojson" and not (contract.place.lat and contract.place.lon)):
        raise Http404(_("There is no such file."))
    if not request.GET.get("city"):
        raise Problem(_("Say which city."), where="city", hint="?city=…")
    city: City = access_city_by_code(request.user, request.GET["city"], "data.see")
    require(request.user, "data.download", city=city.code)
    get = request.GET
    personal = get.get("personal") == "1" and may(request.user, "personal.see", city=city.code)
    wanted_rows = export.Export(
        contract,
        city.code,
        Period.parse(get["from"]).first_day if get.get("from") else None,
        Period.parse(get["to"]).last_day if get.get("to") else None,
        masked_columns(contract, request.user, city.code, personal=personal),
    )
    rows = export.rows_known(wanted_rows)
    if personal and hides_persons(contract):
        audit.read(
            request, f"dataset:{contract.id}", city=city.code, rows=rows, columns=sorted(personal_columns(contract))
        )
    name = f"{city.code}-{contract.id}.{kind}"
    response: HttpResponseBase
    if kind == "parquet":
        if wanted_rows.sql() is None:
            raise Problem(_("There are no rows."), where="city")
        response = FileResponse(export.parquet_file(wanted_rows), content_type=_TYPES[kind])
    else:
        parts = export.csv_lines(wanted_rows) if kind == "csv" else export.geojson_parts(wanted_rows)
        response = StreamingHttpResponse(parts, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Rows"] = str(rows)  # a stream has no length; a client can still tell how far it is
    response["Cache-Control"] = "private, no-store"
    return response


def template(request: HttpRequest, dataset: str, kind: str) -> HttpResponseBase:
    """The blank file to fill in and send."""
    require(request.user, "data.see")
    contract = contract_of(dataset)
    if kind not in TEMPLATES:
        raise Http404(_("There is no such file."))
    with tempfile.TemporaryDirectory(prefix="qala-template-") as folder:
        paths = write_templates(Path(folder), [Due(contract, tuple(_kpi_rows().get(contract.id, ())))])
        content = next(path for path in paths if path.suffix == f".{kind}").read_bytes()
    response = HttpResponse(content, content_type=TEMPLATES[kind])
    response["Content-Disposition"] = f'attachment; filename="{contract.id}.{kind}"'
    return response


def catalogue(request: HttpRequest) -> HttpResponseBase:
    """The catalogue in DCAT terms."""
    require(request.user, "data.see")

    def absolute(what: str, name: str) -> str:
        addresses = {
            "catalogue": lambda: reverse("data:catalogue"),
            "page": lambda: reverse("data:dataset", args=[name]),
            "counts": lambda: reverse("data:counts", args=[name]),
            "csv": lambda: reverse("data:template", args=[name, "csv"]),
        }
        return request.build_absolute_uri(addresses[what]())

    title: dict[str, str] = {}
    for language in LANGUAGES:
        with override(language):
            title[language] = _("Datasets of smart cities")
    contracts = sorted(facts.catalogue().contracts.values(), key=lambda one: one.id)
    said = dcat.catalogue(contracts, title, absolute)
    return JsonResponse(said, content_type="application/ld+json", json_dumps_params={"ensure_ascii": False})
