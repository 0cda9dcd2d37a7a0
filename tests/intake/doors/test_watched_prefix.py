"""A watched prefix of a bucket, on an S3 server."""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

from qala.intake.doors.s3 import look
from qala.intake.feed import Taken
from qala.intake.fetchers import Allowed, RefusedAddressError, Turn
from qala.intake.receiving import Receiver
from qala.lake import Lake
from qala.lake.committing import Committer
from qala.standard.problems import Problem

FEED = TrialFeed(name="visits-s3", door="s3", format="csv")


def table(*numbers: int) -> bytes:
    rows = [row(number) for number in numbers]
    return "\n".join([",".join(rows[0]), *(",".join(map(str, one.values())) for one in rows)]).encode()


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(service: str, request: pytest.FixtureRequest) -> S3Store:
    name = f"b{abs(hash(request.node.name)) % 10**12}"
    urllib.request.urlopen(urllib.request.Request(f"{service}/{name}", method="PUT")).close()
    return S3Store(
        name,
        config={"endpoint": service, "region": "us-east-1", "access_key_id": "a", "secret_access_key": "b",
                "virtual_hosted_style_request": "false"},
        client_options={"allow_http": True},
    )  # fmt: skip


@pytest.fixture
def settings(bucket: S3Store, service: str) -> dict[str, Any]:
    return {
        "bucket": bucket.config["bucket"], "endpoint": service, "prefix": "in", "access_key": "qala",
        "secret_key": {"secret": "s3"},
    }  # fmt: skip


@pytest.fixture
def turn(tmp_path: Path) -> Turn:
    now = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)
    return Turn(now, tmp_path, allowed=Allowed.of(["127.0.0.1"]), secret={"s3": "hidden"}.__getitem__)


def paths(bucket: S3Store) -> list[str]:
    return sorted(str(one["path"]) for piece in obstore.list(bucket) for one in piece)


def visits(lake: Lake) -> list[str]:
    Committer(lake).drain()
    return sorted(one["visit_id"] for one in current(lake, VISITS))


def test_objects_are_taken_and_moved_aside(
    bucket: S3Store, settings: dict[str, Any], turn: Turn, receiver: Receiver, lake: Lake
) -> None:
    obstore.put(bucket, "in/visits 1.csv", table(1, 2))
    obstore.put(bucket, "in/bad.csv", b"a,b\n1,2\n")
    for left in ("in/half.csv.part", "in/.hidden.csv", "in/deeper/other.csv", "elsewhere/x.csv"):
        obstore.put(bucket, left, table(9))
    looked = look(FEED, receiver, settings, {}, turn)
    assert {(one.name, one.taken is not None) for one in looked.outcomes} == {
        ("visits 1.csv", True),
        ("bad.csv", False),
    }
    assert paths(bucket) == [
        "elsewhere/x.csv", "in/.hidden.csv", "in/deeper/other.csv", "in/half.csv.part",
        "in/refused/20260302T040506Z-bad.csv", "in/refused/20260302T040506Z-bad.csv.reason.txt",
        "in/taken/20260302T040506Z-visits 1.csv", "in/taken/20260302T040506Z-visits 1.csv.receipt.json",
    ]  # fmt: skip
    receipt = obstore.get(bucket, "in/taken/20260302T040506Z-visits 1.csv.receipt.json").bytes()
    assert json.loads(bytes(receipt))["received"] == 2
    reason = bytes(obstore.get(bucket, "in/refused/20260302T040506Z-bad.csv.reason.txt").bytes()).decode()
    assert "bad.csv" in reason and str(turn.work) not in reason
    assert look(FEED, receiver, settings, looked.position, turn).outcomes == []
    assert visits(lake) == ["1", "2"]
    assert list(turn.work.glob("object*")) == []


