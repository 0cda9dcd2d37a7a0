"""Uncertainty and sensitivity of a rating (Saisana, Saltelli, Tarantola 2005)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.robustness.assumptions import Assumptions
from qala.robustness.draws import Choice, Draws
from qala.robustness.found import CityRange, Influence, Range, Robustness, Shift
from qala.robustness.places import Floats, Places, above, places_of
from qala.robustness.tables import Tables
from qala.scoring import CityRules, CityScore, Profile, rank
from qala.standard import Edition

Progress = Callable[[int, int], None]
PARTS = 20
"""In so many parts the draws are made: so often is the progress told."""
_RESAMPLES, _ENDS = 200, (0.025, 0.975)
_NOISE = 1e-12  # of a variance that is none


def analyse(
    edition: Edition,
    scores: Sequence[CityScore],
    assumptions: Assumptions | None = None,
    *,
    progress: Progress | None = None,
) -> Robustness:
    """How sure the places of a category are.

    Args:
        edition: by which the cities were scored.
        scores: of one category, year and profile. Cities without a place (C1) stay out.
        assumptions: what is varied; `Assumptions()` where None.
        progress: told (draws done, draws in all), `PARTS` times.

    Raises:
        ValueError: scores of several categories.
    """
    made = assumptions or Assumptions()
    if len({(one.category, one.year, one.profile) for one in scores}) > 1:
        raise ValueError("places are told within one category, year and profile")
    category = scores[0].category if scores else ""
    rated = {one.score.city: one for found in rank(scores).values() for one in found if one.place is not None}
    cities = [one.score for one in rated.values()]
    if not cities:
        return Robustness(category, made, (), (), (), (), 0.0)
    tables = Tables(edition, cities, made.error)
    draws = Draws(tables, made)
    quantum = float(tables.law.quantum)
    nominal = np.array([one.place or 0 for one in rated.values()])
    totals, places = _drawn(draws, made, quantum, progress)
    finals = np.minimum(totals, float(tables.law.cap))
    bands = _bands(finals, tables)
    place_ranges, final_ranges = _ranges(places, made.tail, whole=True), _ranges(finals, made.tail)
    return Robustness(
        category,
        made,
        tuple(
            CityRange(
                city.city,
                int(nominal[at]),
                float(city.final or 0),
                place_ranges[at],
                final_ranges[at],
                float(places[:, at].mean()),
                bands[at],
            )
            for at, city in enumerate(cities)
        ),
        tuple(tuple(map(float, line)) for line in above(places)),
        tuple(sorted(_shifts(tables, draws, nominal), key=lambda one: (-one.mean, -abs(one.most), one.kind, one.id))),
        _influences(draws, made, nominal, quantum),
        float(np.abs(places - nominal).mean()),
    )


def _drawn(draws: Draws, made: Assumptions, quantum: float, progress: Progress | None) -> tuple[Floats, Places]:
    """Totals and places of all draws; the places of one part are found while the next is drawn."""
    lots = np.random.default_rng(made.seed).random((made.draws, len(draws.factors)))
    totals, places, done = [], [], 0
    with ThreadPoolExecutor(1) as beside:
        for part in np.array_split(lots, PARTS):
            totals.append(draws.totals(part))
            places.append(beside.submit(places_of, totals[-1], quantum))
            done += len(part)
            if progress is not None:
                progress(done, made.draws)
        return np.concatenate(totals), np.concatenate([one.result() for one in places])


def _ranges(found: Floats | Places, tail: float, *, whole: bool = False) -> list[Range]:
    """Of each city the interval that leaves out the tails; of places those that were taken, not between two."""
    ends: list[float] = [tail, 1 / 2, 1 - tail]
    by_city = np.ascontiguousarray(found.T, dtype=float)
    lines = np.quantile(by_city, ends, axis=1, method="inverted_cdf" if whole else "linear")
    return [Range(*map(float, line)) for line in lines.T]


def _bands(finals: Floats, tables: Tables) -> list[Mapping[str, float]]:
    """For each city the probability of every band that is reached."""
    bounds = tables.law.bands[::-1]  # the least first
    at = _bands_at(finals, tables)
    return [
        {
            bounds[number][1]: float(count) / len(finals)
            for number in reversed(range(len(bounds)))
            if (count := np.count_nonzero(column == number))
        }
        for column in at.T
    ]


def _bands_at(finals: Floats, tables: Tables) -> NDArray[np.int64]:
    """Draws × cities: the number of the band that is reached, 0 the least."""
    quantum = float(tables.law.quantum)
    steps = [round(float(lower) / quantum) for lower, _ in tables.law.bands[::-1]]
    found: NDArray[np.int64] = np.searchsorted(steps, np.floor(finals / quantum + 1 / 2), side="right") - 1
    return found


def _shifts(tables: Tables, draws: Draws, nominal: Places) -> Iterator[Shift]:
    """Every single change by itself: no chance in any of them."""
    exact = Draws(tables, draws.assumptions, np.float64)
    as_rated = exact.total(Choice())

    def shift(kind: str, name: str, totals: Floats) -> Shift:
        return _shift(kind, name, totals, as_rated, nominal, tables)

    for name in exact.readings:
        yield shift("reading", name, exact.total(Choice(on=frozenset({name}))))
    for names in exact.terms:
        for name in names:
            yield shift("term", name, exact.total(Choice(on=frozenset({name}))))
    if tables.missing.any():
        yield shift("silent", "zero", exact.total(Choice(silent="zero")))
        yield shift("silent", "one", exact.total(Choice(silent=1.0)))
    for at, row in enumerate(tables.rows):
        yield shift("without_kpi", row, exact.total(_without(tables, np.arange(len(tables.rows)) == at)))
    initiatives = np.array([row.partition(".")[0] for row in tables.rows])
    for name in dict.fromkeys(initiatives):
        yield shift("without_initiative", str(name), exact.total(_without(tables, initiatives == name)))
    for at, name in enumerate(tables.sections):
        weights = np.where(np.arange(len(tables.sections)) == at, 0, tables.weights)
        yield shift("without_section", name, exact.total(Choice(weights=weights)))
    yield shift("weights", "equal", exact.total(Choice(weights=np.ones(len(tables.sections)))))
    for profile in _profiles(tables.cities[0].profile):
        totals = _rescored(tables, profile)
        yield shift("profile", str(profile), totals)


def _without(tables: Tables, left_out: Any) -> Choice:
    return Choice(points=np.where(left_out, 0.0, tables.points))


def _profiles(own: Profile) -> Iterator[Profile]:
    """The other positions of the switches that a rating can be scored by again out of its own observations (S1, T1)."""
    for scope in ("annex2", "annex4", "citywide"):
        if scope != own.scope:
            yield replace(own, scope=scope)
    yield replace(own, due="end" if own.due == "start" else "start")


def _rescored(tables: Tables, profile: Profile) -> Floats:
    """Index and bonus by another profile."""
    first = tables.cities[0]
    rules = CityRules(tables.edition, first.category, first.year, profile, closed=first.closed)
    found = []
    for city in tables.cities:
        seen = {kpi.row: kpi.observation for kpi in city.kpis}
        again = rules.score(seen, [one.claim for one in city.claims], city.city)
        found.append(float("nan") if again.uncapped is None else float(again.uncapped))
    return np.array(found)


def _shift(kind: str, name: str, totals: Floats, as_rated: Floats, nominal: Places, tables: Tables) -> Shift:
    """What totals that come out otherwise do to places and bands; a city without an index then comes last."""
    quantum, cap = float(tables.law.quantum), float(tables.law.cap)
    moved = places_of(np.nan_to_num(totals, nan=-1.0)[None], quantum)[0] - nominal
    at = int(np.abs(moved).argmax())
    before, after = (_bands_at(np.minimum(one, cap), tables) for one in (as_rated, np.nan_to_num(totals, nan=0.0)))
    return Shift(
        kind,
        name,
        float(np.abs(moved).mean()),
        int(moved[at]),
        tables.cities[at].city if moved[at] else "",
        int(np.count_nonzero(moved)),
        int(np.count_nonzero(before != after)),
    )


def _influences(draws: Draws, made: Assumptions, nominal: Places, quantum: float) -> tuple[Influence, ...]:
    """Sobol indices of the mean rank shift: Saltelli's design, Jansen's total index, intervals by bootstrap."""
    from scipy.stats import qmc, sobol_indices  # fifty megabytes, which no process of the site is to hold

    size = len(draws.factors)
    if not made.base or not size:
        return ()
    if size == 1:
        return (Influence(*draws.factors[0], *(1.0,) * 6),)  # there is nothing else that it could be

    def mean_shift(lots: Floats) -> Floats:
        found: Floats = np.abs(places_of(draws.totals(lots), quantum) - nominal).mean(axis=1)
        return found

    lots = qmc.Sobol(2 * size, rng=np.random.default_rng(made.seed)).random_base2(made.base.bit_length() - 1)
    one, other = lots[:, :size], lots[:, size:]
    shifts = {"f_A": mean_shift(one)[None], "f_B": mean_shift(other)[None]}
    mixed = np.empty((size, 1, made.base))
    for at in range(size):
        mixed[at] = mean_shift(np.where(np.arange(size) == at, other, one))
    if np.concatenate([shifts["f_A"], shifts["f_B"]], axis=1).var() < _NOISE:
        return ()

    def indices(rows: Any) -> Floats:
        part = {name: found[:, rows] for name, found in shifts.items()}
        found = sobol_indices(func={**part, "f_AB": mixed[..., rows]}, n=made.base)
        return np.array([np.ravel(found.first_order), np.ravel(found.total_order)])

    chance = np.random.default_rng(made.seed)
    again = [indices(chance.integers(0, made.base, made.base)) for _ in range(_RESAMPLES)]
    (low_first, low_total), (high_first, high_total) = np.nanquantile(again, _ENDS, axis=0)
    first, total = indices(np.arange(made.base))
    lines = [
        Influence(*factor, *map(float, numbers))
        for factor, *numbers in zip(
            draws.factors, first, low_first, high_first, total, low_total, high_total, strict=True
        )
    ]
    return tuple(sorted(lines, key=lambda line: -line.total))
