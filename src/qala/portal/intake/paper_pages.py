"""Registers of data-sharing agreements and integration passports: lists, one of them to print, forms, history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.intake import agreements
from qala.intake.agreements import access_paper, in_force, papers_for, place_of_paper
from qala.intake.models import Agreement, Passport, Source
from qala.intake.queries import MANAGE, SEE
from qala.people import audit
from qala.people.access import Refused, Somebody, may, may_somewhere, require, require_somewhere, visible_cities
from qala.people.models import AuditEntry, Organisation
from qala.people.verbs import verb_name
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said


@dataclass(frozen=True)
class Register:
    """One of the two: its model, its words, its fields in lists."""

    model: Any
    title: Any
    new: Any
    columns: tuple[str, ...]

    def fields(self) -> list[models.Field[Any, Any]]:
        """What a person fills in."""
        hidden = {"id", "made_at", "removed_at"}
        return [one for one in self.model._meta.concrete_fields if one.name not in hidden]


REGISTERS = {
    "agreements": Register(
        Agreement, gettext_lazy("Data-sharing agreements"), gettext_lazy("New agreement"),
        ("number", "giver", "taker", "datasets", "first_day", "last_day"),
    ),
    "passports": Register(
        Passport, gettext_lazy("Integration passports"), gettext_lazy("New passport"),
        ("title", "organisation", "datasets", "contract_version", "agreement", "tested_on"),
    ),
}  # fmt: skip


def _register(kind: str) -> Register:
    if kind not in REGISTERS:
        raise Http404
    return REGISTERS[kind]


def form_of(register: Register, user: Somebody, instance: Any, data: Any = None) -> forms.ModelForm[Any]:
    """The form of a paper: cities and organisations that the user may name, datasets of the catalogue."""
    language = language_of(get_language())
    cities = [(one.code, said(one.names, language)) for one in visible_cities(user, MANAGE)]
    if instance.pk:
        cities = [one for one in cities if one[0] == instance.city] or [(instance.city, instance.city)]
    names = [one.name for one in register.fields()]
    made = forms.modelform_factory(register.model, fields=names)
    form = made(data, instance=instance)
    form.fields["city"] = forms.ChoiceField(label=_("City"), choices=cities)
    named = sorted((said(one.name, language), one.id) for one in facts.catalogue().contracts.values())
    form.fields["datasets"] = forms.MultipleChoiceField(
        label=_("Datasets"),
        choices=[(code, f"{name} · {code}") for name, code in named],
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    codes = [code for code, _name in cities]
    owners: Any = form.fields["organisation"]
    owners.queryset = Organisation.objects.filter(Q(city__in=codes) | Q(city=""), is_active=True)
    for name, field in form.fields.items():
        if isinstance(field, forms.DateField):
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        elif name == "agreement":
            chosen: Any = field
            chosen.queryset = papers_for(Agreement, user)
    return form


@require_safe
def index(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The register, as far as one may see it; filters in the address."""
    register = _register(kind)
    require_somewhere(request.user, SEE)
    get, language = request.GET, language_of(get_language())
    found = papers_for(register.model, request.user)
    if get.get("city"):
        found = found.filter(city=get["city"])
    if get.get("dataset"):
        found = found.filter(datasets__contains=[get["dataset"]])
    papers = list(found)
    if wanted(request):
        fields = register.fields()
        rows = ([_text(one, field, language) for field in fields] for one in papers)
        return table_response(request, kind, [str(field.verbose_name) for field in fields], rows)
    registry = facts.lake().cities
    columns = [register.model._meta.get_field(name) for name in register.columns]
    return render(
        request,
        "portal/intake/papers.html",
        {
            "kind": kind,
            "register": register,
            "heads": [field.verbose_name for field in columns],
            "lines": [(one, [_text(one, field, language) for field in columns], _over(one)) for one in papers],
            "cities": [
                (code, registry.get(code).names) for code in sorted({one.city for one in papers}) if code in registry
            ],
            "may_add": may_somewhere(request.user, MANAGE) and bool(visible_cities(request.user, MANAGE)),
        },
    )


def _over(paper: Any) -> bool:
    return isinstance(paper, Agreement) and paper.last_day is not None and paper.last_day < facts.today()


def _text(paper: Any, field: Any, language: Any) -> str:
    value = getattr(paper, field.name)
    if value is None or value == "":
        return "—"
    if field.name == "datasets":
        contracts = facts.catalogue().contracts
        return ", ".join(said(contracts[one].name, language) if one in contracts else one for one in value)
    if field.name == "city":
        registry = facts.lake().cities
        return said(registry.get(value).names, language) if value in registry else str(value)
    if isinstance(value, Organisation):
        return value.names.say(language)
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)


@require_safe
def paper(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """One paper, to read and to print: its fields, what its datasets delivered last, what was done to it."""
    register = _register(kind)
    one = access_paper(register.model, request.user, number)
    language = language_of(get_language())
    lake, contracts = facts.lake(), facts.catalogue().contracts
    sources = Source.objects.filter(city=one.city, dataset__in=one.datasets, removed_at=None)
    last = []
    for name in one.datasets:
        receipts = [each for each in lake.ledger.receipts(name, one.city) if each.kind == "delivery"]
        newest = max(receipts, key=lambda each: each.received_at, default=None)
        own = [each for each in sources if each.dataset == name]
        last.append((name, contracts.get(name), newest, own, in_force(one.city, name, facts.today())))
    entries = AuditEntry.objects.filter(kind=one._meta.label_lower, object_id=str(one.pk)).order_by("-id")[:50]
    sees_log = may(request.user, "audit.see", city=one.city)
    return render(
        request,
        "portal/intake/paper.html",
        {
            "kind": kind,
            "register": register,
            "paper": one,
            "facts": [(field.verbose_name, _text(one, field, language)) for field in register.fields()],
            "last": last,
            "over": _over(one),
            "history": [(each, verb_name(each.verb)) for each in entries] if sees_log else [],
            "may_lead": may(request.user, MANAGE, **place_of_paper(one)),
        },
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, number: int | None = None) -> HttpResponse:
    """A new paper, or a changed one."""
    register = _register(kind)
    if number is None:
        require_somewhere(request.user, MANAGE)
        if not visible_cities(request.user, MANAGE):
            raise Refused(MANAGE, guest=not request.user.is_authenticated)
        one, before = register.model(city=request.GET.get("city", "")), None
    else:
        one = access_paper(register.model, request.user, number, MANAGE)
        before = audit.said(one)
    form = form_of(register, request.user, one, request.POST or None)
    if request.method == "POST" and form.is_valid():
        require(request.user, MANAGE, **place_of_paper(form.instance))
        agreements.keep(request, form.instance, before)
        messages.success(request, _("Saved."))
        return redirect("intake:paper", kind, form.instance.pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "portal/intake/paper_form.html",
        {"kind": kind, "register": register, "form": form, "paper": one},
        status=status,
    )


@require_POST
def remove(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Take a paper off the register."""
    one = access_paper(_register(kind).model, request.user, number, MANAGE)
    agreements.remove(request, one)
    messages.success(request, _("It is off the register; the log keeps it."))
    return redirect("intake:papers", kind)
