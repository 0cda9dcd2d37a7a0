"""A roadmap's actions as a table, and what that table, changed and sent back (XLSX, CSV), would change in the draft.

A row is an action by its number in the roadmap; without one it is new; an action that is not in the table stays as it is.
A row is checked by the form that a person fills in, so that both take the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from qala.people.models import Organisation
from qala.roadmaps.first import law_of
from qala.roadmaps.forms import ActionForm, bodies, effects_said
from qala.roadmaps.models import Action, Roadmap
from qala.roadmaps.prefill import translations
from qala.standard.edition import Edition
from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES, Text
from qala.ui import uploads
from qala.ui.formats import language_of

SALT = "qala.roadmaps.sheet"
NUMBER = "number"
FIELDS = (
    NUMBER, "initiative", "name", "from_year", "to_year", "owner", "executors", "results", "effects_text", "programme", "source",
    "progress", "risks", "after", "evidence", "sphere", "new_system",
)  # fmt: skip
"""Columns before and after those of the years' money."""
_MONEY_AFTER = "effects_text"
_ORDERS = ("name", "executors", "results")
"""What the order itself may say, in three languages."""

Said = dict[str, str]
"""A row as the form of an action is sent: field -> text."""


@dataclass(frozen=True)
class Planned:
    """A row that adds an action or changes one.

    Attributes:
        number: of the action; None = a new one.
        said: all fields of its form.
        changes: (column in words, before, after), of a changed action.
    """

    number: int | None
    said: Said
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Read:
    """What a table would do, or else its wrong cells as (sheet, cell, what is wrong); `same`: rows that change nothing."""

    planned: list[Planned]
    same: int
    wrong: list[tuple[str, str]]


def names_of(years: Iterable[int]) -> list[str]:
    """Columns of the table, with the years' money in their place."""
    at = FIELDS.index(_MONEY_AFTER) + 1
    return [*FIELDS[:at], *(f"money_{year}" for year in years), *FIELDS[at:]]


def heads(years: Sequence[int]) -> list[str]:
    """Heads of the table in the reader's language."""
    words = {
        NUMBER: _("Number of the action"), "initiative": _("Base initiative"), "name": _("What is done"),
        "from_year": _("From"),
        "to_year": _("Until"), "owner": pgettext("action", "Owner"), "executors": _("Executors"),
        "results": _("Expected results"),
        "effects_text": _("Expected results in KPIs"), "programme": _("Budget programme"),
        "source": _("Source of the money"),
        "progress": _("Progress"), "risks": _("Risks"), "after": _("After"), "evidence": _("Evidence"),
        "sphere": _("Sphere of an additional initiative"), "new_system": _("New system without a counterpart"),
    }  # fmt: skip
    return [words[name] if name in words else name.removeprefix("money_") for name in names_of(years)]


def _say(text: Text) -> str:
    return text.say(language_of(get_language()))


def spheres_of(law: Edition) -> dict[str, Any]:
    """Sphere -> its name in the language that is active when it is read."""
    spoken: Any = lazy(_say, str)
    return {name: spoken(one.name) for name, one in law.spheres.items()}


def cells(action: Action, years: Sequence[int], spheres: Mapping[str, Any]) -> list[Any]:
    """An action as a row of the table."""
    found: dict[str, Any] = {
        **{name: getattr(action, name) for name in FIELDS if name not in (_MONEY_AFTER, "owner", "after")},
        "initiative": action.initiative, "owner": str(action.owner or ""),
        "effects_text": "; ".join(effects_said(action.effects).splitlines()),
        "source": str(action.get_source_display()), "progress": str(action.get_progress_display()),
        "after": ", ".join(str(each.number) for each in action.after.all()),
        "sphere": str(spheres.get(action.sphere, action.sphere)), "new_system": _("yes") if action.new_system else _("no"),
    }  # fmt: skip
    return [
        (action.spends(int(name.removeprefix("money_"))) or None) if name.startswith("money_") else found[name] or None
        for name in names_of(years)
    ]


