"""What a KPI's score carries besides the number: readings, flags, variants, and what counts as observed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from qala.scoring import KpiScore, Observation, Profile, score_kpi
from qala.standard import Edition

F = Fraction


def scored(
    edition: Edition, row: str, category: str, year: int = 2026, profile: str = "annex2", **seen: object
) -> KpiScore:
    observation = Observation(row=row, **seen)  # type: ignore[arg-type]
    return score_kpi(edition.kpi(row), category, year, observation, edition, Profile.parse(profile))


def test_the_linear_variant_of_at_most(edition: Edition) -> None:
    result = scored(edition, "2.1", "republican", value=F(15))
    assert (result.score, dict(result.variants)) == (F(2, 3), {"R2": F(1, 2)})
    assert dict(scored(edition, "2.1", "republican", value=F(25)).variants) == {"R2": 0}
    assert not scored(edition, "2.1", "republican", value=F(10)).variants


def test_the_strict_end_of_an_ambiguous_threshold(edition: Edition) -> None:
    result = scored(edition, "1.9", "district", profile="citywide", value=F(63))
    assert (result.score, dict(result.variants)) == (1, {"R11": F(9, 10)})
    assert dict(scored(edition, "1.11", "district", profile="citywide", value=F(56)).variants) == {"R11": F(7, 10)}


def test_the_strict_end_of_a_fall(edition: Edition) -> None:
    result = scored(edition, "1.12", "republican", value=F(194), base=F(200))
    assert (result.score, result.change, dict(result.variants)) == (F(3, 5), -3, {"R4": F(3, 10)})


def test_the_worst_pollutant_and_the_least_component(edition: Edition) -> None:
    air = scored(
        edition,
        "1.17",
        "republican",
        components={"a": F(2), "b": F(1)},
        norms={"a": F(1), "b": F(1)},
    )
    assert (air.score, dict(air.variants)) == (F(3, 4), {"R9": F(1, 2)})
    gaps = scored(
        edition, "1.4", "oblast", components={"safety": F(3, 2), "housing": F(1), "ecology": F(1), "education": F(1)}
    )
    assert (gaps.score, dict(gaps.variants)) == (F(11, 12), {"R2": F(7, 8), "R10": F(2, 3)})


def test_a_pooled_compliance_comes_without_a_norm(edition: Edition) -> None:
    air = scored(edition, "1.17", "oblast", components={"pm10": F(1, 2), "no2": F(1), "co": None})
    assert (air.score, air.observed) == (F(3, 4), F(2, 3))
    assert air.flags == ("component_missing:co",)
    impossible = scored(edition, "1.17", "oblast", components={"pm10": F(3, 2)})
    assert impossible.status == "invalid"


def test_an_invalid_component_counts_as_missing(edition: Edition) -> None:
    gaps = scored(
        edition, "1.4", "oblast", components={"safety": F(-1), "housing": F(48), "ecology": F(1), "education": F(1)}
    )
    assert (gaps.score, gaps.observed, gaps.missing) == (F(5, 6), F(3, 4), F(1, 4))
    assert gaps.flags == ("component_invalid:safety",)


def test_a_variant_of_an_open_term_is_scored_by_the_same_target(edition: Edition) -> None:
    result = scored(edition, "2.7", "republican", value=F(2), variants={"repeat_within": F(4), "same": F(1)})
    assert (result.score, dict(result.variants)) == (1, {"repeat_within": F(1, 2)})


@pytest.mark.parametrize(
    ("row", "category", "year", "profile", "seen", "readings"),
    [
        ("2.3", "republican", 2026, "annex2", {"value": F(9)}, ("R1", "R13", "U4")),
        ("1.1", "republican", 2026, "annex2", {"value": F(9)}, ("R2", "U4")),
        ("1.19", "republican", 2026, "annex2", {"value": F(9)}, ("R1", "R12", "U4")),
        ("1.19", "district", 2026, "citywide", {"value": F(9)}, ("R6", "R1", "U4")),
        ("2.4", "republican", 2026, "annex2", {"value": F(9)}, ("R1", "R14", "U4", "Y1")),
        ("1.1", "district", 2026, "annex2", {"value": F(9)}, ("S1",)),
        ("1.12", "district", 2026, "citywide", {"value": F(9)}, ("R7",)),
        ("7.1", "district", 2027, "annex2", {"value": F(9)}, ("T1", "T2")),
        ("7.1", "district", 2027, "annex2", {"status": "missing"}, ("T1",)),
        ("16.1", "oblast", 2029, "annex2", {"status": "not_applicable"}, ("N3",)),
        ("9.9", "republican", 2026, "annex2", {"status": "no_events"}, ("N2",)),
        ("9.9", "republican", 2026, "annex2", {"status": "missing"}, ("N1",)),
        ("9.9", "republican", 2026, "annex2", {"value": F(101)}, ("V1",)),
        ("1.12", "republican", 2026, "annex2", {"value": F(1)}, ("R4b",)),
        ("1.12", "republican", 2027, "annex2", {"value": F(1)}, ("R4b", "N1")),
    ],
)
def test_the_readings_that_were_applied(
    edition: Edition,
    row: str,
    category: str,
    year: int,
    profile: str,
    seen: dict[str, object],
    readings: tuple[str, ...],
) -> None:
    assert scored(edition, row, category, year, profile, **seen).readings == readings


def test_flags(edition: Edition) -> None:
    assert scored(edition, "2.4", "republican", value=F(9)).flags == ("perverse_or_unscaled",)
    assert scored(edition, "7.1", "district", 2027, value=F(9)).flags == ("ahead_of_stage",)
    assert scored(edition, "1.12", "republican", value=F(0), base=F(0)).flags == ("zero_base",)
    assert scored(edition, "1.20", "district", 2026, "citywide", value=F(0), base=F(0)).flags == ("zero_base",)
    assert scored(edition, "2.3", "republican", value=F(9), flags=("few_answers",)).flags == ("few_answers",)


def test_a_year_that_is_not_over_wants_no_yearly_kpi(edition: Edition) -> None:
    seen = Observation(row="6.4", value=F(3))
    open_year = score_kpi(edition.kpi("6.4"), "republican", 2026, seen, edition, closed=False)
    assert (open_year.status, open_year.score, open_year.observation.value) == ("not_due", None, 3)
    assert score_kpi(edition.kpi("6.4"), "republican", 2026, seen, edition).status == "ok"
    assert scored(edition, "1.6", "republican", status="not_due").status == "not_due"


def test_a_later_first_rating_year_of_a_city(edition: Edition) -> None:
    seen = Observation(row="1.12", value=F(3))
    kpi = edition.kpi("1.12")
    assert score_kpi(kpi, "republican", 2028, seen, edition, first_year=2028).status == "no_baseline"
    assert score_kpi(kpi, "republican", 2028, seen, edition, first_year=2027).status == "missing"


def test_periods_that_were_not_delivered_count_as_missing(edition: Edition) -> None:
    result = scored(edition, "2.3", "republican", value=F(9), delivered=F(3, 4))
    assert (result.score, result.observed, result.missing) == (1, F(3, 4), F(1, 4))
    empty = scored(edition, "9.9", "republican", status="no_events", delivered=F(1, 4))
    assert (empty.status, empty.missing) == ("no_events", F(3, 4))
    with pytest.raises(ValueError, match="share of periods"):
        Observation(row="2.3", delivered=F(5, 4))


def test_what_only_the_law_says_is_refused_from_a_measurer(edition: Edition) -> None:
    with pytest.raises(ValueError, match="for the law to say"):
        scored(edition, "2.3", "republican", status="no_target")
