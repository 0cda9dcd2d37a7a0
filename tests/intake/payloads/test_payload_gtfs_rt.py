"""GTFS Realtime, with feeds that protobuf itself has written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google.transit import gtfs_realtime_pb2 as realtime
from payload_samples import bus_feed, feed

from qala.intake.payloads import Undecodable, decode
from qala.intake.payloads.limits import Row

RECEIVED = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)


def read(body: bytes, rows_at: str = "") -> list[Row]:
    return decode("gtfs_rt", body, rows_at=rows_at, received=RECEIVED)


def test_a_vehicle_is_a_row() -> None:
    assert read(bus_feed(), "vehicle") == [
        {
            "entity": "vehicle", "entity_id": "veh-17", "is_deleted": "false", "feed_timestamp": "2026-03-02T04:05:06Z",
            "incrementality": "FULL_DATASET", "trip.trip_id": "92-a-0815", "trip.route_id": "92",
            "trip.direction_id": "1", "trip.start_date": "20260302", "vehicle.id": "B0017",
            "vehicle.license_plate": "123ABC02", "position.latitude": "43.23895", "position.longitude": "76.88971",
            "position.speed": "8.25", "position.odometer": "104233.5", "timestamp": "2026-03-02T04:05:00Z",
            "current_status": "STOPPED_AT", "occupancy_status": "STANDING_ROOM_ONLY",
        }
    ]  # fmt: skip


def test_a_trip_update_is_a_row_for_each_stop() -> None:
    rows = read(bus_feed(), "trip_update")
    picked = [
        (row["trip.trip_id"], row["stop.stop_id"], row["stop.arrival.delay"], row["stop.arrival.time"]) for row in rows
    ]
    assert picked == [
        ("92-a-0815", "S1", "65", "2026-03-02T04:06:41Z"),
        ("92-a-0815", "S2", "20", "2026-03-02T04:06:42Z"),
    ]
    assert {row["delay"] for row in rows} == {"65"}


def test_an_alert_is_a_row_for_each_thing_it_is_about() -> None:
    rows = read(bus_feed(), "alert")
    assert [(row["about.route_id"], row.get("about.stop_id")) for row in rows] == [("92", None), ("32", "S9")]
    first = rows[0]
    assert (first["header_text.kk"], first["header_text.ru"]) == ("Айналма жол", "Объезд")
    assert (first["cause"], first["effect"]) == ("CONSTRUCTION", "DETOUR")
    assert (first["active_from"], first["active_until"]) == ("2026-03-02T04:00:00Z", "2026-03-02T05:40:00Z")


def test_all_kinds_are_read_where_none_is_named() -> None:
    assert [row["entity"] for row in read(bus_feed())] == ["vehicle", "trip_update", "trip_update", "alert", "alert"]


def test_what_was_deleted_says_so() -> None:
    message = feed()
    message.header.incrementality = realtime.FeedHeader.DIFFERENTIAL
    message.entity.add(id="veh-17", is_deleted=True)
    (row,) = read(message.SerializeToString())
    assert (row["entity_id"], row["is_deleted"], row["incrementality"]) == ("veh-17", "true", "DIFFERENTIAL")


def test_a_time_that_is_none_stays_its_digits_for_the_border() -> None:
    message = feed(timestamp=2**63)
    message.entity.add(id="a").vehicle.timestamp = 0
    (row,) = read(message.SerializeToString())
    assert (row["feed_timestamp"], row["timestamp"]) == (str(2**63), "1970-01-01T00:00:00Z")


@pytest.mark.parametrize("body", [b"<html>502 Bad Gateway</html>", b'{"entity": []}', b"\x12\x00", bus_feed()[:-3]])
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(Undecodable):
        read(body)


def test_a_text_that_is_not_utf8_is_refused() -> None:
    body = bus_feed().replace(b"123ABC02", b"123AB\xff02")
    with pytest.raises(Undecodable, match="UTF-8"):
        read(body)


def test_an_unknown_part_is_told_with_the_known_ones() -> None:
    with pytest.raises(Undecodable) as refusal:
        read(bus_feed(), "vehicles")
    assert "vehicle, trip_update, alert" in refusal.value.hint
