"""What a score sheet says, and that every form of it says the same."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from conftest import Trial
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from qala.reports import charts, write_sheet
from qala.reports.html import page
from qala.reports.pdf import paper
from qala.reports.sheet_view import sheet_view
from qala.reports.sheet_xlsx import sheet_book
from qala.reports.wording import Wording
from qala.runs import build_run
from qala.scoring import explain
from qala.standard.values import LANGUAGES, Language

LAST = date(2026, 12, 31)


def _page(trial: Trial, code: str, lang: Language, **how: object) -> str:
    words = Wording(lang, trial.edition)
    return page("sheet", sheet_view(trial.sheet(code, **how), words, trial.catalogue, charts.ON_PAGE), words)


def _text(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " "))


def test_places_standing_and_what_is_missing(trial: Trial) -> None:
    whole, part, silent = (trial.sheet(code) for code in ("WHOLE", "PART", "SILENT"))
    assert (whole.place.place, whole.ranked, whole.rivals) == (1, 2, 3)
    assert whole.score.standing == "rated"
    assert not whole.missing
    assert (part.place.place, part.score.standing) == (2, "provisional")
    assert [one.kpi.row for one in part.missing] == ["2.3"]
    assert (part.missing[0].value.delivered, part.missing[0].value.due) == (4, 6)
    assert (silent.place.place, silent.score.standing) == (None, "not_ranked")
    assert [one.kpi.row for one in whole.scored] == [f"2.{n}" for n in range(1, 8)]
    assert len(whole.scored) + len(whole.shown) == len(trial.edition.kpis)


def test_contributions_make_the_index_and_gains_come_by_size(trial: Trial) -> None:
    sheet = trial.sheet("PART")
    assert sum(one.line.contribution for one in sheet.scored) == sheet.score.index
    won = [max(one.line.to_win, one.line.to_secure) for one in sheet.gains]
    assert won == sorted(won, reverse=True)
    assert won[0] == max(max(one.to_win, one.to_secure) for one in explain(sheet.score))


def test_trend_has_the_months_that_are_over_with_gaps_where_nothing_came(trial: Trial) -> None:
    marks = next(one for one in trial.sheet("PART").scored if one.kpi.row == "2.3")
    assert [point.month.month for point in marks.trend] == [1, 2, 3, 4, 5, 6]
    assert [point.value is None for point in marks.trend] == [False, True, True, False, False, False]
    assert charts.sparkline([point.value for point in marks.trend], [], "near", colours=charts.ON_PAGE).count("M") >= 2


def test_both_indexes_and_the_ways(trial: Trial) -> None:
    sheet = trial.sheet("WHOLE")
    assert set(sheet.by_way) == {"all_ways", "integration_only"}
    assert sheet.by_way["all_ways"] == sheet.score
    assert sheet.by_way["integration_only"].coverage == 0  # everything came as files
    assert "файл 100 %" in _text(_page(trial, "WHOLE", "ru"))


def test_freshness(trial: Trial) -> None:
    calls = next(one for one in trial.sheet("WHOLE").datasets if one.id == "contact_centre.calls")
    assert calls.last_day == date(2026, 6, 30)
    assert calls.rows == {"file": 181}
    assert calls.last_receipt is not None
    assert calls.version is not None


def test_slips_are_those_whose_rows_are_asked_for(trial: Trial) -> None:
    found = {slip.id for slip in trial.sheet("WHOLE").slips}
    assert {"same_wait_two_limits", "more_is_rewarded", "year_outlives_the_order"} <= found
    assert "paid_and_overdue" not in found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_the_numbers_of_the_data(trial: Trial, lang: Language) -> None:
    words = Wording(lang, trial.edition)
    for code in ("WHOLE", "PART", "SILENT"):
        sheet, html = trial.sheet(code), _page(trial, code, lang)
        text = _text(html)
        assert words.text(sheet.city.names) in text
        said = [words.index(sheet.score.final), words.maybe_share(sheet.score.coverage)]
        said.append(words.interval(*words.bounds(sheet.score)))
        for one in sheet.scored:
            said += [
                one.kpi.row,
                words.text(one.kpi.name),
                words.target(one.kpi, one.score.target),
                words.status(one.score),
            ]
            said += [words.value(one), words.points(one.line.contribution)] if one.score.score is not None else []
            said += [one.kpi.law.target, *one.score.readings]
        for one in said:
            assert re.sub(r"\s+", " ", one.replace("\u00a0", " ")) in text, one
        assert len(html.encode()) < 400_000
        assert "<script" not in html
        assert not re.search(r"(src|href)=[\"']?(https?:)?//", html)


def test_the_simulated_mark_and_its_absence(trial: Trial) -> None:
    for lang in LANGUAGES:
        words = Wording(lang, trial.edition)
        mark = words.say("frame.simulated")
        assert _page(trial, "WHOLE", lang).count(mark) >= 2
        assert mark not in _page(trial, "SILENT", lang)


def test_the_notice_of_the_lapsed_edition(trial: Trial) -> None:
    for lang in LANGUAGES:
        late = trial.sheet("WHOLE", as_of=LAST)
        assert late.basis.notice is not None
        assert late.basis.notice.say(lang) in unescape(_page(trial, "WHOLE", lang, as_of=LAST))
        assert trial.sheet("WHOLE").basis.notice is None


class _Balance(HTMLParser):
    """Fails where a tag is not closed in its turn."""

    VOID = frozenset({"meta", "br", "rect", "path", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [str(found["id"])] if "id" in found else []
        self.links += [str(found["href"])[1:]] if str(found.get("href", "")).startswith("#") else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("code", ["WHOLE", "PART", "SILENT"])
def test_the_page_is_well_made(trial: Trial, code: str) -> None:
    reader = _Balance()
    html = _page(trial, code, "kk")
    reader.feed(html)
    assert not reader.open
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.links) <= set(reader.ids), "a link leads nowhere"
    assert html.count("<th scope=") + html.count('<th scope="row"') > 10
    assert '<html lang="kk">' in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_paper_has_the_text(trial: Trial, lang: Language) -> None:
    words = Wording(lang, trial.edition)
    sheet = trial.sheet("PART", as_of=LAST)
    made = PdfReader(BytesIO(paper("sheet", sheet_view(sheet, words, trial.catalogue, charts.ON_PAPER), words)))
    text = re.sub(r"\s+", " ", " ".join(one.extract_text() for one in made.pages).replace("-\n", ""))
    assert words.index(sheet.score.final) in text
    assert words.text(sheet.city.names) in text
    assert words.say("title.slips") in text
    assert text.count(words.say("frame.simulated")[:9]) >= len(made.pages), "the mark stands on every page"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_has_the_numbers(trial: Trial, lang: Language) -> None:
    words = Wording(lang, trial.edition)
    sheet = trial.sheet("PART")
    book = CalamineWorkbook.from_filelike(BytesIO(sheet_book(sheet, words, trial.catalogue)))
    assert words.say("title.kpis") in book.sheet_names
    for name in book.sheet_names:
        assert book.get_sheet_by_name(name).to_python()[0][0] == words.say("frame.simulated")
    rows = book.get_sheet_by_name(words.say("title.kpis")).to_python()
    head = next(number for number, row in enumerate(rows) if row[0] == words.say("kpi.row"))
    column = rows[head].index(words.say("kpi.value"))
    score = rows[head].index(words.say("kpi.score"))
    for row, one in zip(rows[head + 1 :], sheet.scored, strict=False):
        assert row[0] == one.kpi.row
        assert one.value.value is not None
        assert row[column] == pytest.approx(float(one.value.value), abs=1e-8)
        assert row[score] == pytest.approx(float(one.score.score or 0), abs=1e-8)


def test_the_sheet_names_the_run_that_it_agrees_with(trial: Trial) -> None:
    basis = trial.basis(profile="rank_all")
    run, _ = build_run(trial.lake.folder, trial.edition, 2026, basis.as_of, trial.cities, basis.profile, trial.values)
    sheet = trial.sheet("WHOLE", profile="rank_all")
    assert sheet.run is not None
    assert (sheet.run.id, sheet.run.same) == (run.id, True)
    assert trial.sheet("WHOLE").run is None
    assert run.id in _page(trial, "WHOLE", "en", profile="rank_all")


def test_files_are_written_in_every_language_and_form(trial: Trial, out: Path) -> None:
    told: list[str] = []
    files = write_sheet(trial.sheet("PART"), trial.catalogue, out, LANGUAGES, ("html", "pdf", "xlsx"), told.append)
    assert len(files) == len(told) == 9
    assert {path.name for path in files} >= {"score-sheet_PART_2026_kk.html", "score-sheet_PART_2026_en.pdf"}
    assert all(path.stat().st_size > 5_000 for path in files)
