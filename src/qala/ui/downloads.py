"""A table of a page as a file: `?format=csv` or `?format=xlsx` beside the page's own filters.

A CSV file is for a spreadsheet: UTF-8 with a mark at its beginning; on kk and ru pages parted by semicolons with a decimal
comma, which is what Excel expects there, on en pages by commas with a point. Machines take the API. Numbers are exact,
days are ISO 8601, times are UTC. A text that a spreadsheet would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala.standard.problems import Problem
from qala.ui.formats import language_of

Format = Literal["csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx")
SHEET_ROWS = 1_048_576  # of the file format
DIGITS = 12  # decimals of a fraction that does not end
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wanted(request: HttpRequest) -> Format | None:
    """The format that the address asks for; None for the page itself.

    Raises:
        Problem: it asks for one that there is not.
    """
    asked = request.GET.get("format", "")
    if not asked or asked == "html":
        return None
    if asked not in FORMATS:
        raise Problem(
            _("There is no format “%(format)s” here.") % {"format": asked},
            where=request.get_full_path(),
            hint=_("Write format=csv or format=xlsx."),
        )
    return asked


def table_response(
    request: HttpRequest, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]] | Iterable[Mapping[str, Any]]
) -> HttpResponseBase:
    """The rows as the file that the address asks for (CSV if it does not say).

    Args:
        name: of the file, without its ending.
        columns: heads, in order; a row that is a mapping is read by them.
        rows: read once; a generator is not kept in memory for CSV.

    Raises:
        Problem: a format that there is not, or more rows than a sheet holds.
    """
    made = ([row.get(one) for one in columns] if isinstance(row, Mapping) else row for row in rows)
    if wanted(request) == "xlsx":
        return _xlsx(name, columns, made)
    dotted = language_of(get_language()) == "en"
    response = StreamingHttpResponse(_csv(columns, made, dotted=dotted), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, dotted: bool) -> Iterator[bytes]:
    page = io.StringIO()
    writer = csv.writer(page, delimiter="," if dotted else ";", lineterminator="\r\n")
    page.write("\ufeff")
    writer.writerow([_harmless(one) for one in columns])
    for row in rows:
        writer.writerow([_written(value, dotted=dotted) for value in row])
        if page.tell() > 1 << 16:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


def _written(value: Any, *, dotted: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal | Fraction):
        text = _digits(value)
        return text if dotted else text.replace(".", ",")
    return _harmless(str(value))


def _digits(value: int | float | Decimal | Fraction) -> str:
    if isinstance(value, Fraction):
        text = f"{Decimal(value.numerator) / Decimal(value.denominator):.{DIGITS}f}"
    else:
        text = f"{value:f}" if isinstance(value, Decimal) else repr(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _xlsx(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(name[:31].translate({ord(c): "-" for c in "[]:*?/\\"}))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    a_day, a_time = (
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    )
    sheet.freeze_panes(1, 1)
    for at, title in enumerate(columns):
        sheet.set_column(at, at, min(max(len(title) + 2, 12), 48))
        sheet.write_string(0, at, title, head)
    for line, row in enumerate(rows, start=1):
        if line >= SHEET_ROWS:
            book.close()
            file.close()
            raise Problem(_("There are more rows than a sheet can hold."), hint=_("Take the CSV file instead."))
        for at, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(line, at, value)
            elif isinstance(value, int | float | Decimal | Fraction):
                sheet.write_number(line, at, float(value))
            elif isinstance(value, datetime):
                sheet.write_datetime(line, at, _utc(value).replace(tzinfo=None), a_time)
            elif isinstance(value, date):
                sheet.write_datetime(line, at, datetime(value.year, value.month, value.day), a_day)
            else:
                sheet.write_string(line, at, str(value))
    book.close()
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
