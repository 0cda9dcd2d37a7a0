"""The worked examples above one KPI: pooling, sections, index, coverage, bounds, bonus, bands, places, stages.

The names of the tests hold the ids of the examples.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from reaching_observations import all_reaching, reaching

from qala.scoring import (
    CityScore,
    Claim,
    Observation,
    Profile,
    explain,
    judge,
    quantised,
    rank,
    score_city,
    score_kpi,
    scoring_law,
)
from qala.standard import Edition

F = Fraction


def of_rows(edition: Edition, category: str, scores: dict[str, Fraction | int]) -> dict[str, Observation]:
    """Observations that give these scores, and for other rows none."""
    return {
        row: reaching(edition.kpi(row), category, score) if score else Observation(row=row, value=F(0))
        for row, score in scores.items()
    }


def by_section(edition: Edition, category: str, scores: dict[str, Fraction]) -> dict[str, Observation]:
    """Observations that give every KPI of a section its score; other sections are missing."""
    return {
        kpi.row: reaching(kpi, category, scores[kpi.section])
        for kpi in edition.kpis.values()
        if kpi.section in scores and kpi.has_target(category)
    }


def test_a01_numerators_and_denominators_are_pooled_and_scored_once(edition: Edition) -> None:
    value = F(50 + 950, 100 + 1000) * 100
    result = score_kpi(edition.kpi("1.9"), "republican", 2026, Observation(row="1.9", value=value), edition)
    assert (quantised(value, F(1, 10**6)), result.score) == (F("90.909091"), 1)


def test_a03_marks_are_weighted_by_responses(edition: Edition) -> None:
    value = (F("9.5") * 100 + 8 * 900) / 1000
    result = score_kpi(edition.kpi("2.3"), "republican", 2026, Observation(row="2.3", value=value), edition)
    assert (value, quantised(result.score or F(0), F(1, 10**6))) == (F("8.15"), F("0.905556"))


def test_a05_times_are_summed_before_they_are_divided(edition: Edition) -> None:
    value = F(8 * 900 + 28 * 100, 1000)
    assert score_kpi(edition.kpi("2.1"), "republican", 2026, Observation(row="2.1", value=value), edition).score == 1


def test_s01_a_section_is_the_mean_weighted_by_points(edition: Edition) -> None:
    rows = [f"2.{number}" for number in range(1, 8)]
    assert [edition.kpi(row).points for row in rows] == [10, 9, 9, 7, 7, 8, 8]
    scores = dict(zip(rows, map(F, ("0.9", "1", "1", "0.6", "1", "0.8", "0.5")), strict=True))
    result = score_city(edition, "district", 2026, of_rows(edition, "district", scores))
    assert quantised(section(result, "governance").score or F(0), F(1, 10**6)) == F("0.837931")


def test_s03_a_section_is_pooled_over_kpis_not_over_initiatives(edition: Edition) -> None:
    seen = {
        kpi.row: reaching(kpi, "republican", 1 if kpi.initiative == 1 else F(1, 2))
        for kpi in edition.kpis.values()
        if kpi.initiative in (1, 2)
    }
    result = score_city(edition, "republican", 2026, seen)
    assert quantised(section(result, "governance").score or F(0), F(1, 10**6)) == F("0.876596")


def test_i02_a_section_without_anything_due_gives_its_weight_to_the_others(edition: Edition) -> None:
    result = score_city(edition, "republican", 2026, all_reaching(edition, "republican", F("0.8")))
    assert section(result, "ecology").due == 0
    assert (result.index, result.weight_in_use, result.band) == (80, F(85, 100), "good")
    assert ("A4", "section_without_due", "ecology") in [reason[:3] for reason in result.reasons]


def test_i04_an_index_may_rest_on_one_section(edition: Edition) -> None:
    result = score_city(edition, "district", 2026, all_reaching(edition, "district", F("0.85")))
    assert (result.index, result.weight_in_use) == (85, F(1, 4))
    assert sum(one.due for one in result.sections) == 7


def test_i06_what_a_kpi_of_ten_points_weighs_in_the_index(edition: Edition) -> None:
    seen = all_reaching(edition, "republican")
    full = score_city(edition, "republican", 2029, seen)
    line = next(line for line in explain(full) if line.kpi.row == "10.1")
    assert quantised(line.weight, F(1, 10**6)) == F("1.893939")
    assert edition.kpi("10.1").target["republican"].kind == "at_most"
    nearly = score_city(edition, "republican", 2029, {**seen, "10.1": Observation(row="10.1", value=F(10**9))})
    assert abs((full.index or 0) - (nearly.index or 0) - line.weight) < F(1, 10**6)


def test_c01_c02_c03_a_section_that_is_wholly_missing(edition: Edition) -> None:
    seen = by_section(edition, "republican", {"governance": F("0.9"), "transport": F("0.9"), "housing": F("0.9")})
    result = score_city(edition, "republican", 2026, seen)
    assert quantised(result.coverage or F(0), F(1, 10**6)) == F("0.705882")
    assert section(result, "safety").coverage == 0
    assert (result.index, result.standing) == (90, "not_ranked")
    assert [reason.case for reason in result.reasons][:2] == ["section_below_floor", "coverage_too_low"]
    assert quantised(result.low or F(0), F(1, 10**6)) == F("63.529412")
    assert quantised(result.high or F(0), F(1, 10**6)) == F("92.941176")
    everybody = score_city(edition, "republican", 2026, seen, Profile(rank_all=True))
    assert everybody.standing == "provisional"
    assert everybody.reasons[0].reading == "C2"


def test_b01_b03_b05_b07_the_bonus(edition: Edition) -> None:
    good = Claim("1", True, True, True, 1, True, "housing")
    seen = all_reaching(edition, "republican", F("0.73"))
    result = score_city(edition, "republican", 2027, seen, claims=[good, replace(good, id="2")])
    plain = score_city(edition, "republican", 2027, seen)
    assert (plain.index, plain.final, plain.band) == (73, 73, "medium")
    assert (result.index, result.bonus, result.final, result.band) == (73, 4, 77, "good")
    late = judge(replace(good, indicators=2, in_period=False), edition, "republican")
    assert (late.counts, late.fails) == (False, ("in_period",))
    assert judge(replace(good, sphere="social"), edition, "republican").counts
    assert judge(replace(good, base_initiative=5), edition, "oblast").counts
    assert judge(replace(good, base_initiative=5), edition, "republican").fails == ("not_base",)
    assert judge(replace(good, base_initiative=16), edition, "district").fails == ("not_base",)
    assert judge(replace(good, sphere="", signed=False, indicators=0, in_roadmap=False), edition, "oblast").fails == (
        "in_roadmap",
        "report",
        "indicators",
        "sphere",
    )


@pytest.mark.parametrize(
    ("final", "band"),
    [
        (F(100), "excellent"),
        (F(90), "excellent"),
        (F(89.99999999999999), "excellent"),
        (F("89.9999994"), "good"),
        (F(75), "good"),
        (F("74.999"), "medium"),
        (F(60), "medium"),
        (F("59.99"), "below_medium"),
        (F(45), "below_medium"),
        (F("44.9"), "low"),
        (F(0), "low"),
    ],
)
def test_g02_to_g10_lower_bounds_belong_to_their_band(edition: Edition, final: Fraction, band: str) -> None:
    assert scoring_law(edition).band(final) == band


def placed(scores: Iterable[CityScore]) -> list[tuple[str, int | None, bool]]:
    (places,) = rank(scores).values()
    return [(place.score.city, place.place, place.shared) for place in places]


def test_g12_equal_scores_share_the_place(edition: Edition) -> None:
    score = {
        name: score_city(edition, "oblast", 2027, all_reaching(edition, "oblast", F(number)), city=name)
        for name, number in (("A", "0.8"), ("B", "0.8"), ("C", "0.7"))
    }
    assert placed(score.values()) == [("A", 1, True), ("B", 1, True), ("C", 3, False)]


def test_the_uncapped_total_parts_what_the_cap_makes_equal(edition: Edition) -> None:
    claim = Claim("1", True, True, True, 1, True, "housing")
    seen = all_reaching(edition, "oblast")
    one = score_city(edition, "oblast", 2027, seen, claims=[claim], city="one")
    two = score_city(edition, "oblast", 2027, seen, claims=[claim, replace(claim, id="2")], city="two")
    assert (one.final, two.final, two.uncapped) == (100, 100, 104)
    assert placed([one, two]) == [("two", 1, False), ("one", 2, False)]


def test_a_city_without_enough_data_takes_no_place_and_categories_are_apart(edition: Edition) -> None:
    full = score_city(edition, "district", 2026, all_reaching(edition, "district", F("0.5")), city="full")
    empty = score_city(edition, "district", 2026, {}, city="empty")
    assert (empty.index, empty.final, empty.band, empty.standing) == (None, None, None, "not_ranked")
    assert (empty.low, empty.high, empty.coverage) == (0, 100, 0)
    assert placed([empty, full]) == [("full", 1, False), ("empty", None, False)]
    other = score_city(edition, "oblast", 2026, all_reaching(edition, "oblast"), city="other")
    assert {category: len(places) for category, places in rank([full, other]).items()} == {"district": 1, "oblast": 1}


DUE = {
    "republican": {2026: 65, 2027: 98, 2028: 98, 2029: 118},
    "oblast": {2026: 51, 2027: 77, 2028: 77, 2029: 97},
    "district": {2026: 7, 2027: 23, 2028: 23, 2029: 50},
}


@pytest.mark.parametrize("category", DUE)
def test_t02_to_t10_how_many_kpis_are_due(edition: Edition, category: str) -> None:
    for year, count in DUE[category].items():
        result = score_city(edition, category, year, all_reaching(edition, category))
        assert sum(one.scored for one in result.sections) == count
        assert (result.index, result.coverage, result.standing) == (100, 1, "rated")


def test_t12_due_from_the_end_of_the_stage(edition: Edition) -> None:
    seen = all_reaching(edition, "republican")
    for year, count in ((2026, 0), (2027, 65), (2028, 98), (2030, 118)):
        result = score_city(edition, "republican", year, seen, Profile(due="end"))
        assert sum(one.scored for one in result.sections) == count


def test_t14_points_by_section(edition: Edition) -> None:
    result = score_city(edition, "republican", 2029, all_reaching(edition, "republican"))
    points = {one.id: one.points_scored for one in result.sections}
    assert points == {"governance": 235, "safety": 132, "transport": 296, "ecology": 100, "housing": 240}


def section(result: CityScore, name: str):  # type: ignore[no-untyped-def]
    return next(one for one in result.sections if one.id == name)
