"""Pulls from services of the open standards: nothing is lost, whatever happens between two pages."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standard_services import Broker, Open311, SensorThings
from web_servers import Asked, site

from qala.intake.fetchers import Allowed, Bounds, Turn, fetch
from qala.intake.payloads.limits import Row
from qala.standard.problems import Problem

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def pull(settings: dict[str, Any], position: Any, now: datetime = NOW) -> tuple[list[Row], Any]:
    """Turns until there is no more; the position passes through JSON, as it does in the database."""
    rows: list[Row] = []
    while True:
        turn = Turn(now, Path(), allowed=Allowed.of(["127.0.0.1"]), bounds=Bounds(read_s=2, whole_s=5, tries=1))
        found = fetch(settings, json.loads(json.dumps(position)), turn)
        rows += found.rows
        position = found.position
        if not found.more:
            return rows, position


@pytest.mark.parametrize("seed", range(4))
def test_observations_are_neither_lost_nor_doubled_though_some_come_late(seed: int) -> None:
    """Observations of the same instant, late ones within the overlap, new ones while pages are turned."""
    dice = random.Random(seed)
    service = SensorThings()
    made = 0
    now = NOW

    def observe(most: int) -> None:
        nonlocal made
        for _ in range(dice.randrange(most)):
            made += 1
            service.add(made, now - timedelta(seconds=dice.choice([0, 0, 1, 60, 500])))

    service.between_pages = lambda: observe(3)
    brought: list[Row] = []
    position: Any = {}
    with site(service.answer) as there:
        settings = {
            "by": "sensorthings",
            "url": there.url("/v1.1/Observations"),
            "top": 4,
            "overlap_s": 600,
            "expand": "",
        }
        for _ in range(6):
            observe(9)
            now += timedelta(seconds=60)
            rows, position = pull(settings, position, now)
            brought += rows
        service.between_pages = None
        rows, position = pull(settings, position, now)
        brought += rows
        assert pull(settings, position, now)[0] == []
    times = Counter(row["@iot.id"] for row in brought)
    assert set(times) == {str(number) for number in range(1, made + 1)}
    assert set(times.values()) == {1}


def test_observations_are_asked_for_with_a_filter_and_what_belongs_to_them() -> None:
    service = SensorThings()
    service.add(1, NOW)
    with site(service.answer) as there:
        settings = {"by": "sensorthings", "url": there.url("/v1.1/Observations"), "filter": "Datastream/id eq 5"}
        rows, position = pull(settings, {})
        pull(settings, position)
    first, second = (one.query for one in there.asked)
    assert first["$filter"] == "phenomenonTime ge 2026-03-01T04:00:00.000000Z and (Datastream/id eq 5)"
    assert second["$filter"].startswith("phenomenonTime ge 2026-03-02T03:50:00.000000Z")
    assert first["$expand"] == "Datastream($expand=ObservedProperty,Thing)"
    assert rows[0]["result"] == "0.25"


def test_a_page_that_the_service_has_forgotten_is_begun_anew_from_the_mark() -> None:
    service = SensorThings()
    for number in range(1, 11):
        service.add(number, NOW + timedelta(seconds=number))
    forgets = [True]

    def answer(asked: Asked) -> None:
        if "$skip" in asked.query and forgets.pop() if forgets else False:
            asked.answer(410, b"gone")
        else:
            service.answer(asked)

    with site(answer) as there:
        settings = {"by": "sensorthings", "url": there.url("/v1.1/Observations"), "top": 4}
        rows, _ = pull(settings, {}, NOW + timedelta(hours=1))
    assert sorted(int(row["@iot.id"] or 0) for row in rows) == list(range(1, 11))


@pytest.mark.parametrize("seed", range(4))
def test_every_change_of_an_entity_is_brought_though_it_slips_behind_the_page(seed: int) -> None:
    dice = random.Random(seed)
    broker = Broker()
    brought: list[Row] = []
    position: Any = {}

    def change() -> None:
        for _ in range(dice.randrange(4)):
            broker.now += timedelta(seconds=dice.choice([0, 0, 1, 7]))
            broker.put(str(dice.randrange(12)), dice.randrange(1000))

    broker.between_pages = change
    with site(broker.answer) as there:
        settings = {"by": "ngsi_ld", "url": there.url("/ngsi-ld/v1/entities"), "type": "Sensor", "limit": 3}
        for _ in range(6):
            change()
            rows, position = pull(settings, position, broker.now)
            brought += rows
        broker.between_pages = None
        for _ in range(2):
            rows, position = pull(settings, position, broker.now)
            brought += rows
        assert pull(settings, position, broker.now)[0] == []
    last = {row["id"]: row["level"] for row in brought}
    assert last == {one["id"]: str(one["level"]["value"]) for one in broker.entities.values()}


def test_a_broker_is_asked_in_its_own_tenant_and_context() -> None:
    broker = Broker()
    broker.put("1", 5)
    with site(broker.answer) as there:
        settings = {
            "by": "ngsi_ld", "url": there.url("/ngsi-ld/v1/entities"), "type": "Sensor", "tenant": "almaty",
            "context": "https://example.org/context.jsonld",
        }  # fmt: skip
        pull(settings, {})
        with pytest.raises(Problem, match="context"):
            pull(settings | {"context": "https://example.org/>; x"}, {})
    headers = there.asked[0].headers
    assert headers["ngsild-tenant"] == "almaty"
    assert headers["link"].startswith("<https://example.org/context.jsonld>; rel=")


@pytest.mark.parametrize("most", [50, 37])
def test_service_requests_come_whole_from_a_server_that_cuts_its_answers(most: int) -> None:
    dice = random.Random(5)
    server = Open311(most=most)
    for number in range(1, 401):
        server.add(number, NOW - timedelta(days=dice.choice([80, 40, 3]), minutes=dice.randrange(400)))
    with site(server.answer) as there:
        settings = {"by": "open311", "url": there.url("/requests.json"), "jurisdiction_id": "almaty.kz", "most": most}
        rows, position = pull(settings, {})
        assert {row["service_request_id"] for row in rows} == {str(number) for number in range(1, 401)}
        assert {one.query["jurisdiction_id"] for one in there.asked} == {"almaty.kz"}
        server.requests.clear()
        server.add(500, NOW - timedelta(days=6), "closed")
        server.add(501, NOW + timedelta(minutes=1))
        later, _ = pull(settings, position, NOW + timedelta(minutes=5))
    assert {(row["service_request_id"], row["status"]) for row in later} == {("500", "closed"), ("501", "open")}


def test_a_server_that_hides_requests_for_good_is_told() -> None:
    server = Open311(most=10)
    for number in range(20):
        server.add(number, NOW - timedelta(days=1))
    with site(server.answer) as there, pytest.raises(Problem, match="more than 10 requests within a minute"):
        pull({"by": "open311", "url": there.url("/requests.json"), "most": 10}, {})


def test_an_answer_that_is_something_else_passes_nothing_over() -> None:
    with site(lambda asked: asked.answer(200, b"<html>login</html>")) as there:
        for by, more in (("sensorthings", {}), ("ngsi_ld", {"type": "T"}), ("open311", {})):
            with pytest.raises(Problem):
                pull({"by": by, "url": there.url("/x"), **more}, {})
