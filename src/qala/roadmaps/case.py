"""The business case of an action: its form, and what is wanting in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from qala.roadmaps.models import BusinessCase
from qala.ui.sent import amount

if TYPE_CHECKING:
    _CaseForm = forms.ModelForm[BusinessCase]
else:
    _CaseForm = forms.ModelForm

OPTIONS = 4
OPTION: dict[str, Any] = {"name": _("Option"), "cost": _("Million tenge"), "good": _("For it"), "bad": _("Against it")}
TEXTS = ("problem", "social", "environmental", "financial")
_LONG = 300


def wanting(case: BusinessCase | None) -> list[str]:
    """What a business case does not say yet, in words."""
    if case is None:
        return [str(_("everything"))]
    found = [str(BusinessCase._meta.get_field(name).verbose_name) for name in TEXTS if not getattr(case, name).strip()]  # type: ignore[union-attr]
    if len(case.options) < 2 or case.chosen is None:
        found.append(str(_("two options at least, and the chosen one")))
    if case.ownership is None:
        found.append(str(_("cost of ownership")))
    return found


class CaseForm(_CaseForm):
    """A business case; options as rows of a table."""

    class Meta:
        model = BusinessCase
        fields: ClassVar = [
            "problem",
            "chosen",
            "why",
            "social",
            "environmental",
            "financial",
            "use_years",
            "upkeep",
            "saving",
        ]
        widgets: ClassVar = {
            name: forms.Textarea(attrs={"rows": 4})
            for name in ("problem", "why", "social", "environmental", "financial")
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("upkeep", "saving"):
            if (kept_sum := getattr(self.instance, name)) is not None:
                self.initial[name] = f"{kept_sum.normalize():f}"
        for at in range(max(OPTIONS, len(self.instance.options))):
            kept = self.instance.options[at] if at < len(self.instance.options) else {}
            for part, words in OPTION.items():
                self.fields[f"{part}_{at}"] = forms.CharField(
                    label=f"{at + 1}. {words}", required=False, max_length=_LONG, initial=kept.get(part, "")
                )

    def head(self) -> list[Any]:
        return [self["problem"]]

    def rows(self) -> list[list[Any]]:
        """The fields of options, by row."""
        count = sum(name.startswith("name_") for name in self.fields)
        return [[self[f"{part}_{at}"] for part in OPTION] for at in range(count)]

    def rest(self) -> list[Any]:
        """The fields after the options."""
        return [self[name] for name in self.Meta.fields if name != "problem"]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        options: list[dict[str, str]] = []
        for at in range(len(self.rows())):
            said_of = {part: str(found.get(f"{part}_{at}", "")).strip() for part in OPTION}
            if not any(said_of.values()):
                continue
            cost = amount(said_of["cost"])
            if cost is None:
                self.add_error(f"cost_{at}", _("A number that is not negative, with at most three decimals."))
            if not said_of["name"]:
                self.add_error(f"name_{at}", _("Name the option."))
            options.append(said_of | {"cost": f"{cost:f}" if cost else ""})
        chosen = found.get("chosen")
        if chosen is not None and not 1 <= chosen <= len(options):
            self.add_error("chosen", _("There is no option of this number."))
        self.instance.options = options
        return found
