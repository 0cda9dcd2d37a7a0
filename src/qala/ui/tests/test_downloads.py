"""Tables as files."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
import python_calamine
from django.test import RequestFactory
from django.utils.translation import override

from qala.standard.problems import Problem
from qala.ui.downloads import table_response, wanted

COLUMNS = ["Қала", "Value", "Day", "At", "Note"]
ROWS = [
    ("Өскемен", Fraction(1, 3), date(2026, 3, 5), datetime(2026, 3, 5, 14, 7, tzinfo=UTC), '=cmd|"x"'),
    ("Алматы; орталық", Decimal("1234.50"), None, None, None),
    ("-Ескелді", -4, None, None, True),
]


def made(query: str, language: str = "kk") -> bytes:
    with override(language):
        response = table_response(RequestFactory().get(f"/{query}"), "rating-2026", COLUMNS, iter(ROWS))
        return b"".join(response)


def test_a_csv_file_opens_in_the_excel_of_the_country():
    lines = made("?format=csv").decode("utf-8-sig").split("\r\n")
    assert made("?format=csv").startswith(b"\xef\xbb\xbf")
    assert lines[0] == "Қала;Value;Day;At;Note"
    assert lines[1] == 'Өскемен;0,333333333333;2026-03-05;2026-03-05T14:07:00Z;"\'=cmd|""x"""'
    assert lines[2] == '"Алматы; орталық";1234,5;;;'


def test_an_english_csv_file_is_parted_by_commas():
    assert made("?format=csv", "en").decode("utf-8-sig").split("\r\n")[2] == "Алматы; орталық,1234.5,,,"


def test_a_text_that_a_sheet_would_compute_is_made_harmless_and_a_number_is_not():
    last = made("?format=csv").decode("utf-8-sig").split("\r\n")[3]
    assert last == "'-Ескелді;-4;;;true"


def test_a_sheet_keeps_types():
    book = python_calamine.load_workbook(io.BytesIO(made("?format=xlsx")))
    head, first, second, _ = book.get_sheet_by_index(0).to_python()
    assert head == COLUMNS
    assert first[0] == "Өскемен" and first[2] == date(2026, 3, 5) and first[4] == '=cmd|"x"'
    assert first[1] == pytest.approx(1 / 3) and second[1] == 1234.5


def test_rows_may_be_mappings():
    request = RequestFactory().get("/?format=csv")
    with override("en"):
        assert b"".join(table_response(request, "x", ["a", "b"], [{"b": 1, "a": 2}])).endswith(b"2,1\r\n")


def test_a_format_that_there_is_not_is_told():
    with pytest.raises(Problem, match="ods"):
        wanted(RequestFactory().get("/?format=ods"))
    assert wanted(RequestFactory().get("/?year=2026")) is None
