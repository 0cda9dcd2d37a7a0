"""From sums to values: a KPI of a city in any day, week, month, quarter or year, with everything that stands behind it.

The rules are those of `readings.md`: shares and times are pooled from sums, a stock is its last value, a rate over a
stock is a mean of months (U2), changes compare with the same period of the year before or with a filed base (R4b).
Days after `as_of` are not counted, and a period counts only when it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from qala.datasets import WAYS
from qala.lake import Lake
from qala.measures import filings
from qala.measures.amounts import ALL_WAYS, CitySums
from qala.measures.plan import FigurePlan, Planner
from qala.measures.sums import Sum
from qala.measures.value import Quotient, Value
from qala.standard.edition import Edition
from qala.standard.period import Period
from qala.standard.types import Kpi
from qala.standard.values import Every

NOUGHT = Fraction(0)
_KEPT = 8192
"""Answers about deliveries that are kept for a city."""


@lru_cache(maxsize=256)
def _split(period: Period, grain: Every) -> tuple[Period, ...]:
    return tuple(period.parts(grain))


class CityValues:
    """Values of one city out of its sums.

    Args:
        sums: of the city, or of one of its districts.
        whole: sums of the whole city, by which delivery is judged.
    """

    def __init__(
        self, lake: Lake, connection: object, edition: Edition, planner: Planner, sums: CitySums, whole: CitySums
    ) -> None:
        self.edition = edition
        self.planner = planner
        self.sums = sums
        self.whole = whole
        self._lake = lake
        self._connection = connection
        self._filed: dict[str, list[dict[str, Any]]] = {}
        self._zero: dict[str, list[tuple[date, date]]] = {}
        self._known: dict[tuple[str, date, date, tuple[str, ...]], bool] = {}

    def value(self, kpi: Kpi, period: Period, as_of: date, ways: str = "all_ways", *, extras: bool = True) -> Value:
        """The KPI in the period; what is not over by `as_of` is not counted."""
        main, *others = self.planner.figures(kpi.id)
        chosen = _ways(ways)
        whole = period.last_day <= as_of
        parts = self._parts(kpi, period, as_of)
        arrived = [part for part in parts if self._delivered(main, part, chosen)]
        counted = self._counted(main, period, as_of, chosen)
        plain = Value(
            kpi.id,
            kpi.row,
            self.sums.city,
            str(period),
            "ok",
            kpi.unit,
            delivered=len(arrived),
            due=len(parts),
            rows=counted,
            ways=self._by_way(main, period, as_of) if extras else {},
            datasets=main.datasets,
        )
        if not self._by_district(main):
            return _with(plain, status="missing", flags=("not_known_by_district",))
        excuse = self._excuse(kpi, period)
        if excuse is not None:
            return _with(plain, status="not_applicable", flags=(f"no_network: {excuse}",))
        if not parts or (kpi.closed_year_only and period.grain == "year" and not whole):
            projected = self._quotient(main, period.until(as_of), chosen, kpi, as_of)
            return _with(plain, status="not_due", projection=None if projected is None else projected.value)
        if not arrived:
            return _with(plain, status="missing")
        found = self._judge(plain, main, kpi, period, as_of, chosen)
        if not extras:
            return found
        return self._extras(found, others, kpi, period, as_of, chosen)

    def _by_district(self, figure: FigurePlan) -> bool:
        """Whether rows of all its sums know their district, where these are the sums of one."""
        return self.sums is self.whole or all(
            one.shape.form != "distinct" and self.planner.catalogue.contract(one.shape.dataset).place.district
            for one in figure.sums
        )

    def _judge(
        self, plain: Value, main: FigurePlan, kpi: Kpi, period: Period, as_of: date, ways: Sequence[str]
    ) -> Value:
        if main.by_component:
            return self._by_component(plain, main, kpi, period, as_of, ways)
        quotient = self._quotient(main, self._over(kpi, period, as_of), ways, kpi, as_of)
        if quotient is None:
            return _with(plain, status="no_events")
        found = _with(plain, value=quotient.value, numerator=quotient.numerator, denominator=quotient.denominator)
        if _impossible(found):
            return _with(found, status="invalid")
        if kpi.compare is None:
            return found
        base, flags = self._base(main, kpi, period, as_of, ways)
        if base is None:
            return _with(found, status="no_baseline")
        change = None if not base or found.value is None else (found.value - base) / base * 100
        return _with(found, base=base, change=change, flags=flags)

    def _by_component(
        self, plain: Value, main: FigurePlan, kpi: Kpi, period: Period, as_of: date, ways: Sequence[str]
    ) -> Value:
        over = self._over(kpi, period, as_of)
        components: dict[str, Fraction | None] = {}
        top, bottom = NOUGHT, NOUGHT
        for name in self.components(kpi):
            quotient = self._quotient(main, over, ways, kpi, as_of, name)
            components[name] = None if quotient is None else quotient.value
            if quotient is not None:
                top, bottom = top + quotient.numerator, bottom + (quotient.denominator or NOUGHT)
        known = [value for value in components.values() if value is not None]
        if not known:
            return _with(plain, status="no_events", components=components)
        mean = sum(known, NOUGHT) / len(known)
        return _with(plain, value=mean, numerator=top, denominator=bottom, components=components)

    def components(self, kpi: Kpi) -> list[str]:
        """What the law names: the categories of 1.4, the pollutants that have a norm."""
        for rule in kpi.target.values():
            if rule.each_at_most is not None:
                return list(rule.each_at_most)
        return list(self.planner.context.norms(self.edition.from_day))

    def _extras(
        self, found: Value, others: Sequence[FigurePlan], kpi: Kpi, period: Period, as_of: date, ways: Sequence[str]
    ) -> Value:
        beside: dict[str, tuple[Fraction | None, str]] = {}
        variants: dict[str, Fraction] = {}
        over = self._over(kpi, period, as_of)
        for figure in others:
            if figure.by_component or not self._by_district(figure):
                continue
            quotient = self._quotient(figure, over, ways, kpi, as_of)
            value = None if quotient is None else quotient.value
            if figure.name.startswith("+"):
                beside[figure.name[1:]] = (value, figure.unit)
            elif value is not None:
                variants[figure.name[1:]] = value
        return _with(found, beside=beside, variants=variants)

    def _parts(self, kpi: Kpi, period: Period, as_of: date) -> list[Period]:
        """The periods of the KPI's cadence that lie in the period and are over; the period itself if it is shorter."""
        parts = [
            part for part in _split(period, kpi.every) if part.first_day >= period.first_day or kpi.every == "week"
        ]
        if not parts:
            parts = [period]
        return [part for part in parts if part.last_day <= as_of]

    def _over(self, kpi: Kpi, period: Period, as_of: date) -> Period:
        """The part of the period that is counted: up to the last period of the KPI's cadence that is over."""
        if period.last_day <= as_of:
            return period
        parts = self._parts(kpi, period, as_of)
        return period.until(parts[-1].last_day if parts else as_of)

    def _delivered(self, figure: FigurePlan, part: Period, ways: Sequence[str]) -> bool:
        if not all(self._came(dataset, part, ways) for dataset in figure.datasets):
            return False
        days = (part.first_day, part.last_day)
        return (
            figure.carried is None
            or self.whole.any_day(figure.carried, *days, ways)
            or not self.whole.any_day(self.planner.delivered(figure.datasets[0]), *days, ways)
        )

    def _came(self, dataset: str, part: Period, ways: Sequence[str]) -> bool:
        """N1, N2: rows, or a report that nothing happened; a registry counts from its first row on. Asked for again and again:
        a page's months, districts and years are made of the same days."""
        asked = (dataset, part.first_day, part.last_day, tuple(ways))
        if asked not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[asked] = self._has_come(dataset, part, ways)
        return self._known[asked]

    def _has_come(self, dataset: str, part: Period, ways: Sequence[str]) -> bool:
        wanted = self.planner.delivered(dataset)
        if wanted.shape.form == "stock":
            return self.whole.stock(wanted, part.last_day, ways) > 0
        if self.whole.any_day(wanted, part.first_day, part.last_day, ways):
            return True
        if dataset not in self._zero:
            self._zero[dataset] = list(self._lake.ledger.zero_reports(self.sums.city, dataset))
        return any(first <= part.last_day and last >= part.first_day for first, last in self._zero[dataset])

    def _quotient(
        self,
        figure: FigurePlan,
        period: Period,
        ways: Sequence[str],
        kpi: Kpi,
        as_of: date,
        component: str = "",
        *,
        as_base: bool = False,
    ) -> Quotient | None:
        """Numerator and denominator over a period; None where there is nothing to divide by (N2)."""
        if kpi.year == "mean_of_months" and period.grain in ("quarter", "year"):
            return self._mean_of_months(figure, period, ways, as_of, component)
        runs = self._runs(figure, period, ways, kpi, as_base)
        top = self._amount(figure.numerator, period, ways, component, kpi, runs)
        # a KPI that compares is measured in the unit of what it compares; its per cent come from the base
        compares = kpi.compare is not None and figure.unit == kpi.unit
        factor = Fraction(1) if compares else self.edition.units[figure.unit].factor
        if figure.denominator is None:
            return Quotient(top, None, top * factor)
        if figure.at == "year_start" and figure.denominator.shape.form == "stock":
            bottom = self.sums.stock(figure.denominator, date(period.first_day.year, 1, 1), ways, "")
        else:
            bottom = self._amount(figure.denominator, period, ways, component, kpi, runs)
        return Quotient(top, bottom, top / bottom * factor) if bottom else None

    def _runs(
        self, figure: FigurePlan, period: Period, ways: Sequence[str], kpi: Kpi, as_base: bool
    ) -> tuple[Period, ...]:
        """The stretches whose flows are added up.

        A figure over two systems' events counts only what both delivered, and a change only months that both years
        have: or else withholding one side would better the other.
        """
        events = [d for d in figure.datasets if self.planner.catalogue.contract(d).kind != "registry"]
        if kpi.compare == "previous_year" and events:
            years = 1 if as_base else -1
            months = [m for m in period.parts("month") if m.first_day >= period.first_day]
            twins = [(m, Period.of(m.first_day.replace(year=m.first_day.year + years), "month")) for m in months]
            paired = tuple(m for m, twin in twins if all(self._delivered(figure, x, ways) for x in (m, twin)))
            return paired or (period,)
        if len(events) > 1:
            parts = [p for p in period.parts(kpi.every) if p.first_day >= period.first_day]
            if parts:
                return tuple(p for p in parts if self._delivered(figure, p, ways))
        return (period,)

    def _mean_of_months(
        self, figure: FigurePlan, period: Period, ways: Sequence[str], as_of: date, component: str
    ) -> Quotient | None:
        """U2: the mean over the months that were delivered; the sums shown are those of the months."""
        kpi = self.planner.context.kpi(figure.kpi)
        found: list[Quotient] = []
        for month in period.parts("month"):
            if month.last_day <= as_of and self._delivered(figure, month, ways):
                quotient = self._quotient(figure, month, ways, kpi, as_of, component)
                if quotient is not None and quotient.value is not None:
                    found.append(quotient)
        if not found:
            return None
        mean = sum((q.value or NOUGHT for q in found), NOUGHT) / len(found)
        bottoms = [q.denominator for q in found if q.denominator is not None]
        bottom = sum(bottoms, NOUGHT) if bottoms else None
        return Quotient(sum((q.numerator for q in found), NOUGHT), bottom, mean)

    def _amount(
        self,
        wanted: Sum,
        period: Period,
        ways: Sequence[str],
        component: str,
        kpi: Kpi,
        runs: Sequence[Period] | None = None,
    ) -> Fraction:
        form = wanted.shape.form
        over = _added_over(wanted, period, kpi, runs or (period,))
        if form == "flow":
            added = (self.sums.flow(wanted, r.first_day, r.last_day, ways, component) for r in over)
            return sum(added, NOUGHT)
        if form == "stock":
            return self.sums.stock(wanted, over[0].last_day, ways, component)
        ways = [ALL_WAYS] if form == "distinct" and len(ways) > 1 else ways
        return sum((self.sums.of_period(wanted, p.first_day, ways, component) for p in over), NOUGHT)

    def added_over(
        self, kpi: Kpi, period: Period, as_of: date, side: str, ways: str = "all_ways"
    ) -> tuple[Sum | None, tuple[Period, ...]]:
        """The sum on a side of a value, and the periods whose amounts make it: where its rows are to be looked for.

        A flow is added up over the days of the periods; a stock is what held on the last day of each; the other forms
        have one number for each. No periods where nothing was delivered.

        Args:
            side: `numerator` or `denominator`.
        """
        figure = self.planner.figures(kpi.id)[0]
        wanted = figure.numerator if side == "numerator" else figure.denominator
        chosen, over = _ways(ways), self._over(kpi, period, as_of)
        if wanted is None:
            return None, ()
        if kpi.year != "mean_of_months" or over.grain not in ("quarter", "year"):
            return wanted, self._side_over(figure, wanted, over, chosen, kpi, side)
        months = [m for m in over.parts("month") if m.last_day <= as_of and self._delivered(figure, m, chosen)]
        known = [m for m in months if self._quotient(figure, m, chosen, kpi, as_of) is not None]
        return wanted, tuple(p for m in known for p in self._side_over(figure, wanted, m, chosen, kpi, side))

    def _side_over(
        self, figure: FigurePlan, wanted: Sum, over: Period, ways: Sequence[str], kpi: Kpi, side: str
    ) -> tuple[Period, ...]:
        if side == "denominator" and figure.at == "year_start" and wanted.shape.form == "stock":
            return (Period.of(date(over.first_day.year, 1, 1), "day"),)
        return _added_over(wanted, over, kpi, self._runs(figure, over, ways, kpi, as_base=False))

    def _base(
        self, main: FigurePlan, kpi: Kpi, period: Period, as_of: date, ways: Sequence[str]
    ) -> tuple[Fraction | None, tuple[str, ...]]:
        """R4b: the same period of the year before, or the base that the city filed."""
        if kpi.compare == "baseline":
            rows = self._rows(filings.BASELINES)
            base = filings.bases(rows).get((kpi.id, "all"))
            return (None, ()) if base is None else (base.value, (f"base: {base.period}, {base.act}",))
        over = self._over(kpi, period, as_of)
        before = period.year_before()
        if over != period:
            last = before.first_day.toordinal() + (over.last_day - over.first_day).days
            before = before.until(date.fromordinal(last))
        parts = self._parts(kpi, before, before.last_day)
        if not any(self._delivered(main, part, ways) for part in parts):
            return None, ()
        quotient = self._quotient(main, before, ways, kpi, before.last_day, as_base=True)
        return (None, ()) if quotient is None else (quotient.value, ())

    def _excuse(self, kpi: Kpi, period: Period) -> str | None:
        if kpi.network is None:
            return None
        rows = self._rows(filings.JUSTIFICATIONS)
        return filings.excused(rows, period.last_day.year).get(kpi.network)

    def _rows(self, dataset: str) -> list[dict[str, Any]]:
        if dataset not in self._filed:
            snapshot = self._lake.table(dataset).snapshot()
            self._filed[dataset] = filings.rows_of(self._connection, snapshot, self.sums.city)
        return self._filed[dataset]

    def _counted(self, main: FigurePlan, period: Period, as_of: date, ways: Sequence[str]) -> int:
        kpi = self.planner.context.kpi(main.kpi)
        over = self._over(kpi, period, as_of)
        parts = self.sums.components.get(main.rows.key, ("",))
        return int(sum((self._amount(main.rows, over, ways, part, kpi) for part in parts), NOUGHT))

    def _by_way(self, main: FigurePlan, period: Period, as_of: date) -> dict[str, int]:
        """N1b: rows of the main dataset by way in."""
        kpi = self.planner.context.kpi(main.kpi)
        over = self._over(kpi, period, as_of)
        wanted = self.planner.delivered(main.datasets[0])
        counts = {way: int(self._amount(wanted, over, (way,), "", kpi)) for way in self.whole.ways}
        return {way: count for way, count in counts.items() if count}


def _added_over(wanted: Sum, period: Period, kpi: Kpi, runs: Sequence[Period]) -> tuple[Period, ...]:
    """The periods whose amounts are added up for a sum over a period; `runs` are the stretches of it that count."""
    form, grain = wanted.shape.form, wanted.shape.grain
    if form == "flow":
        return tuple(runs)
    if form == "stock" or period.grain == grain:
        return (period,)
    parts = [part for run in runs for part in run.parts(grain) if part.first_day >= run.first_day]
    if not parts:  # a month of a quarterly figure: the quarter that it lies in
        parts = [Period.of(period.last_day, grain)]
    return (parts[-1],) if kpi.year == "last" else tuple(parts)


def _with(value: Value, /, **changes: Any) -> Value:
    return replace(value, **changes)


def _ways(name: str) -> tuple[str, ...]:
    return WAYS if name == "all_ways" else ("integration",)


def _impossible(value: Value) -> bool:
    """V1: a share that is no share, or a negative quantity."""
    if value.value is None:
        return False
    too_much = (
        value.unit == "percent" and value.denominator is not None and (value.numerator or NOUGHT) > value.denominator
    )
    return value.value < 0 or too_much
