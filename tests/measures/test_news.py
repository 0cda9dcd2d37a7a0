"""Whatever arrives in whatever order: following the news gives the very amounts of a computation from scratch."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_lakes import computer, deliver, new_lake, same_as_from_scratch

from qala.lake.upkeep import compact
from qala.standard.problems import Problem

# Every form of sum, a few datasets at a time, so that what arrives often meets what is there.
GROUPS: dict[str, tuple[list[str], list[str]]] = {
    # flows by three days; since the previous row
    "appeals": (
        [
            "contact_centre.mean_resolution_time",
            "contact_centre.repeat_share",
            "situation_centre.appeals_on_time_share",
        ],
        ["contact_centre.appeals"],
    ),
    # objects that worked; a stock beneath a flow
    "lots": (["parking.automated_share", "parking.violation_rate"], ["parking.lots", "parking.device_days"]),
    # different values, above and below the line
    "distinct": (
        ["transport.integrated_modes", "parking.complaint_share"],
        ["transport.mode_exchanges", "parking.sessions", "contact_centre.appeals"],
    ),
    # objects that another registry knows
    "objects": (
        ["situation_centre.objects_on_map_share"],
        ["situation_centre.critical_objects", "situation_centre.map_objects", "parking.sessions"],
    ),
    # two levels in a day; vectors
    "readings": (
        ["transport.mean_wait", "situation_centre.update_interval", "situation_centre.air_compliance"],
        ["transport.stop_visits", "situation_centre.dataset_updates", "situation_centre.air_readings"],
    ),
}

MOMENTS = st.builds(
    lambda day, second: datetime(2025, 12, 20) + timedelta(days=day, seconds=second),
    st.sampled_from([0, 1, 11, 12, 13, 42, 100, 101, 400]),
    st.sampled_from([0, 5, 40_000, 86_399]),  # city-local, both ends of a day among them
)
DAYS = MOMENTS.map(lambda moment: moment.date())
DISTRICTS = st.sampled_from(["a", "b", None])


def _after(moment: st.SearchStrategy[datetime | None]) -> st.SearchStrategy[timedelta | None]:
    return st.none() | st.sampled_from([timedelta(0), timedelta(hours=3), timedelta(days=35)])


@st.composite
def appeal(draw: Any) -> dict[str, Any]:
    received = draw(MOMENTS)
    status = draw(st.sampled_from(["open", "resolved"]))
    closed = draw(st.sampled_from([timedelta(0), timedelta(hours=30)])) if status == "resolved" else None
    deadline = draw(st.none() | st.just(timedelta(hours=30)))
    return {
        "appeal_id": draw(st.sampled_from("ABCDEF")), "received_at": received, "status": status,
        "spam": draw(st.sampled_from([False, False, True])),
        "topic": draw(st.sampled_from(["parking", "roads"])), "citizen": draw(st.sampled_from(["x", "y", None])),
        "address": draw(st.sampled_from(["p", None])), "district": draw(DISTRICTS),
        "closed_at": None if closed is None else received + closed,
        "deadline_at": None if deadline is None else received + deadline,
    }  # fmt: skip


def _valid(first: st.SearchStrategy[date]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda day, days: {"valid_from": day, "valid_to": None if days is None else day + timedelta(days=days)},
        first, st.sampled_from([None, 0, 30, 200]),
    )  # fmt: skip


def _rows(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(columns)


def _held(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda row, valid: {**row, **valid}, _rows(**columns), _valid(DAYS))


def _whole(*numbers: int) -> st.SearchStrategy[int]:
    return st.sampled_from(numbers)


IDS = st.sampled_from("ABC")
ROWS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "contact_centre.appeals": appeal(),
    "transport.stop_visits": _rows(
        visit_id=IDS, route_id=st.just("r"), stop_id=st.sampled_from("st"), district=DISTRICTS, scheduled_at=MOMENTS,
        time_point=st.just(True), headway_s=_whole(60, 61, 700) | st.none(), boardings=_whole(0, 1, 30),
    ),
    "transport.mode_exchanges": _rows(
        exchange_id=IDS, mode=st.sampled_from(["metro", "taxi"]), exchanged_at=MOMENTS, messages=_whole(0, 7)
    ),
    "parking.sessions": _rows(
        session_id=IDS, lot_id=st.just("A"), vehicle=st.sampled_from("uv"), parked_at=MOMENTS, paid_by=st.just("app")
    ),
    "parking.lots": _held(
        lot_id=IDS, kind=st.just("garage"), spaces=_whole(0, 10), counts_spaces=st.booleans(),
        takes_online_payment=st.just(True), reads_plates=st.just(True), district=DISTRICTS,
    ),
    "parking.device_days": _rows(lot_id=IDS, day=DAYS, minutes_alive=_whole(0, 1440)),
    "situation_centre.critical_objects": _held(
        object_id=IDS, object_kind=st.just("school"), act=st.just("1"), district=DISTRICTS
    ),
    "situation_centre.map_objects": _held(object_id=IDS, has_geometry=st.booleans(), has_live_data=st.just(True)),
    "situation_centre.dataset_updates": st.builds(
        lambda row, gap: {**row, "previous_at": row["updated_at"] - gap},
        _rows(update_id=IDS, dataset_id=st.just("video.incidents"), category=st.just("safety"), updated_at=MOMENTS,
            new_rows=_whole(0, 2)),
        st.sampled_from([timedelta(minutes=9), timedelta(days=2)]),
    ),
    "situation_centre.air_readings": _rows(
        station=st.sampled_from("st"), pollutant=st.sampled_from(["pm2_5", "co"]), measured_at=MOMENTS,
        concentration=st.sampled_from(["0.0351", "0.035", "2.9", "4.1234"]), district=DISTRICTS,
    ),
}  # fmt: skip


def steps(datasets: list[str]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    delivery = st.sampled_from(datasets).flatmap(
        lambda dataset: st.tuples(
            st.just(dataset),
            st.lists(ROWS[dataset], min_size=1, max_size=5),
            st.sampled_from(["file", "integration"]),
        )
    )
    other = st.tuples(st.sampled_from(["undo", "compact", "some"]), st.integers(0, 5))
    deliver_ = st.tuples(st.just("deliver"), delivery)
    return st.lists(st.one_of(deliver_, deliver_, other), min_size=2, max_size=7)


@pytest.mark.parametrize("group", GROUPS)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_following_the_news_is_computing_from_scratch(group: str, data: st.DataObject) -> None:
    kpis, datasets = GROUPS[group]
    with tempfile.TemporaryDirectory() as folder:
        lake = new_lake(Path(folder))
        receipts: list[str] = []
        of_city = computer(lake)
        for what, with_ in data.draw(steps(datasets)):
            some = kpis
            if what == "deliver":
                dataset, rows, way = with_
                receipts.append(deliver(lake, dataset, rows, way=way).id)
            elif what == "undo" and receipts:
                with contextlib.suppress(Problem):  # what a later delivery corrected is undone after that one
                    lake.undo(receipts[with_ % len(receipts)])
                    receipts.pop(with_ % len(receipts))
            elif what == "compact":
                for dataset in lake.tables():
                    compact(lake, dataset)
            else:
                some = [kpis[with_ % len(kpis)]]
            of_city.compute("T", kpis=some)
            same_as_from_scratch(lake, "T", some)
        of_city.compute("T", kpis=kpis)
        same_as_from_scratch(lake, "T", kpis)
        assert of_city.compute("T", kpis=kpis).scans == 0


def test_a_year_may_come_late_and_go_again(tmp_path: Path) -> None:
    """A registry that holds has a number in every period of every year that any dataset has rows of."""
    lake, kpis = new_lake(tmp_path), GROUPS["lots"][0]
    lot = {"lot_id": "A", "kind": "garage", "spaces": 9, "counts_spaces": True, "takes_online_payment": True}
    deliver(lake, "parking.lots", [{**lot, "reads_plates": True, "valid_from": date(2024, 5, 1)}])
    deliver(lake, "parking.device_days", [{"lot_id": "A", "day": date(2026, 3, 1), "minutes_alive": 1440}])
    computer(lake).compute("T", kpis=kpis)
    session = {"session_id": "s", "lot_id": "A", "vehicle": "u", "paid_by": "app"}
    receipts = [
        deliver(lake, "parking.sessions", [{**session, "session_id": year, "parked_at": f"{year}-07-01 10:00:00"}])
        for year in (2025, 2027)
    ]
    computer(lake).compute("T", kpis=kpis)
    same_as_from_scratch(lake, "T", kpis)
    for receipt in receipts:
        lake.undo(receipt.id)
        computer(lake).compute("T", kpis=kpis)
        same_as_from_scratch(lake, "T", kpis)


def test_computing_again_and_again_writes_what_differs_only(tmp_path: Path) -> None:
    """Days and periods that are worked out again do not write all that was ever added and taken away once more."""
    lake, kpis = new_lake(tmp_path), GROUPS["appeals"][0]
    of_city = computer(lake)
    appeal = {"status": "open", "spam": False, "topic": "roads", "citizen": "x", "address": "p", "district": "a"}
    sizes: list[int] = []
    for number in range(10):
        row = {**appeal, "appeal_id": str(number), "received_at": f"2026-02-11 10:{number:02d}:00"}
        deliver(lake, "contact_centre.appeals", [row])
        of_city.compute("T", kpis=kpis)
        sizes.append(sum(block.days.size for block in of_city.store.blocks("T")))
    added = [later - earlier for earlier, later in itertools.pairwise(sizes)]
    assert max(added) <= added[0] + 2  # each delivery touches the same few days
