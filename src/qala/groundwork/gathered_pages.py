"""Pages of what a survey gathers: statistics by district, mentions in the media, appeals of the national platform."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.groundwork import gathered
from qala.groundwork.forms import MentionForm
from qala.groundwork.gathered import TABLES, Gathered, places_of
from qala.groundwork.models import ABOUT, TONES, Mention
from qala.groundwork.queries import LEAD, SEE
from qala.groundwork.topics import categories, map_categories, mapped, topic_names
from qala.people import audit
from qala.people.access import access_city_by_code, may, require
from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import day, language_of, number, said
from qala.ui.problems import told
from qala.ui.sent import whole
from qala.ui.uploads import LARGEST

ON_A_PAGE = 200
SHOWN = 20
FILTERS = {"statistics": ("kato", "indicator"), "media": ("topic", "tone"), "platform": ("category",)}


def _table(name: str) -> Gathered:
    if name not in TABLES:
        raise Http404
    return TABLES[name]


def _about(city: str, name: str) -> dict[str, Any]:
    """What every page of them says."""
    found = facts.lake().cities.get(city)
    return {
        "city": found, "city_name": said(found.names, language_of(get_language())), "simulated": found.simulated,
        "name": name, "table": TABLES[name], "tables": [(key, one.title) for key, one in TABLES.items()],
    }  # fmt: skip


@require_safe
def index(request: HttpRequest, city: str, name: str) -> HttpResponseBase:
    """One of the three tables, by its filters; as a file it is the form in which it comes back."""
    table = _table(name)
    access_city_by_code(request.user, city, SEE)
    found: Any = table.model._default_manager.filter(city=city)
    asked = {field: request.GET.get(field, "") for field in FILTERS[name]}
    for field, value in asked.items():
        if value:
            found = found.filter(**{field: value})
    columns = [one.name for one in table.columns]
    if wanted(request):
        return table_response(request, f"{name}_{city}", table.heads(), found.values_list(*columns).iterator())
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    names, leads = _names(city, name), may(request.user, LEAD, city=city)
    options = {
        field: [
            (value, names.get(field, {}).get(value, value))
            for value in table.model._default_manager.filter(city=city).order_by(field).values_list(field, flat=True).distinct()
            if value
        ]
        for field in FILTERS[name]
    }  # fmt: skip
    heads = {one.name: one.head for one in table.columns}
    return render(
        request,
        "groundwork/gathered.html",
        {
            **_about(city, name),
            "page": page,
            "heads": list(heads.values()),
            "lines": [(one, _cells(one, columns, names, heads)) for one in page],
            "filters": [
                (field, heads[field], options[field], asked[field]) for field in FILTERS[name] if options[field]
            ],
            "asked": any(asked.values()),
            "leads": leads,
            "unmapped": sum(one.topic is None for one in categories(city)) if name == "platform" else 0,
        },
    )


def _names(city: str, name: str) -> dict[str, dict[str, str]]:
    """Field -> code -> its words."""
    if name == "media":
        return {"topic": topic_names(), "tone": {code: str(words) for code, words in TONES.items()}}
    return {"kato": places_of(city), "about": {code: str(words) for code, words in ABOUT.items()}}


def _cells(one: Any, columns: list[str], names: dict[str, dict[str, str]], heads: dict[str, Any]) -> list[Any]:
    """(head, cell, whether it is a number)."""
    language, cells = language_of(get_language()), list[Any]()
    for field in columns:
        value = getattr(one, field)
        shown = names.get(field, {}).get(value, value)
        if field == "value":
            shown = number(value.normalize(), None, language)
        cells.append((field, heads[field], shown))
    return cells


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest, city: str, name: str) -> HttpResponse:
    """A table comes in: what it would do is shown first, and only that is then taken in."""
    table = _table(name)
    access_city_by_code(request.user, city, LEAD)
    context: dict[str, Any] = _about(city, name)
    file = request.FILES.get("file")
    try:
        if "sealed" in request.POST:
            count = gathered.take_in(request, city, name, request.POST["sealed"])
            messages.success(request, _("Rows taken in: %(n)s.") % {"n": count})
            return redirect("groundwork:gathered", city, name)
        if request.method == "POST" and file is None:
            context["refused"] = _("Choose a file.")
        elif file is not None:
            planned = gathered.read(city, table, file.name or "", file.read(LARGEST + 1))
            names = [one.name for one in table.columns]
            context |= {
                "planned": planned,
                "file": file.name,
                "wrong": [(cell, told(words)) for cell, words in planned.wrong],
                "heads": table.heads(),
                "new": [[_plain(field, row[field]) for field in names] for row in planned.new[:SHOWN]],
                "changed": [
                    [(_plain(field, row[field]), _plain(field, before[field])) for field in names]
                    for row, before in planned.changed[:SHOWN]
                ],
                "sealed": gathered.seal(city, name, planned) if planned.new or planned.changed else "",
            }
    except Problem as why:
        context["problem"] = why
    bad = "refused" in context or "problem" in context or context.get("wrong")
    return render(request, "groundwork/load.html", context, status=422 if bad else 200)


def _plain(field: str, value: Any) -> str:
    """A value of a preview in the reader's words; a code of KATO stays as the file has it."""
    language = language_of(get_language())
    if isinstance(value, Decimal):
        return number(value.normalize(), None, language)
    if isinstance(value, date):
        return day(value, language)
    lists: Mapping[str, Mapping[str, Any]] = {"about": ABOUT, "tone": TONES, "topic": topic_names()}
    choices = lists.get(field, {})
    return str(choices.get(value, value)) if value not in (None, "") else "—"


