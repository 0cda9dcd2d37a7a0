"""The register as a table: its heads and cells, and what a table that comes back (CSV, XLSX) would change.

Heads and closed lists are read in any of the three languages and by their codes. The first column names the object by its
number in the register; where it is empty the row is a new object. What is not in the table stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from qala import facts
from qala.inventory.models import SHEET, DigitalObject
from qala.inventory.queries import functions, objects_of
from qala.standard.problems import Problem
from qala.ui import uploads

NUMBER = "number"
_SALT = "qala.inventory.sheet"


@dataclass(frozen=True)
class Planned:
    """A row that adds an object or changes one.

    Attributes:
        number: of the object; None = a new one. seen: when it was last changed, as it was when the table was read.
        values: field -> value, all fields of the table that the file has.
        changes: (field in words, before, after), of a changed object.
    """

    number: int | None
    seen: str
    values: Mapping[str, Any]
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Read:
    """What a table would do, or else its wrong cells as (cell, what is wrong); `same`: rows that change nothing."""

    planned: list[Planned]
    same: int
    wrong: list[tuple[str, str]]


def field(name: str) -> models.Field[Any, Any]:
    """A field of the register."""
    found = DigitalObject._meta.get_field(name)
    assert isinstance(found, models.Field)
    return found


def heads() -> list[str]:
    """Heads of the table in the reader's language."""
    return [_("Number in the register"), *(str(field(name).verbose_name) for name in SHEET)]


def cells(one: DigitalObject) -> list[Any]:
    """An object as a row of the table."""
    return [one.pk, *(_cell(name, getattr(one, name)) for name in SHEET)]


def shown(name: str, value: Any) -> str:
    """A value in the reader's words."""
    found = _cell(name, value)
    return found.strftime("%d.%m.%Y") if isinstance(found, date) else "—" if found in (None, "") else str(found)


def _cell(name: str, value: Any) -> Any:
    if name == "functions":
        return ", ".join(f"f{key}" for key in value)  # without the letter a spreadsheet makes a day or 2.1 of 2.10
    if name == "personal":
        return _("yes") if value else _("no")
    if choices := field(name).choices:
        return str(dict(choices).get(value, value)) if value else None
    return value if value != "" else None


def read(city: str, file_name: str, content: bytes) -> Read:
    """What a table would change in a city's register; nothing is kept.

    Raises:
        Problem: no table can be read from it, or a column is missing or unknown.
    """
    rows = uploads.rows_of(file_name, content)
    columns = _columns(rows[0] if rows else [])
    there = {one.pk: one for one in objects_of(city)}
    planned: list[Planned] = []
    wrong: list[tuple[str, str]] = []
    same, seen, named = 0, set[int](), dict[str, int]()
    for at, row in enumerate(rows[1:], 1):
        given = {name: row[column] if column < len(row) else None for name, column in columns.items()}
        if all(value in (None, "") for value in given.values()):
            continue
        troubles, values = _values(given)
        one, told = _object(given.get(NUMBER), there, seen)
        troubles += told
        name = str(values.get("name", "")).casefold()
        if name and named.setdefault(name, at) != at:
            troubles.append(("name", _("This name stands in row %(row)s, too.") % {"row": named[name] + 1}))
        if not troubles:
            before = {each: getattr(one, each) for each in values} if one else {}
            made = one or DigitalObject(city=city)
            troubles = _checked(made, values)
            changes = tuple(
                (str(field(each).verbose_name), shown(each, before[each]), shown(each, value))
                for each, value in values.items()
                if one and before[each] != value
            )
            if one and not changes:
                same += 1
            elif not troubles:
                planned.append(
                    Planned(one.pk if one else None, one.changed_at.isoformat() if one else "", values, changes)
                )
        wrong += [(xl_rowcol_to_cell(at, columns.get(name, 0)), said) for name, said in troubles]
    if not (planned or same or wrong):
        raise Problem(_("There is no object in the file."), hint=_("Heads stand in row 1, objects from row 2 on."))
    return Read([] if wrong else planned, same, wrong[: uploads.MOST_TOLD])


def sealed(planned: Iterable[Planned]) -> str:
    """What was shown, signed, so that exactly this is taken in."""
    plain = [[one.number, one.seen, {k: _plain(v) for k, v in one.values.items()}] for one in planned]
    return uploads.sealed(plain, _SALT)


def unsealed(text: str) -> list[Planned]:
    """The same, read again.

    Raises:
        Problem: it is not what this site signed within the last hour.
    """
    plain = uploads.unsealed(text, _SALT)
    return [
        Planned(number, seen, {k: field(k).to_python(v) for k, v in values.items()}) for number, seen, values in plain
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _columns(first: Sequence[Any]) -> dict[str, int]:
    hint = _("Take the register's own table as the form.")
    return uploads.columns_of(first, (NUMBER, *SHEET), heads, ("name", "owner", "purpose"), hint)


def _object(
    said: Any, there: Mapping[int, DigitalObject], seen: set[int]
) -> tuple[DigitalObject | None, list[tuple[str, str]]]:
    text = uploads.text_of(said)
    if not text:
        return None, []
    one = there.get(int(text)) if text.isascii() and text.isdigit() else None
    if one is None:
        words = _("The register of this city has no object %(number)s; leave it empty for a new one.")
        return None, [(NUMBER, words % {"number": text})]
    if one.pk in seen:
        return None, [(NUMBER, _("Object %(number)s stands twice.") % {"number": text})]
    seen.add(one.pk)
    return one, []


def _values(given: Mapping[str, Any]) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    troubles: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for name, raw in given.items():
        if name == NUMBER:
            continue
        try:
            values[name] = _value(name, raw)
        except ValueError as why:
            troubles.append((name, str(why)))
    return troubles, values


def _value(name: str, raw: Any) -> Any:
    """A cell as its field's value; a `ValueError` says what is wrong."""
    kind, text = field(name), uploads.text_of(raw)
    if name == "functions":
        return _functions(raw, text)
    if name == "personal":
        return uploads.yes_of(text)
    if kind.choices:
        return uploads.choice_of(text, dict(kind.choices), "" if kind.blank else str(kind.default))
    if isinstance(kind, models.DateField):
        return uploads.day_of(raw, text)
    if isinstance(kind, models.PositiveSmallIntegerField):
        return uploads.whole_of(text)
    return text


def _functions(raw: Any, text: str) -> list[str]:
    if isinstance(raw, int | float | date):
        raise ValueError(
            _("Write functions as text with a letter, such as f2.1: a spreadsheet takes 2.10 for a number.")
        )
    known = functions(facts.edition())
    found = [one.strip().casefold().removeprefix("f") for one in re.split(r"[,;\s]+", text) if one.strip()]
    if unknown := [one for one in found if one not in known]:
        raise ValueError(_("Annex 3 has no function %(said)s.") % {"said": unknown[0]})
    return list(dict.fromkeys(found))


def _checked(one: DigitalObject, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the model itself finds wrong with a row, by field."""
    for name, value in values.items():
        setattr(one, name, value)
    try:
        one.full_clean()
    except ValidationError as why:
        return [(name if name in values else "name", " ".join(said)) for name, said in why.message_dict.items()]
    return []
