"""Own indicators stand on the sheet beside the law, in every form, and change no score."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

import pytest
import tiny_lake
from conftest import Trial
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from qala.lake import Lake
from qala.measures.values import Values
from qala.reports import SheetData, build_sheet, charts
from qala.reports.html import page
from qala.reports.pdf import paper
from qala.reports.sheet_view import sheet_view
from qala.reports.sheet_xlsx import sheet_book
from qala.reports.wording import Wording
from qala.runs.rated import rated_city

DECLARED = """
appeals_each_month:
  name: {ru: Обращений в месяц, kk: Айына өтініш, en: Appeals each month}
  owner: {ru: Центр 109, kk: 109 орталығы, en: The 109 centre}
  sphere: governance
  cities: all
  unit: count
  every: month
  year: mean_of_months
  target: {at_least: 1}
  measure: {of: contact_centre.appeals, count: not spam}
"""


@pytest.fixture
def sheet(trial: Trial, tmp_path: Path) -> SheetData:
    folder = tmp_path / "lake"
    shutil.copytree(trial.lake.folder, folder)
    (folder / "indicators").mkdir(exist_ok=True)
    (folder / "indicators" / "appeals.yaml").write_text(DECLARED, encoding="utf-8")
    lake = Lake(folder, trial.catalogue)
    values = Values(lake, trial.edition, trial.catalogue)
    for code in tiny_lake.NAMES:
        values.computer.compute(code)
    cities = [rated_city(lake, values, code, 2026) for code in tiny_lake.NAMES]
    return build_sheet(trial.basis(), next(iter(tiny_lake.NAMES)), lake, values, cities)


def test_they_are_on_the_sheet_and_in_no_score(trial: Trial, sheet: SheetData) -> None:
    code = next(iter(tiny_lake.NAMES))
    (line,) = sheet.own
    assert line.value.value is not None and line.value.value > 0
    assert line.met is True
    assert sheet.score.final == trial.sheet(code).score.final
    assert trial.sheet(code).own == ()
    words = Wording("en", trial.edition)
    view = sheet_view(sheet, words, trial.catalogue, charts.ON_PAGE)
    html = page("sheet", view, words)
    assert "Own indicators" in html and "Appeals each month" in html
    printed = sheet_view(sheet, words, trial.catalogue, charts.ON_PAPER)
    pages = PdfReader(BytesIO(paper("sheet", printed, words))).pages
    text = "".join(one.extract_text() for one in pages)
    assert "Appeals each month" in text
    book = CalamineWorkbook.from_filelike(BytesIO(sheet_book(sheet, words, trial.catalogue)))
    assert "Own indicators" in book.sheet_names
