"""A city's score sheet as data: everything that any form or language of it shows, and no words of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from qala.datasets import WAYS
from qala.lake import City, Lake
from qala.measures.bindings import Stretch
from qala.measures.indicators import Indicator
from qala.measures.value import Value
from qala.measures.values import Values
from qala.reports.basis import Basis, RunNote, run_of
from qala.robustness import Range, Robustness
from qala.runs import RatedCity, RunStore, score_cities
from qala.scoring import (
    CityScore,
    KpiScore,
    Line,
    Place,
    Uncertainty,
    best_gains,
    explain,
    rank,
    uncertainty,
)
from qala.standard.period import Period
from qala.standard.types import Kpi, Slip

MOST_GAINS = 12


@dataclass(frozen=True)
class Point:
    """A KPI's value in one month; None where there is none."""

    month: date
    value: Fraction | None


@dataclass(frozen=True)
class TermUsed:
    """An open term, or an inner limit of the KPI, with the value that was used; None where it is words only."""

    id: str
    value: object
    unit: str | None
    set_by: str
    limit: bool


@dataclass(frozen=True)
class KpiLine:
    """One KPI of the sheet.

    Attributes:
        line: what it adds to the index and what could be won (index points).
        value: the year's value and its footing.
        trend: months of the rated year that are over.
        gap: how much is lacking to the target, in the unit of the value (of a change: per cent); None where
            nothing is, or where one number cannot say it.
    """

    kpi: Kpi
    line: Line
    value: Value
    trend: tuple[Point, ...]
    terms: tuple[TermUsed, ...]
    gap: Fraction | None

    @property
    def score(self) -> KpiScore:
        """Its score."""
        return self.line.kpi


@dataclass(frozen=True)
class DatasetLine:
    """A dataset behind the sheet.

    Attributes:
        rows: of the city in the rated year up to the last day that counts, by way in.
        last_day: the newest city-local day that it has rows of.
        last_receipt: when the last delivery came, UTC.
        version: of the table; None where there is none.
    """

    id: str
    rows: Mapping[str, int]
    last_day: date | None
    last_receipt: datetime | None
    version: int | None


@dataclass(frozen=True)
class OwnLine:
    """An own indicator of the city or the ministry: shown, never scored.

    Attributes:
        met: whether its target is met; None without a target or a value.
    """

    indicator: Indicator
    value: Value
    met: bool | None


@dataclass(frozen=True)
class SheetData:
    """A city's score sheet.

    Attributes:
        score: by the sheet's own profile.
        by_way: the score with all ways in, and with integration only (N1b).
        place: in its category; `ranked` cities have one, of `rivals` in all.
        places: between which places it stays (5–95 %); None without a place, or where that was not computed.
        scored: KPIs that are asked for, in the order's sequence; `shown` are the others.
        gains: the lines with most to win, the most first.
        missing: asked for, and something due did not come.
        datasets: behind the KPIs that are asked for.
        own: own indicators, beside the law.
        uncertainty: what the variant readings would do; None without an index.
    """

    basis: Basis
    city: City
    score: CityScore
    by_way: Mapping[str, CityScore]
    place: Place
    places: Range | None
    ranked: int
    rivals: int
    run: RunNote | None
    scored: tuple[KpiLine, ...]
    shown: tuple[KpiLine, ...]
    gains: tuple[KpiLine, ...]
    missing: tuple[KpiLine, ...]
    datasets: tuple[DatasetLine, ...]
    slips: tuple[Slip, ...]
    own: tuple[OwnLine, ...]
    uncertainty: Uncertainty | None


def build_sheet(
    basis: Basis,
    code: str,
    lake: Lake,
    values: Values,
    cities: Sequence[RatedCity],
    runs: RunStore | None = None,
    sure: Robustness | None = None,
) -> SheetData:
    """The sheet of one city.

    Args:
        basis: law, profile, year, last day.
        code: of the city.
        values: whose sums are up to date for every city in `cities`.
        cities: all rated cities of its category, itself among them: they make its place.
        runs: the lake's runs, to name the one that the sheet agrees with.
        sure: how sure the places of its category are.
    """
    city = lake.cities.get(code)
    scores = score_cities(basis.edition, basis.year, basis.as_of, cities, basis.profile, values)
    score = scores[code]
    own = next(one for one in cities if one.code == code)
    places = rank(scores.values())[score.category]
    by_way = {}
    for ways in ("all_ways", "integration_only"):
        other = replace(basis.profile, ways=ways)
        same = other == basis.profile
        found = scores if same else score_cities(basis.edition, basis.year, basis.as_of, [own], other, values)
        by_way[ways] = found[code]
    lines = _lines(basis, score, values)
    asked = tuple(one for one in lines if _asked(one.score))
    gains = {line.kpi.row for line in best_gains(score, MOST_GAINS)}
    gaining = sorted((one for one in asked if one.score.row in gains), key=_most_to_win)
    return SheetData(
        basis=basis,
        city=city,
        score=score,
        by_way=by_way,
        place=next(place for place in places if place.score.city == code),
        places=None if sure is None or (line := sure.city(code)) is None else line.places,
        ranked=sum(place.place is not None for place in places),
        rivals=len(places),
        run=None if runs is None else run_of(runs, basis, {code: score}),
        scored=asked,
        shown=tuple(one for one in lines if not _asked(one.score)),
        gains=tuple(gaining),
        missing=tuple(one for one in asked if one.score.missing > 0 or one.score.status == "no_baseline"),
        datasets=_datasets(basis, code, lake, values, asked),
        slips=_slips(basis, score, asked),
        own=_own(basis, code, values),
        uncertainty=uncertainty(score),
    )


