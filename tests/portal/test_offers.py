"""What the platform offers in a real city, written by itself: KPIs 1.3, 1.5 and 1.6."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "measures"))
from small_lakes import arrow

from qala import facts
from qala.datasets import load_catalogue
from qala.facts import desk
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.portal.status import offers, services
from qala.standard.period import Period

DAY = date(2026, 11, 20)


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[City]:
    """A real city whose situational centre this installation is."""
    lake = Lake(tmp_path / "lake", load_catalogue())
    period = CategoryPeriod.model_validate({"from": date(2000, 1, 1), "category": "oblast", "reason": "a test"})
    city = City(
        code="T",
        names=dict.fromkeys(("kk", "ru", "en"), "T"),
        zone="Asia/Almaty",
        categories=(period,),
        simulated=False,
    )
    lake.cities.add(city)
    monkeypatch.setenv("QALA_LAKE", str(lake.folder))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    monkeypatch.setenv("QALA_PLATFORM_OF", "T")
    monkeypatch.setattr(facts, "today", lambda zone="Asia/Almaty": DAY)
    yield city
    desk._own.__dict__.clear()


def _send(dataset: str, rows: list[dict[str, object]], on: date = DAY) -> None:
    at = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
    receipt = facts.lake().ingest(IngestRequest("T", dataset, arrow(rows), source_name="a test", received_at=at))
    assert not receipt.quarantined, receipt.reasons


def _kpi(row: str, period: str) -> object:
    values = facts.values()
    values.computer.compute("T")
    return values.value("T", values.edition.kpi(row), Period.parse(period), date(2027, 2, 1)).value


def _object(number: str, lat: float | None = 43.2) -> dict[str, object]:
    return {
        "object_id": number, "object_kind": "school", "title": None, "act": "№ 7", "district": None,
        "lat": lat, "lon": None if lat is None else 76.9, "valid_from": date(2026, 1, 1), "valid_to": None,
    }  # fmt: skip


def _feed(number: str, day: date) -> dict[str, object]:
    return {"school_id": number, "reported_on": day, "pupils": 600, "present": 570, "meals": 400, "district": None}


def test_an_empty_city_is_offered_nothing(centre: City) -> None:
    assert offers.visualisations(centre, DAY) == []
    assert all(row["within_cadence"] == "false" for row in offers.map_layers(centre, DAY))
    assert offers.objects_on_map(centre, DAY) == []


def test_objects_count_where_the_map_shows_them_with_live_data(centre: City) -> None:
    """Of four critical objects one has no place, one no data, and one data that are a week old."""
    _send("situation_centre.critical_objects", [_object("a"), _object("b", None), _object("c"), _object("d")])
    _send(
        "situation_centre.school_feeds",
        [_feed("a", DAY - timedelta(days=1)), _feed("b", DAY - timedelta(days=1)), _feed("d", DAY - timedelta(days=7))],
    )
    services.deliver_offers()
    assert _kpi("1.5", "2026-Q4") == 25


def test_what_does_not_change_is_sent_once(centre: City, monkeypatch: pytest.MonkeyPatch) -> None:
    _send("situation_centre.critical_objects", [_object("a")])
    _send("situation_centre.school_feeds", [_feed("a", DAY - timedelta(days=1))])
    assert [receipt.dataset for receipt in services.deliver_offers()] == [
        offers.VISUALISATIONS, offers.LAYERS, offers.ON_MAP,
    ]  # fmt: skip
    assert services.deliver_offers() == []
    later = DAY + timedelta(days=5)
    monkeypatch.setattr(facts, "today", lambda zone="Asia/Almaty": later)
    (receipt, *_rest) = [r for r in services.deliver_offers() if r.dataset == offers.ON_MAP]
    assert (receipt.stored, receipt.replaced) == (1, 1)  # the live data ended: a row till yesterday, one from today on
    assert _kpi("1.5", "2026-Q4") == 0


def test_another_system_of_the_city_is_left_its_rows(centre: City) -> None:
    _send("situation_centre.critical_objects", [_object("a"), _object("b")])
    theirs = {
        "object_id": "a", "layer_id": "gis", "has_geometry": True, "has_live_data": True, "lat": None, "lon": None,
        "valid_from": date(2026, 1, 1), "valid_to": None,
    }  # fmt: skip
    _send(offers.ON_MAP, [theirs])
    (receipt,) = [r for r in services.deliver_offers() if r.dataset == offers.ON_MAP]
    assert receipt.stored == 1
    assert _kpi("1.5", "2026-Q4") == 50


def test_layers_count_while_they_are_fed(centre: City) -> None:
    _send("situation_centre.critical_objects", [_object("a")])
    services.deliver_offers()
    assert _kpi("1.6", "2026") == 1
    types = {row["visual_type"] for row in offers.visualisations(centre, DAY)}
    assert "mnemonic_scheme" not in types  # there is no network to draw
