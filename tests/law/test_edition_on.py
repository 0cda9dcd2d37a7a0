"""Which edition holds on a day, loudly; and two editions side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from qala.standard import Edition, Problem, edition_on, editions, load_edition
from qala.standard.tables import differences


def test_a_day_in_force_has_its_edition_and_no_notice(edition: Edition) -> None:
    for day in (date(2026, 1, 1), date(2026, 7, 11)):
        chosen = edition_on(day, {"order_469": edition})
        assert chosen.edition is edition
        assert chosen.notice is None


def test_after_the_last_day_it_says_what_lapsed_and_what_is_not_loaded(edition: Edition) -> None:
    with pytest.raises(Problem) as caught:
        edition_on(date(2026, 7, 12), {"order_469": edition})
    said = str(caught.value)
    assert "469/НҚ lapsed on 12.07.2026 in favour of 141/НҚ, which is not loaded" in said
    assert "--edition order_469" in said


def test_before_the_first_day_it_is_as_loud(edition: Edition) -> None:
    with pytest.raises(Problem) as caught:
        edition_on(date(2025, 12, 31), {"order_469": edition})
    assert "is in force from 01.01.2026" in str(caught.value)
    assert "--edition order_469" in str(caught.value)


@pytest.mark.parametrize("day", [date(2025, 6, 1), date(2026, 7, 12), date(2027, 12, 31)])
def test_a_wanted_edition_works_on_with_a_notice(edition: Edition, day: date) -> None:
    chosen = edition_on(day, {"order_469": edition}, "order_469")
    assert chosen.edition is edition
    assert chosen.notice is not None
    assert {chosen.notice.ru, chosen.notice.kk, chosen.notice.en} & {""} == set()


def test_a_wanted_edition_in_force_has_no_notice(edition: Edition) -> None:
    assert edition_on(date(2026, 3, 31), {"order_469": edition}, "order_469").notice is None


def test_a_wanted_edition_that_is_not_loaded_is_refused(edition: Edition) -> None:
    with pytest.raises(Problem, match="'order_141' is not loaded"):
        edition_on(date(2026, 3, 31), {"order_469": edition}, "order_141")


def test_no_editions_at_all_is_said() -> None:
    with pytest.raises(Problem, match="No edition of the law is loaded"):
        edition_on(date(2026, 3, 31), {})


def test_two_editions_live_side_by_side(edition: Edition, small_edition: Path) -> None:
    second = load_edition(small_edition)
    both = {"order_469": edition, second.id: second}
    assert edition_on(date(2026, 7, 11), both).edition is edition
    assert edition_on(date(2026, 7, 12), both).edition is second
    assert edition_on(date(2026, 12, 31), both, "order_469").notice is not None
    assert list(second.categories) == ["large", "small"]
    assert [kpi.row for kpi in second.due_kpis(2026, "large")] == ["2.2"]
    assert second.due_kpis(2026, "small") == ()
    assert edition.kpi("2.2").target["republican"].at_least == 90
    assert second.kpi("2.2").target["large"].threshold * 2 == 191


def test_editions_of_a_folder_come_the_oldest_first(small_edition: Path) -> None:
    assert list(editions(small_edition.parent)) == ["order_141"]


def test_two_editions_in_force_on_one_day_are_refused(edition: Edition, small_edition: Path) -> None:
    path = small_edition / "edition.yaml"
    path.write_text(path.read_text().replace("from: 2026-07-12", "from: 2026-06-01"))
    second = load_edition(small_edition)
    with pytest.raises(Problem, match="two editions are in force"):
        edition_on(date(2026, 6, 15), {"order_469": edition, second.id: second})


def test_an_edition_does_not_differ_from_itself(edition: Edition) -> None:
    assert differences(edition, edition) == []


def test_diff_names_what_the_second_says_differently(edition: Edition, small_edition: Path) -> None:
    found = differences(edition, load_edition(small_edition))
    by = {(one.what, one.name, one.change, one.field): one for one in found}
    assert ("category", "large", "added", "") in by
    assert ("kpi", "gas.satisfaction", "removed", "") in by
    changed = by["kpi", "contact_centre.first_contact_share", "changed", "law.target"]
    assert (changed.before, changed.after) == ("≥90 / ≥85 / ≥80", "≥95")
    assert by["kpi", "contact_centre.first_contact_share", "changed", "points"].after == "10"
    assert by["edition", "order_141", "changed", "in_force.from_day"].after == "2026-07-12"


def test_diff_of_one_changed_number_is_one_line(
    edition: Edition, changed_edition: Callable[[str, str, str], Path]
) -> None:
    folder = changed_edition("initiatives/02_contact_centre/kpis.yaml", "{at_least: 90}", "{at_least: 91}")
    (one,) = differences(edition, load_edition(folder))
    assert (one.what, one.field, one.before, one.after) == ("kpi", "target.republican.at_least", "90", "91")
