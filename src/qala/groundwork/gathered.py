"""What a survey gathers beside the lake (item 19): official statistics by district, mentions in the media, appeals of the
national platform. Each is a table that comes in as CSV or XLSX: checked cell by cell, shown, then taken in whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from qala import facts
from qala.groundwork.models import ABOUT, TONES, Mention, PlatformAppeal, Statistic
from qala.groundwork.needs import district_names
from qala.groundwork.topics import topic_choices
from qala.lake.kato import within
from qala.people import audit
from qala.people.access import known_regions
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui.formats import language_of, said
from qala.ui.problems import told
from qala.ui.uploads import MOST_TOLD, choice_of, columns_of, day_of, rows_of, sealed, text_of, unsealed

ROW = "row"
"""Under which a row says where in the file it stands, counted from 1."""


@dataclass(frozen=True)
class Column:
    """A column: its field of the model, its head, a cell as a value for a city (a `ValueError` says what is wrong)."""

    name: str
    head: Any
    value: Callable[[Any, str], Any]
    needed: bool = True


@dataclass(frozen=True)
class Gathered:
    """One of the three tables.

    Attributes:
        key: fields by which a row is found again, in the city.
        most: rows of a file.
    """

    model: type[models.Model]
    title: Any
    lead: Any
    columns: Sequence[Column]
    key: tuple[str, ...]
    most: int = 2000

    def heads(self) -> list[str]:
        return [str(one.head) for one in self.columns]


@dataclass(frozen=True)
class Planned:
    """What a file would do: new rows, changed ones with what they were, how many stay; or else wrong cells."""

    new: list[dict[str, Any]]
    changed: list[tuple[dict[str, Any], dict[str, Any]]]
    same: int
    wrong: list[tuple[str, str]]


def places_of(city: str) -> dict[str, str]:
    """Codes that a table may name: the city, its districts, its region; with their names in the reader's language."""
    language = language_of(get_language())
    found = facts.lake().cities.get(city)
    names = {city: said(found.names, language)} | {
        code: names[language] for code, names in district_names(city).items()
    }
    if found.region:
        region = known_regions().get(found.region)
        names.setdefault(found.region, said(region.names, language) if region else found.region)
    return names


def _kato(raw: Any, city: str) -> str:
    code = text_of(raw)
    if not code or code in (known := places_of(city)) or within(code, city):
        return code
    raise ValueError(
        _("KATO %(code)s is neither the city, nor a district of it, nor its region; there are: %(known)s.")
        % {"code": code, "known": ", ".join(known)}
    )


def _line(longest: int) -> Callable[[Any, str], str]:
    def value(raw: Any, _city: str) -> str:
        line = " ".join(text_of(raw).split())
        if len(line) > longest:
            raise ValueError(_("It is longer than %(n)s characters.") % {"n": longest})
        return line

    return value


def _period(raw: Any, _city: str) -> str:
    written = text_of(raw)
    if written:
        try:
            Period.parse(written)
        except Problem as why:
            raise ValueError(f"{told(why.message)} {told(why.hint)}") from None
    return written.upper()


def _amount(raw: Any, _city: str) -> Decimal | None:
    written = re.sub(r"\s", "", text_of(raw)).replace(",", ".").replace("−", "-")
    if not written:
        return None
    try:
        found = Decimal(written)
        fits = found.is_finite() and abs(found) < Decimal(10) ** 18 and found == round(found, 6)
    except InvalidOperation:
        fits = False
    if not fits:
        raise ValueError(_("“%(said)s” is no number with up to six decimals.") % {"said": text_of(raw)})
    return found


def _day(raw: Any, city: str) -> date | None:
    found = day_of(raw, text_of(raw))
    registry = facts.lake().cities
    if found and found > (facts.today(registry.get(city).zone) if city in registry else facts.today()):
        raise ValueError(_("This day is still to come."))
    return found


def _address(raw: Any, _city: str) -> str:
    written = text_of(raw)
    if written:
        try:
            URLValidator(schemes=["http", "https"])(written[:501])
        except ValidationError:
            raise ValueError(_("An address begins with https://")) from None
    return written


def _about(raw: Any, _city: str) -> str:
    return choice_of(text_of(raw), ABOUT, "economy")


def _topic(raw: Any, _city: str) -> str:
    return choice_of(text_of(raw), topic_choices(), "")


def _tone(raw: Any, _city: str) -> str:
    return choice_of(text_of(raw), TONES, "neutral")


