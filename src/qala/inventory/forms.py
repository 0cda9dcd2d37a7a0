"""The form of a digital object: functions of annex 3 as boxes, initiative by initiative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qala import facts
from qala.intake.models import Passport
from qala.inventory.models import SHEET, DigitalObject
from qala.inventory.queries import key_of
from qala.ui.formats import language_of

if TYPE_CHECKING:
    _Form = forms.ModelForm[DigitalObject]
else:
    _Form = forms.ModelForm


class ObjectForm(_Form):
    """A new object or a changed one."""

    functions = forms.MultipleChoiceField(label=_("Functions of annex 3"), required=False)

    class Meta:
        model = DigitalObject
        fields: ClassVar = [*SHEET, "passport"]
        widgets: ClassVar = {
            "purpose": forms.Textarea(attrs={"rows": 3}),
            "note": forms.Textarea(attrs={"rows": 2}),
            "security_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "govarch_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = language_of(get_language())
        self.groups = [
            (no, one.name.say(language), [(key_of(row), row.name.say(language)) for row in one.functions])
            for no, one in facts.edition().initiatives.items()
        ]
        chosen: Any = self.fields["functions"]
        chosen.choices = [pair for _no, _name, rows in self.groups for pair in rows]
        platform: Any = self.fields["platform"]
        platform.choices = [("", "—"), *DigitalObject.Platform.choices]
        passports: Any = self.fields["passport"]
        passports.empty_label = "—"
        passports.queryset = Passport.objects.filter(city=self.instance.city, removed_at=None)

    def boxes(self) -> list[tuple[int, str, list[tuple[str, str, bool]], bool]]:
        """(initiative, its name, (function, its name, whether it is marked), whether one of them is)."""
        marked = set(self["functions"].value() or ())
        return [
            (no, name, [(key, words, key in marked) for key, words in rows], any(key in marked for key, _w in rows))
            for no, name, rows in self.groups
        ]

    def others(self) -> list[Any]:
        """All other fields, in their order."""
        return [one for one in self if one.name != "functions"]
