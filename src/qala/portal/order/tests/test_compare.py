"""Two editions side by side: the loaded one and a trial one, as `qala standard diff` tells them apart."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from qala.portal.order import queries
from qala.portal.order.compare_pages import field_said, side_by_side
from qala.standard import Edition, law_folder, load_edition
from qala.standard.tables import differences

pytestmark = pytest.mark.django_db
KPIS = "initiatives/02_contact_centre/kpis.yaml"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Edition]:
    """Order 469 and a trial edition with a higher target, other words of a formula, and one slip fewer."""
    own = law_folder() / "order_469"
    folder = tmp_path_factory.mktemp("law") / "order_trial"
    shutil.copytree(own, folder)
    for name, before, after in (
        (KPIS, "republican: {at_least: 90}", "republican: {at_least: 95}"),
        (KPIS, "formula: Решено с 1-го / Всего ×100%", "formula: Решено сразу / Всего ×100%"),
        ("edition.yaml", "number: 469/НҚ", "number: 1/Т"),
        ("edition.yaml", "in_force: {from: 2026-01-01, to: 2026-07-11}", "in_force: {from: 2026-07-12}"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert before in text
        (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    return {"order_469": load_edition(own), "order_trial": load_edition(folder)}


@pytest.fixture
def loaded(two: dict[str, Edition], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Edition]:
    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setattr(queries, "editions", lambda: two)
    return two


def get(query: str = "", language: str = "en") -> str:
    return Client().get(f"/{language}/order/compare/{query}").content.decode()


def test_a_field_is_told_by_its_name(two: dict[str, Edition]) -> None:
    edition = two["order_trial"]
    with override("ru"):
        assert field_said("law.formula", edition) == "Формула"
        assert field_said("target.republican.at_least", edition) == "Цель: города республиканского значения"
        assert field_said("name.kk", edition) == "Название: kk"
    assert field_said("something.else", edition) == ""


def test_one_edition_alone_is_said_to_be_alone() -> None:
    assert "Only one edition is loaded" in get()
    assert "141/НҚ" in get()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_changed_stands_side_by_side_and_is_marked(loaded: dict[str, Edition], language: str) -> None:
    text = get("?a=order_469&b=order_trial", language)
    assert "<del>90</del>" in text and "<ins>95</ins>" in text
    assert "<ins>сразу</ins>" in text
    assert f"/{language}/order/kpi/2.2/?edition=order_trial" in text


def test_the_file_is_what_the_command_says(loaded: dict[str, Edition]) -> None:
    answer = Client().get("/en/order/compare/?a=order_469&b=order_trial&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    wanted = differences(loaded["order_469"], loaded["order_trial"])
    assert [(row["what"], row["name"], row["field"]) for row in rows] == [(d.what, d.name, d.field) for d in wanted]
    assert {"kpi", "edition"} <= {row["what"] for row in rows}


def test_a_kind_of_difference_can_be_chosen(loaded: dict[str, Edition]) -> None:
    text = get("?a=order_469&b=order_trial&what=edition")
    assert "<ins>1</ins>" in text and "at_least" not in text


def test_an_edition_beside_itself_and_the_same_said_twice(loaded: dict[str, Edition]) -> None:
    assert "Choose two different editions" in get("?a=order_469&b=order_469")


def test_links_on_the_page_of_another_edition_stay_in_it(loaded: dict[str, Edition]) -> None:
    text = Client().get("/en/order/initiative/2/?edition=order_trial").content.decode()
    assert "/en/order/kpi/2.2/?edition=order_trial" in text
    assert 'name="edition" value="order_trial"' in text
    assert "≥ 95" in Client().get("/en/order/kpi/2.2/?edition=order_trial").content.decode().replace("\u00a0", " ")
    assert "≥ 90" in Client().get("/en/order/kpi/2.2/").content.decode().replace("\u00a0", " ")


def test_words_are_compared_word_by_word() -> None:
    before, after = side_by_side("не менее 90 <x>", "не менее 95 <x>")
    assert before == "не менее <del>90</del> &lt;x&gt;" and after == "не менее <ins>95</ins> &lt;x&gt;"
    assert side_by_side("", "новое") == ("", "новое")
