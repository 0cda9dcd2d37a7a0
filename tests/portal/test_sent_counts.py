# ruff: noqa: F401, F811  (fixtures)
"""A source says over HTTP or beside its files how many rows it sent; where others came, its owner sees an incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from test_intake import APPEALS, GOOD, SignedIn, signed_in, source, tiny_site, water

from qala import facts
from qala.intake import balancing
from qala.intake.doors import http
from qala.intake.doors.file_counts import FileCounts
from qala.intake.live import News
from qala.intake.models import Incident, Source
from qala.intake.receiving import Receiver
from qala.intake.registry import Feed
from qala.lake.committing import Committer
from qala.people.models import Organisation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tiny_site")]
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


class OneSource:
    """The registry of a door that knows one source; the real one follows the database in a thread of its own."""

    def by_secret(self, secret: str) -> Feed | None:
        return Feed("centre", "WHOLE", APPEALS, "http", "integration", "json") if secret == "qals_x" else None

    def refresh(self, **_: Any) -> None:
        return None


@pytest.fixture
def door(tiny_site: Path, source: Source, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The door's own routes, of the source `centre`."""

    def count(*what: Any, real: Any = http._count) -> int:
        try:
            return int(real(*what))
        finally:
            connections.close_all()  # of the door's thread, so that the trial's database can be removed

    monkeypatch.setattr(http, "_count", count)
    settings.HOME = tiny_site.parent / "home"
    routes = [one for one in http.application().routes if isinstance(one, Route) and "intake" in one.path]
    app = Starlette(routes=routes)
    app.state.keeper = http.Doorkeeper(Receiver(facts.lake(), "http"), OneSource(), News())  # type: ignore[arg-type]
    with TestClient(app, headers={"Authorization": "Bearer qals_x"}) as found:
        yield found
    app.state.keeper.close()


def test_over_http(door: TestClient, signed_in: SignedIn, source: Source, water: Organisation) -> None:
    rows = [GOOD | {"appeal_id": f"h{n}"} for n in range(5)]
    assert door.post(f"/api/v1/intake/{APPEALS}", json=rows).json()["accepted"] == 5
    last = {"from": (HOUR - timedelta(hours=3)).isoformat(), "until": (HOUR - timedelta(hours=1)).isoformat()}
    assert door.post(f"/api/v1/intake/{APPEALS}/counts", json={**last, "rows": 7}).status_code == 202
    coming = HOUR + timedelta(days=1)  # whenever in the day this runs
    not_over = {"from": coming.isoformat(), "until": (coming + timedelta(hours=1)).isoformat(), "rows": 5}
    refused = door.post(f"/api/v1/intake/{APPEALS}/counts", json=not_over)
    assert (refused.status_code, refused.json()["where"]) == (422, "until")
    Committer(facts.lake()).drain()

    balancing.balance_counts()
    one = Incident.objects.get()
    assert (one.kind, one.said["sent"], one.said["received"], one.source) == ("counts", 7, 0, source)
    owner = signed_in("data_source", organisation=water)
    assert "sent 7" in owner.get("/en/intake/incidents/").content.decode()
    assert "Its own counts" in owner.get("/en/intake/source/centre/").content.decode()
    stranger = signed_in("data_source", "PART")
    assert "sent 7" not in stranger.get("/en/intake/incidents/").content.decode()

    door.post(f"/api/v1/intake/{APPEALS}/counts", json={**last, "rows": 0})  # it had counted wrong
    balancing.balance_counts()
    assert not Incident.objects.filter(closed_at=None).exists()


def test_beside_files(door: TestClient, signed_in: SignedIn, water: Organisation, settings: Any) -> None:
    counts = FileCounts(Path(settings.HOME) / "intake" / "counts")
    counts.note("centre", "export.csv", 120, 119)
    counts.note("centre", "whole.csv", 7, 7)
    counts.note("nobody", "export.csv", 1, 2)
    balancing.balance_counts()
    one = Incident.objects.get()
    assert one.said["file"] == "export.csv"
    page = signed_in("data_source", organisation=water).get("/en/intake/incidents/").content.decode()
    assert "export.csv" in page
    assert "sent 120, received 119" in page
    counts.note("centre", "export.csv", 120, 120)  # it came again, whole
    balancing.balance_counts()
    assert Incident.objects.get().closed_at is not None
