"""How sure a rating is: draws against the exact scores, and what each factor does."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from bench.scores import observation

from qala.robustness import Assumptions, analyse, from_json, to_json
from qala.robustness.draws import Choice, Draws
from qala.robustness.places import above, places_of
from qala.robustness.tables import Tables
from qala.scoring import CityRules, CityScore, Claim, Observation, Profile, rank, uncertainty
from qala.standard import Edition, editions

CATEGORY, YEAR = "oblast", 2030
QUIET = Assumptions(draws=50, base=0, weights=0, points=0, error=0, silent=("left_out",), readings=False, terms=False)


@pytest.fixture(scope="module")
def edition() -> Edition:
    return editions()["order_469"]


@pytest.fixture(scope="module")
def scores(edition: Edition) -> list[CityScore]:
    rules = CityRules(edition, CATEGORY, YEAR, Profile(rank_all=True))
    claim = Claim("park", in_roadmap=True, report=True, signed=True, indicators=1, in_period=True, sphere="ecology")
    found = []
    for number in range(9):
        chance = random.Random(number)
        seen = {kpi.row: observation(kpi, CATEGORY, chance) for kpi in edition.kpis.values()}
        seen["2.1"] = Observation(row="2.1", value=Fraction(20), variants={"wait_clock": Fraction(30)})
        found.append(rules.score(seen, (claim,) * (number % 2), str(number)))
    return found


@pytest.fixture(scope="module")
def exact(edition: Edition, scores: list[CityScore]) -> Draws:
    return Draws(Tables(edition, scores, 0.02), Assumptions(), np.float64)


def test_with_all_factors_fixed_a_draw_is_the_exact_score(exact: Draws, scores: list[CityScore]) -> None:
    assert exact.total(Choice()) == pytest.approx([float(one.uncapped or 0) for one in scores], abs=1e-11)


def test_draws_of_which_nothing_varies_are_all_the_exact_score(edition: Edition, scores: list[CityScore]) -> None:
    found = analyse(edition, scores, QUIET)
    assert found.mean_shift == 0 and found.influences == ()
    for city in found.cities:
        exact_score = next(one for one in scores if one.city == city.city)
        assert city.finals.low == city.finals.high == pytest.approx(float(exact_score.final or 0), abs=1e-4)
        assert city.places == (city.place,) * 3
        assert city.bands == {exact_score.band: 1.0}


def test_missing_data_as_zero_and_as_one_gives_the_bounds(exact: Draws, scores: list[CityScore]) -> None:
    for silent, bound in (("zero", "low"), (1.0, "high")):
        wanted = [float(getattr(one, bound) + one.bonus) for one in scores]
        assert exact.total(Choice(silent=silent)) == pytest.approx(wanted, abs=1e-11)  # type: ignore[arg-type]


def test_one_variant_moves_the_index_as_the_exact_uncertainty_says(exact: Draws, scores: list[CityScore]) -> None:
    assert {"R2", "wait_clock"} <= set(exact.tables.variants)
    for name in exact.tables.variants:
        moved = exact.total(Choice(on=frozenset({name}))) - exact.total(Choice())
        for at, city in enumerate(scores):
            said = uncertainty(city)
            assert said is not None
            change = next((float(one.change) for one in said.variations if one.id == name), 0.0)
            assert moved[at] == pytest.approx(change, abs=1e-11)


def test_all_variants_at_once_reach_no_further_than_the_exact_interval(exact: Draws, scores: list[CityScore]) -> None:
    everything = exact.total(Choice(on=frozenset(exact.tables.variants)))
    for total, city in zip(everything, scores, strict=True):
        said = uncertainty(city)
        assert said is not None and said.low - Fraction(1, 10**9) <= total - float(city.bonus) <= said.high + 1e-9


def test_leaving_a_kpi_out_is_scoring_without_it(edition: Edition, scores: list[CityScore], exact: Draws) -> None:
    row = "2.3"
    at = exact.tables.rows.index(row)
    points = np.where(np.arange(len(exact.tables.rows)) == at, 0, exact.tables.points)
    rules = CityRules(edition, CATEGORY, YEAR, Profile(rank_all=True))
    for total, city in zip(exact.total(Choice(points=points)), scores, strict=True):
        seen = {kpi.row: kpi.observation for kpi in city.kpis}
        seen[row] = Observation(row=row, status="not_applicable")
        again = rules.score(seen, [one.claim for one in city.claims])
        assert total == pytest.approx(float(again.uncapped or 0), abs=1e-11)


def test_an_error_moves_the_score_through_the_kpis_own_target(edition: Edition) -> None:
    rules = CityRules(edition, CATEGORY, YEAR, Profile(rank_all=True))
    limit = edition.kpi("2.1").target[CATEGORY].at_most
    assert limit is not None
    values = (limit / 2, limit, limit * 2)  # well within, just at, twice the limit: 1, 1, 1/2
    cities = [rules.score({"2.1": Observation(row="2.1", value=value)}, (), str(value)) for value in values]
    tables = Tables(edition, cities, 0.02)
    at = tables.rows.index("2.1")
    assert tables.up[at] == pytest.approx([0, (1 / 1.02 - 1) / 0.02, (1 / 2.04 - 1 / 2) / 0.02])
    assert tables.down[at] == pytest.approx([0, 0, (1 / 2 - 1 / 1.96) / 0.02])
    drawn = Draws(tables, Assumptions(weights=0, points=0, silent=("left_out",), readings=False)).totals(
        np.random.default_rng(1).random((400, 1))
    )
    assert np.ptp(drawn[:, 0]) == 0 and drawn[:, 0].max() == 100
    assert 0.3 < (drawn[:, 1] < 100).mean() < 0.7


def test_places_are_shared_as_the_rating_shares_them(scores: list[CityScore]) -> None:
    totals = np.array([[50.0, 60.0, 50.0000001, 40.0, 60.0]])
    assert places_of(totals, 1e-6).tolist() == [[3, 1, 3, 5, 1]]
    by_city = {one.score.city: one.place for one in rank(scores)[CATEGORY]}
    found = places_of(np.array([[float(one.uncapped or 0) for one in scores]]), 1e-6)[0]
    assert found.tolist() == [by_city[one.city] for one in scores]


def test_one_is_above_the_other_or_the_other_or_they_share_a_place() -> None:
    found = above(np.array([[1, 2, 2], [1, 3, 2], [3, 1, 2]], dtype=np.int32))
    assert found[0, 1] == pytest.approx(2 / 3) and found[1, 0] == pytest.approx(1 / 3)
    assert found[1, 2] == pytest.approx(1 / 3) and found[2, 1] == pytest.approx(1 / 3)
    assert not found.diagonal().any()


def test_an_analysis_tells_intervals_bands_and_what_moves_places(edition: Edition, scores: list[CityScore]) -> None:
    found = analyse(edition, scores, Assumptions(draws=400, base=64))
    assert [one.place for one in found.cities] == sorted(one.place for one in found.cities)
    for city in found.cities:
        assert city.places.low <= city.places.median <= city.places.high
        assert sum(city.bands.values()) == pytest.approx(1)
    best, last = found.cities[0].city, found.cities[-1].city
    assert found.probability_above(best, last) > 0.5 > found.probability_above(last, best)
    kinds = {one.kind for one in found.influences}
    assert {"reading", "terms", "weights", "points", "silent", "error"} == kinds
    assert sum(one.total for one in found.influences) > 0.9
    rows = {one.id for one in found.shifts_of("without_kpi")}
    assert {kpi.row for city in scores for kpi in city.kpis if kpi.score is not None} <= rows
    assert {"R2"} <= {one.id for one in found.shifts_of("reading")}
    assert "annex4,rank_all" in {one.id for one in found.shifts_of("profile")}


def test_factors_that_do_nothing_explain_nothing(edition: Edition, scores: list[CityScore]) -> None:
    made = Assumptions(draws=10, base=256, points=0, error=1e-9, silent=("left_out",), readings=False, terms=False)
    weights, error = analyse(edition, scores, made).influences
    assert (weights.kind, error.kind) == ("weights", "error")
    assert weights.total == pytest.approx(1, abs=0.15) and error.total == pytest.approx(0, abs=0.01)
    assert weights.total_low <= weights.total <= weights.total_high


def test_the_same_seed_gives_the_same_result_and_json_holds_it(edition: Edition, scores: list[CityScore]) -> None:
    made = Assumptions(draws=60, base=8)
    one, other = (to_json(analyse(edition, scores, made)) for _ in range(2))
    assert one == other != to_json(analyse(edition, scores, Assumptions(draws=60, base=8, seed=1)))
    assert to_json(from_json(one)) == one


def test_a_category_without_places_has_nothing_to_tell(edition: Edition) -> None:
    silent = CityRules(edition, CATEGORY, YEAR).score({})
    found = analyse(edition, [silent])
    assert found.cities == () and found.above == () and found.shifts == ()


def test_assumptions_that_mean_nothing_are_refused() -> None:
    for wrong in ({"draws": 0}, {"base": 100}, {"weights": 1.5}, {"silent": ()}, {"tail": 0.5}):
        with pytest.raises(ValueError, match=r"draws|lie between|missing"):
            Assumptions(**wrong)  # type: ignore[arg-type]
