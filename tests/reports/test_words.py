"""The catalogue of words has no gap, nothing idle, and its plurals and numbers are those of the language."""

from __future__ import annotations

import re
import string
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from qala.datasets import load_catalogue
from qala.reports import language
from qala.reports.language import Speaker, catalogue, forms
from qala.reports.rating_view import METHOD
from qala.reports.sheet_view import ALWAYS
from qala.standard import editions
from qala.standard.values import LANGUAGES

FOLDER = Path(language.__file__).parent
EDITION = editions()["order_469"]


def _holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", catalogue())
def test_every_word_is_said_in_every_language(key: str) -> None:
    words = catalogue()[key]
    assert set(words) == set(LANGUAGES)
    holes = set()
    for lang in LANGUAGES:
        said = words[lang]
        texts = [said] if isinstance(said, str) else [said[form] for form in forms(lang)]
        assert all(text.strip() for text in texts)
        if not isinstance(said, str):
            assert set(said) == set(forms(lang))
        holes.add(frozenset().union(*(_holes(text) for text in texts)))
    assert len(holes) == 1, f"{key} fills in other things in other languages: {holes}"


def test_every_word_that_is_asked_for_is_there_and_no_other() -> None:
    text = "".join(path.read_text("utf-8") for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*")])
    groups = "|".join({key.split(".")[0] for key in catalogue()})
    plain = set(re.findall(rf"[\"']((?:{groups})\.[a-z_0-9A-Z]+)[\"']", text))
    plain -= {name for name in plain if name.endswith((".typ", ".css", ".json"))}
    assert plain <= set(catalogue()), sorted(plain - set(catalogue()))
    open_ended = set(re.findall(r"f[\"']([a-z]+)\.(?:[a-z_]*)\{", text))
    idle = {key for key in catalogue() if key not in plain and key.split(".")[0] not in open_ended}
    assert not idle


def test_every_word_of_the_law_that_reports_say_is_there() -> None:
    known = catalogue()
    beside = {name for entry in load_catalogue().computations.values() for name in entry.beside}
    assert {f"beside.{name}" for name in beside} <= set(known)
    assert {f"limit.{name}" for kpi in EDITION.kpis.values() for name in kpi.limits} <= set(known)
    for kpi in EDITION.kpis.values():
        for rule in kpi.target.values():
            if rule.each_at_most is not None:
                assert {f"component.{name}" for name in rule.each_at_most} <= set(known)
    assert set(ALWAYS) | set(METHOD) <= set(EDITION.readings)


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 показатель"), (2, "2 показателя"), (5, "5 показателей"), (11, "11 показателей"), (21, "21 показатель"),
     (112, "112 показателей"), (0, "0 показателей")],
)  # fmt: skip
def test_russian_plurals(number: int, said: str) -> None:
    assert Speaker("ru").count("count.kpis", number) == said


def test_plurals_elsewhere() -> None:
    assert Speaker("en").count("count.kpis", 1) == "1 KPI"
    assert Speaker("en").count("count.kpis", 2) == "2 KPIs"
    assert Speaker("kk").count("count.kpis", 1) == "1 көрсеткіш"
    assert Speaker("kk").count("count.kpis", 5) == "5 көрсеткіш"


def test_numbers_of_the_language() -> None:
    ru, kk, en = Speaker("ru"), Speaker("kk"), Speaker("en")
    assert ru.number(Fraction(1234567, 100), 2) == kk.number(Fraction(1234567, 100), 2) == "12\u202f345,67"
    assert en.number(Fraction(1234567, 100), 2) == "12,345.67"
    assert ru.number(Fraction(-5, 2), 1) == "\u22122,5"
    assert ru.number(5, sign=True) == "+5"
    assert ru.short(Fraction(200, 3)) == "66,67"
    assert ru.short(Fraction(5)) == "5"
    assert ru.short(Fraction(12345678, 10)) == "1\u202f234\u202f568"
    assert en.share(Fraction(1, 2)) == "50%"
    assert ru.share(Fraction(1, 2)) == "50\u00a0%"
    assert ru.day(date(2026, 7, 2)) == "02.07.2026"


def test_what_is_not_all_is_not_written_as_all() -> None:
    ru = Speaker("ru")
    assert ru.share(Fraction(1)) == "100\u00a0%"
    assert ru.share(Fraction(99999, 100000)) == "99,9\u00a0%"
    assert ru.share(Fraction(1, 100000)) == "<\u00a00,1\u00a0%"
    assert ru.share(Fraction(0)) == "0\u00a0%"


@pytest.mark.parametrize(
    ("value", "digits", "limits", "said"),
    [
        ("99.47", 1, ["99.5"], "99,47"),
        ("99.49996", 1, ["99.5"], "99,49996"),
        ("99.5", 1, ["99.5"], "99,5"),
        ("99.4", 1, ["99.5"], "99,4"),
        ("99.44", 1, ["99.5"], "99,4"),
        ("5.0004", 2, ["5"], "5,0004"),
        ("-4.96", 1, ["-5"], "−4,96"),
        ("79.996", 2, ["60", "80"], "79,996"),
    ],
)
def test_a_value_that_is_not_its_target_is_not_rounded_to_it(
    value: str, digits: int, limits: list[str], said: str
) -> None:
    assert Speaker("ru").number(Fraction(value), digits, beside=map(Fraction, limits)) == said


def test_what_misses_by_less_than_anybody_sees_is_told_with_twelve_decimals_at_most() -> None:
    nearly = Fraction(99) + Fraction(1, 2) - Fraction(1, 10**15)
    assert Speaker("en").number(nearly, 1, beside=[Fraction("99.5")]) == "99.500000000000"
    assert Speaker("en").short(Fraction("99.4999"), beside=[Fraction("99.5")]) == "99.4999"
    assert Speaker("en").short(Fraction("99.4999")) == "99.5"
