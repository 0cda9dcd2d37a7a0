"""What parts below the screens say is wrong, in the page's language."""

import pytest
from django.utils.translation import override

from qala.standard import editions
from qala.standard.period import Period
from qala.standard.problems import Problem, Problems
from qala.ui.problems import line, told


def said_of_a_period() -> Problem:
    with pytest.raises(Problem) as caught:
        Period.parse("soon")
    return caught.value


def test_a_period_that_is_none_is_told_in_each_language() -> None:
    problem = said_of_a_period()
    with override("en"):
        assert line(problem) == "'soon' is not a period. Write 2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-05."
    with override("ru"):
        assert line(problem).startswith("«soon» — не период. Напишите 2026")
    with override("kk"):
        assert line(problem).startswith("«soon» — кезең емес.")


def test_a_kpi_that_there_is_not_is_told() -> None:
    with pytest.raises(Problem) as caught:
        editions()["order_469"].kpi("99.9")
    with override("ru"):
        assert told(caught.value.message) == "В редакции order_469 нет показателя «99.9»."


def test_what_is_not_known_stays_as_it_is() -> None:
    with override("kk"):
        assert told("line 3: the column is empty") == "line 3: the column is empty"
        assert told("") == ""


@pytest.mark.parametrize(
    ("said", "russian"),
    [
        ('the source has no header "it\'s"', "В источнике нет заголовка «it's»"),
        ("https://a.kz does not answer: its name is not known", "https://a.kz не отвечает: его имя неизвестно"),
        ("the query gives more than 5000 rows", "Запрос даёт больше 5000 строк"),
        ("the headers 'a' and 'b' both mean c", "Заголовки «a» и «b» оба значат c"),
        ("'7' is not permitted for the open term 'x'.", "Значение «7» не допускается для открытого термина «x»."),
    ],
)
def test_values_keep_their_places_and_are_told_themselves(said: str, russian: str) -> None:
    with override("ru"):
        assert told(said) == russian


def test_lines_of_a_command_are_told_one_by_one_without_their_labels() -> None:
    several = Problems([Problem("the file is empty"), Problem("of no catalogue")], "the settings are not right")
    with override("ru"):
        assert told(str(several)) == "Настройки заданы неверно\n- Файл пуст\n- of no catalogue"
        assert told(str(Problem("the file is empty", where="a.csv", hint="send it in parts"))) == (
            "Файл пуст\na.csv\nПришлите частями"
        )
        assert line(several) == "Настройки заданы неверно Файл пуст of no catalogue"
