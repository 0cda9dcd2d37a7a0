"""The process that looks: each source in its rhythm, none waits for another; positions outlive the database's absence."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fetchers"))

from web_servers import Asked, site

from qala.intake.doors import collecting
from qala.intake.doors.collecting import Collector
from qala.intake.doors.positions import Positions
from qala.intake.doors.secrets import Secrets
from qala.intake.fetchers import Allowed
from qala.intake.models import Door, Source
from qala.intake.receiving import Receiver
from qala.lake import Lake
from qala.lake.committing import Committer
from qala.standard.problems import Problem


class Feeds:
    def __init__(self, *feeds: TrialFeed) -> None:
        self.known = {one.name: one for one in feeds}

    def feeds(self) -> dict[str, TrialFeed]:
        return self.known


class Memory:
    """Positions and notes without a database."""

    def __init__(self) -> None:
        self.positions: dict[str, Any] = {}
        self.notes: dict[str, list[str]] = {}

    def load(self, name: str) -> Any:
        return self.positions.get(name, {})

    def save(self, name: str, position: Any) -> None:
        self.positions[name] = json.loads(json.dumps(position))

    def note(self, name: str, asked_at: datetime, answered_at: datetime | None, trouble: str) -> None:
        assert asked_at.tzinfo is not None and (answered_at is None) == bool(trouble)
        self.notes.setdefault(name, []).append(trouble)


Begin = Callable[..., tuple[Collector, Memory]]


@pytest.fixture
def begin(tmp_path: Path, lake: Lake, receiver: Receiver) -> Iterator[Begin]:
    begun: list[Collector] = []

    def make(*feeds: TrialFeed) -> tuple[Collector, Memory]:
        memory = Memory()
        secrets = Secrets(tmp_path / "home" / "secrets", lake.sealer)
        made = Collector(tmp_path / "home", receiver, Feeds(*feeds), memory, secrets, Allowed.of(["127.0.0.1"]))  # type: ignore[arg-type]
        begun.append(made)
        return made, memory

    yield make
    for one in begun:
        one.close()


def until(collector: Collector, holds: Callable[[], bool], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it does not come about"
        collector.tick()
        time.sleep(0.02)


def visits(lake: Lake) -> list[str]:
    Committer(lake).drain()
    return sorted(one["visit_id"] for one in current(lake, VISITS))


def test_folders_and_pulls_are_looked_at_side_by_side(
    begin: Begin, tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_FILES_S", 0.05)
    drop = tmp_path / "home" / "files" / "dropped"
    drop.mkdir(parents=True)
    (drop / "a.json").write_text(json.dumps([row(1)]))
    with site(lambda asked: asked.answer(200, json.dumps([row(2)]).encode())) as there:
        dropped = TrialFeed(name="dropped", door="files", settings={"quiet_s": 0})
        pulled = TrialFeed(name="pulled", door="pull", every=60, settings={"url": there.url("/")})
        paused = TrialFeed(name="paused", door="pull", settings={"url": there.url("/paused")}, paused=True)
        posted = TrialFeed(name="posted", door="http")
        collector, memory = begin(dropped, pulled, paused, posted)
        until(collector, lambda: visits(lake) == ["1", "2"])
        until(collector, lambda: set(memory.notes) == {"dropped", "pulled"})
    assert [one.path for one in there.asked] == ["/"]
    assert memory.notes["pulled"] == [""] and "sha256" in memory.positions["pulled"]


def test_a_source_that_hangs_or_fails_holds_up_no_other(begin: Begin, lake: Lake) -> None:
    go_on = threading.Event()

    def answer(asked: Asked) -> None:
        if asked.path == "/hangs":
            go_on.wait(30)
        asked.answer(404 if asked.path == "/fails" else 200, json.dumps([row(1)]).encode())

    with site(answer) as there:
        feeds = [
            TrialFeed(name=name, door="pull", every=60, settings={"url": there.url(f"/{name}")})
            for name in ("hangs", "fails", "works")
        ]
        collector, memory = begin(*feeds, TrialFeed(name="wrong", door="pull", settings={"urls": 1}))
        until(collector, lambda: "works" in memory.notes and "fails" in memory.notes and "wrong" in memory.notes)
        assert visits(lake) == ["1"] and "hangs" not in memory.notes
        assert "404" in memory.notes["fails"][0] and "urls" in memory.notes["wrong"][0]
        assert "850101300123" not in memory.notes["fails"][0]  # what a server says may hold persons
        for _ in range(5):
            collector.tick()
            time.sleep(0.02)
        assert sum(one.path == "/fails" for one in there.asked) == 1  # it is asked again later, and ever more rarely
        go_on.set()
        until(collector, lambda: "hangs" in memory.notes)


def test_a_defect_of_ours_is_told_and_stops_nothing(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(collecting, "pull", broken)
    collector, memory = begin(TrialFeed(name="a", door="pull", settings={"url": "http://127.0.0.1:9/"}))
    until(collector, lambda: "a" in memory.notes)
    assert memory.notes["a"] == ["a defect of the program: ZeroDivisionError; the log of this process says more"]


def test_secrets_are_sealed_and_belong_to_one_source(tmp_path: Path, lake: Lake) -> None:
    secrets = Secrets(tmp_path / "secrets", lake.sealer)
    secrets.put("heat", "password", "жасырын")
    assert secrets.get("heat", "password") == secrets.of("heat")("password") == "жасырын"
    assert secrets.names("heat") == ["password"] and secrets.names("water") == []
    file = tmp_path / "secrets" / "heat" / "password"
    assert "жасырын".encode() not in file.read_bytes() and file.stat().st_mode & 0o777 == 0o600
    for source, name in (("water", "password"), ("heat", "token"), ("heat", "../heat/password"), ("..", "password")):
        with pytest.raises(Problem):
            secrets.get(source, name)
    secrets.remove("heat", "password")
    assert secrets.names("heat") == []


@pytest.mark.django_db(transaction=True)
def test_a_position_is_remembered_though_the_database_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Source.objects.create(name="heat", title="Heat", city="750000000", dataset=VISITS, door="pull")
    positions = Positions(tmp_path / "positions")
    assert positions.load("heat") == {}
    positions.save("heat", {"until": "1"})
    now = datetime.now(UTC)
    positions.note("heat", now, now, "")
    known = Door.objects.get(source__name="heat")
    assert (known.position, known.asked_at, known.trouble) == ({"until": "1"}, now, "")

    def gone(*_: Any, **__: Any) -> Any:
        raise DatabaseError("the server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(Door.objects, "update_or_create", gone)
        broken.setattr(Door.objects, "filter", gone)
        positions.save("heat", {"until": "2"})
        assert Positions(tmp_path / "positions").load("heat") == {"until": "2"}
    assert Door.objects.get(source__name="heat").position == {"until": "1"}
    assert positions.load("heat") == {"until": "2"}  # it is left alone for a while
    again = Positions(tmp_path / "positions")
    assert again.load("heat") == {"until": "2"}
    assert Door.objects.get(source__name="heat").position == {"until": "2"}
    Door.objects.filter(source__name="heat").update(position={})  # somebody has it read anew
    assert again.load("heat") == {}
