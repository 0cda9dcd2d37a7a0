"""Numbers of an address or a form: what is none, or too great, is no number and no fault of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from qala.ui.sent import whole

ODD = ("", "²", "٣", "-1", "1e3", "1.0", " 1", "9" * 5000, "2147483648")


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_whole_number(text: str) -> None:
    assert whole(text) is None


def test_whole_numbers_within_their_bounds() -> None:
    assert (whole("0"), whole("2147483647"), whole("2026", 1990, 2200)) == (0, 2**31 - 1, 2026)
    assert whole("0", 1) is whole("2201", 1990, 2200) is None


@pytest.mark.usefixtures("tiny_site")
@pytest.mark.parametrize("text", [one for one in ODD if one])
@pytest.mark.parametrize(
    "path", ["/en/year/base-list/?least=", "/en/year/?year=", "/en/compare/?year=", "/en/data/?year="]
)
def test_pages_answer_it(client: Client, path: str, text: str) -> None:
    assert client.get(path + text).status_code in (302, 400, 404)