@require_http_methods(["GET", "POST"])
def platform_categories(request: HttpRequest, city: str) -> HttpResponse:
    """What categories of the national platform are in the city's own topics."""
    access_city_by_code(request.user, city, LEAD if request.method == "POST" else SEE)
    found, names = categories(city), topic_names()
    if request.method == "POST":
        known, given = {one.name for one in found}, dict[str, str]()
        for at in range(len(found)):  # the list may stand in another order by now: each line says whose it is
            category, topic = request.POST.get(f"n{at}", ""), request.POST.get(f"c{at}", "?")
            if category in known and topic in (*names, "-"):
                given[category] = "" if topic == "-" else topic
        count = map_categories(request, city, given)
        messages.success(request, _("Categories remembered: %(n)s.") % {"n": count})
        return redirect("groundwork:categories", city)
    return render(
        request,
        "groundwork/categories.html",
        {
            **_about(city, "platform"),
            "lines": list(enumerate(found)),
            "topics": sorted(names.items(), key=lambda pair: pair[1]),
            "leads": may(request.user, LEAD, city=city),
            "known": len(mapped(city)),
        },
    )


@require_http_methods(["GET", "POST"])
def mention(request: HttpRequest, city: str, number: int | None = None) -> HttpResponse:
    """A new mention in the media, or a changed one."""
    access_city_by_code(request.user, city, LEAD)
    one = Mention(city=city) if number is None else Mention.objects.filter(pk=number, city=city).first()
    if one is None:
        raise Http404
    before = None if number is None else audit.said(one)
    form = MentionForm(request.POST or None, instance=one)
    if request.method == "POST" and form.is_valid():
        try:
            form.instance.full_clean()
        except ValidationError as why:
            form.add_error(None, why.messages)
        else:
            form.save()
            audit.wrote(
                request, "add" if before is None else "change", form.instance, before, audit.said(form.instance)
            )
            messages.success(request, _("Saved."))
            return redirect("groundwork:gathered", city, "media")
    context = {
        **_about(city, "media"), "form": form, "fields": list(form), "mention": one,
        "title": _("New mention in the media") if number is None else str(one),
    }  # fmt: skip
    return render(request, "groundwork/mention.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def remove(request: HttpRequest, city: str, name: str) -> HttpResponse:
    """Take a row that was entered by mistake out; the log keeps it."""
    table = _table(name)
    require(request.user, LEAD, city=city)
    one = table.model._default_manager.filter(pk=whole(request.POST.get("number", "")) or 0, city=city).first()
    if one is None:
        raise Http404
    audit.wrote(request, "delete", one, audit.said(one), None)
    one.delete()
    messages.success(request, _("It is taken out; the log keeps it."))
    return redirect("groundwork:gathered", city, name)
