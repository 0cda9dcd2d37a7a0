"""Search over the order: by words in any language and any form, by numbers, with what was found marked."""

from __future__ import annotations

import pytest
from django.test import Client

from qala.portal.order.search import Index, index, marked, shown
from qala.portal.order.words import BEGINS, EXACT, FORM, fit, plain
from qala.standard import law_folder, load_edition
from qala.standard.maturity import load_maturity


@pytest.fixture(scope="module")
def whole() -> Index:
    return index(load_edition(law_folder() / "order_469"), load_maturity())


def first(whole: Index, query: str) -> tuple[str, str]:
    item = whole.find(query)[0].item
    return item.kind, item.label or item.arguments.get("name") or item.anchor


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("2.3", ("kpi", "2.3")),
        ("kpi 1.10", ("kpi", "1.10")),
        ("contact_centre.satisfaction", ("kpi", "2.3")),
        ("R4", ("reading", "R4")),
        ("peak_hours", ("open_term", "peak_hours")),
        ("пункт 23", ("item", "23")),
        ("26-тармақ", ("item", "26")),
        ("5/8", ("function", "5/8")),
        ("шаговая доступность", ("function", "1/7")),
        ("шаговой доступности", ("function", "1/7")),
        ("walking distance", ("function", "1/7")),
        ("жаяу қолжетімділік", ("function", "1/7")),
        ("жаяу колжетимдилик", ("function", "1/7")),
        ("ожидание ответа", ("kpi", "2.1")),
        ("smart water meters", ("kpi", "14.1")),
    ],
)
def test_the_first_thing_found_is_the_one_meant(whole: Index, query: str, found: tuple[str, str]) -> None:
    assert first(whole, query) == found


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("парковку", "5.1"),
        ("парковкой", "5.1"),
        ("светофоры", "6.5"),
        ("ағаштарды", "11.2"),
        ("автотұрақтарды", "5.1"),
        ("қоқысты", "1.18"),
    ],
)
def test_other_forms_of_a_word_find_it(whole: Index, query: str, row: str) -> None:
    assert row in {hit.item.label for hit in whole.find(query) if hit.item.kind == "kpi"}


def test_every_word_must_be_there_or_it_is_said(whole: Index) -> None:
    every = whole.find("жалобы на парковки")
    assert every and all(hit.whole for hit in every) and every[0].item.label == "5.5"
    some = whole.find("парковки дирижабль")
    assert some and not any(hit.whole for hit in some)


def test_every_kpi_function_and_reading_is_found_by_its_own_name(whole: Index) -> None:
    for item in whole.items:
        if item.kind in ("kpi", "function", "reading"):
            for language in ("kk", "ru", "en"):
                title = item.title if isinstance(item.title, str) else item.title.say(language)
                assert any(hit.item is item for hit in whole.find(title)), (item.label, language)


def test_a_slip_of_the_finger_is_answered_with_words_that_are_there(whole: Index) -> None:
    assert not whole.find("светафор")
    assert "светофор" in whole.near("светафор")


@pytest.mark.parametrize("query", ["", "  ", "?!", "<script>", "%", "—", "а" * 300])
def test_whatever_is_asked_is_answered(whole: Index, query: str) -> None:
    for hit in whole.find(query):
        shown(hit, query, "kk")


def test_a_snippet_in_another_language_says_so(whole: Index) -> None:
    hit = next(hit for hit in whole.find("парковку") if hit.item.label == "5.1")
    found = shown(hit, "парковку", "en")
    assert found.language == "ru" and "<mark>парковок</mark>" in found.snippet


def test_what_is_marked_is_escaped() -> None:
    assert marked("<b>шум</b> & шума", ["шум"]) == "&lt;b&gt;<mark>шум</mark>&lt;/b&gt; &amp; <mark>шума</mark>"


@pytest.mark.parametrize(
    ("asked", "word", "quality"),
    [
        ("парковка", "парковка", EXACT),
        ("парк", "парковка", BEGINS),
        ("парковка", "парковку", FORM),
        ("парковка", "парк", 0),
        ("көрсеткіші", "көрсеткіштерін", FORM),
        ("қалалардың", "қалалар", FORM),
        ("вода", "водитель", 0),
        ("2.3", "2.31", 0),
        ("транспорт", "трансляция", 0),
    ],
)
def test_how_well_a_word_fits(asked: str, word: str, quality: int) -> None:
    assert fit(plain(asked), plain(word)) == quality


@pytest.mark.django_db
def test_the_page_keeps_what_was_asked_and_narrows_it() -> None:
    text = Client().get("/ru/order/search/?q=парковку").content.decode()
    assert 'value="парковку"' in text and "<mark>парковок</mark>" in text
    narrow = Client().get("/ru/order/search/?q=парковку&kind=function").content.decode()
    assert "/ru/order/function/5/1/" in narrow and "/ru/order/kpi/5.1/" not in narrow


@pytest.mark.django_db
def test_a_page_of_search_says_what_to_do_when_nothing_is_found() -> None:
    text = Client().get("/en/order/search/?q=светафор").content.decode()
    assert "Nothing is found" in text and "?q=%D1%81%D0%B2%D0%B5%D1%82%D0%BE%D1%84%D0%BE%D1%80" in text
