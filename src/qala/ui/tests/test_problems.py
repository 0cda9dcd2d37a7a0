"""What parts below the screens say is wrong, in the page's language."""

import pytest
from django.utils.translation import override

from qala.standard import editions
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui.problems import _KNOWN, line, told


def said_of_a_period() -> Problem:
    with pytest.raises(Problem) as caught:
        Period.parse("soon")
    return caught.value


def test_a_period_that_is_none_is_told_in_each_language() -> None:
    problem = said_of_a_period()
    with override("en"):
        assert line(problem) == "“soon” is not a period. Write 2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-05."
    with override("ru"):
        assert line(problem).startswith("«soon» — не период. Напишите 2026")
    with override("kk"):
        assert line(problem).startswith("«soon» — кезең емес.")


def test_a_kpi_that_there_is_not_is_told() -> None:
    with pytest.raises(Problem) as caught:
        editions()["order_469"].kpi("99.9")
    with override("ru"):
        assert told(caught.value.message) == "В этой редакции нет показателя «99.9»."


def test_what_is_not_known_stays_as_it_is() -> None:
    with override("kk"):
        assert told("line 3: the column is empty") == "line 3: the column is empty"
        assert told("") == ""


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_known_sentence_has_its_translation(language: str) -> None:
    from django.utils.translation import gettext

    with override(language):
        assert [message for _pattern, message in _KNOWN if gettext(message) == message] == []
