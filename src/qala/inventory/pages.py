"""Pages of the register: cities, a city's register, an object with its history, forms, tables in and out, the catalogue."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.inventory import services, sheets
from qala.inventory.forms import ObjectForm
from qala.inventory.models import SHEET, DigitalObject
from qala.inventory.queries import (
    KEEP,
    SEE,
    access_object,
    chosen,
    elsewhere,
    extent,
    functions,
    objects_of,
)
from qala.inventory.words import WANTS
from qala.people import audit
from qala.people.access import access_city_by_code, may, require_somewhere, visible_cities
from qala.people.models import AuditEntry
from qala.people.services import Impossible
from qala.people.verbs import verb_name
from qala.standard.problems import Problem
from qala.ui import uploads
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said
from qala.ui.problems import told

FILTERS = ("q", "kind", "state", "platform", "initiative", "function", "wants")


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Registers by city: how many objects, functions that live, what is wanting."""
    require_somewhere(request.user, SEE)
    language = language_of(get_language())
    lines = [(one, said(one.names, language), extent(one.code)) for one in visible_cities(request.user, SEE)]
    lines.sort(key=lambda line: line[1])
    if wanted(request):
        heads = [
            _("City"), _("Objects"), _("In use"), _("Functions live"), _("Functions asked"), _("Mean age, years"),
            *(str(words) for words, _item in WANTS.values()),
        ]  # fmt: skip
        rows: list[list[Any]] = [
            [name, x.objects, x.in_use, x.live, x.asked, x.mean_age, *(x.wants.get(code, 0) for code in WANTS)]
            for _one, name, x in lines
        ]
        return table_response(request, "registers", heads, rows)
    return render(request, "inventory/index.html", {"lines": lines})


@require_safe
def register(request: HttpRequest, city: str) -> HttpResponseBase:
    """A city's register; filters in the address."""
    found = access_city_by_code(request.user, city, SEE)
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    everything = list(objects_of(city))
    left = chosen(objects_of(city), asked)
    if wanted(request):
        return table_response(request, f"digital_objects_{city}", sheets.heads(), (sheets.cells(one) for one in left))
    language, year = language_of(get_language()), facts.today(found.zone).year
    law = facts.edition()
    return render(
        request,
        "inventory/register.html",
        {
            "city": found,
            "city_name": said(found.names, language),
            "extent": extent(city, [one for one in everything if one.state != "retired"]),
            "wants": [(code, words, item) for code, (words, item) in WANTS.items()],
            "any": bool(everything),
            "asked": asked,
            "lines": [_line(one, year) for one in left],
            "kinds": DigitalObject.Kind.choices,
            "states": DigitalObject.State.choices,
            "platforms": DigitalObject.Platform.choices,
            "initiatives": [(str(no), f"{no}. {one.name.say(language)}") for no, one in law.initiatives.items()],
            "keeps": may(request.user, KEEP, city=city),
            "simulated": found.simulated,
        },
    )


def _line(one: DigitalObject, year: int) -> dict[str, Any]:
    return {
        "one": one,
        "age": one.age(year),
        "overdue": one.live and one.replace_in is not None and one.replace_in < year,
        "wants": [WANTS[code][0] for code in one.wants()],
    }