def _own(basis: Basis, code: str, values: Values) -> tuple[OwnLine, ...]:
    period = Period.of(date(basis.year, 1, 1), "year")
    found = ((one, values.value(code, one, period, basis.as_of, basis.profile)) for one in values.own_indicators(code))
    return tuple(OwnLine(one, value, one.met(value.value)) for one, value in found)


def _asked(score: KpiScore) -> bool:
    """Whether the law asks for it in this year: scored, or missing, or without events or base."""
    return score.status in ("ok", "missing", "invalid", "no_events", "no_baseline")


def _most_to_win(one: KpiLine) -> tuple[Fraction, str]:
    return -max(one.line.to_win, one.line.to_secure), one.score.row


def _lines(basis: Basis, score: CityScore, values: Values) -> tuple[KpiLine, ...]:
    year = Period.of(date(basis.year, 1, 1), "year")
    of_city = values.of(score.city)
    months = [month for month in year.parts("month") if month.last_day <= basis.as_of]
    context = values.computer.planner(score.city).context
    stretch = [one for one in context.stretches if one.first is None or one.first <= basis.as_of][-1]
    found = []
    for line in explain(score):
        kpi = basis.edition.kpis[line.kpi.id]
        ways = basis.profile.ways
        value = of_city.value(kpi, year, basis.as_of, ways)
        trend: tuple[Point, ...] = ()
        if _asked(line.kpi) or line.kpi.observation.value is not None:
            trend = tuple(
                Point(month.first_day, of_city.value(kpi, month, basis.as_of, ways, extras=False).value)
                for month in months
            )
        found.append(KpiLine(kpi, line, value, trend, _terms(basis, kpi, stretch), gap(line.kpi)))
    return tuple(found)


def _terms(basis: Basis, kpi: Kpi, stretch: Stretch) -> tuple[TermUsed, ...]:
    """The KPI's open terms and inner limits, with the values that hold on the last day."""
    filed = dict(stretch.filed)
    found = []
    for name in kpi.open_terms:
        day = max(basis.as_of, basis.edition.open_terms[name].from_day)
        used = basis.edition.parameter(name, day, filed.get(name), category=stretch.category)
        found.append(TermUsed(name, used.value, used.unit, used.set_by, False))
    for name, limit in kpi.limits.items():
        found.append(TermUsed(name, limit.values.get(stretch.category), limit.unit, "edition", True))
    return tuple(found)


def gap(score: KpiScore) -> Fraction | None:
    """How much is lacking to the target."""
    target, seen = score.target, score.observation
    if score.status != "ok" or score.score is None or score.score == 1 or target is None:
        return None
    found: Fraction | None = None
    if target.kind in ("fall", "grow", "save") and target.threshold is not None and score.change is not None:
        found = target.threshold - (score.change if target.kind == "grow" else -score.change)
    elif target.threshold is not None and seen.value is not None:
        found = abs(target.threshold - seen.value)
    elif target.between is not None and seen.value is not None:
        found = max(target.between[0] - seen.value, seen.value - target.between[1])
    elif target.hold is not None and seen.value is not None and seen.base is not None:
        found = abs(seen.base - seen.value)
    return found if found is not None and found > 0 else None


def _datasets(basis: Basis, code: str, lake: Lake, values: Values, asked: Sequence[KpiLine]) -> tuple[DatasetLine, ...]:
    """What stands behind the sheet.

    Rows by way in come from the sums (of a registry: those that hold on the last day), days and versions from the
    tables, deliveries from the ledger.
    """
    receipts = [one for one in lake.ledger.receipts(city=code) if one.kind != "undo" and one.undone_by is None]
    came: dict[str, datetime] = {}
    for receipt in receipts:
        came[receipt.dataset] = max(receipt.received_at, came.get(receipt.dataset, receipt.received_at))
    sums = values.of(code)
    first = date(basis.year, 1, 1)

    def by_way(name: str) -> dict[str, int]:
        wanted = sums.planner.delivered(name)
        stock = wanted.shape.form == "stock"
        return {
            way: int(
                sums.whole.stock(wanted, basis.as_of, (way,))
                if stock
                else sums.whole.flow(wanted, first, basis.as_of, (way,))
            )
            for way in WAYS
        }

    wanted = dict.fromkeys(name for one in asked for name in one.value.datasets)
    found = []
    for name in wanted:
        snapshot = values.computer.snapshot(name)
        files = snapshot.files(city=code)
        days = [file.last_day for file in files if file.last_day is not None]
        last = min(max(days), basis.as_of) if days and lake.catalogue.contract(name).kind != "registry" else None
        found.append(
            DatasetLine(
                name,
                {way: rows for way, rows in by_way(name).items() if rows},
                last,
                came.get(name),
                snapshot.version if snapshot.version >= 0 else None,
            )
        )
    return tuple(sorted(found, key=lambda one: one.id))


def _slips(basis: Basis, score: CityScore, asked: Sequence[KpiLine]) -> tuple[Slip, ...]:
    """Slips of the order whose rows are asked for, those about no row, and those about a section with nothing due."""
    rows = {one.kpi.row for one in asked}
    empty = [one.id for one in score.sections if not one.due]
    kpis = basis.edition.kpis.values()
    silent = [{kpi.row for kpi in kpis if kpi.section == name} for name in empty]
    return tuple(
        slip
        for slip in basis.edition.slips.values()
        if not slip.kpis or rows & set(slip.kpis) or set(slip.kpis) in silent
    )
