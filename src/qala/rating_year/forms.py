"""Forms of claims and objections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala.lake import City
from qala.rating_year.checks import category_of, edition_of
from qala.rating_year.models import Claim, Objection
from qala.rating_year.roadmap_check import actions_of
from qala.roadmaps.models import Action
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui.formats import language_of, said

_FIELDS = {
    Claim: (
        "city", "year", "title", "sphere", "base_initiative", "action", "in_roadmap", "roadmap_item", "measures", "started_on",
        "finished_on", "results", "indicators", "signed_by", "signed_on",
    ),
    Objection: ("city", "year", "kpi", "period", "rows", "text"),
}  # fmt: skip


def form_of(model: type[Any], cities: Sequence[City], instance: Any, year: int, data: Any = None) -> Any:
    """The form of a claim or an objection, with the cities that the reader may file for."""
    language = language_of(get_language())
    made = forms.modelform_factory(model, form=_Paper, fields=_FIELDS[model])
    form = made(data, instance=instance, initial={"year": year})
    form.fields["city"] = forms.ChoiceField(
        label=_("City"), choices=[(one.code, said(one.names, language)) for one in cities]
    )
    edition = edition_of(year)
    if "sphere" in form.fields:
        form.fields["sphere"] = forms.ChoiceField(
            label=form.fields["sphere"].label,
            choices=[(name, one.name.say(language)) for name, one in edition.spheres.items()],
        )
    if "action" in form.fields:
        known = [(said(one.names, language), actions_of(one.code)) for one in cities]
        listed = [(name, [(action.pk, action.name) for action in found]) for name, found in known if found]
        field: Any = form.fields["action"]
        field.queryset = Action.objects.filter(pk__in=[a.pk for _, found in known for a in found])
        field.choices = [("", _("none, or the Roadmap is not kept here")), *listed]
    if "kpi" in form.fields:
        form.fields["kpi"] = forms.ChoiceField(
            label=_("KPI"), choices=[(one.row, f"{one.row} {one.name.say(language)}") for one in edition.kpis.values()]
        )
    for field in form.fields.values():
        if isinstance(field, forms.DateField):
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        elif isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 4
    return form


class _Paper(forms.ModelForm):  # type: ignore[type-arg]  # Django leaves it without at runtime
    def clean(self) -> dict[str, Any]:
        """Dates in their order, a period of the rated year, a city that has a category then."""
        found = super().clean() or {}
        start, end = found.get("started_on"), found.get("finished_on")
        if start and end and end < start:
            self.add_error("finished_on", _("It cannot be completed before it starts."))
        if (period := found.get("period")) and found.get("year"):
            try:
                parsed = Period.parse(period)
            except Problem as problem:
                self.add_error("period", problem.message)
            else:
                if parsed.first_day.year != found["year"]:
                    self.add_error("period", _("The period lies outside the rated year."))
        if (action := found.get("action")) and action.roadmap.city != found.get("city"):
            self.add_error("action", _("This action is of another city's Roadmap."))
        if found.get("city") and found.get("year"):
            try:
                category_of(found["city"], found["year"])
            except Problem as problem:
                self.add_error("year", problem.message)
        return found
