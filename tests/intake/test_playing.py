"""A simulated city that goes on living: rows made anew, vehicles on their routes, and what must be refused is."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2 as realtime
from tests.small_demo import Demo

from qala.datasets import load_catalogue
from qala.intake.payloads import Undecodable, decode
from qala.intake.playing.fleet import FAULTS, FeedServer, Fleet
from qala.intake.playing.parts import PARTS, Part
from qala.intake.playing.play import Outcome, summary
from qala.intake.playing.senders import Sent
from qala.intake.playing.sources import _GTFS_RT
from qala.intake.playing.stock import Stock, said
from qala.lake import Lake
from qala.lake.border.live import LiveBorder
from qala.lake.border.mapping import load_mapping

NOW = datetime(2026, 11, 29, 12, 0, 0)
CITY = "SIM-R01"


@pytest.fixture(scope="module")
def lake(demo: Demo) -> Lake:
    return Lake(demo.folder / "lake", load_catalogue())


def checked(lake: Lake, dataset: str, rows: list[dict[str, Any]], mapping: dict[str, Any] | None = None) -> Any:
    """What the border says of rows."""
    contract = lake.catalogue.contract(dataset)
    border = LiveBorder(contract, load_mapping(mapping, contract), "Asia/Almaty", lake.pseudonyms)
    texts = [
        {k: {True: "true", False: "false"}.get(v, str(v)) if isinstance(v, bool) else str(v) for k, v in row.items()}
        for row in rows
    ]
    return border.check(texts)


@pytest.mark.parametrize("part", [one for one in PARTS if one.door != "pull"], ids=lambda one: one.dataset)
def test_what_was_recorded_happens_anew_now(lake: Lake, part: Part) -> None:
    stock = Stock(lake, CITY, part, run=7, speed=60, until=NOW)
    if not stock.rows:
        pytest.skip("the small city has none")
    rows = [stock.next(NOW + timedelta(seconds=n)) for n in range(40)]
    ends = [stock.over(row, NOW + timedelta(minutes=1)) for row in rows] if part.ends else []
    found = checked(lake, part.dataset, [said(row) for row in rows + ends])
    assert not found.faults, found.faults[:2]
    at = stock.contract.counted_on
    assert all(NOW <= row[at] <= NOW + timedelta(seconds=40) for row in rows)
    if stock.contract.kind == "events":
        assert len({row[stock.contract.key[0]] for row in rows}) == 40  # numbers that nobody else has


@pytest.mark.parametrize("part", [one for one in PARTS if one.door != "pull"], ids=lambda one: one.dataset)
def test_what_is_broken_on_purpose_is_refused(lake: Lake, part: Part) -> None:
    stock = Stock(lake, CITY, part, run=7, speed=60, until=NOW)
    if not stock.rows:
        pytest.skip("the small city has none")
    chance = random.Random(part.dataset)
    rows = [said(stock.broken(stock.next(NOW), chance)) for _ in range(60)]
    assert len(checked(lake, part.dataset, rows).faults) == 60


def test_vehicles_move_along_their_routes_as_a_feed_that_the_border_takes(lake: Lake) -> None:
    fleet = Fleet(lake, CITY, speed=60)
    assert len(fleet)
    now = datetime.now(UTC).timestamp()
    first, later = (realtime.FeedMessage.FromString(fleet.feed(now + n)) for n in (0, 10))
    moved = sum(
        a.vehicle.position.latitude != b.vehicle.position.latitude
        for a, b in zip(first.entity, later.entity, strict=True)
    )
    assert moved > 0.8 * len(fleet)
    rows = decode("gtfs_rt", fleet.feed(now), rows_at="vehicle", received=NOW)
    found = checked(
        lake, "transport.positions", [{k: v for k, v in row.items() if v is not None} for row in rows], _GTFS_RT
    )
    assert not found.faults, found.faults[:2]
    assert found.rows.num_rows == len(fleet)


@pytest.mark.parametrize("fault", ["", *FAULTS])
def test_a_feed_is_as_broken_as_it_says(lake: Lake, fault: str) -> None:
    server = FeedServer()
    try:
        server.feeds[CITY] = Fleet(lake, CITY, speed=60)
        vehicles, now = len(server.feeds[CITY]), datetime.now(UTC).timestamp()
        _, before = server.answer(CITY, now, "")
        sent = server.sent[CITY] = Sent()
        status, body = server.answer(CITY, now + 5, fault)
    finally:
        server.close()
    if fault in ("cut", "page"):
        with pytest.raises(Undecodable):
            decode("gtfs_rt", body, rows_at="vehicle", received=NOW)
        assert (sent.rows, sent.broken) == (1, 1)
    elif fault == "gone":
        assert (status, sent.rows, sent.waited) == (503, 0, 1)
    elif fault == "repeated":
        assert (body, sent.rows, sent.again) == (before, 0, vehicles)
    else:
        rows = decode("gtfs_rt", body, rows_at="vehicle", received=NOW)
        found = checked(
            lake, "transport.positions", [{k: v for k, v in row.items() if v is not None} for row in rows], _GTFS_RT
        )
        assert (sent.rows, sent.broken) == (vehicles, len(found.faults)) == (vehicles, int(fault == "nowhere"))


def test_the_summary_says_where_the_ledger_does_not_balance() -> None:
    good = Outcome("live-a", "http", Sent(rows=10, broken=1), 10, 8, 0, 1, 1)
    lost = Outcome("live-b", "http", Sent(rows=10), 9, 9, 0, 0, 0)
    assert summary([good]).endswith("The ledger balances.")
    assert "1 sources do not balance" in summary([good, lost])
    assert "live-b" in next(line for line in summary([good, lost]).splitlines() if line.endswith("does not balance"))