def test_taken_objects_are_deleted_where_it_is_said_so(
    bucket: S3Store, settings: dict[str, Any], turn: Turn, receiver: Receiver, lake: Lake
) -> None:
    obstore.put(bucket, "in/a.csv", table(1))
    obstore.put(bucket, "in/bad.csv", b"a,b\n1,2\n")
    look(FEED, receiver, settings | {"then": "delete"}, {}, turn)
    assert [path.rpartition("-")[2] for path in paths(bucket)] == ["bad.csv", "bad.csv.reason.txt"]
    assert visits(lake) == ["1"]


def test_objects_that_stay_are_taken_once_and_again_when_they_change(
    bucket: S3Store, settings: dict[str, Any], turn: Turn, receiver: Receiver, lake: Lake
) -> None:
    keep = settings | {"then": "keep"}
    obstore.put(bucket, "in/a.csv", table(1))
    looked = look(FEED, receiver, keep, {}, turn)
    position = json.loads(json.dumps(looked.position))
    assert len(looked.outcomes) == 1 and look(FEED, receiver, keep, position, turn).outcomes == []
    obstore.put(bucket, "in/a.csv", table(1, 2))
    changed = look(FEED, receiver, keep, position, turn)
    assert len(changed.outcomes) == 1
    obstore.delete(bucket, "in/a.csv")
    assert look(FEED, receiver, keep, changed.position, turn).position == {"taken": {}}
    assert visits(lake) == ["1", "2"]


class Replaces:
    """A receiver during whose work the sender replaces the object."""

    def __init__(self, receiver: Receiver, bucket: S3Store) -> None:
        self._receiver, self._bucket, self.lake = receiver, bucket, receiver.lake

    def take_file_blocking(self, feed: Any, path: Path, suffix: str, **how: Any) -> Taken:
        taken = self._receiver.take_file_blocking(feed, path, suffix, **how)
        obstore.put(self._bucket, "in/a.csv", table(2))
        return taken

    take_blocking = take_file_blocking


def test_an_object_that_is_replaced_while_it_is_taken_is_not_lost(
    bucket: S3Store, settings: dict[str, Any], turn: Turn, receiver: Receiver, lake: Lake
) -> None:
    obstore.put(bucket, "in/a.csv", table(1))
    look(FEED, Replaces(receiver, bucket), settings, {}, turn)
    assert "in/a.csv" in paths(bucket)
    look(FEED, receiver, settings, {}, turn)
    assert "in/a.csv" not in paths(bucket)
    assert visits(lake) == ["1", "2"]


def test_a_crash_before_the_object_is_moved_takes_it_once(
    bucket: S3Store,
    settings: dict[str, Any],
    turn: Turn,
    receiver: Receiver,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    obstore.put(bucket, "in/a.csv", table(1))

    def fall(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qala.intake.doors.s3._put_aside", fall)
    with pytest.raises(KeyboardInterrupt):
        look(FEED, receiver, settings, {}, turn)
    monkeypatch.undo()
    (outcome,) = look(FEED, receiver, settings, {}, turn).outcomes
    assert outcome.taken is not None and outcome.taken.repeated
    assert visits(lake) == ["1"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"bucket": "no-such-bucket"}, "does not answer"),
        ({"endpoint": "http://127.0.0.1:9"}, "does not answer"),
        ({"endpoint": "127.0.0.1"}, "http://"),
        ({"buckets": 1}, "buckets"),
        ({"secret_key": "in clear"}, "secret_key"),
    ],
)
def test_what_is_wrong_is_told(
    settings: dict[str, Any], turn: Turn, receiver: Receiver, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(Problem, match=message) as problem:
        look(FEED, receiver, settings | more, {}, turn)
    assert "hidden" not in str(problem.value)


def test_an_internal_service_is_refused_unless_allowed(
    settings: dict[str, Any], turn: Turn, receiver: Receiver
) -> None:
    with pytest.raises(RefusedAddressError):
        look(FEED, receiver, settings, {}, replace(turn, allowed=Allowed()))
