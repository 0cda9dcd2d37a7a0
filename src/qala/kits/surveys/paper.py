"""Answers on paper: a workbook to type them into, and what is checked before any of them is kept.

Sheet 1 has a row for each person: department (its number or name), role, and the value of a choice for each question. Row 1
holds the ids of the columns, row 2 says them in words. Sheet 2 lists what may be written. One wrong cell, and nothing is
kept: every wrong cell is told.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_rowcol_to_cell

from qala.kits.surveys.models import Group, Survey
from qala.kits.surveys.questionnaire import Question, wrong
from qala.standard.problems import Problem
from qala.standard.values import Language

FIRST_ROW = 3
MOST_ROWS = 5000
MOST_TOLD = 50
LARGEST = 20 * 1024 * 1024

Row = tuple[Group, str, Mapping[str, str]]


@dataclass(frozen=True)
class Read:
    """What a file holds: rows, or else the wrong cells as (cell, what is wrong)."""

    sha: str
    rows: Sequence[Row]
    wrong: Sequence[tuple[str, str]]


def template(survey: Survey, language: Language) -> bytes:
    """The workbook to fill in."""
    asks, groups = survey.asks, list(survey.groups.all())
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    quiet = book.add_format({"font_color": "#5b6773", "font_size": 8})
    sheet, codes = book.add_worksheet("answers"), book.add_worksheet("codes")
    heads = [
        ("group", _("Department")),
        ("role", _("Role")),
        *((one.id, one.short.say(language)) for one in asks.questions()),
    ]
    for at, (key, words) in enumerate(heads):
        sheet.write_string(0, at, key, quiet)
        sheet.write_string(1, at, words, bold)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(heads) - 1, 14)
    sheet.freeze_panes(2, 2)
    lists: list[tuple[str, list[tuple[str, str]]]] = [
        ("group", [(str(one.number), _say(one.names, language)) for one in groups]),
        ("role", [(code, name.say(language)) for code, name in asks.roles.items()]),
        *((one.id, [(c.value, c.text.say(language)) for c in one.choices]) for one in asks.questions() if one.choices),
    ]
    row = 0
    for key, values in lists:
        codes.write_string(row, 0, dict(heads)[key], bold)
        for number, (value, words) in enumerate(values, row + 1):
            codes.write_string(number, 1, value)
            codes.write_string(number, 2, words)
        column = [name for name, _words in heads].index(key)
        if values:
            allowed = f"=codes!$B${row + 2}:$B${row + 1 + len(values)}"
            rule = {"validate": "list", "source": allowed, "error_type": "stop"}
            sheet.data_validation(FIRST_ROW - 1, column, MOST_ROWS, column, rule)
        row += len(values) + 2
    codes.set_column(0, 1, 22)
    codes.set_column(2, 2, 90)
    book.close()
    return file.getvalue()


def read(survey: Survey, content: bytes) -> Read:
    """The rows of a filled-in workbook, checked cell by cell.

    Raises:
        Problem: it is no workbook, has other columns, no row, or too many.
    """
    cells = _cells(content)
    heads = [str(one).strip() for one in cells[0]] if cells else []
    questions = {one.id: one for one in survey.asks.questions()}
    needed = ["group", "role"]
    if absent := [name for name in needed if name not in heads]:
        raise Problem(
            _("The column “%(name)s” is missing.") % {"name": absent[0]},
            where=_("row 1"),
            hint=_("Take the template of this survey."),
        )
    if unknown := [name for name in heads if name and name not in questions and name not in needed]:
        raise Problem(
            _("The column “%(name)s” is not of this survey.") % {"name": unknown[0]},
            where=_("row 1"),
            hint=_("Take the template of this survey."),
        )
    groups = _groups(survey)
    rows: list[Row] = []
    found: list[tuple[str, str]] = []
    for number, line in enumerate(cells[FIRST_ROW - 1 :], FIRST_ROW):
        given = {head: _text(value) for head, value in zip(heads, line, strict=False) if head}
        if not any(given.values()):
            continue
        troubles = _troubles(given, groups, questions, survey)
        found += [(xl_rowcol_to_cell(number - 1, heads.index(key)), said) for key, said in troubles]
        if not troubles:
            answers = {key: value for key, value in given.items() if key in questions and value}
            rows.append((groups[given["group"].casefold()], given["role"], answers))
    if not rows and not found:
        raise Problem(_("There is no answer in the file."), hint=_("Answers begin in row 3."))
    return Read(hashlib.sha256(content).hexdigest(), rows, found[:MOST_TOLD])


def _cells(content: bytes) -> list[list[Any]]:
    if len(content) > LARGEST:
        raise Problem(_("The file is larger than 20 MB."))
    try:
        cells: list[list[Any]] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except Exception:  # noqa: BLE001  the reader has errors of many kinds
        raise Problem(
            _("The file is no workbook that can be read."), hint=_("Save it as XLSX, from the template of this survey.")
        ) from None
    if len(cells) > MOST_ROWS:
        raise Problem(_("There are more than %(most)s rows.") % {"most": MOST_ROWS})
    return cells


def _groups(survey: Survey) -> dict[str, Group]:
    found: dict[str, Group] = {}
    for one in survey.groups.all():
        found[str(one.number)] = one
        found.update({str(name).casefold(): one for name in one.names.values()})
    return found


def _troubles(
    given: Mapping[str, str], groups: Mapping[str, Group], questions: Mapping[str, Question], survey: Survey
) -> list[tuple[str, str]]:
    troubles = []
    if given["group"].casefold() not in groups:
        troubles.append(("group", _("“%(said)s” is no department of this survey.") % {"said": given["group"]}))
    if given["role"] not in survey.asks.roles:
        troubles.append(("role", _("“%(said)s” is no role of this survey.") % {"said": given["role"]}))
    answers = {key: value for key, value in given.items() if key in questions}
    for page in survey.asks.pages:
        for key, kind in wrong(page, answers).items():
            said = _("“%(said)s” stands twice.") if kind == "twice" else _("“%(said)s” is no choice here.")
            troubles.append((key, said % {"said": answers[key]}))
    if not any(answers.values()):
        troubles.append(("group", _("Nothing is answered in this row.")))
    return troubles


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _say(names: Mapping[str, str], language: Language) -> str:
    return names.get(language) or next(iter(names.values()), "")
