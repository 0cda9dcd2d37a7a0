"""A roadmap as a table and back: unchanged it changes nothing, in any language; what is wrong is told by its cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override
from python_calamine import CalamineWorkbook
from test_roadmap_pages import CITY, begun, person  # noqa: F401  a fixture

from qala.people.models import Organisation
from qala.roadmaps import sheet
from qala.roadmaps.models import Action, Roadmap

pytestmark = pytest.mark.usefixtures("tiny_site")


@pytest.fixture
def lead(person: Callable[[str], Client]) -> Client:  # noqa: F811
    return person("digital_department")


@pytest.fixture
def roadmap(lead: Client) -> Roadmap:
    """A draft with one of everything that a row can say."""
    found = begun(lead)
    first, second, third = found.actions.all()[:3]
    owner = Organisation.objects.create(name_kk="Басқарма", name_ru="Управление", kind="akimat", city=CITY)
    Action.objects.filter(pk=first.pk).update(
        owner=owner, money={"2027": "120.5", "2028": "0.125"}, effects={"2.1": ["to", "12"], "2.2": ["by_percent", "-10"]},
        source="local", risks="=1+1\nSecond line", evidence="-", programme="001", new_system=True, from_year=2027, to_year=2028,
    )  # fmt: skip
    third.after.set([first, second])
    Action.objects.create(
        roadmap=found,
        name="Our own",
        number=40,
        from_year=2028,
        to_year=2029,
        sphere="ecology",
        results="r",
        money={"2029": "7"},
    )
    return found


def exported(by: Client, roadmap: Roadmap, language: str = "en", form: str = "xlsx") -> bytes:
    answer: Any = by.get(f"/{language}/roadmaps/{roadmap.pk}/?format={form}")
    return b"".join(answer)


def rows_of(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def workbook(rows: list[list[Any]]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False})
    page = book.add_worksheet()
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value not in (None, ""):
                page.write(at, column, value)
    book.close()
    return file.getvalue()


def sent(by: Client, roadmap: Roadmap, content: bytes, name: str = "r.xlsx", language: str = "en") -> Any:
    return by.post(f"/{language}/roadmaps/{roadmap.pk}/load/", {"file": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_comes_back_unchanged_changes_nothing(lead: Client, roadmap: Roadmap, language: str, form: str) -> None:
    content, before = exported(lead, roadmap, language, form), sheet.fingerprint(sheet.actions_of(roadmap))
    with override("en"):
        found = sheet.read(roadmap, f"r.{form}", content)
    assert (found.wrong, found.planned, found.same) == ([], [], roadmap.actions.count())
    answer = sent(lead, roadmap, content, f"r.{form}", "ru")
    assert answer.status_code == 200 and b'name="sealed"' not in answer.content
    assert sheet.fingerprint(sheet.actions_of(roadmap)) == before


def test_what_changes_is_shown_first_and_then_taken_in(lead: Client, roadmap: Roadmap) -> None:
    rows = rows_of(exported(lead, roadmap))
    heads = rows[0]
    last = rows[-1]
    assert last[heads.index("Number of the action")] == 40
    last[heads.index("Until")] = 2028
    last[heads.index("2029")], last[heads.index("2028")] = None, "8,25"
    last[heads.index("After")] = "1, 2"
    new = [None] * len(heads)
    for head, value in {
        "What is done": "New",
        "From": 2027,
        "Until": 2027,
        "Owner": "Управление",
        "2027": 3,
        "Source of the money": "местный бюджет",
    }.items():
        new[heads.index(head)] = value
    page = sent(lead, roadmap, workbook([*rows, new]))
    text = page.content.decode()
    assert page.status_code == 200 and "New: 1; changed: 1;" in text and "<del>2029</del> → <ins>2028</ins>" in text
    assert roadmap.actions.get(number=40).to_year == 2029, "only shown so far"
    sealed = text.partition('name="sealed" value="')[2].partition('"')[0]
    assert lead.post(f"/en/roadmaps/{roadmap.pk}/load/", {"sealed": sealed}).status_code == 302
    changed, added = roadmap.actions.get(number=40), roadmap.actions.get(name="New")
    assert (changed.to_year, changed.money, changed.after.count()) == (2028, {"2028": "8.25"}, 2)
    assert (added.number, added.money, added.source, str(added.owner)) == (41, {"2027": "3"}, "local", "Басқарма")
    again = lead.post(f"/en/roadmaps/{roadmap.pk}/load/", {"sealed": sealed})
    assert again.status_code == 422 and "Somebody changed the roadmap" in again.content.decode()


def test_a_changed_row_keeps_what_the_order_says_in_its_own_language(lead: Client, roadmap: Roadmap) -> None:
    rows = rows_of(exported(lead, roadmap, "kk"))
    one = roadmap.actions.get(number=2)
    rows[2][rows[0].index("Тәуекелдер")] = "New risk"
    found = sheet.read(roadmap, "r.xlsx", workbook(rows))
    assert [each.number for each in found.planned] == [2]
    assert found.planned[0].said["name"] == one.name


@pytest.mark.parametrize(
    ("head", "value", "words"),
    [
        ("From", "soon", "no whole number"), ("Until", 2026, "before it begins"), ("2029", 5, "No work is planned"),
        ("2027", "much", "number"),
        ("Owner", "Nobody", "no organisation"), ("Source of the money", "luck", "none of"),
        ("Expected results in KPIs", "2.1 > 3", "write 2.1 = 12"),
        ("After", "99", "no action 99"), ("What is done", "", "required"),
        ("Base initiative", 77, "77"), ("Number of the action", 3, "stands twice"),
        ("New system without a counterpart", "perhaps", "neither yes nor no"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_and_nothing_is_taken_in(
    lead: Client, roadmap: Roadmap, head: str, value: Any, words: str
) -> None:
    rows = rows_of(exported(lead, roadmap))
    column = rows[0].index(head)
    rows[4 if head == "Number of the action" else 1][column] = value
    rows[-1][rows[0].index("Risks")] = "changed"
    found = sheet.read(roadmap, "r.xlsx", workbook(rows))
    assert found.planned == [] and found.wrong
    place = f"{chr(ord('A') + column)}{5 if head == 'Number of the action' else 2}"
    assert any(words in told and cell == place for cell, told in found.wrong)
    assert sent(lead, roadmap, workbook(rows)).status_code == 422


def test_actions_that_would_wait_for_one_another_are_refused_and_turned_chains_are_not(
    lead: Client, roadmap: Roadmap
) -> None:
    rows = rows_of(exported(lead, roadmap))
    after = rows[0].index("After")
    assert rows[3][after] == "1, 2"
    rows[1][after] = 3
    assert "wait for one another" in sheet.read(roadmap, "r.xlsx", workbook(rows)).wrong[0][1]
    rows[3][after] = None
    text = sent(lead, roadmap, workbook(rows)).content.decode()
    sealed = text.partition('name="sealed" value="')[2].partition('"')[0]
    assert lead.post(f"/en/roadmaps/{roadmap.pk}/load/", {"sealed": sealed}).status_code == 302
    assert [one.number for one in roadmap.actions.get(number=1).after.all()] == [3]


def test_files_that_are_none_and_papers_that_are_no_drafts(
    lead: Client,
    roadmap: Roadmap,
    person: Callable[[str], Client],  # noqa: F811
) -> None:
    for name, content, words in (
        ("r.xlsx", b"no book", "no workbook"), ("r.csv", "Жыл;Неизвестно\n1;2".encode(), "no column"),
        ("r.csv", b"What is done\nx", "is missing"), ("r.csv", b"What is done,From,Until\n", "no action in the file"),
    ):  # fmt: skip
        answer = sent(lead, roadmap, content, name)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert lead.post(f"/en/roadmaps/{roadmap.pk}/load/").status_code == 422
    assert sent(person("analyst"), roadmap, b"").status_code == 403
    Roadmap.objects.filter(pk=roadmap.pk).update(state="submitted")
    assert sent(lead, roadmap, exported(lead, roadmap)).status_code == 302
