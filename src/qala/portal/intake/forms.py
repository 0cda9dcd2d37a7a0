"""Forms of sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import yaml
from django import forms
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from qala import facts
from qala.intake.doors.mqtt.topics import Topics
from qala.intake.fetchers import FETCHERS
from qala.intake.models import NAME, Source
from qala.intake.queries import MANAGE
from qala.intake.registry import Feed
from qala.intake.trial import content_of, mapping_of
from qala.people.access import Somebody, visible_cities
from qala.people.models import Organisation
from qala.portal.intake.words import CADENCES, cadences
from qala.standard.problems import Problem, Problems
from qala.standard.yaml_file import parse_yaml
from qala.ui.formats import language_of, said
from qala.ui.problems import told

if TYPE_CHECKING:
    _SourceForm = forms.ModelForm[Source]
else:
    _SourceForm = forms.ModelForm

FIXED = ("name", "city", "dataset")
"""What a source keeps for good."""
_CODE = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off", "class": "mono", "wrap": "off"}


class SourceForm(_SourceForm):
    """A source; and a message of its system to try, which is not kept."""

    settings_yaml = forms.CharField(
        label=_("Settings of the way in"),
        required=False,
        widget=forms.Textarea(attrs={**_CODE, "rows": 4}),
    )

    class Meta:
        model = Source
        fields: ClassVar = [
            "title", "name", "city", "dataset", "owner", "door", "way", "every", "format", "rows_at", "settings_yaml",
            "mapping_yaml",
        ]  # fmt: skip
        help_texts: ClassVar = {
            "title": _("In the words of those who look after it: the system, its vendor, where it stands."),
            "name": _("What the ledger, topics and folders call it: small letters, digits and -. It stays for good."),
            "rows_at": _(
                "Dotted path of the array with the rows; empty where the message is one row, or an array of rows."
            ),
            "mapping_yaml": _(
                "Which field of the message is which column. Fields that are called like a column need no line."
            ),
        }
        widgets: ClassVar = {"mapping_yaml": forms.Textarea(attrs={**_CODE, "rows": 12})}

    def __init__(self, user: Somebody, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = language_of(get_language())
        new = self.instance.pk is None
        every = self.instance.every
        as_contract = [("", _("as often as the dataset's contract says"))] if new else []
        self.fields["every"] = forms.TypedChoiceField(
            label=_("Expected"), coerce=int, required=False, empty_value=None,
            choices=[*as_contract, *cadences(every)],
            help_text=_("When nothing comes for one and a half times as long, its owner is told."),
        )  # fmt: skip
        if new:
            self.fields["name"].validators = [NAME]
            cities = [(one.code, said(one.names, language)) for one in visible_cities(user, MANAGE)]
            self.fields["city"] = forms.ChoiceField(label=_("City"), choices=cities)
            contracts = sorted(
                ((one.id, said(one.name, language)) for one in facts.catalogue().contracts.values()), key=lambda c: c[1]
            )
            self.fields["dataset"] = forms.ChoiceField(
                label=_("Dataset"), choices=[("", "—"), *((code, f"{name} · {code}") for code, name in contracts)]
            )
            codes = [code for code, _name in cities]
            owners = self.fields["owner"]
            assert isinstance(owners, forms.ModelChoiceField)
            owners.queryset = Organisation.objects.filter(Q(city__in=codes) | Q(city=""), is_active=True)
            owners.empty_label = str(_("the akimat as a whole"))
        else:
            for name in (*FIXED, "owner"):
                del self.fields[name]
            if not self.instance.mapping_yaml and self.instance.mapping:
                content = {k: v for k, v in self.instance.mapping.items() if k != "dataset"}
                self.initial["mapping_yaml"] = as_yaml(content)
        self.initial["settings_yaml"] = as_yaml(self.instance.settings)
        if new:
            self.initial["every"] = ""
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    def about(self) -> list[forms.BoundField]:
        """The fields that are no YAML, in order."""
        return [self[name] for name in self.fields if not name.endswith("_yaml")]

    def clean_settings_yaml(self) -> dict[str, Any]:
        try:
            found = parse_yaml(self.cleaned_data["settings_yaml"], Path("settings"))
            return plain(found.mapping()) if found.data is not None else {}
        except Problem as problem:
            raise forms.ValidationError(lines(problem)) from None

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        dataset = found.get("dataset") or self.instance.dataset
        contract = facts.catalogue().contracts.get(dataset)
        self.content: dict[str, Any] = {}
        if found.get("every") is None:
            found["every"] = CADENCES[contract.arrives.every] if contract else 0
        if contract is not None and "mapping_yaml" in found:
            try:
                self.content = content_of(mapping_of(found["mapping_yaml"], contract))
            except Problem as problem:
                self.add_error("mapping_yaml", lines(problem))
        if "settings_yaml" in found:
            try:
                check_settings(
                    found.get("door", ""), found["settings_yaml"], self.instance.name or found.get("name", "x")
                )
            except Problem as problem:
                self.add_error("settings_yaml", lines(problem))
        return found

    def _post_clean(self) -> None:
        self.instance.mapping = getattr(self, "content", {})
        self.instance.settings = self.cleaned_data.get("settings_yaml") or {}
        super()._post_clean()  # type: ignore[misc]

    def changes(self) -> dict[str, Any]:
        """What `services.change` is given."""
        names = {*self.fields} - {"settings_yaml"} | {"mapping", "settings"}
        return {name: getattr(self.instance, name) for name in names}


def check_settings(door: str, settings: Mapping[str, Any], name: str) -> None:
    """Refuse settings that the door could do nothing with.

    Raises:
        Problem: what is wrong with them.
    """
    if door == Source.Door.MQTT:
        Topics.of(Feed(name, "", "", door, "", "", settings=settings))
    elif door == Source.Door.PULL:
        by = str(settings.get("by") or "http")
        if by not in FETCHERS:
            raise Problem(f"there is no pull by {by!r}", where="settings: by", hint="one of " + ", ".join(FETCHERS))
        try:
            FETCHERS[by][0].model_validate({key: value for key, value in settings.items() if key != "by"})
        except ValidationError as error:
            wrong = [
                Problem(
                    str(one["msg"]).removeprefix("Value error, "), where=f"settings: {'.'.join(map(str, one['loc']))}"
                )
                for one in error.errors()
            ]
            raise wrong[0] if len(wrong) == 1 else Problems(wrong, "the settings are not right") from None


def lines(problem: Problem) -> list[str]:
    """A problem as the lines of a field's errors."""
    if isinstance(problem, Problems):
        return [line for one in problem.problems for line in lines(one)]
    where = f"{_place(problem.where)}: " if problem.where else ""
    hint = f" ({told(problem.hint)})" if problem.hint else ""
    return [f"{where}{told(problem.message)}{hint}"]


def _place(where: str) -> str:
    return re.sub(r"^(mapping|settings):(\d+)(?=:|$)", r"\1, line \2", where)


def as_yaml(content: Mapping[str, Any]) -> str:
    """Content of a form's YAML field."""
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110) if content else ""
    return text


def plain(value: Any) -> Any:
    """What YAML said as JSON keeps it."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
