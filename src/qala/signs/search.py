"""Looking for signs in one city's year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from qala.lake import Lake
from qala.measures.values import Values, observed
from qala.scoring import KpiRule, Profile
from qala.signs import series
from qala.signs.found import SHOWN, Sign
from qala.signs.rules import Rule, rules
from qala.standard.period import Period
from qala.standard.types import Kpi
from qala.standard.types import Rule as Target


def look(values: Values, city: str, year: int, as_of: date, category: str) -> list[Sign]:
    """Every sign in a city's year, KPI by KPI, then by dataset.

    Args:
        values: of the lake; sums are those that are stored.
        city: its code.
        year: the rated year; the year before is looked at for what is not sent any more.
        as_of: the last day that counts.
        category: of the city, whose targets hold.
    """
    found = list(_of_months(values, city, year, as_of, category))
    for name, rule in rules().items():
        if rule.kind == "deliveries":
            found += _of_deliveries(values.lake, city, year, name, rule)
        elif rule.kind == "rows":
            found += _of_rows(values.lake, city, year, name, rule)
    return found


def _of_months(values: Values, city: str, year: int, as_of: date, category: str) -> Iterator[Sign]:
    of_city, profile = values.of(city), Profile(scope="annex4")
    known = rules()
    months = [Period.of(date(year, month, 1), "month") for month in range(1, 13)]
    months = [month for month in months if month.last_day <= as_of]
    for kpi in values.edition.kpis.values():
        law = kpi.target.get(category)
        if law is None or law.kind == "none":
            continue
        rule = KpiRule(kpi, category, year, values.edition, profile, first_year=year)
        last = values.edition.in_scope(kpi, category, "annex2") and _year_score(values, rule, kpi, city, year - 1)
        seen = [of_city.value(kpi, month, as_of, extras=False) for month in months]
        numbers = [None if one.value is None or one.status != "ok" else float(one.value) for one in seen]
        shown = {str(month): number for month, number in zip(months, numbers, strict=True)}

        def sign(
            name: str, count: int, *, row: str = kpi.row, shown: Mapping[str, float | None] = shown, **said: Any
        ) -> Sign:
            return Sign(name, city, row, "", known[name].said(**said), shown, (), count)

        better = _better(law)
        if better is not None:
            if step := series.step(numbers, better, known["step"]):
                yield sign(
                    "step", len(numbers) - step.at,
                    month=str(months[step.at]), before=step.before, after=step.after, times=step.times,
                )  # fmt: skip
            target = law.threshold
            if target is not None and (over := series.just_over(numbers, float(target), better, known["just_over"])):
                yield sign("just_over", over[0], over=over[0], under=over[1], target=float(target))
        scores = [
            None if one.status == "missing" else _score(rule, one) for one in seen if one.status in ("ok", "missing")
        ]
        if gaps := series.withheld(scores, known["withheld"]):
            missing = [str(month) for month, one in zip(months, seen, strict=True) if one.status == "missing"]
            yield sign(
                "withheld", len(missing), gaps=", ".join(missing), beside=gaps.beside, others=gaps.others
            )  # fmt: skip
        nothing = bool(seen) and all(one.status == "missing" for one in seen)
        if nothing and isinstance(last, float) and last < known["gone"].below:
            yield sign("gone", len(seen), before=last)


def _better(law: Target) -> series.Better | None:
    """Which way is better, where that is one way."""
    return 1 if law.at_least is not None else -1 if law.at_most is not None else None


def _score(rule: KpiRule, value: Any) -> float | None:
    score = rule.score(observed(value)).score if rule.asked is None else None
    return None if score is None else float(score)


def _year_score(values: Values, rule: KpiRule, kpi: Kpi, city: str, year: int) -> float | None:
    period = Period.of(date(year, 1, 1), "year")
    found = values.of(city).value(kpi, period, period.last_day, extras=False)
    return _score(rule, found) if found.status == "ok" else None


def _of_deliveries(lake: Lake, city: str, year: int, name: str, rule: Rule) -> Iterator[Sign]:
    """Rows of the year that came long after their days."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    by_dataset: dict[str, list[Any]] = {}
    for receipt in lake.ledger.receipts(city=city):
        begin, end = receipt.first_day, receipt.last_day
        if begin is None or end is None or receipt.undone_by is not None or not receipt.stored:
            continue
        if end >= first and begin <= last:
            by_dataset.setdefault(receipt.dataset, []).append(receipt)
    for dataset, receipts in sorted(by_dataset.items()):
        late = [
            one for one in receipts if (one.received_at.date() - min(one.last_day, last)) >= timedelta(days=rule.days)
        ]
        rows, every = sum(one.stored for one in late), sum(one.stored for one in receipts)
        if rows >= rule.least and rows >= rule.share * every and len(late) < len(receipts):
            shown = [
                {
                    "receipt": one.id, "received_at": one.received_at, "first_day": one.first_day,
                    "last_day": one.last_day, "stored": one.stored, "way": one.way,
                }
                for one in late[:SHOWN]
            ]  # fmt: skip
            said = rule.said(
                rows=rows,
                share=round(100 * rows / every),
                days=rule.days,
                when=max(one.received_at for one in late).date().isoformat(),
            )
            yield Sign(name, city, "", dataset, said, {}, shown, rows)


def _of_rows(lake: Lake, city: str, year: int, name: str, rule: Rule) -> Iterator[Sign]:
    """Rows of one dataset that a rule's query picks out."""
    snapshot = lake.table(rule.dataset).snapshot()
    files = snapshot.files(city) if snapshot.version >= 0 else []
    if not files:
        return
    connection = lake.connection()
    try:
        rows = f"with rows as (select * from {snapshot.current_sql(files)} where year = {int(year)}) "
        every = connection.execute(rows + rule.of).fetchall()[0][0]
        picked = connection.execute(f"{rows} select count(*) from ({rule.query})").fetchall()[0][0]
        if not every or picked < rule.least or picked < rule.share * every:
            return
        cursor = connection.execute(f"{rows} {rule.query} order by all limit {SHOWN}")
        names = [column[0] for column in cursor.description or ()]
        shown = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()
    share = float(round(Fraction(100 * picked, every), 1))
    said = rule.said(found=picked, share=share)
    for kpi in rule.kpis[:1]:
        yield Sign(name, city, kpi, rule.dataset, said, {}, shown, picked)
