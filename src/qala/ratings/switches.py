"""The switches of a profile as a person chooses and reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qala.scoring import Profile


@dataclass(frozen=True)
class Choice:
    """One position of a switch; `here`: the profile has it."""

    value: str
    name: str
    here: bool


@dataclass(frozen=True)
class Switch:
    """One switch: the reading that it switches, and its positions, the default first."""

    field: str
    name: str
    reading: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> Choice:
        """The position that the profile has."""
        return next(one for one in self.choices if one.here)


def switches(profile: Profile) -> tuple[Switch, ...]:
    """Every switch with the position of a profile."""
    said: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
        (
            "scope",
            _("Which initiatives count"),
            "S1",
            (
                ("annex2", _("those that annex 2 lays on the category")),
                ("annex4", _("every KPI that has a target for the category")),
                ("citywide", _("those of annex 2, and 1.8–1.21 for all")),
            ),
        ),
        (
            "due",
            _("From which year of its stage a KPI is due"),
            "T1",
            (("start", _("the first")), ("end", _("the last"))),
        ),
        (
            "ways",
            _("Data of which way in"),
            "N1b",
            (
                ("all_ways", _("every way, marked")),
                ("integration_only", _("integration only: what the law publishes by")),
            ),
        ),
        (
            "level",
            _("Who belongs to the third category"),
            "S2",
            (("settlements", _("towns and settlements")), ("all_centres", _("every district centre"))),
        ),
        (
            "rank_all",
            _("Cities with too little data"),
            "C2",
            (("no", _("have no place")), ("yes", _("have a place all the same"))),
        ),
    )
    return tuple(
        Switch(
            field, name, reading, tuple(Choice(value, text, value == _value(profile, field)) for value, text in choices)
        )
        for field, name, reading, choices in said
    )


def _value(profile: Profile, field: str) -> str:
    value = getattr(profile, field)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def profile_of(form: Mapping[str, str]) -> str:
    """The profile's text that a form has chosen; a field that is not there keeps its default.

    A position that no switch knows is left in it, so that reading the text says what is wrong.
    """
    words = [form.get("scope", ""), form.get("ways", ""), form.get("level", "")]
    if form.get("due"):
        words.append(f"due={form['due']}")
    if form.get("rank_all"):
        words.append(f"rank_all={form['rank_all']}")
    return ",".join(word for word in words if word)
