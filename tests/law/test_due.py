"""Which KPIs are due for whom and when (readings S1, T1), and parameters."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from qala.standard import Edition, Problem

YEARS = (2026, 2027, 2028, 2029)


@pytest.mark.parametrize(
    ("category", "counts"),
    [("republican", [65, 98, 98, 118]), ("oblast", [51, 77, 77, 97]), ("district", [7, 23, 23, 50])],
)
def test_due_counts_come_out(edition: Edition, category: str, counts: list[int]) -> None:
    assert [len(edition.due_kpis(year, category)) for year in YEARS] == counts


def test_nothing_is_due_before_the_first_stage(edition: Edition) -> None:
    assert edition.due_kpis(2025, "republican") == ()


def test_due_by_the_end_of_the_stage_comes_a_year_later(edition: Edition) -> None:
    late = [edition.due_kpis(year + 1, "oblast", due="end") for year in YEARS]
    assert late == [edition.due_kpis(year, "oblast") for year in YEARS]


def test_citywide_adds_its_rows_to_a_district_centre(edition: Edition) -> None:
    plain = {kpi.row for kpi in edition.due_kpis(2026, "district")}
    wide = {kpi.row for kpi in edition.due_kpis(2026, "district", "citywide")}
    assert wide - plain == {f"1.{number}" for number in range(8, 22)}


def test_annex_4_binds_whoever_has_a_target(edition: Edition) -> None:
    rows = {kpi.row for kpi in edition.due_kpis(2029, "district", "annex4")}
    assert rows == {kpi.row for kpi in edition.kpis.values() if kpi.has_target("district")}
    assert "1.1" not in rows


def test_nothing_of_ecology_is_due_in_2026(edition: Edition) -> None:
    for category in edition.categories:
        assert all(kpi.section != "ecology" for kpi in edition.due_kpis(2026, category))


def test_a_kpi_is_found_by_row_and_by_id(edition: Edition) -> None:
    kpi = edition.kpi("1.10")
    assert kpi.row == "1.10"
    assert edition.kpi(kpi.id) is kpi
    assert list(edition.kpis.values()).index(kpi) == 9


def test_an_unknown_kpi_names_its_neighbours(edition: Edition) -> None:
    with pytest.raises(Problem, match=r"contact_centre\.first_contact_share"):
        edition.kpi("first_contact_share")
    with pytest.raises(Problem, match="One of: republican, oblast, district"):
        edition.due_kpis(2026, "village")
    with pytest.raises(Problem, match="There is no scope"):
        edition.due_kpis(2026, "oblast", "annex9")


def test_targets_are_exact(edition: Edition) -> None:
    assert edition.kpi("1.2").target["oblast"].at_least == Fraction(199, 2)


def test_a_city_may_set_only_what_the_term_allows(edition: Edition) -> None:
    day = date(2026, 5, 1)
    own = edition.parameter("peak_hours", day)
    assert own.set_by == "edition"
    assert edition.parameter("peak_hours", day, [8, 18]).value == (8, 18)
    with pytest.raises(Problem, match="not permitted"):
        edition.parameter("peak_hours", day, [25])
    with pytest.raises(Problem, match="not by a city"):
        edition.parameter("abandoned_after", day, 10)
    with pytest.raises(Problem, match="it begins on"):
        edition.parameter("abandoned_after", date(2025, 12, 31))
    with pytest.raises(Problem, match="There is no open term"):
        edition.parameter("moon", day)