def fingerprint(actions: Iterable[Action]) -> str:
    """Of everything that the table could change."""
    said = [[one.pk, one.number, *sorted(_said(one).items())] for one in actions]
    return sha256(json.dumps(said).encode()).hexdigest()


def read(roadmap: Roadmap, file_name: str, content: bytes) -> Read:
    """What a table would change in a draft; nothing is kept.

    Raises:
        Problem: no table can be read from it, or a column is missing or unknown.
    """
    rows = uploads.rows_of(file_name, content)
    actions = actions_of(roadmap)
    years = years_of(roadmap, actions)
    hint = _("Take the roadmap's own table as the form.")
    columns = uploads.columns_of(
        rows[0] if rows else [], names_of(years), lambda: heads(years), ("name", "from_year", "to_year"), hint
    )
    words = _Words(roadmap)
    by_number = {one.number: one for one in actions}
    planned: list[Planned] = []
    wrong: list[tuple[str, str]] = []
    waits: dict[Any, list[int]] = {one.number: [each.number for each in one.after.all()] for one in actions}
    same, seen = 0, set[int]()
    for at, row in enumerate(rows[1:], 1):
        given = {name: row[column] if column < len(row) else None for name, column in columns.items()}
        if all(value in (None, "") for value in given.values()):
            continue
        troubles: list[tuple[str, str]] = []
        said: Said = {}
        one = _action(given.get(NUMBER), by_number, seen, troubles)
        for name, raw in given.items():
            if name != NUMBER:
                try:
                    said[name] = words.said(name, raw, by_number)
                except ValueError as why:
                    troubles.append((name, str(why)))
        before = _said(one) if one else {}
        changed = [name for name in said if one and not words.same(name, said[name], before.get(name, ""))]
        full = {**before, **{name: said[name] for name in changed}} if one else said
        if not troubles and (one is None or changed):
            form = ActionForm(roadmap, _sent(full, by_number), instance=one or Action(roadmap=roadmap))
            troubles += [(_column(name), " ".join(map(str, told))) for name, told in form.errors.items()]
        waits[one.number if one else f"row {at}"] = [
            int(number) for number in full.get("after", "").split(",") if number
        ]
        if not troubles and one and not changed:
            same += 1
        elif not troubles:
            titles = dict(zip(names_of(years), heads(years), strict=True))
            changes = tuple((titles[name], before.get(name, ""), said[name]) for name in changed)
            planned.append(Planned(one.number if one else None, full, changes))
        wrong += [(xl_rowcol_to_cell(at, columns.get(name, 0)), told) for name, told in troubles]
    if not (planned or same or wrong):
        raise Problem(_("There is no action in the file."), hint=_("Heads stand in row 1, actions from row 2 on."))
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        ring = " → ".join(map(str, reversed(error.args[1])))
        wrong.append(("", _("These actions would wait for one another: %(ring)s.") % {"ring": ring}))
    return Read([] if wrong else planned, same, wrong[: uploads.MOST_TOLD])


def years_of(roadmap: Roadmap, actions: Iterable[Action]) -> list[int]:
    """Years of the roadmap, and those beyond in which something is spent."""
    return sorted({*roadmap.years, *(int(year) for one in actions for year in one.money)})


def actions_of(roadmap: Roadmap) -> list[Action]:
    """Actions with all that their rows say."""
    return list(roadmap.actions.select_related("owner").prefetch_related("after"))


def form_of(roadmap: Roadmap, one: Planned, action: Action | None, by_number: Mapping[int, Action]) -> ActionForm:
    """The form that a planned row fills in, to be kept."""
    return ActionForm(roadmap, _sent(one.said, by_number), instance=action or Action(roadmap=roadmap))


def _column(name: str) -> str:
    return "name" if name in ("__all__", "stage") else name


