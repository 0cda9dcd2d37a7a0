"""The budget request and the business case of an action: pages, forms, files, sums."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from docx import Document as Docx
from python_calamine import CalamineWorkbook
from test_roadmap_pages import begun, person, step  # noqa: F401  a fixture

from qala.roadmaps import services
from qala.roadmaps.budget import request_of
from qala.roadmaps.models import Action, BusinessCase, Roadmap

pytestmark = pytest.mark.usefixtures("tiny_site")


@pytest.fixture
def lead(person: Callable[[str], Client]) -> Client:  # noqa: F811
    return person("digital_department")


@pytest.fixture
def roadmap(lead: Client) -> Roadmap:
    found = begun(lead)
    first, second, third = found.actions.all()[:3]
    for one, programme, money in (
        (first, "010", {"2027": "100", "2028": "50"}), (second, "010", {"2028": "7.5"}), (third, "", {"2027": "1"}),
    ):  # fmt: skip
        Action.objects.filter(pk=one.pk).update(programme=programme, money=money, source="local")
    return found


def in_force(roadmap: Roadmap) -> None:
    roadmap.steps.create(verb="approve", day="2026-03-31")
    Roadmap.objects.filter(pk=roadmap.pk).update(state="published")


def test_programmes_sum_what_their_actions_ask_for_by_year(roadmap: Roadmap) -> None:
    found = request_of(roadmap)
    assert [one.name for one in found.programmes] == ["010", ""], "what has no programme comes last"
    assert {year: one.asked for year, one in found.programmes[0].sums.by_year.items()} == {
        2027: 100, 2028: Decimal("57.5"), 2029: 0,
    }  # fmt: skip
    assert found.sums.total.asked == Decimal("158.5")
    assert [len(one.lines) for one in found.of(2027).programmes] == [1, 1], "only what asks for something in that year"
    assert found.of(2029).programmes == []


def test_what_was_approved_and_spent_is_reported_in_one_form_once_it_is_in_force(
    roadmap: Roadmap, lead: Client
) -> None:
    action = roadmap.actions.all()[0]
    page = f"/en/roadmaps/{roadmap.pk}/budget/?year=2027"
    sent = {f"programme.{action.pk}": "020", f"approved.{action.pk}": "90", f"spent.{action.pk}": "12,5"}
    assert lead.post(page, sent).status_code == 302
    action.refresh_from_db()
    assert (action.programme, action.approved, action.spent) == ("020", {}, {}), "a draft has no money yet"
    in_force(roadmap)
    assert lead.post(page, sent)["Location"].endswith("?year=2027")
    action.refresh_from_db()
    assert (action.approved, action.spent) == ({"2027": "90"}, {"2027": "12.5"})
    text = lead.get(page).content.decode()
    assert 'value="12.5"' in text and "77.5" in text, "what is left"
    answer = lead.post(page, {**sent, f"spent.{action.pk}": "many"})
    assert answer.status_code == 422 and f'id="e-spent.{action.pk}"' in answer.content.decode()
    lead.post(page, {**sent, f"spent.{action.pk}": "", "spent.999999": "4"})
    action.refresh_from_db()
    assert action.spent == {}


def test_who_reads_a_draft_reads_its_request_and_does_not_write_it(
    roadmap: Roadmap,
    person: Callable[[str], Client],  # noqa: F811
) -> None:
    reader, page = person("analyst"), f"/en/roadmaps/{roadmap.pk}/budget/"
    assert "<input" not in reader.get(page).content.decode().partition("<main")[2].partition("</main")[0]
    assert reader.post(page, {}).status_code == 403
    assert Client().get(page).status_code in (302, 401, 403)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_request_as_pages_and_files(roadmap: Roadmap, lead: Client, language: str) -> None:
    for year in ("2027", "2029", "all", "wrong"):
        assert lead.get(f"/{language}/roadmaps/{roadmap.pk}/budget/?year={year}").status_code == 200
    book: Any = lead.get(f"/{language}/roadmaps/{roadmap.pk}/budget/?format=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book))).get_sheet_by_index(0).to_python()
    assert rows[-1][4:8] == [101, 0, 0, 57.5], "asked, approved and spent of each year, summed"
    paper = lead.get(f"/{language}/roadmaps/{roadmap.pk}/budget/docx/?year=2027")
    text = "\n".join(
        cell.text for table in Docx(io.BytesIO(paper.content)).tables for row in table.rows for cell in row.cells
    )
    assert "101" in text and "010" in text
    assert lead.get(f"/{language}/roadmaps/{roadmap.pk}/budget/pdf/").content.startswith(b"%PDF")
    assert lead.get(f"/{language}/roadmaps/{roadmap.pk}/budget/exe/").status_code == 404


SAID = {
    "problem": "Calls wait.", "name_0": "Nothing", "name_1": "Ready system", "cost_1": "1 200,5", "good_1": "runs elsewhere",
    "chosen": "2", "why": "cheap", "social": "s", "environmental": "e", "financial": "f", "use_years": "5",
    "upkeep": "10", "saving": "60",
}  # fmt: skip


def test_a_business_case_is_written_counted_and_copied_by_an_amendment(roadmap: Roadmap, lead: Client) -> None:
    action = roadmap.actions.all()[0]
    page = f"/en/roadmaps/action/{action.pk}/case/"
    assert "everything" in lead.get(page).content.decode()
    assert lead.get(page + "pdf/").status_code == 404
    assert lead.post(page, SAID).status_code == 302
    case = BusinessCase.objects.get(action=action)
    assert case.options[1] == {"name": "Ready system", "cost": "1200.5", "good": "runs elsewhere", "bad": ""}
    assert (case.ownership, case.net, case.payback) == (150 + 50, 300 - 200, 3)
    assert "is whole" in lead.get(page).content.decode()
    for wrong, field in (
        ({"cost_1": "x"}, "cost_1"),
        ({"chosen": "3"}, "chosen"),
        ({"name_0": "", "good_0": "free"}, "name_0"),
        ({"upkeep": "-1"}, "upkeep"),
    ):
        answer = lead.post(page, {**SAID, **wrong})
        assert answer.status_code == 422 and f'id="id_{field}_error"' in answer.content.decode()
    assert BusinessCase.objects.get(action=action).options == case.options
    copy = services.amended(roadmap).actions.get(number=action.number)
    assert copy.case.problem == "Calls wait." and BusinessCase.objects.count() == 2


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_business_case_is_a_paper_and_is_read_in_force(roadmap: Roadmap, lead: Client, language: str) -> None:
    action = roadmap.actions.all()[0]
    page = f"/{language}/roadmaps/action/{action.pk}/case/"
    lead.post(page, SAID)
    Action.objects.filter(pk=action.pk).update(effects={"2.1": ["to", "10"]})
    paper = Docx(io.BytesIO(lead.get(page + "docx/").content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert {"Ready system", "2.1 = 10"} <= set(cells) and any("200" in one for one in cells)
    assert lead.get(page + "pdf/").content.startswith(b"%PDF")
    in_force(roadmap)
    text = lead.get(page).content.decode()
    assert "<textarea" not in text and "Calls wait." in text
    assert lead.post(page, {**SAID, "problem": "Another"}).status_code == 422
    assert BusinessCase.objects.get(action=action).problem == "Calls wait."