TABLES: Mapping[str, Gathered] = {
    "statistics": Gathered(
        Statistic,
        gettext_lazy("Statistics by district"),
        gettext_lazy("Official figures of the city, its districts and its region, each with its source."),
        (
            Column("kato", gettext_lazy("KATO"), _kato),
            Column("indicator", gettext_lazy("Indicator"), _line(200)),
            Column("period", gettext_lazy("Period"), _period),
            Column("value", gettext_lazy("Value"), _amount),
            Column("unit", gettext_lazy("Unit"), _line(60), needed=False),
            Column("source", gettext_lazy("Source"), _line(200)),
            Column("about", gettext_lazy("Group"), _about, needed=False),
        ),
        ("kato", "indicator", "period"),
    ),
    "media": Gathered(
        Mention,
        gettext_lazy("Mentions in the media"),
        gettext_lazy("What the media say of the city, by the topics of its appeals."),
        (
            Column("day", gettext_lazy("Day"), _day),
            Column("outlet", gettext_lazy("Outlet"), _line(200)),
            Column("address", gettext_lazy("Address"), _address, needed=False),
            Column("topic", gettext_lazy("Topic"), _topic),
            Column("tone", gettext_lazy("Tone"), _tone, needed=False),
            Column("note", gettext_lazy("What it says"), _line(500), needed=False),
        ),
        ("day", "outlet", "address", "note"),
    ),
    "platform": Gathered(
        PlatformAppeal,
        gettext_lazy("Appeals of the national platform"),
        gettext_lazy("Its export without texts and names: the number, the day, its own category, the district."),
        (
            Column("number", pgettext_lazy("appeal", "Number"), _line(60)),
            Column("day", gettext_lazy("Day"), _day),
            Column("category", gettext_lazy("Category of the platform"), _line(200)),
            Column("kato", gettext_lazy("KATO"), _kato, needed=False),
        ),
        ("number",),
        most=20_000,
    ),
}


def read(city: str, table: Gathered, file_name: str, content: bytes) -> Planned:
    """What a file would do; nothing is kept.

    Raises:
        Problem: no table can be read from it, a column is missing or unknown, or there is no row.
    """
    rows = rows_of(file_name, content, table.most)
    names, needed = [one.name for one in table.columns], [one.name for one in table.columns if one.needed]
    columns = columns_of(
        rows[0] if rows else [], names, table.heads, needed, _("Take this page's own table as the form.")
    )
    found: list[dict[str, Any]] = []
    wrong: list[tuple[str, str]] = []
    seen: dict[tuple[Any, ...], int] = {}
    for at, row in enumerate(rows[1:], 1):
        given = {name: row[place] if place < len(row) else None for name, place in columns.items()}
        if all(value in (None, "") for value in given.values()):
            continue
        values: dict[str, Any] = {ROW: at + 1}
        for one in table.columns:
            try:
                values[one.name] = one.value(given.get(one.name), city)
                if one.needed and values[one.name] in (None, ""):
                    raise ValueError(_("It is empty."))
            except ValueError as why:
                wrong.append((xl_rowcol_to_cell(at, columns.get(one.name, 0)), str(why)))
        key = tuple(values.get(name) for name in table.key)
        if seen.setdefault(key, at + 1) != at + 1:
            wrong.append(
                (xl_rowcol_to_cell(at, columns[table.key[0]]), _("Row %(row)s says the same.") % {"row": seen[key]})
            )
        found.append(values)
    if not found:
        raise Problem(_("There is no row in the file."), hint=_("Heads stand in row 1, rows from row 2 on."))
    return Planned([], [], 0, wrong[:MOST_TOLD]) if wrong else _planned(city, table, found)


def _planned(city: str, table: Gathered, rows: list[dict[str, Any]]) -> Planned:
    names = [one.name for one in table.columns]
    there = {
        tuple(one[name] for name in table.key): one
        for one in table.model._default_manager.filter(city=city).values(*names)
    }
    new, changed, same = [], [], 0
    for row in rows:
        before = there.get(tuple(row[name] for name in table.key))
        if before is None:
            new.append(row)
        elif all(before[name] == row[name] for name in names):
            same += 1
        else:
            changed.append((row, before))
    return Planned(new, changed, same, [])


def seal(city: str, table: str, planned: Planned) -> str:
    """What was shown, signed for this city and table."""
    rows = [*planned.new, *(row for row, _before in planned.changed)]
    names = [one.name for one in TABLES[table].columns]
    plain = [[None if row[name] is None else str(row[name]) for name in names] for row in rows]
    return sealed(plain, _salt(city, table))


def _salt(city: str, table: str) -> str:
    return f"qala.groundwork.{table}.{city}"


@transaction.atomic
def take_in(by: HttpRequest | None, city: str, name: str, text: str) -> int:
    """Take in what was shown; how many rows.

    Raises:
        Problem: it is not what this site signed within the last hour.
    """
    table = TABLES[name]
    rows = [
        {one.name: one.value(cell, city) for one, cell in zip(table.columns, row, strict=True)}
        for row in unsealed(text, _salt(city, name))
    ]
    return keep_rows(by, city, name, rows)


@transaction.atomic
def keep_rows(by: HttpRequest | None, city: str, name: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Keep rows as values; one whose key is there already takes its place."""
    table = TABLES[name]
    made = [table.model(city=city, **row) for row in rows]
    table.model._default_manager.bulk_create(
        made, batch_size=500, update_conflicts=True, unique_fields=["city", *table.key],
        update_fields=[*(one.name for one in table.columns if one.name not in table.key), "taken_in_at"],
    )  # fmt: skip
    audit.wrote(by, "take_in_table", f"{table.model._meta.label_lower}:{city}", None, {"rows": len(rows)}, city=city)
    return len(rows)
