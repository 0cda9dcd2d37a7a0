"""What is needed first: points from people who name their first three, and how far they agree (Kendall's W). Exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Need:
    """One thing: points per person (as many for the first as one may name, one less for the next) and who named it."""

    id: str
    points: Fraction
    share: Fraction


@dataclass(frozen=True)
class Needs:
    """All of them, the most needed first; `agreement` from 0 (everyone names others) to 1 (all name the same in order)."""

    ranked: tuple[Need, ...]
    agreement: Fraction | None
    people: int


def needs(picks: Iterable[Sequence[str]], things: Sequence[str], most: int) -> Needs | None:
    """Needs from what people picked, the first first; who picked nothing is left out, None if that is everyone.

    Args:
        picks: up to `most` ids of each person.
        things: all that could be picked.
    """
    given = [tuple(one[:most]) for one in picks if one]
    if not given:
        return None
    points: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for one in given:
        for at, id_ in enumerate(one):
            points[id_] += most - at
            named[id_] += 1
    ranked = sorted(things, key=lambda id_: (-points[id_], -named[id_], things.index(id_)))
    found = tuple(Need(id_, Fraction(points[id_], len(given)), Fraction(named[id_], len(given))) for id_ in ranked)
    return Needs(found, _agreement(given, things), len(given))


def _agreement(given: Sequence[Sequence[str]], things: Sequence[str]) -> Fraction | None:
    """Kendall's W, corrected for ties: what a person did not name shares the middle of the ranks that are left.

    None with fewer than two people, or where everybody leaves everything tied.
    """
    people, count = len(given), len(things)
    if people < 2 or count < 2:
        return None
    sums = dict.fromkeys(things, Fraction(0))
    ties = 0  # t³ − t of every run of equal ranks
    for one in given:
        left = count - len(one)
        middle = len(one) + Fraction(left + 1, 2)
        for id_ in things:
            sums[id_] += one.index(id_) + 1 if id_ in one else middle
        ties += left * (left * left - 1)
    mean = Fraction(people * (count + 1), 2)
    spread = sum(((total - mean) * (total - mean) for total in sums.values()), Fraction(0))
    whole = people * people * count * (count * count - 1) - people * ties
    return 12 * spread / whole if whole else None
