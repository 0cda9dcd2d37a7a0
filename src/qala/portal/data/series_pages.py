"""What one object measured: a chart and the table of its numbers by hour or day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import Contract
from qala.lake.series import (
    Every,
    Question,
    Readings,
    number_columns,
    object_columns,
    objects,
    readings,
    steps,
)
from qala.people.access import access_city_by_code, require, visible_cities
from qala.places.layers import word
from qala.portal.data import volumes
from qala.portal.data.columns import heads_of
from qala.portal.data.dataset_pages import contract_of
from qala.portal.data.guard import masked_columns
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui import formats
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted

DAYS: dict[Every, int] = {"hour": 7, "day": 90}
"""How many of the last days are shown where the address names none."""
LONGEST: dict[Every, int] = {"hour": 62, "day": 1100}
"""Days on one page; the API tells more."""


def series(request: HttpRequest, dataset: str) -> HttpResponseBase:
    """Readings of the object that the address names (`?of.station=…`), or objects to choose from."""
    contract = contract_of(dataset)
    columns = object_columns(contract)
    if not columns:
        raise Http404(_("Rows of this dataset are no readings of an object."))
    if not request.GET.get("city"):
        raise Problem(_("Say which city."), where="city", hint="?city=…")
    city = access_city_by_code(request.user, request.GET["city"], "data.see")
    require(request.user, "rows.see", city=city.code)
    masked = masked_columns(contract, request.user, city.code)
    if masked & set(columns):
        raise Http404(_("What tells the objects of this dataset apart is masked."))
    numbers = [name for name in number_columns(contract) if name not in masked]
    chosen = {name: request.GET[f"of.{name}"] for name in columns if request.GET.get(f"of.{name}")}
    question = _question(request, contract, city.code, chosen, numbers)
    computer = facts.values().computer
    snapshot = computer.snapshot(contract.id)
    found = None
    if len(chosen) == len(columns) and question is not None:
        found = readings(computer.connection, snapshot, city.code, city.zone, question)
    if wanted(request) and found is not None and question is not None:
        heads = [_("At"), _("Readings"), _("Mean"), _("Least"), _("Most"), _("Sum")]
        columns_of = (found.at, found.count, found.mean, found.min, found.max, found.sum)[: 6 if question.value else 2]
        name = f"{city.code}-{contract.id}-{question.every}"
        return table_response(request, name, heads[: len(columns_of)], zip(*columns_of, strict=True))
    unit = _unit(contract, question)
    seen = objects(computer.connection, snapshot, city.code) if found is None else []
    return render(
        request,
        "portal/data/series.html",
        {
            "contract": contract,
            "city": city,
            "cities": visible_cities(request.user, "rows.see"),
            "columns": [(head, request.GET.get(f"of.{head.name}", "")) for head in heads_of(contract, columns)],
            "numbers": heads_of(contract, numbers),
            "steps": [(one, {"hour": _("hour"), "day": _("day")}[one]) for one in steps(contract)],
            "question": question,
            "total": _total(found),
            "unit": unit,
            "chart": _chart(found, question, contract, unit, city.zone) if found and question and found.at else None,
            "objects": [(", ".join(one), _address(city.code, columns, one)) for one in seen],
            "simulated": city.simulated,
        },
    )


def _address(city: str, columns: tuple[str, ...], one: tuple[str, ...]) -> str:
    """What asks for an object."""
    return urlencode({"city": city, **{f"of.{name}": value for name, value in zip(columns, one, strict=True)}})


def _unit(contract: Contract, asked: Question | None) -> str:
    """As it is written after a number."""
    unit = contract.columns[asked.value].unit if asked is not None and asked.value else None
    return "" if unit in (None, "count") else word(unit, formats.language_of(get_language()))


def _total(found: Readings | None) -> dict[str, float] | None:
    """Of all the hours or days together; None without readings."""
    if found is None or not found.at:
        return None
    count = sum(found.count)
    numbers = {"mean": sum(found.sum) / count, "least": min(found.min), "most": max(found.max)} if found.mean else {}
    return {"count": count, **numbers}


def _question(
    request: HttpRequest, contract: Contract, city: str, chosen: dict[str, str], numbers: list[str]
) -> Question | None:
    """What the address asks; None where the city has no rows."""
    wide = volumes.volume(contract.id, city)
    if wide.first_day is None or wide.last_day is None:
        return None
    get = request.GET
    every = next((one for one in steps(contract) if one == get.get("every")), steps(contract)[0])
    last = Period.parse(get["to"]).last_day if get.get("to") else wide.last_day
    first: date = (
        Period.parse(get["from"]).first_day
        if get.get("from")
        else max(wide.first_day, last - timedelta(DAYS[every] - 1))
    )
    if (last - first).days >= LONGEST[every]:
        raise Problem(
            _("A page shows %(days)s days at most so.") % {"days": LONGEST[every]}, where="from, to",
            hint=_("Ask for fewer days or by day; the API tells more."),
        )  # fmt: skip
    if get.get("value") and get["value"] not in numbers:
        raise Problem(_("This is no number of the dataset."), where="value", hint=", ".join(numbers))
    return Question(chosen, get.get("value") or next(iter(numbers), None), every, first, last)


def _chart(found: Readings, asked: Question, contract: Contract, unit: str, zone: str) -> Chart:
    """Mean with least and most, or rows; an hour or day without a reading is a gap."""
    at = _every(found, asked, zone)
    place = {moment: n for n, moment in enumerate(found.at)}

    def line(values: list[float] | list[int]) -> list[float | int | None]:
        return [values[place[one]] if one in place else None for one in at]

    lines = [Series(_("Readings"), line(list(found.count)))]
    if asked.value:
        lines = [
            Series(_("Mean"), line(list(found.mean))),
            Series(_("Least"), line(list(found.min)), dashed=True),
            Series(_("Most"), line(list(found.max)), dashed=True),
        ]
    language = formats.language_of(get_language())
    head = heads_of(contract, [asked.value])[0].short if asked.value else contract.name.say(language)
    labels = [
        formats.day(date.fromisoformat(one[:10]), language, "short") + (f" {one[11:16]}" if one[10:] else "")
        for one in at
    ]
    return Chart("series", "line", f"{head}: {', '.join(asked.of.values())}", labels, lines, unit=unit, heading=2)


def _every(found: Readings, asked: Question, zone: str) -> list[str]:
    """Every hour or day from the first that has readings to the last."""
    ends = [datetime.fromisoformat(one) for one in (found.at[0], found.at[-1])]
    if asked.every == "day":
        return [str((ends[0] + timedelta(n)).date()) for n in range((ends[1] - ends[0]).days + 1)]
    begin, hours = ends[0].astimezone(UTC), int((ends[1] - ends[0]).total_seconds()) // 3600
    return [(begin + timedelta(hours=n)).astimezone(ZoneInfo(zone)).isoformat() for n in range(hours + 1)]
