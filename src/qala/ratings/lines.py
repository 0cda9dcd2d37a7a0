"""Recorded scores in the terms of the reports, so that pages say a value, a target or a remark in the same words."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language

from qala.measures.value import Value
from qala.ratings.rated_run import RatedRun
from qala.reports.sheet import KpiLine, gap
from qala.reports.wording import Wording
from qala.scoring import Line, best_gains, explain
from qala.standard import Edition
from qala.standard.values import LANGUAGES, Language


def words_of(edition: Edition) -> Wording:
    """How the law is said in the page's language."""
    code = (get_language() or "kk").split("-")[0]
    return _words(next((one for one in LANGUAGES if one == code), "kk"), _Key(edition))


def kpi_lines(run: RatedRun, city: str) -> tuple[KpiLine, ...]:
    """Every KPI of a rated city with what it adds to the index, in the order's sequence; months are not in a run."""
    return tuple(kpi_line(run, city, line) for line in explain(run.score(city)))


def gain_lines(run: RatedRun, city: str, count: int) -> tuple[KpiLine, ...]:
    """Where the most points can be won, the most first."""
    return tuple(kpi_line(run, city, line) for line in best_gains(run.score(city), count))


def kpi_line(run: RatedRun, city: str, line: Line) -> KpiLine:
    """One KPI out of the record."""
    kpi, seen = run.edition.kpis[line.kpi.id], line.kpi.observation
    projected = seen.status == "not_due"
    value = Value(
        kpi.id,
        kpi.row,
        city,
        str(run.year),
        seen.status,
        kpi.unit,
        value=None if projected else seen.value,
        numerator=seen.numerator,
        denominator=seen.denominator,
        base=seen.base,
        change=line.kpi.change,
        components=seen.components,
        projection=seen.value if projected else None,
        flags=seen.flags,
        datasets=tuple(run.head.content["datasets"].get(kpi.row, ())),
    )
    return KpiLine(kpi, line, value, (), (), gap(line.kpi))


class _Key:
    """An edition as a key of a cache: the same files are the same law."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition

    def __hash__(self) -> int:
        return hash(self.edition.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.edition.digest == other.edition.digest


@lru_cache(maxsize=16)
def _words(language: Language, key: _Key) -> Wording:
    return Wording(language, key.edition)
