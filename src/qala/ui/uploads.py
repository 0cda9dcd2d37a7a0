"""A table that comes back from a spreadsheet (CSV, XLSX): its rows, its columns by their heads in any language, its cells as
values; and what was shown of it, signed, so that exactly this is done.

What is wrong with a cell is a `ValueError` in the reader's words; what is wrong with the file a `Problem`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import override
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_rowcol_to_cell

from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 2000
MOST_TOLD = 50
_YES = frozenset({"yes", "true", "1", "да", "иә", "ия", "+"})
_NO = frozenset({"", "no", "false", "0", "нет", "жоқ", "-", "—"})
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_HOUR = 3600


def rows_of(file_name: str, content: bytes, most: int = MOST_ROWS) -> list[list[Any]]:
    """Rows of a file, the heads first.

    Args:
        most: rows, the heads among them.

    Raises:
        Problem: it is too large, or no table can be read from it.
    """
    if len(content) > LARGEST:
        raise Problem(_("The file is larger than 5 MB."))
    rows = _csv(content) if file_name.casefold().endswith((".csv", ".txt")) else _xlsx(content)
    if len(rows) > most:
        raise Problem(_("There are more than %(most)s rows.") % {"most": most})
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


def columns_of(
    first: Sequence[Any], names: Sequence[str], heads: Callable[[], Sequence[str]], needed: Sequence[str], hint: str
) -> dict[str, int]:
    """Name of a column -> where it stands; heads are read in any of the three languages and by the names themselves.

    Args:
        heads: the heads in the language that is active, in the sequence of the names.
        needed: names that must be there.
        hint: how to mend what is wrong.

    Raises:
        Problem: a head that is unknown or stands twice, or one that is missing.
    """
    known = {name: name for name in names}
    for language in LANGUAGES:
        with override(language):
            known |= {str(head).casefold(): name for name, head in zip(names, heads(), strict=True)}
    found: dict[str, int] = {}
    for at, head in enumerate(first):
        said = text_of(head)
        if not said:
            continue
        meant = known.get(said.casefold())
        if meant is None or meant in found:
            words = _("The column “%(name)s” stands twice.") if meant else _("There is no column “%(name)s”.")
            raise Problem(words % {"name": said}, where=xl_rowcol_to_cell(0, at), hint=hint)
        found[meant] = at
    if lacking := [head for name, head in zip(names, heads(), strict=True) if name in needed and name not in found]:
        raise Problem(_("The column “%(name)s” is missing.") % {"name": lacking[0]}, where="1:1", hint=hint)
    return found


def choice_of(text: str, choices: Mapping[Any, Any], empty: str) -> str:
    """The code of a closed list by its words in any language, or by itself.

    Args:
        empty: the code of an empty cell.
    """
    if not text:
        return empty
    known = {str(code).casefold(): str(code) for code in choices}
    for language in LANGUAGES:
        with override(language):
            known |= {str(words).casefold(): str(code) for code, words in choices.items()}
    if text.casefold() not in known:
        allowed = "; ".join(map(str, choices.values()))
        raise ValueError(_("“%(said)s” is none of: %(allowed)s.") % {"said": text, "allowed": allowed})
    return known[text.casefold()]


def yes_of(text: str) -> bool:
    """Whether a cell says yes, in any language; an empty one says no."""
    if text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    raise ValueError(_("“%(said)s” is neither yes nor no.") % {"said": text})


def whole_of(text: str) -> int | None:
    """A whole number; None for an empty cell."""
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError(_("“%(said)s” is no whole number.") % {"said": text})
    return int(text) if text else None


def day_of(raw: Any, text: str) -> date | None:
    """A day, as a spreadsheet has it or as people write it; None for an empty cell."""
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


def text_of(value: Any) -> str:
    """A cell as text, without the apostrophe that keeps a formula from being one."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" and len(text) > 1 else text


def sealed(plain: Any, salt: str) -> str:
    """What was shown, signed."""
    return signing.dumps(plain, salt=salt, compress=True)


def unsealed(text: str, salt: str) -> Any:
    """The same, read again.

    Raises:
        Problem: it is not what this site signed within the last hour.
    """
    try:
        return signing.loads(text, salt=salt, max_age=_HOUR)
    except signing.BadSignature:
        raise Problem(_("This preview is too old."), hint=_("Load the file again.")) from None
