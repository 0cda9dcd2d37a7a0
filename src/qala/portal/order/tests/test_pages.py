"""Every page of the order answers in each language, and says what it is there for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.test import Client

from qala.standard import Edition, law_folder, load_edition
from qala.standard.maturity import load_maturity

pytestmark = pytest.mark.django_db
EDITION = load_edition(law_folder() / "order_469")
LANGUAGES = ("kk", "ru", "en")
REPOSITORY = law_folder().parent


@pytest.fixture(autouse=True)
def _no_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))


def page(path: str, language: str = "en", status: int = 200) -> str:
    answer = Client().get(f"/{language}/order/{path}")
    assert answer.status_code == status, path
    return answer.content.decode()


def addresses() -> list[str]:
    """Every page of a KPI, function, reading and all else that has one."""
    law: Edition = EDITION
    functions = [(one.no, function.no) for one in law.initiatives.values() for function in one.functions]
    items = sorted(
        {int(number) for step in law.procedure.steps for number in re.findall(r"\d+", step.item.split("(")[0])}
    )
    return [
        *(f"kpi/{kpi.row}/" for kpi in law.kpis.values()),
        *(f"function/{initiative}/{number}/" for initiative, number in functions),
        *(f"reading/{name}/" for name in law.readings),
        *(f"term/{name}/" for name in law.open_terms),
        *(f"initiative/{number}/" for number in law.initiatives),
        *(f"item/{number}/" for number in range(items[0], items[-1] + 1)),
        *(f"maturity/{name}/" for name in load_maturity().dimensions),
    ]


TABLES = ("", "kpi/", "function/", "reading/", "term/", "slips/", "item/", "roadmap/", "scoring/", "crosswalk/", "glossary/",
          "international/", "maturity/", "compare/", "search/")  # fmt: skip


def test_there_are_as_many_as_the_order_has() -> None:
    found = addresses()
    assert sum(one.startswith("kpi/") for one in found) == len(EDITION.kpis)
    assert sum(one.startswith("function/") for one in found) == sum(
        len(i.functions) for i in EDITION.initiatives.values()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_kpi_a_function_and_a_reading_answers(language: str) -> None:
    paths = [path for path in addresses() if path.startswith(("kpi/", "function/", "reading/"))]
    assert not wrong(language, (*paths, *TABLES))


def test_every_other_page_answers() -> None:
    paths = [path for path in addresses() if not path.startswith(("kpi/", "function/", "reading/"))]
    assert not wrong("kk", paths)


def wrong(language: str, paths: Sequence[str]) -> list[str]:
    client = Client()
    return [path for path in paths if client.get(f"/{language}/order/{path}").status_code != 200]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_a_kpi_holds_what_a_lawyer_and_an_engineer_look_for(language: str) -> None:
    text = page("kpi/2.6/", language)
    kpi = EDITION.kpi("2.6")
    for words in (kpi.law.description, kpi.law.influence, kpi.name.kk, kpi.name.ru, kpi.name.en):
        assert words in text
    assert all(f"/{language}/order/reading/{name}/" in text for name in kpi.readings)
    assert all(f"/{language}/order/term/{name}/" in text for name in kpi.open_terms)
    assert f"/{language}/data/dataset/contact_centre.appeals/" in text


def test_where_something_is_written_is_where_it_is_written() -> None:
    for row in ("1.17", "2.6", "16.5"):
        text = page(f"kpi/{row}/")
        name = EDITION.kpi(row).id.split(".")[1]
        places = re.findall(r"<code>((?:src|standard)/[\w/.]+\.yaml):(\d+)</code>", text)
        assert len(places) == 2
        for file, line in places:
            assert (REPOSITORY / file).read_text().splitlines()[int(line) - 1].startswith(f"{name}:")


def test_no_page_has_styles_or_handlers_that_the_policy_forbids() -> None:
    for path in (*TABLES, "kpi/1.17/", "item/26/", "search/?q=шум"):
        text = page(path)
        assert " style=" not in text and not re.search(r"\son\w+=", text), path


@pytest.mark.parametrize(
    "path", ["kpi/9.99/", "function/2/99/", "function/99/1/", "initiative/17/", "reading/R99/", "term/nothing/",
             "item/5/", "maturity/nothing/", "?edition=order_1", "compare/?a=order_1"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(path: str) -> None:
    page(path, status=404)


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("kpi/", len(EDITION.kpis)),
        ("function/", sum(len(one.functions) for one in EDITION.initiatives.values())),
        ("reading/", len(EDITION.readings)),
        ("term/", len(EDITION.open_terms)),
        ("slips/", len(EDITION.slips)),
        ("item/", len(EDITION.procedure.steps)),
        ("roadmap/", sum(len(one.roadmap) for one in EDITION.initiatives.values())),
        ("crosswalk/", len(EDITION.crosswalk)),
        ("glossary/", len(EDITION.glossary)),
        ("maturity/", sum(len(sub.ladder) for sub in load_maturity().sub_dimensions.values())),
    ],
)
def test_a_table_can_be_taken_as_a_file(path: str, rows: int) -> None:
    answer = Client().get(f"/en/order/{path}?format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert len(lines) == rows
    assert Client().get(f"/en/order/{path}?format=xlsx").getvalue()[:2] == b"PK"


def test_a_filter_of_functions_is_kept_in_the_address_and_in_the_file() -> None:
    asked = [f for one in EDITION.initiatives.values() for f in one.functions if f.asked_of("district")]
    answer = Client().get("/en/order/function/?category=district&format=csv")
    assert len(list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))) == len(asked)
    assert "category=district&amp;format=csv" in page("function/?category=district")


def test_a_function_that_the_program_does_leads_there_and_the_others_say_planned() -> None:
    assert 'href="/en/access/"' in page("function/1/7/")
    assert "planned" in page("function/2/7/")


def test_an_item_says_the_deadline_in_words_and_as_written() -> None:
    text = page("item/27/")
    assert "Within 15 working days, after the draft was submitted" in text
    assert "в течение 15 рабочих дней" in text
    assert "each year by 31.01 of the following year" in page("item/")
