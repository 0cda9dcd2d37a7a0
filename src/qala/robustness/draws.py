"""Ratings drawn: index and bonus of every city under one choice of everything that could be otherwise.

A draw is a row of numbers between 0 and 1, one for each factor. A reading has two positions; the other factors are
sets of chances, for which the number is the seed: so that each factor can be drawn again while the others stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qala.robustness.assumptions import Assumptions, Silent
from qala.robustness.found import FactorKind
from qala.robustness.places import CORES
from qala.robustness.tables import Floats, Tables

_SEEDS = 2**53
_WORD = 2**32 - 1


class Factor(NamedTuple):
    """What is drawn as one: a reading by itself, or all open terms, weights, points, missing data, errors together."""

    kind: FactorKind
    id: str = ""


@dataclass(frozen=True)
class Choice:
    """What holds in one draw; the default is the rating as it is.

    Attributes:
        on: ids of the variants that hold.
        silent: what missing data counts as.
        weights, points: of the sections and KPIs; None: the law's.
        without: positions of KPIs that are left out.
    """

    on: frozenset[str] = frozenset()
    silent: Silent | float = "left_out"
    weights: Floats | None = None
    points: Floats | None = None


class Draws:
    """Draws from a category.

    Args:
        tables: its scores.
        assumptions: what is varied.
        precision: of the scores within a draw; single is enough for places, double is exact to twelve digits.
    """

    def __init__(self, tables: Tables, assumptions: Assumptions, precision: Any = np.float32) -> None:
        self.tables, self.assumptions, self.precision = tables, assumptions, precision
        terms: dict[str, list[str]] = {}
        self.readings: list[str] = []
        known = set(tables.edition.readings)
        for name in sorted(tables.variants):
            if name in known:
                self.readings.append(name)
            else:
                terms.setdefault(name.partition("#")[0], []).append(name)
        self.terms = list(terms.values())
        self.factors = tuple(self._factors())
        self._states = _States(tables, precision)
        self._up = (tables.up * assumptions.error).astype(precision)
        self._down = (tables.down * assumptions.error).astype(precision)
        self._part = tables.part.astype(precision)
        self._scored = tables.scored.astype(precision)
        pool, size = _pools(tables, precision)
        late = (tables.missing > 0) & (size[:, None] > 0)
        self._late = np.flatnonzero(late)
        row, width = self._late // max(1, tables.scores.shape[1]), tables.scores.shape[1]
        self._pool, self._late_size, self._late_begin = pool.ravel(), size[row], row * width
        self._came = tables.observed.ravel()[self._late].astype(precision)
        self._lacks = 1 - self._came
        self._owed = np.where(tables.scored, 1.0, np.where(late, tables.missing, 0.0)).astype(precision)
        self._due = np.where(tables.scored, 1.0, tables.missing).astype(precision)
        self._all_late = np.flatnonzero(tables.missing > 0)
        self._all_came = tables.observed.ravel()[self._all_late].astype(precision)

    def _factors(self) -> Iterator[Factor]:
        made = self.assumptions
        if made.readings:
            yield from (Factor("reading", name) for name in self.readings)
        if made.terms and self.terms:
            yield Factor("terms")
        if made.weights:
            yield Factor("weights")
        if made.points:
            yield Factor("points")
        if len(made.silent) > 1 and self.tables.missing.any():
            yield Factor("silent")
        if made.error:
            yield Factor("error")

    def totals(self, lots: Floats) -> Floats:
        """Index and bonus, not capped: draws × cities.

        Args:
            lots: draws × factors, 0 to 1.
        """
        found = np.empty((len(lots), len(self.tables.cities)))
        parts = np.array_split(np.arange(len(lots)), CORES)

        def work(rows: NDArray[np.int64]) -> None:
            space = _Space(self)
            for row in rows:
                found[row] = self._drawn(lots[row], space)

        with ThreadPoolExecutor(CORES) as pool:  # NumPy works without the interpreter's lock
            list(pool.map(work, parts))
        return found

    def _drawn(self, lot: Floats, space: _Space) -> Floats:
        made, tables = self.assumptions, self.tables
        on: list[str] = []
        points, weights = tables.points, tables.weights
        silent: Silent = made.silent[0]
        fill = error = None
        for factor, number in zip(self.factors, lot, strict=True):
            kind = factor.kind
            if kind == "reading":
                if number >= 1 / 2:
                    on.append(factor.id)
                continue
            chance = _chance(number, kind)
            if kind == "terms":
                picks = chance.random(2 * len(self.terms))
                on += [
                    names[int(which * len(names))]
                    for names, flip, which in zip(self.terms, picks[::2], picks[1::2], strict=True)
                    if flip >= 1 / 2
                ]
            elif kind == "weights":
                weights = weights * (1 + made.weights * (2 * chance.random(len(weights)) - 1))
            elif kind == "points":
                points = np.maximum(1, points + chance.integers(-made.points, made.points + 1, len(points)))
            elif kind == "silent":
                silent = made.silent[int(chance.random() * len(made.silent))]
                fill = chance
            else:
                error = chance
        if silent == "peers" and fill is None:
            fill = _chance(0.0, "silent")
        scores = space.scores
        self._states.fill(on, scores)
        if error is not None:
            self._disturb(error, scores, space)
        return self._total(scores, silent, fill, points, weights)

    def _disturb(self, chance: np.random.Generator, scores: Any, space: _Space) -> None:
        """Every value too great or too small by chance; the score answers by its own target."""
        off, part = space.off, space.part
        chance.standard_normal(dtype=off.dtype, out=off)
        np.clip(off, 0, np.inf, out=part)  # quicker than `maximum`
        part *= self._up
        scores += part
        np.clip(off, -np.inf, 0, out=off)
        off *= self._down
        scores += off
        np.clip(scores, 0, 1, out=scores)

    def total(self, choice: Choice) -> Floats:
        """Index and bonus of every city under one choice without chance; not capped."""
        tables = self.tables
        scores = np.empty(tables.scores.shape, self.precision)
        self._states.fill(choice.on, scores)
        points = tables.points if choice.points is None else choice.points
        weights = tables.weights if choice.weights is None else choice.weights
        return self._total(scores, choice.silent, None, points, weights)

    def _total(
        self,
        scores: Any,
        silent: Silent | float,
        chance: np.random.Generator | None,
        points: Floats,
        weights: Floats,
    ) -> Floats:
        counts = self._scored
        flat = scores.reshape(-1)
        if silent == "peers":
            assert chance is not None
            lots = chance.random(len(self._late))
            lots *= self._late_size
            at = lots.astype(np.intp)
            at += self._late_begin
            filled, peers = flat.take(self._late), self._pool.take(at)
            filled *= self._came
            peers *= self._lacks
            filled += peers
            flat[self._late] = filled
            counts = self._owed
        elif silent != "left_out":  # a number that all that is missing scores
            what = self.precision(0 if silent == "zero" else silent)
            flat[self._all_late] = flat[self._all_late] * self._all_came + what * (1 - self._all_came)
            counts = self._due
        part = self._part * points.astype(self.precision)
        earned, owed = (part @ scores).astype(float), (part @ counts).astype(float)
        holds = owed > 0
        section = np.divide(earned, owed, out=np.zeros_like(earned), where=holds)
        whole = weights @ holds
        index = np.divide(weights @ section, whole, out=np.full(len(whole), np.nan), where=whole > 0)
        total: Floats = float(self.tables.law.scale) * index + self.tables.bonus
        return total


class _Space:
    """What a thread writes into, again and again."""

    def __init__(self, draws: Draws) -> None:
        shape, precision = draws.tables.scores.shape, draws.precision
        self.scores, self.off, self.part = (np.empty(shape, precision) for _ in range(3))


class _States:
    """The scores of a KPI under every set of its variants, kept as rows of one table.

    Where two variants meet in one KPI the one holds that reaches further, as in `qala.scoring.uncertainty`.
    """

    def __init__(self, tables: Tables, precision: Any) -> None:
        self._own: list[tuple[str, int, int]] = []  # (variant, KPI, bit)
        rows: list[Floats] = []
        self._begin = np.zeros(len(tables.rows), dtype=np.int64)
        found = ((number, name) for name, change in tables.variants.items() for number in np.flatnonzero(change.any(1)))
        names = {number: [name for _, name in of] for number, of in groupby(sorted(found), key=lambda one: one[0])}
        for number, score in enumerate(tables.scores):
            mine = names.get(number, [])
            self._begin[number] = len(rows)
            self._own += [(name, number, 1 << bit) for bit, name in enumerate(mine)]
            states = [score]
            for name in mine:  # the states with this one's bit follow those without it, in the same order
                change = tables.variants[name][number]
                states += [_further(state - score, change) + score for state in states]
            rows += states
        self._table = np.array(rows, dtype=precision).reshape(len(rows), len(tables.cities))

    def fill(self, on: Sequence[str] | frozenset[str], scores: Any) -> None:
        """Write the scores under some variants."""
        at = self._begin.copy()
        if on:
            holds = set(on)
            for name, number, bit in self._own:
                if name in holds:
                    at[number] += bit
        np.take(self._table, at, axis=0, out=scores)


def _further(one: Floats, other: Floats) -> Floats:
    return np.where(np.abs(one) >= np.abs(other), one, other)


def _pools(tables: Tables, precision: Any) -> tuple[Any, Any]:
    """For each KPI the scores that the category's cities have, and how many they are."""
    size = tables.scored.sum(axis=1)
    pool = np.zeros(tables.scores.shape, precision)
    for number, scored in enumerate(tables.scored):
        pool[number, : size[number]] = np.sort(tables.scores[number, scored])
    return pool, size


def _chance(lot: float, kind: str) -> np.random.Generator:
    """Chances of one factor; different factors of one lot do not share theirs.

    The seed is the list [number, *letters]; in words of 32 bits, as NumPy would make them of it one by one, it is read
    four times as quickly.
    """
    number = int(lot * _SEEDS)
    words = (number & _WORD, number >> 32, *kind.encode()) if number > _WORD else (number, *kind.encode())
    return np.random.Generator(np.random.SFC64(np.array(words, dtype=np.uint32)))