def _action(
    said: Any, by_number: Mapping[int, Action], seen: set[int], troubles: list[tuple[str, str]]
) -> Action | None:
    text = uploads.text_of(said)
    if not text:
        return None
    one = by_number.get(int(text)) if text.isascii() and text.isdigit() else None
    if one is None:
        words = _("The roadmap has no action %(number)s; leave it empty for a new one.")
        troubles.append((NUMBER, words % {"number": text}))
    elif one.number in seen:
        troubles.append((NUMBER, _("Action %(number)s stands twice.") % {"number": text}))
    else:
        seen.add(one.number)
    return one


def _said(one: Action) -> Said:
    """An action as its form is sent, but `after` by numbers."""
    found: dict[str, Any] = {
        **{name: getattr(one, name) for name in FIELDS if name not in (NUMBER, _MONEY_AFTER, "owner", "after", "new_system")},
        "owner": one.owner_id or "", "effects_text": effects_said(one.effects), "new_system": "on" if one.new_system else "",
        "after": ",".join(sorted((str(each.number) for each in one.after.all()), key=int)),
        **{f"money_{year}": _money(money) for year, money in one.money.items()},
    }  # fmt: skip
    return {name: "" if value is None else _lines(str(value)) for name, value in found.items()}


def _sent(said: Said, by_number: Mapping[int, Action]) -> dict[str, Any]:
    """What the form takes: `after` as keys."""
    after = [by_number[int(number)].pk for number in said.get("after", "").split(",") if number]
    return {"progress": "planned", **said, "after": after}


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _money(text: str) -> str:
    """A sum in one way of writing; what is none stays for the form to refuse."""
    plain = text.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return text
    return "" if not value else f"{value.normalize():f}" if value.is_finite() else text


class _Words:
    """What the cells of a roadmap's table mean."""

    def __init__(self, roadmap: Roadmap) -> None:
        law = law_of(roadmap)
        self.orders = translations(law, roadmap.category, "kk")
        self.spheres = spheres_of(law)
        self.owners: dict[str, set[Organisation]] = {}
        known = {*bodies(roadmap.city), *(one.owner for one in roadmap.actions.select_related("owner") if one.owner)}
        for one in known:
            for language in LANGUAGES:
                self.owners.setdefault(one.names.say(language).casefold(), set()).add(one)

    def said(self, name: str, raw: Any, by_number: Mapping[int, Action]) -> str:
        """A cell as the form is sent; a `ValueError` says what is wrong."""
        text = _lines(uploads.text_of(raw))
        if name.startswith("money_"):
            return _money(text)
        if name in ("from_year", "to_year", "initiative"):
            number = uploads.whole_of(text)
            return "" if number is None else str(number)
        if name == "owner":
            return self._owner(text)
        if name == "source":
            return uploads.choice_of(text, Action.SOURCES, "")
        if name == "progress":
            return uploads.choice_of(text, Action.PROGRESS, "planned")
        if name == "sphere":
            return uploads.choice_of(text, self.spheres, "")
        if name == "new_system":
            return "on" if uploads.yes_of(text) else ""
        if name == "effects_text":
            return "\n".join(part.strip() for part in re.split(r"[;\n]", text) if part.strip())
        if name == "after":
            return _after(text, by_number)
        return text

    def same(self, name: str, said: str, before: str) -> bool:
        """Whether a cell says what was there; what the order itself says is the same in any of its languages."""
        pair = {said, before}
        return len({self.orders.get(one, one) for one in pair} if name in _ORDERS else pair) == 1

    def _owner(self, text: str) -> str:
        if not text:
            return ""
        found = self.owners.get(text.casefold(), set())
        if len(found) != 1:
            words = (
                _("There is no organisation “%(said)s”.")
                if not found
                else _("Several organisations are called “%(said)s”.")
            )
            raise ValueError(words % {"said": text})
        return str(next(iter(found)).pk)


def _after(text: str, by_number: Mapping[int, Action]) -> str:
    numbers = [part for part in re.split(r"[,;\s]+", text) if part]
    for part in numbers:
        if not (part.isascii() and part.isdigit() and int(part) in by_number):
            raise ValueError(_("The roadmap has no action %(number)s.") % {"number": part})
    return ",".join(sorted(set(numbers), key=int))
