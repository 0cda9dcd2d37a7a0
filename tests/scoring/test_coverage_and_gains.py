"""Coverage, bounds and what can be won, on cases small enough to be worked out by hand."""

from __future__ import annotations

from fractions import Fraction

from reaching_observations import all_reaching, reaching

from qala.scoring import Observation, best_gains, explain, score_city, uncertainty
from qala.standard import Edition

F = Fraction
# District centres in 2026 have the seven KPIs of initiative 2: 10, 9, 9, 7, 7, 8, 8 points, 58 in all.


def test_withheld_months_cost_coverage_and_widen_the_bounds(edition: Edition) -> None:
    seen = all_reaching(edition, "district")
    mean_wait = reaching(edition.kpi("2.1"), "district", F(1, 2))
    seen["2.1"] = Observation(row="2.1", value=mean_wait.value, delivered=F(1, 2))
    result = score_city(edition, "district", 2026, seen)
    assert result.index == F(53, 58) * 100
    assert result.coverage == F(53, 58)
    assert result.low == F(48 + F(5, 2), 58) * 100
    assert result.high == F(48 + F(5, 2) + 5, 58) * 100
    assert result.standing == "provisional"


def test_a_missing_kpi(edition: Edition) -> None:
    seen = all_reaching(edition, "district", F(1, 2))
    del seen["2.1"]
    result = score_city(edition, "district", 2026, seen)
    assert (result.index, result.low, result.high) == (50, F(24, 58) * 100, F(34, 58) * 100)
    assert result.coverage == F(48, 58)
    line = next(line for line in explain(result) if line.kpi.row == "2.1")
    assert line.contribution == 0
    assert line.to_win == (F(24 + 10, 58) - F(1, 2)) * 100
    assert line.to_secure == F(10, 58) * 100
    assert best_gains(result, 3)[0].kpi.row == "2.1"


def test_an_invalid_value_counts_as_missing(edition: Edition) -> None:
    seen = all_reaching(edition, "district")
    seen["2.2"] = Observation(row="2.2", value=F(101))
    result = score_city(edition, "district", 2026, seen)
    assert (result.kpi("2.2").status, result.index, result.coverage) == ("invalid", 100, F(49, 58))


def test_no_events_is_left_out_but_only_as_far_as_it_was_reported(edition: Edition) -> None:
    seen = all_reaching(edition, "district")
    reported = {**seen, "2.7": Observation(row="2.7", status="no_events")}
    result = score_city(edition, "district", 2026, reported)
    assert (result.index, result.coverage, result.low, result.high) == (100, 1, 100, 100)
    silent = {**seen, "2.7": Observation(row="2.7", status="no_events", delivered=F(1, 4))}
    result = score_city(edition, "district", 2026, silent)
    assert (result.index, result.coverage) == (100, F(50, 56))
    assert (result.low, result.high) == (F(50, 56) * 100, 100)


def test_a_wholly_missing_section_would_bring_its_weight_along(edition: Edition) -> None:
    seen = {row: found for row, found in all_reaching(edition, "district", F(1, 2)).items() if row.startswith("2.")}
    result = score_city(edition, "district", 2027, seen)
    assert {one.id for one in result.sections if one.due} == {"governance", "safety", "housing"}
    line = next(line for line in explain(result) if line.kpi.row == "9.1")
    assert line.to_win == F(50 * 25 + 100 * 25, 50) - 50


def test_contributions_add_up_and_gains_come_true(edition: Edition) -> None:
    seen = all_reaching(edition, "oblast", F(7, 10))
    for row in ("1.2", "3.1", "9.4"):
        seen.pop(row)
    result = score_city(edition, "oblast", 2026, seen)
    lines = explain(result)
    assert sum(line.contribution for line in lines) == result.index
    assert result.index is not None and result.low is not None
    for row in ("1.2", "2.1", "9.4", "9.5"):
        line = next(line for line in lines if line.kpi.row == row)
        better = score_city(edition, "oblast", 2026, {**seen, row: reaching(edition.kpi(row), "oblast")})
        assert better.index == result.index + line.to_win
        assert better.low == result.low + line.to_secure


def test_the_interval_over_the_variants(edition: Edition) -> None:
    seen = all_reaching(edition, "district")
    seen["2.1"] = Observation(row="2.1", value=F(60))  # half the score, 0 by the line
    seen["2.2"] = Observation(row="2.2", value=F(40), variants={"repeat_within": F(80)})
    result = score_city(edition, "district", 2026, seen)
    found = uncertainty(result)
    assert found is not None
    assert result.index == (1 - F(5 + F(9, 2), 58)) * 100
    assert {one.id: (one.rows, one.change) for one in found.variations} == {
        "R2": (("2.1",), -F(5, 58) * 100),
        "repeat_within": (("2.2",), F(9, 2) / 58 * 100),
    }
    assert (found.low, found.high) == (result.index - F(500, 58), result.index + F(450, 58))
    assert uncertainty(score_city(edition, "district", 2026, {})) is None
