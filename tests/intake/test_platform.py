"""KPI 1.1 and 1.4 of a city whose centre this platform is come out of what really arrived and when it became visible."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from trial_intake import TrialFeed

from qala import facts
from qala.intake.platform import PlatformRecord
from qala.intake.receiving import Receiver
from qala.lake import City
from qala.lake.committing import Committed, Committer
from qala.standard.period import Period

CITY = "710000000"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    monkeypatch.setenv("QALA_PLATFORM_OF", CITY)
    names = dict.fromkeys(("kk", "ru", "en"), "Astana")
    categories = [{"category": "republican", "from": "2020-01-01", "act": "trial", "reason": "trial"}]
    facts.lake().cities.add(
        City.model_validate({"code": CITY, "names": names, "zone": "Asia/Almaty", "categories": categories})
    )
    return CITY


def test_delays_and_intervals_are_of_what_arrived(city: str) -> None:
    lake = facts.lake()
    done: list[Committed] = []
    receiver, committer, record = Receiver(lake, "http"), Committer(lake, done.append), PlatformRecord(lake)
    feed = TrialFeed(name="air", city=city, dataset="situation_centre.crimes")
    noon = datetime(2026, 3, 2, 7, tzinfo=UTC)
    visible = [noon.replace(tzinfo=None) + timedelta(minutes=m) for m in (10, 40)]
    clocks = [[noon - timedelta(minutes=2), noon - timedelta(minutes=4), None], [noon + timedelta(minutes=30)]]
    for n, (times, seen) in enumerate(zip(clocks, visible, strict=True)):
        rows = [
            {
                "crime_id": f"{n}-{m}",
                "recorded_at": "2026-03-02T06:00:00Z",
                "registered_at": None if at is None else at.isoformat(),
            }
            for m, at in enumerate(times)
        ]
        contract = lake.catalogue.contract(feed.dataset)
        for one in rows:
            for name, column in contract.columns.items():
                if name not in one and not column.optional:
                    one[name] = column.one_of[0] if column.one_of else "1" if column.type == "whole" else "x"
        arrived = seen.replace(tzinfo=UTC) - timedelta(minutes=5)
        assert receiver.submit(feed, rows, received=arrived).result().quarantined == 0
        committer.drain()
        record.note(done.pop(), seen)
        assert record.deliver() == (3 if n == 0 else 2)  # the first has a row without a clock: a line of its own
        committer.drain()
        done.clear()
    record.close()
    receiver.close()
    committer.drain()
    values = facts.values()
    values.computer.compute(city)
    values.renew()
    day = Period.of(date(2026, 3, 2), "day")
    delay = values.value(city, values.kpi("1.1"), day, date(2026, 3, 2))
    # minutes: 12 and 14 by the department's clock, 5 since receipt for the row that has none, 10
    assert delay.value == Fraction(12 + 14 + 5 + 10, 4)
    interval = values.value(city, values.kpi("1.4"), day, date(2026, 3, 2))
    assert interval.components["safety"] == Fraction(30, 60)  # hours
