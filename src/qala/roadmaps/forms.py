"""The form of an action: money by year, effects as lines that a person writes."""

from __future__ import annotations

import re
from collections.abc import Container
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qala import facts
from qala.people.models import Organisation
from qala.roadmaps.models import Action, Message, Roadmap
from qala.roadmaps.queries import own_indicators
from qala.standard import Edition
from qala.standard.problems import Problem
from qala.ui.formats import language_of

if TYPE_CHECKING:
    _ActionForm = forms.ModelForm[Action]
    _MessageForm = forms.ModelForm[Message]
else:
    _ActionForm = _MessageForm = forms.ModelForm

_LINE = re.compile(r"(?P<kpi>[\w.]+)\s*(?P<sign>[=+\-−])\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<percent>%?)")


def effects_read(text: str, law: Edition, own: Container[str] = ()) -> dict[str, list[str]]:
    """`2.1 = 12`, `2.2 +5`, `own.trees -10%`, one a line, as row or id of an own indicator -> [kind, number].

    Raises:
        ValidationError: a line that is none of these, with its number.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or (match["sign"] == "=" and match["percent"]):
            raise ValidationError(_("Line %(number)s: write 2.1 = 12, 2.2 +5 or 2.1 -10%%."), params={"number": number})
        try:
            row = match["kpi"] if match["kpi"] in own else law.kpi(match["kpi"]).row
        except Problem:
            raise ValidationError(
                _("Line %(number)s: there is no KPI %(kpi)s."), params={"number": number, "kpi": match["kpi"]}
            ) from None
        if row in found:
            raise ValidationError(
                _("Line %(number)s: %(kpi)s is there already."), params={"number": number, "kpi": row}
            )
        value = match["number"].replace(",", ".")
        if match["sign"] == "=":
            found[row] = ["to", value]
        else:
            signed = value if match["sign"] == "+" else f"-{value}"
            found[row] = ["by_percent" if match["percent"] else "by", signed]
    return found


def effects_said(effects: dict[str, list[str]]) -> str:
    """The same, as it is written."""
    lines = []
    for row, (kind, value) in effects.items():
        if kind == "to":
            lines.append(f"{row} = {value}")
        else:
            lines.append(f"{row} {'' if value.startswith('-') else '+'}{value}{'%' if kind == 'by_percent' else ''}")
    return "\n".join(lines)


def bodies(city: str) -> QuerySet[Organisation]:
    """Organisations that can answer for something of a city: its own, and those of no city."""
    return Organisation.objects.filter(Q(city=city) | Q(city=""), is_active=True)


def _money(label: str, initial: str | None) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_digits=12, decimal_places=3, initial=initial,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )  # fmt: skip


class ReportForm(forms.Form):
    """How far an action in force is: state, money approved and spent by year, evidence."""

    progress = forms.ChoiceField(label=_("Progress"), choices=list(Action.PROGRESS.items()))
    evidence = forms.CharField(
        label=_("Evidence"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    SUMS: ClassVar = {"approved": _("Approved, million tenge"), "spent": _("Spent, million tenge")}

    def __init__(self, action: Action, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial.update({"progress": action.progress, "evidence": action.evidence})
        self.years = sorted({*action.roadmap.years, *action.years, *map(int, (*action.approved, *action.spent))})
        for kind in self.SUMS:
            for year in self.years:
                self.fields[f"{kind}_{year}"] = _money(str(year), getattr(action, kind).get(str(year)))

    def sums(self) -> list[tuple[Any, list[Any]]]:
        """Approved and spent, each with its fields by year."""
        return [(words, [self[f"{kind}_{year}"] for year in self.years]) for kind, words in self.SUMS.items()]

    def money(self, kind: str) -> dict[str, str]:
        """Year -> sum as text, of what was said."""
        given = {str(year): self.cleaned_data.get(f"{kind}_{year}") for year in self.years}
        return {year: str(Decimal(sum_)) for year, sum_ in given.items() if sum_}


class MessageForm(_MessageForm):
    """A line of the communication plan."""

    class Meta:
        model = Message
        fields: ClassVar = ["audience", "what", "day", "channel", "doer", "state", "evidence"]
        widgets: ClassVar = {
            "what": forms.Textarea(attrs={"rows": 4}),
            "day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        channel: Any = self.fields["channel"]
        channel.choices = [("", "—"), *Message.CHANNELS.items()]


class ActionForm(_ActionForm):
    """An action of a draft."""

    effects_text = forms.CharField(
        label=_("Expected results in KPIs"),
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "mono", "spellcheck": "false", "placeholder": "2.1 = 12\n2.2 +5"}
        ),
        help_text=_(
            "A line for each: a KPI's row or the id of an own indicator, and the value that it reaches (=) "
            "or its change (+5, -10%)."
        ),
    )

    class Meta:
        model = Action
        fields: ClassVar = [
            "name", "initiative", "sphere", "from_year", "to_year", "owner", "executors", "results", "programme", "source",
            "risks", "after", "progress", "evidence", "new_system",
        ]  # fmt: skip
        widgets: ClassVar = {
            "results": forms.Textarea(attrs={"rows": 5}),
            "risks": forms.Textarea(attrs={"rows": 3}),
            "evidence": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, roadmap: Roadmap, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.roadmap = roadmap
        self.law = facts.editions()[roadmap.edition]
        language = language_of(get_language())
        own = [(no, f"{no}. {one.name.say(language)}") for no, one in self.law.initiatives.items()]
        self.fields["initiative"] = forms.TypedChoiceField(
            label=_("Base initiative"), required=False, coerce=int, empty_value=None,
            choices=[("", _("additional")), *own],
        )  # fmt: skip
        spheres = [(name, one.name.say(language)) for name, one in self.law.spheres.items()]
        sphere: Any = self.fields["sphere"]
        self.fields["sphere"] = forms.ChoiceField(
            label=sphere.label, required=False, choices=[("", "—"), *spheres],
            help_text=_("Item 5; a claim for the yearly rating is checked against it (annex 5, item 6)."),
        )  # fmt: skip
        owners: Any = self.fields["owner"]
        owners.empty_label, self.fields["source"].choices = "—", [("", "—"), *Action.SOURCES.items()]  # type: ignore[attr-defined]
        owners.queryset = bodies(roadmap.city)
        others: Any = self.fields["after"]
        others.queryset = roadmap.actions.exclude(pk=self.instance.pk)
        others.widget.attrs["size"] = 6
        self.initial["effects_text"] = effects_said(self.instance.effects)
        self.years = sorted({*roadmap.years, *map(int, self.instance.money)})
        for year in self.years:
            self.fields[f"money_{year}"] = _money(str(year), self.instance.money.get(str(year)))

    def money(self) -> list[Any]:
        """The fields of money, to be laid out in a row."""
        return [self[f"money_{year}"] for year in self.years]

    def others(self) -> list[Any]:
        """All other fields, in their order."""
        return [one for one in self if not one.name.startswith("money_")]

    def clean_effects_text(self) -> str:
        text: str = self.cleaned_data["effects_text"]
        self.instance.effects = effects_read(text, self.law, own_indicators(self.roadmap.city))
        return text

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        given = {str(year): found.get(f"money_{year}") for year in self.years}
        self.instance.money = {year: str(Decimal(money)) for year, money in given.items() if money}
        first, last = found.get("from_year"), found.get("to_year")
        for year in self.years:
            if first and last and found.get(f"money_{year}") and not first <= year <= last:
                self.add_error(f"money_{year}", _("No work is planned in this year."))
        if first and last and last < first:
            self.add_error("to_year", _("It cannot end before it begins."))
        return found
