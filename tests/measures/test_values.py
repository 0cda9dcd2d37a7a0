"""Values of days, weeks, months, quarters and years; what is not over, not delivered or not known is not made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from small_lakes import CATALOGUE, EDITION, deliver, new_lake

from qala.lake import Lake
from qala.measures.rows import rows_behind
from qala.measures.value import Value
from qala.measures.values import Values
from qala.standard.period import Period

Asked = Callable[..., Value]
APPEAL = {"status": "resolved", "topic": "roads", "spam": False, "contacts": 1, "forwarded": False}
LOT = {"kind": "garage", "counts_spaces": True, "takes_online_payment": True, "reads_plates": True}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return new_lake(tmp_path)


@pytest.fixture
def ask(lake: Lake) -> Asked:
    def of(
        row: str, period: str, as_of: date | None = None, ways: str = "all_ways", district: str | None = None
    ) -> Value:
        values = Values(lake, EDITION, CATALOGUE)
        kpi = EDITION.kpi(row)
        values.computer.compute("T", kpis=[kpi.id])
        wanted = Period.parse(period)
        return values.of("T", district).value(kpi, wanted, as_of or wanted.last_day, ways)

    return of


def _calls(lake: Lake, waits: dict[str, list[int]], way: str = "file") -> None:
    """Calls by the UTC time at which they came and the seconds that they waited (under a minute)."""
    rows = [
        {"call_id": f"{way}-{at}-{n}", "queued_at": at, "answered_at": f"{at[:-2]}{seconds:02d}", "bot": False}
        for at, several in waits.items()
        for n, seconds in enumerate(several)
    ]
    deliver(lake, "contact_centre.calls", rows, way=way)  # type: ignore[arg-type]


def test_the_same_sums_make_every_period(lake: Lake, ask: Asked) -> None:
    """Pooled, never averaged: three calls of one day weigh three times one of another."""
    _calls(lake, {"2026-03-05 10:00:00": [10, 20, 30], "2026-03-06 10:00:00": [40], "2026-02-01 10:00:00": [50]})
    expected = {
        "2026-03-05": 20, "2026-03-06": 40, "2026-W10": 25, "2026-03": 25, "2026-02": 50, "2026-Q1": 30, "2026": 30
    }  # fmt: skip
    for period, seconds in expected.items():
        value = ask("2.1", period)
        assert value.value == seconds, period
    assert ask("2.1", "2026-03").rows == 4


def test_a_day_is_the_citys_day(lake: Lake, ask: Asked) -> None:
    call = {"bot": False, "answered_at": "2026-03-05T19:10:00Z"}  # 19:00 UTC is midnight in Almaty
    times = ["2026-03-05T18:59:59Z", "2026-03-05T19:00:00Z"]
    deliver(lake, "contact_centre.calls", [{**call, "call_id": n, "queued_at": at} for n, at in enumerate(times)])
    assert (ask("2.1", "2026-03-05").value, ask("2.1", "2026-03-06").value) == (601, 600)


def test_a_week_may_lie_in_two_months_and_two_years(lake: Lake, ask: Asked) -> None:
    _calls(lake, {"2025-12-30 10:00:00": [10], "2026-01-02 10:00:00": [30]})
    assert ask("2.1", "2026-W01").value == 20


def _appeals(lake: Lake, contacts: dict[str, list[int]]) -> None:
    """Appeals by the day on which they came and how often the citizen had to turn to the centre."""
    rows = [
        {
            **APPEAL,
            "appeal_id": f"{day}-{n}",
            "received_at": f"{day} 10:00:00",
            "closed_at": f"{day} 12:00:00",
            "contacts": c,
        }
        for day, several in contacts.items()
        for n, c in enumerate(several)
    ]
    deliver(lake, "contact_centre.appeals", rows)


def test_days_after_as_of_are_not_counted_and_a_month_counts_when_it_is_over(lake: Lake, ask: Asked) -> None:
    _appeals(lake, {"2026-01-05": [1], "2026-02-05": [1, 2, 2], "2026-03-05": [1, 1, 1, 1]})
    value = ask("2.2", "2026", as_of=date(2026, 3, 20))
    assert (value.value, value.rows, value.delivered, value.due) == (50, 4, 2, 2)
    assert ask("2.2", "2026", as_of=date(2026, 3, 31)).value == 75
    assert ask("2.2", "2026", as_of=date(2026, 1, 30)).status == "not_due"
    assert ask("2.2", "2026", as_of=date(2026, 1, 30)).projection == 100
    assert ask("2.2", "2026-04", as_of=date(2026, 3, 31)).status == "not_due"


def test_a_withheld_month_shows_in_the_coverage(lake: Lake, ask: Asked) -> None:
    _appeals(lake, {"2026-01-05": [1], "2026-03-05": [2]})
    value = ask("2.2", "2026", as_of=date(2026, 3, 31))
    assert (value.status, value.value, value.delivered, value.due) == ("ok", 50, 2, 3)
    assert ask("2.2", "2026-02").status == "missing"


def test_only_a_report_that_nothing_happened_is_no_events(lake: Lake, ask: Asked) -> None:
    _appeals(lake, {"2026-01-05": [1]})
    lake.report_nothing("T", "contact_centre.appeals", date(2026, 2, 1), date(2026, 2, 28))
    assert ask("2.2", "2026-02").status == "no_events"
    assert ask("2.2", "2026-03").status == "missing"
    value = ask("2.2", "2026", as_of=date(2026, 3, 31))
    assert (value.status, value.delivered, value.due, value.value) == ("ok", 2, 3, 100)


def test_nothing_that_happened_is_a_count_of_nought_if_it_was_reported(lake: Lake, ask: Asked) -> None:
    lake.report_nothing("T", "contact_centre.appeals", date(2026, 2, 1), date(2026, 2, 28))
    assert (ask("2.4", "2026-02").value, ask("2.4", "2026-03").value) == (0, None)


def test_a_mean_of_months_is_over_the_months_that_came(lake: Lake, ask: Asked) -> None:
    """2.4 in a year: appeals a month, and a month that did not come is no month without appeals."""
    rows = [{**APPEAL, "appeal_id": f"{m}-{n}", "received_at": f"2026-0{m}-05 10:00:00", "closed_at": f"2026-0{m}-06 10:00:00"}
            for m, number in ((1, 4), (3, 8)) for n in range(number)]  # fmt: skip
    deliver(lake, "contact_centre.appeals", rows)
    value = ask("2.4", "2026", as_of=date(2026, 3, 31))
    assert (value.value, value.numerator, value.delivered, value.due) == (6, 12, 2, 3)
    assert ask("2.4", "2026-01").value == 4


def test_a_rate_over_a_stock_takes_the_stock_of_each_month(lake: Lake, ask: Asked) -> None:
    """5.7, reading U2: violations of the month over the spaces on its last day, and the year as the mean of months."""
    deliver(lake, "parking.lots", [
        {**LOT, "lot_id": "A", "spaces": 1000, "valid_from": date(2025, 1, 1), "valid_to": date(2026, 1, 31)},
        {**LOT, "lot_id": "A", "spaces": 500, "valid_from": date(2026, 2, 1)},
    ])  # fmt: skip
    violation = {"lot_id": "A", "kind": "unpaid", "automatic": True}
    rows = [
        {**violation, "violation_id": f"{m}-{n}", "detected_at": f"2026-0{m}-05 10:00:00"}
        for m in (1, 2)
        for n in range(5)
    ]
    deliver(lake, "parking.violations", rows)
    assert (ask("5.7", "2026-01").value, ask("5.7", "2026-02").value) == (5, 10)
    year = ask("5.7", "2026", as_of=date(2026, 2, 28))
    assert (year.value, year.denominator) == (Fraction(15, 2), 1500)


def test_a_stock_of_the_first_of_january(lake: Lake, ask: Asked) -> None:
    """6.4: accidents of the year per vehicles registered on 1 January; due only when the year is closed."""
    profile = {"population": 1000, "area_m2": 10}
    deliver(lake, "city.profile", [
        {**profile, "vehicles": 10_000, "valid_from": date(2025, 6, 1), "valid_to": date(2026, 1, 31)},
        {**profile, "vehicles": 40_000, "valid_from": date(2026, 2, 1)},
    ])  # fmt: skip
    rows = [
        {
            "accident_id": n,
            "happened_at": f"2026-0{n}-05 10:00:00",
            "kind": "collision",
            "injured": 1,
            "killed": 0,
            "vehicles": 1,
        }
        for n in range(1, 9)
    ]
    deliver(lake, "traffic.accidents", rows)
    value = ask("6.4", "2026", as_of=date(2027, 1, 1))
    assert (value.numerator, value.denominator, value.value) == (8, 10_000, 8)
    assert ask("6.4", "2026", as_of=date(2026, 11, 30)).status == "not_due"


def test_integration_only_counts_what_systems_sent(lake: Lake, ask: Asked) -> None:
    _calls(lake, {"2026-03-05 10:00:00": [10]}, way="integration")
    _calls(lake, {"2026-03-05 11:00:00": [30], "2026-04-05 11:00:00": [50]}, way="hand")
    both, sent = ask("2.1", "2026-03"), ask("2.1", "2026-03", ways="integration_only")
    assert (both.value, sent.value) == (20, 10)
    assert both.ways == {"integration": 1, "hand": 1} and sent.rows == 1
    assert ask("2.1", "2026-04", ways="integration_only").status == "missing"


def test_different_values_do_not_add_up_over_ways(lake: Lake, ask: Asked) -> None:
    for number, way in enumerate(("integration", "file")):
        row = {"mode": "metro", "exchanged_at": "2026-03-05 10:00:00", "messages": 1, "exchange_id": number}
        deliver(lake, "transport.mode_exchanges", [row], way=way)  # type: ignore[arg-type]
    assert ask("4.4", "2026-Q1").value == 1
    assert ask("4.4", "2026-Q1", ways="integration_only").value == 1
    assert ask("4.4", "2026-03").value == 1  # a month of a quarterly number is its quarter's


def test_a_district_has_the_values_of_its_rows_and_no_others(lake: Lake, ask: Asked) -> None:
    rows = [{**APPEAL, "appeal_id": n, "received_at": "2026-03-05 10:00:00", "closed_at": "2026-03-06 10:00:00",
             "district": d, "contacts": n} for n, d in ((1, "a"), (2, "b"), (3, None))]  # fmt: skip
    deliver(lake, "contact_centre.appeals", rows)
    deliver(lake, "parking.sessions", [
        {"session_id": 1, "lot_id": "A", "vehicle": "u", "parked_at": "2026-03-05 10:00:00", "paid_by": "app"}
    ])  # fmt: skip
    assert [ask("2.2", "2026-03", district=d).value for d in ("a", "b", None)] == [100, 0, Fraction(100, 3)]
    assert CATALOGUE.contract("parking.sessions").place.district is None
    unknown = ask("5.4", "2026-03", district="a")
    assert (unknown.status, unknown.value, unknown.flags) == ("missing", None, ("not_known_by_district",))


def test_the_rows_behind_a_number(lake: Lake, ask: Asked) -> None:
    rows = [{**APPEAL, "appeal_id": n, "received_at": f"2026-03-0{n} 10:00:00", "closed_at": "2026-03-20 10:00:00",
             "contacts": n, "citizen": "x"} for n in (1, 2, 3)]  # fmt: skip
    deliver(lake, "contact_centre.appeals", rows)
    ask("2.2", "2026-03")
    values, march = Values(lake, EDITION, CATALOGUE), Period.parse("2026-03")
    for row in ("2.2", "2.7", "1.9", "2.6"):
        kpi = EDITION.kpi(row)
        value = ask(row, "2026-03")
        for side, expected in (("numerator", value.numerator), ("denominator", value.denominator)):
            if row != "2.6" or side == "denominator":  # the numerator of a mean is a sum of times
                assert rows_behind(values, "T", kpi, march, side, 2).total == (expected or 0), (row, side)