@require_safe
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One object: its fields, its functions, what is wanting, what was changed when."""
    found = access_object(request.user, number)
    language, law = language_of(get_language()), functions(facts.edition())
    city = facts.lake().cities.get(found.city)
    fields = [(sheets.field(name).verbose_name, sheets.shown(name, getattr(found, name))) for name in SHEET]
    entries = AuditEntry.objects.filter(kind=found._meta.label_lower, object_id=str(found.pk)).order_by("-id")[:100]
    return render(
        request,
        "inventory/object.html",
        {
            "object": found,
            "city_name": said(city.names, language),
            "facts": [pair for name, pair in zip(SHEET, fields, strict=True) if name not in ("name", "functions")],
            "functions": [(key, law[key]) for key in found.functions if key in law],
            "wants": [WANTS[code] for code in found.wants()],
            "age": found.age(facts.today(city.zone).year),
            "history": [(each, verb_name(each.verb), _changes(each)) for each in entries],
            "sees_who": may(request.user, "audit.see", city=found.city),
            "keeps": may(request.user, KEEP, city=found.city),
            "simulated": city.simulated,
        },
    )


def _changes(entry: AuditEntry) -> list[tuple[Any, str, str]]:
    """What an entry of the log changed: field, before, after."""
    before, after = entry.before or {}, entry.after or {}
    if not before or not after:
        return []
    pairs = [(name, *(sheets.field(name).to_python(side.get(name)) for side in (before, after))) for name in SHEET]
    return [
        (sheets.field(name).verbose_name, sheets.shown(name, old or ""), sheets.shown(name, new or ""))
        if name not in ("functions", "personal")
        else (sheets.field(name).verbose_name, sheets.shown(name, old or []), sheets.shown(name, new or []))
        for name, old, new in pairs
        if old != new
    ]


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, city: str = "", number: int | None = None) -> HttpResponse:
    """A new object, or a changed one."""
    if number is None:
        access_city_by_code(request.user, city, KEEP)
        instance, before = DigitalObject(city=city), None
        marked = request.GET.get("function", "")
        instance.functions = [marked] if marked in functions(facts.edition()) else []
    else:
        instance = access_object(request.user, number, KEEP)
        before = audit.said(instance)
    form = ObjectForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        try:
            services.keep(request, form.instance, before)
        except ValidationError as why:
            form.add_error(None, why.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect("inventory:object", form.instance.pk)
    names = facts.lake().cities.get(instance.city).names
    return render(
        request,
        "inventory/form.html",
        {"form": form, "object": instance, "city_name": said(names, language_of(get_language()))},
        status=422 if request.method == "POST" else 200,
    )


@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take an object that was entered by mistake off the register."""
    found = access_object(request.user, number, KEEP)
    services.remove(request, found)
    messages.success(request, _("It is off the register; the log keeps it."))
    return redirect("inventory:register", found.city)


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest, city: str) -> HttpResponse:
    """A table of objects: what it would change is shown first, and only that is then taken in."""
    found = access_city_by_code(request.user, city, KEEP)
    context: dict[str, Any] = {"city": found, "city_name": said(found.names, language_of(get_language()))}
    file = request.FILES.get("file")
    if "sealed" in request.POST:
        try:
            added, changed = services.take_in(request, city, sheets.unsealed(request.POST["sealed"]))
        except (Impossible, ValidationError) as why:
            context["refused"] = str(why) if isinstance(why, Impossible) else " ".join(why.messages)
        except Problem as why:
            context["problem"] = why
        else:
            messages.success(
                request, _("Added: %(added)s, changed: %(changed)s.") % {"added": added, "changed": changed}
            )
            return redirect("inventory:register", city)
    elif request.method == "POST" and file is None:
        context["refused"] = _("Choose a file.")
    elif file is not None:
        try:
            read = sheets.read(city, file.name or "", file.read(uploads.LARGEST + 1))
        except Problem as why:
            context["problem"] = why
        else:
            context |= {
                "read": read, "wrong": [(cell, told(words)) for cell, words in read.wrong], "file": file.name,
                "new": [one for one in read.planned if one.number is None],
                "changed": [one for one in read.planned if one.number is not None],
                "sealed": sheets.sealed(read.planned) if read.planned else "",
            }  # fmt: skip
    bad = "refused" in context or "problem" in context or context.get("wrong")
    return render(request, "inventory/load.html", context, status=422 if bad else 200)


@require_safe
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """By function of annex 3: which solutions cities already run (items 12(2), 13(1)). What is open of each, no more."""
    require_somewhere(request.user, SEE)
    language, law = language_of(get_language()), facts.edition()
    registry = facts.lake().cities
    asked = {name: request.GET.get(name, "") for name in ("initiative", "function", "platform")}
    running = elsewhere()
    groups = []
    for key, row in functions(law).items():
        there = [one for one in running.get(key, []) if not asked["platform"] or one.platform == asked["platform"]]
        if not there or (asked["function"] and key != asked["function"]):
            continue
        if asked["initiative"] and str(row.initiative) != asked["initiative"]:
            continue
        groups.append((key, row, [(one, _city_name(registry, one.city, language)) for one in there]))
    if wanted(request):
        heads = [_("Function"), _("Function in words"), _("City"), *(str(sheets.field(n).verbose_name) for n in _OPEN)]
        rows = (
            [f"f{key}", row.name.say(language), name, *(sheets.shown(field, getattr(one, field)) for field in _OPEN)]
            for key, row, some in groups
            for one, name in some
        )
        return table_response(request, "solutions", heads, rows)
    return render(
        request,
        "inventory/catalogue.html",
        {
            "groups": groups,
            "asked": asked,
            "covered": len({key for key, _row, _some in groups}),
            "all": len(functions(law)),
            "solutions": len({one.pk for _key, _row, some in groups for one, _name in some}),
            "initiatives": [(str(no), f"{no}. {one.name.say(language)}") for no, one in law.initiatives.items()],
            "platforms": DigitalObject.Platform.choices,
        },
    )


_OPEN = ("name", "kind", "purpose", "maker", "platform", "used_since", "govarch_id")
"""What the people of other cities are told of an object: nothing of its security."""


def _city_name(registry: Any, code: str, language: Any) -> str:
    return said(registry.get(code).names, language) if code in registry else code
