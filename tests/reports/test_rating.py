"""The ministry's rating: places, comments, and that every form has them."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from conftest import Trial
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from qala.reports import charts, write_rating
from qala.reports.html import page
from qala.reports.pdf import paper
from qala.reports.rating_view import rating_view
from qala.reports.rating_xlsx import rating_book
from qala.reports.wording import Wording
from qala.runs import build_run
from qala.standard.values import LANGUAGES, Language


def test_places_and_what_the_numbers_say(trial: Trial) -> None:
    rating = trial.rating()
    (district,) = rating.categories
    assert [(line.city.code, line.place.place) for line in district.lines] == [
        ("WHOLE", 1),
        ("PART", 2),
        ("SILENT", None),
    ]
    assert district.apart is not None
    whole, part = (trial.sheet(code).score for code in ("WHOLE", "PART"))
    assert whole.index is not None
    assert part.index is not None
    assert sum(more for _, more in district.apart.sections) == whole.index - part.index
    assert {gap.kpi.row: (gap.missing, gap.asked) for gap in rating.gaps}["2.2"] == (1, 3)
    weakest = rating.weak[0]
    assert weakest.mean == min(one.mean for one in rating.weak)
    assert weakest.reached <= weakest.scored
    assert rating.simulated


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page(trial: Trial, lang: Language) -> None:
    words = Wording(lang, trial.edition)
    rating = trial.rating()
    html = page("rating", rating_view(rating, words, charts.ON_PAGE), words)
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " "))
    for line in rating.categories[0].lines:
        assert words.text(line.city.names) in text
        assert words.index(line.score.final) in text
    assert words.say("frame.simulated") in text
    assert words.say("standing.not_ranked") in text
    assert words.say("rating.weak") in text
    assert "<script" not in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_paper_and_workbook(trial: Trial, lang: Language) -> None:
    words = Wording(lang, trial.edition)
    rating = trial.rating()
    made = PdfReader(BytesIO(paper("rating", rating_view(rating, words, charts.ON_PAPER), words)))
    text = " ".join(one.extract_text() for one in made.pages)
    book = CalamineWorkbook.from_filelike(BytesIO(rating_book(rating, words)))
    rows = book.get_sheet_by_name(book.sheet_names[0]).to_python()
    assert rows[0][0] == words.say("frame.simulated")
    for line in rating.categories[0].lines:
        assert words.text(line.city.names) in text
        row = next(row for row in rows if row[1] == words.text(line.city.names))
        assert row[2] == pytest.approx(float(line.score.final or Fraction(0)), abs=1e-8)


def test_a_change_of_place_is_against_the_run_before(trial: Trial, out: Path) -> None:
    profile = "citywide"
    march = trial.basis(date(2026, 3, 31), profile)
    run, _ = build_run(trial.lake.folder, trial.edition, 2026, march.as_of, trial.cities, march.profile, trial.values)
    rating = trial.rating(profile=profile)
    assert rating.before is not None
    assert (rating.before.run, rating.before.as_of) == (run.id, date(2026, 3, 31))
    for line in rating.categories[0].lines:
        before = rating.before.places.get(line.city.code)
        if before is not None and line.place.place is not None:
            assert line.moved == before - line.place.place
        else:
            assert line.moved is None
    files = write_rating(rating, out, ("en",), ("html", "pdf", "xlsx"))
    assert [path.name for path in files] == [f"rating_2026_district_en.{form}" for form in ("html", "pdf", "xlsx")]
    assert run.id in files[0].read_text("utf-8")
