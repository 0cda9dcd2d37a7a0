"""Pictures of the report of item 37: within which places each city stays, and how the sections lie."""

from __future__ import annotations

from fractions import Fraction
from itertools import batched

from django.utils.translation import gettext as _

from qala.kits.documents import Block, Figure
from qala.rating_year.report_draft import Basis
from qala.reports.charts import ON_PAPER, Range, ranges
from qala.reports.wording import Wording

MOST_LINES = 45
"""Cities of one picture: more would not fit onto a page."""
WIDTH = 150


def pictures(basis: Basis, words: Wording) -> list[Block]:
    """Rank intervals, where they were computed, and sections from the lowest to the highest city with their mean."""
    return [*_places(basis, words), *_sections(basis, words)]


def _places(basis: Basis, words: Wording) -> list[Block]:
    sure = basis.sure
    if sure is None:
        return []
    lines = []
    for line in basis.data.categories[0].lines:
        if line.place.place is not None and (span := sure.city(line.score.city)) is not None:
            low, high = float(span.places.low), float(span.places.high)
            lines.append(Range(words.text(line.city.names), low, high, float(line.place.place)))
    if not lines:
        return []
    most = max(len(lines), *(round(one.high or 1) for one in lines))
    step = max(1, most // 10)
    ticks = [(float(at), str(at)) for at in range(1, most + 1, step)]
    said = _("Place of each city (dot) and the places within which it stays in nine of ten recalculations (bar)")
    return [
        Figure(ranges(part, 1, max(most, 2), ticks, said=said, colours=ON_PAPER), said, said, WIDTH)
        for part in batched(lines, MOST_LINES)
    ]


def _sections(basis: Basis, words: Wording) -> list[Block]:
    scores: dict[str, list[Fraction]] = {}
    for line in basis.data.categories[0].lines:
        for one in line.score.sections:
            if one.score is not None:
                scores.setdefault(one.id, []).append(one.score)
    lines = [
        Range(words.section(name), float(100 * min(some)), float(100 * max(some)), float(100 * sum(some) / len(some)))
        for name, some in scores.items()
    ]
    if not lines:
        return []
    ticks = [(float(at), f"{at}") for at in range(0, 101, 20)]
    said = _("Score of each section, percent: the cities from the lowest to the highest (bar) and their mean (dot)")
    return [Figure(ranges(lines, 0, 100, ticks, said=said, colours=ON_PAPER), said, said, WIDTH)]
