"""The register as a table: its heads and cells, and what a table that comes back (CSV, XLSX) would change.

Heads and closed lists are read in any of the three languages and by their codes. The first column names the object by its
number in the register; where it is empty the row is a new object. What is not in the table stays as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import override
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_rowcol_to_cell

from qala import facts
from qala.inventory.models import SHEET, DigitalObject
from qala.inventory.queries import functions, objects_of
from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 2000
MOST_TOLD = 50
NUMBER = "number"
_SALT = "qala.inventory.sheet"
_YES = frozenset({"yes", "true", "1", "да", "иә", "ия", "+"})
_NO = frozenset({"", "no", "false", "0", "нет", "жоқ", "-", "—"})
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


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
    rows = _rows(file_name, content)
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
    return Read([] if wrong else planned, same, wrong[:MOST_TOLD])


def sealed(planned: Iterable[Planned]) -> str:
    """What was shown, signed, so that exactly this is taken in."""
    plain = [[one.number, one.seen, {k: _plain(v) for k, v in one.values.items()}] for one in planned]
    return signing.dumps(plain, salt=_SALT, compress=True)


def unsealed(text: str) -> list[Planned]:
    """The same, read again.

    Raises:
        Problem: it is not what this site signed within the last hour.
    """
    try:
        plain = signing.loads(text, salt=_SALT, max_age=3600)
    except signing.BadSignature:
        raise Problem(_("This preview is too old."), hint=_("Load the file again.")) from None
    return [
        Planned(number, seen, {k: field(k).to_python(v) for k, v in values.items()}) for number, seen, values in plain
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _rows(file_name: str, content: bytes) -> list[list[Any]]:
    if len(content) > LARGEST:
        raise Problem(_("The file is larger than 5 MB."))
    rows = _csv(content) if file_name.casefold().endswith((".csv", ".txt")) else _xlsx(content)
    if len(rows) > MOST_ROWS:
        raise Problem(_("There are more than %(most)s rows.") % {"most": MOST_ROWS})
    return rows


def _csv(content: bytes) -> list[list[Any]]:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Problem(_("The file is no text that can be read."), hint=_("Save it as CSV UTF-8 or as XLSX."))
    first = text.partition("\n")[0]
    parted = max(";,\t", key=first.count)
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=parted)]


def _xlsx(content: bytes) -> list[list[Any]]:
    try:
        rows: list[list[Any]] = (
            CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except Exception:  # noqa: BLE001  the reader has errors of many kinds
        raise Problem(
            _("The file is no workbook that can be read."), hint=_("Save it as CSV UTF-8 or as XLSX.")
        ) from None
    return rows


def _columns(first: Sequence[Any]) -> dict[str, int]:
    known: dict[str, str] = {NUMBER: NUMBER} | {name: name for name in SHEET}
    for language in LANGUAGES:
        with override(language):
            for name, head in zip((NUMBER, *SHEET), heads(), strict=True):
                known[head.casefold()] = name
    found: dict[str, int] = {}
    for at, head in enumerate(first):
        said = str(head or "").strip()
        if not said:
            continue
        meant = known.get(said.casefold())
        if meant is None or meant in found:
            words = _("The column “%(name)s” stands twice.") if meant else _("There is no column “%(name)s”.")
            hint = _("Take the register's own table as the form.")
            raise Problem(words % {"name": said}, where=xl_rowcol_to_cell(0, at), hint=hint)
        found[meant] = at
    if lacking := [str(field(name).verbose_name) for name in ("name", "owner", "purpose") if name not in found]:
        raise Problem(
            _("The column “%(name)s” is missing.") % {"name": lacking[0]}, where="1:1",
            hint=_("Take the register's own table as the form."),
        )  # fmt: skip
    return found


def _object(
    said: Any, there: Mapping[int, DigitalObject], seen: set[int]
) -> tuple[DigitalObject | None, list[tuple[str, str]]]:
    text = _text(said)
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
    kind, text = field(name), _text(raw)
    if name == "functions":
        return _functions(raw, text)
    if name == "personal":
        if text.casefold() in _YES | _NO:
            return text.casefold() in _YES
        raise ValueError(_("“%(said)s” is neither yes nor no.") % {"said": text})
    if kind.choices:
        return _choice(kind, text)
    if isinstance(kind, models.DateField):
        return _day(raw, text)
    if isinstance(kind, models.PositiveSmallIntegerField):
        if text and not (text.isascii() and text.isdigit()):
            raise ValueError(_("“%(said)s” is no whole number.") % {"said": text})
        return int(text) if text else None
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


def _choice(kind: models.Field[Any, Any], text: str) -> str:
    choices: dict[Any, Any] = dict(kind.choices or ())
    if not text:
        return "" if kind.blank else str(kind.default)
    known = {str(code).casefold(): str(code) for code in choices}
    for language in LANGUAGES:
        with override(language):
            known |= {str(words).casefold(): str(code) for code, words in choices.items()}
    if text.casefold() not in known:
        allowed = "; ".join(map(str, choices.values()))
        raise ValueError(_("“%(said)s” is none of: %(allowed)s.") % {"said": text, "allowed": allowed})
    return known[text.casefold()]


def _day(raw: Any, text: str) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if not text:
        return None
    said = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if (match := _DAY.fullmatch(text)) else text
    found: date | None
    try:
        found = parse_date(said)
    except ValueError:
        found = None
    if found is None:
        raise ValueError(_("“%(said)s” is no day; write 2026-03-02 or 02.03.2026.") % {"said": text})
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" and len(text) > 1 else text


def _checked(one: DigitalObject, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the model itself finds wrong with a row, by field."""
    for name, value in values.items():
        setattr(one, name, value)
    try:
        one.full_clean()
    except ValidationError as why:
        return [(name if name in values else "name", " ".join(said)) for name, said in why.message_dict.items()]
    return []
