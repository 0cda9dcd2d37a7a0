"""What a city's systems send: complete in the end, whatever its faults on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from qala.datasets.catalogue import load_catalogue
from qala.datasets.types import Contract
from qala.world import Facts, World, make_world
from qala.world.delivery import Parcel, delivered, parcels
from qala.world.faults import Manner, manner_of
from qala.world.quiet import silent_periods

CALLS = load_catalogue().contracts["contact_centre.calls"]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(7, 0, "district", 0.05)


def calls(world: World, days: np.ndarray) -> Facts:
    """One answered call at noon of each day."""
    queued = world.utc(days, 12 * 3600)
    return Facts(
        CALLS.id,
        {
            "call_id": np.char.add("c", np.arange(len(days)).astype(str)),
            "queued_at": queued,
            "answered_at": queued + np.timedelta64(7, "s"),
            "bot": np.zeros(len(days), dtype=bool),
        },
    )


def last_states(sent: list[Parcel], contract: Contract) -> dict[tuple[str, ...], dict[str, object]]:
    """The last state of every usable row by key, as a border would keep it."""
    kept: dict[tuple[str, ...], dict[str, object]] = {}
    for parcel in sent:
        for row in parcel.rows.to_pylist():
            if any(row[name] is None for name, column in contract.columns.items() if not column.optional):
                continue
            key = tuple(str(row[name]) for name in contract.key)
            known = kept.get(key)
            clock = row.get("changed_at") or row["registered_at"]
            if known is None or clock >= (known.get("changed_at") or known["registered_at"]):
                kept[key] = row
    return kept


def test_rows_before_the_rated_year_and_of_withheld_months_are_not_delivered(world: World) -> None:
    kept = delivered(world, CALLS, calls(world, world.day_array()), Manner(withheld=frozenset({2, 5})))
    assert kept is not None
    days = world.local_day(kept.columns["queued_at"])
    assert days.min() == np.datetime64("2026-01-01") and days.max() == np.datetime64("2026-12-31")
    assert set((days.astype("datetime64[M]").astype(int) % 12 + 1).tolist()) == set(range(1, 13)) - {2, 5}


def test_a_system_that_is_not_connected_delivers_nothing(world: World) -> None:
    assert delivered(world, CALLS, calls(world, world.day_array()), Manner(sends=False)) is None
    assert silent_periods(world, CALLS, [calls(world, world.day_array(2026)[5:])], Manner(sends=False), "day") == []


@pytest.mark.parametrize(
    "manner", [Manner(), Manner(late=True), Manner(late=True, twice=0.1, broken=0.1), Manner(twice=0.05, broken=0.02)]
)
def test_the_last_state_of_every_row_is_the_recorded_one(world: World, manner: Manner) -> None:
    facts = calls(world, world.day_array(2026))
    sent = list(parcels(world, CALLS, [facts], manner))
    assert [parcel.part for parcel in sent] == ([1, 2] if manner.late else [1])
    kept = last_states(sent, CALLS)
    assert len(kept) == 365
    for i, call in enumerate(facts.columns["call_id"].tolist()):
        row = kept[(call,)]
        assert row["answered_at"].replace(tzinfo=None) == facts.columns["answered_at"][i].item()


def test_a_late_system_corrects_rows_with_a_later_time_of_change(world: World) -> None:
    facts = calls(world, world.day_array(2026))
    first, second = parcels(world, CALLS, [facts], Manner(late=True))
    corrected = second.rows.filter(pc.is_valid(second.rows["changed_at"]))
    assert 5 < corrected.num_rows < 40
    assert first.rows.num_rows + second.rows.num_rows - corrected.num_rows == 365
    at_first = first.rows.filter(pc.is_in(first.rows["call_id"], value_set=corrected["call_id"].combine_chunks()))
    assert at_first["answered_at"].null_count == corrected.num_rows
    assert corrected["answered_at"].null_count == 0


def test_doubled_rows_are_equal_and_broken_rows_lack_what_they_must_have(world: World) -> None:
    facts = calls(world, world.day_array(2026))
    (sent,) = parcels(world, CALLS, [facts], Manner(twice=0.1, broken=0.1))
    assert sent.rows.num_rows == 365 + 37 + 37
    required = [name for name, column in CALLS.columns.items() if not column.optional]
    assert sum(sent.rows[name].null_count for name in required) == 37
    assert len(pa.table(sent.rows).group_by(sent.rows.column_names).aggregate([])) == 365 + 37


def test_periods_in_which_nothing_was_recorded_are_reported(world: World) -> None:
    days = world.day_array(2026)
    gone = (days >= np.datetime64("2026-03-10")) & (days <= np.datetime64("2026-03-12"))
    gone |= days >= np.datetime64("2026-11-01")
    some = [calls(world, days[~gone])]
    assert silent_periods(world, CALLS, some, Manner(), "day") == [
        (date(2026, 3, 10), date(2026, 3, 12)),
        (date(2026, 11, 1), date(2026, 12, 31)),
    ]
    assert silent_periods(world, CALLS, some, Manner(), "month") == [(date(2026, 11, 1), date(2026, 12, 31))]
    held_back = Manner(withheld=frozenset({3, 12}))
    assert silent_periods(world, CALLS, some, held_back, "month") == [(date(2026, 11, 1), date(2026, 11, 30))]
    assert silent_periods(world, CALLS, some, held_back, "quarter") == []


def test_a_dataset_without_any_row_is_silent(world: World) -> None:
    assert silent_periods(world, CALLS, [], Manner(), "month") == []


def manners() -> Iterator[tuple[str, Manner]]:
    for index in range(6):
        world = make_world(7, index, "oblast", 0.01)
        for system in ("contact_centre", "waste", "video", "transport", "settlement_centre"):
            yield world.character, manner_of(world, system)


def test_characters_deliver_each_in_their_own_manner() -> None:
    found: dict[str, list[Manner]] = {}
    for character, manner in manners():
        found.setdefault(character, []).append(manner)
    assert all(manner == Manner() for manner in found["good"])
    assert any(manner.way != "integration" for manner in found["poor"]) and all(m.broken for m in found["poor"])
    assert sum(not manner.sends for manner in found["disconnected"]) == 1
    assert any(manner.withheld for manner in found["withholding"])
    assert any(manner.late for manner in found["late"])
