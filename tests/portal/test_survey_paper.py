# ruff: noqa: F401, F811  (fixtures)
"""Answers that were given on paper are taken in once, from the survey's own workbook, and only when all of it is right."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook
from test_maturity_survey import assessment, manager

from qala.kits.surveys import paper
from qala.kits.surveys.models import Survey
from qala.maturity.models import Assessment
from qala.standard import Problem


def filled(survey: Survey, *rows: dict[str, Any]) -> bytes:
    """The survey's template with these rows under its heads."""
    made = CalamineWorkbook.from_filelike(io.BytesIO(paper.template(survey, "en")))
    heads = made.get_sheet_by_name("answers").to_python()
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for number, line in enumerate([*heads, *[[row.get(key, "") for key in heads[0]] for row in rows]]):
        sheet.write_row(number, 0, line)
    book.close()
    return file.getvalue()


def test_answers_on_paper_are_taken_in_once(assessment: Assessment, manager: Client) -> None:
    survey = assessment.survey
    content = filled(
        survey, {"group": "Roads", "role": "staff", "strategy": 3}, {"group": 2, "role": "management", "strategy": "4"}
    )
    url = f"/en/survey/{survey.pk}/do/import/"
    said = manager.post(url, {"file": SimpleUploadedFile("paper.xlsx", content)}, follow=True)
    assert "2 answers are taken in." in said.content.decode()
    assert {one.answers["strategy"] for one in survey.responses.all()} == {"3", "4"}
    again = manager.post(url, {"file": SimpleUploadedFile("paper.xlsx", content)}, follow=True)
    assert "was taken in before" in again.content.decode()
    assert survey.responses.count() == 2


def test_one_wrong_cell_and_nothing_is_taken_in(assessment: Assessment, manager: Client) -> None:
    survey = assessment.survey
    content = filled(
        survey,
        {"group": "Roads", "role": "staff", "strategy": 3},
        {"group": "Nowhere", "role": "boss", "strategy": 7, "need.1": "strategy", "need.2": "strategy"},
        {"group": "Heat", "role": "staff"},
    )
    said = manager.post(f"/en/survey/{survey.pk}/do/import/", {"file": SimpleUploadedFile("p.xlsx", content)})
    assert said.status_code == 422
    text = said.content.decode()
    for cell in (
        "A4: “Nowhere”",
        "B4: “boss”",
        "“7” is no choice here.",
        "“strategy” stands twice.",
        "A5: Nothing is answered",
    ):
        assert cell in text
    assert not survey.responses.exists()
    with pytest.raises(Problem, match="no workbook"):
        paper.read(survey, b"nothing")
