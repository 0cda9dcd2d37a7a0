"""What must hold of scores whatever the data: bounds, monotony, order, independence of other cities."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from qala.scoring import CityRules, CityScore, KpiRule, Observation, Profile, explain, rank, uncertainty
from qala.standard import Edition, Kpi, editions

F = Fraction
LAW = editions()["order_469"]
CATEGORIES = tuple(LAW.categories)
KPIS = tuple(LAW.kpis.values())

amounts = st.fractions(min_value=0, max_value=10**7, max_denominator=10**6)
small = st.fractions(min_value=0, max_value=10, max_denominator=10**4)
shares = st.fractions(min_value=0, max_value=1, max_denominator=52)
plausible = st.fractions(min_value=0, max_value=100, max_denominator=10**4)


@cache
def rules(category: str, year: int, scope: str = "annex2") -> CityRules:
    return CityRules(LAW, category, year, Profile(scope=scope))  # type: ignore[arg-type]


@cache
def rule(row: str, category: str) -> KpiRule:
    return KpiRule(LAW.kpi(row), category, 2029, LAW, Profile(scope="annex4"))


def observations(kpi: Kpi, category: str) -> st.SearchStrategy[Observation]:
    """Observations of every kind that a KPI can have."""
    target = kpi.target[category]
    silent = st.sampled_from(["missing", "no_events", "invalid", "not_due"]).map(
        lambda status: Observation(row=kpi.row, status=status)
    )
    if target.each_at_most is not None:
        parts = st.fixed_dictionaries({name: st.none() | small for name in target.each_at_most})
        seen = st.builds(Observation, row=st.just(kpi.row), components=parts, delivered=shares)
    elif target.comply:
        parts = st.dictionaries(st.sampled_from(["pm10", "no2", "co"]), st.none() | shares, min_size=1)
        seen = st.builds(Observation, row=st.just(kpi.row), components=parts, delivered=shares)
    else:
        seen = st.builds(
            Observation, row=st.just(kpi.row), value=plausible | amounts, base=st.none() | plausible, delivered=shares
        )
    return seen | silent


@st.composite
def cities(draw: st.DrawFn, category: str) -> dict[str, Observation]:
    """A city with some KPIs observed; the others are silent."""
    rows = draw(st.lists(st.sampled_from(KPIS), unique_by=lambda kpi: kpi.row, max_size=40))
    return {kpi.row: draw(observations(kpi, category)) for kpi in rows}


@given(
    st.sampled_from(CATEGORIES).flatmap(lambda c: st.tuples(st.just(c), cities(c))), st.sampled_from([2026, 2027, 2029])
)
@settings(max_examples=60, deadline=None)
def test_scores_indices_and_bounds_lie_where_they_must(case: tuple[str, dict[str, Observation]], year: int) -> None:
    category, seen = case
    result = rules(category, year).score(seen)
    for kpi in result.kpis:
        assert (kpi.score is not None) == (kpi.status == "ok")
        assert kpi.score is None or 0 <= kpi.score <= 1
        assert all(0 <= other <= 1 for other in kpi.variants.values())
        assert 0 <= kpi.missing <= 1
        assert kpi.readings
    check_totals(result)


def check_totals(result: CityScore) -> None:
    if result.low is not None and result.high is not None:
        assert 0 <= result.low <= result.high <= 100
        assert result.coverage is not None and 0 <= result.coverage <= 1
    lines = explain(result)
    assert all(line.contribution >= 0 and line.to_win >= 0 and line.to_secure >= 0 for line in lines)
    if result.index is None:
        assert result.standing == "not_ranked"
        return
    assert result.low is not None and result.high is not None
    assert result.low <= result.index <= result.high
    assert sum(line.contribution for line in lines) == result.index
    found = uncertainty(result)
    assert found is not None and 0 <= found.low <= result.index <= found.high <= 100


@given(st.sampled_from(KPIS), st.sampled_from(CATEGORIES), plausible, plausible, plausible)
@settings(max_examples=150, deadline=None)
def test_a_better_value_never_scores_less(
    kpi: Kpi, category: str, one: Fraction, other: Fraction, base: Fraction
) -> None:
    target = kpi.target[category]
    if target.kind in ("none", "between", "comply", "each_at_most"):
        return
    low, high = sorted((one, other))
    less, more = (
        rule(kpi.row, category).score(Observation(row=kpi.row, value=value, base=base)) for value in (low, high)
    )
    if less.score is None or more.score is None:
        return
    upward = target.kind in ("at_least", "grow") or "at_least" in (target.hold or "") or target.minimal == "level"
    assert (less.score <= more.score) if upward else (less.score >= more.score)


@given(st.sampled_from(CATEGORIES), plausible)
@settings(max_examples=60, deadline=None)
def test_a_range_falls_off_on_both_sides(category: str, value: Fraction) -> None:
    low, high = LAW.kpi("5.2").target[category].between or (F(0), F(0))
    score = rule("5.2", category).score(Observation(row="5.2", value=value)).score
    assert score == (1 if low <= value <= high else value / low if value < low else high / value)


@given(st.data(), st.sampled_from(CATEGORIES))
@settings(max_examples=40, deadline=None)
def test_only_a_citys_own_data_matter_and_their_order_does_not(data: st.DataObject, category: str) -> None:
    seen = data.draw(cities(category))
    neighbour = data.draw(cities(category))
    alone = rules(category, 2029).score(seen, city="A")
    shuffled = dict(data.draw(st.permutations(list(seen.items()))))
    beside = rules(category, 2029)
    beside.score(neighbour, city="B")
    assert beside.score(shuffled, city="A") == alone


@given(st.data(), st.sampled_from(CATEGORIES))
@settings(max_examples=40, deadline=None)
def test_more_data_narrow_the_bounds(data: st.DataObject, category: str) -> None:
    seen = data.draw(cities(category))
    kpi = data.draw(st.sampled_from([kpi for kpi in KPIS if kpi.row not in seen and kpi.has_target(category)]))
    before = rules(category, 2029).score(seen)
    after = rules(category, 2029).score({**seen, kpi.row: data.draw(valued(kpi, category))})
    if before.low is None or after.low is None or before.high is None or after.high is None:
        return
    if after.kpi(kpi.row).status == "ok":
        assert before.low <= after.low
        assert after.high <= before.high


def valued(kpi: Kpi, category: str) -> st.SearchStrategy[Observation]:
    return observations(kpi, category).map(lambda seen: replace(seen, delivered=F(1)))


@given(st.lists(cities("district"), min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_places_do_not_depend_on_the_order_of_cities(found: list[dict[str, Observation]], random) -> None:  # type: ignore[no-untyped-def]
    everybody = CityRules(LAW, "district", 2026, Profile(rank_all=True))
    scores = [everybody.score(seen, city=f"city {number}") for number, seen in enumerate(found)]
    places = rank(scores)
    random.shuffle(scores)
    assert rank(scores) == places
    taken = [place for place in places["district"] if place.place is not None]
    for earlier, later in zip(taken, taken[1:], strict=False):
        assert (earlier.score.final or 0) >= (later.score.final or 0) - F(1, 10**6)
        assert earlier.place is not None and later.place is not None and earlier.place <= later.place


def test_the_edition_is_not_touched() -> None:
    assert isinstance(LAW, Edition)
