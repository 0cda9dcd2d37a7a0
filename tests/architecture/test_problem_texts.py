"""Texts of problems as they are gathered from code."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from problem_texts import _texts, problem_texts  # noqa: E402


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ('f"there is no sheet {sheet!r}"', ["there is no sheet '%(sheet)s'"]),
        ('f"{a.id} has no column {b.id}"', ["%(id)s has no column %(id_2)s"]),
        ('"more than 5 % wait"', ["more than 5 %% wait"]),
        ('"one of " + ", ".join(names)', ["one of %(join)s"]),
        ('"this is odd" if odd else f"that is {what}"', ["this is odd", "that is %(what)s"]),
        ("str(error)", []),
        ('"2026-03-05"', []),
    ],
)
def test_a_text_has_a_place_for_each_value(code: str, texts: list[str]) -> None:
    assert list(_texts(ast.parse(code, mode="eval").body)) == texts


def test_texts_of_fetchers_borders_and_jobs_are_gathered() -> None:
    found = problem_texts(ROOT / "src" / "qala")
    assert found["the database does not answer: %(said)s"] == ["intake/fetchers/sql.py"]
    assert "the source has no header '%(header)s'" in found
    assert "No city is of the category '%(category)s' on 31.12.%(year)s." in found
