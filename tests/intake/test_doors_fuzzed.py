"""Whatever comes in at a door is taken or refused with words: never a 500, never a defect, never memory without bounds.

How often each property is tried: `QALA_FUZZ`, 8 by default; `make fuzz` tries thousands.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import schemathesis
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from payloads.payload_samples import SAMPLES
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from trial_intake import TrialFeed, row
from trial_lake import VISITS, trial_lake

from qala.intake import bounds
from qala.intake.doors import http
from qala.intake.doors.body import Body
from qala.intake.doors.mqtt.session import Message, decoded
from qala.intake.doors.mqtt.topics import Topics
from qala.intake.doors.one_file import take_one
from qala.intake.live import News
from qala.intake.payloads import KINDS
from qala.intake.receiving import Receiver
from qala.lake import Lake
from qala.standard.problems import Problem

TRIES = int(os.environ.get("QALA_FUZZ", "8"))
fuzz = settings(
    max_examples=TRIES, deadline=None, derandomize=TRIES <= 8, database=None, suppress_health_check=list(HealthCheck)
)
SECRET = {"Authorization": "Bearer qals_secret"}
ADDRESS = f"/api/v1/intake/{VISITS}"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class OneSource:
    """A registry of one source, whose kind may be changed."""

    kind = "json"

    def by_secret(self, secret: str) -> TrialFeed | None:
        return TrialFeed(format=self.kind) if secret in ("qals_secret", "secret") else None

    def refresh(self, **_: Any) -> None:
        return None


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return trial_lake(tmp_path_factory.mktemp("fuzz") / "lake")


@pytest.fixture(scope="module")
def receiver(lake: Lake) -> Iterator[Receiver]:
    found = Receiver(lake, "http")
    yield found
    found.close()


@pytest.fixture(scope="module")
def app(receiver: Receiver) -> Iterator[Starlette]:
    real = http.application()
    found = Starlette(routes=[one for one in real.routes if isinstance(one, Route) and "intake" in one.path],
                      exception_handlers=real.exception_handlers)  # fmt: skip
    found.state.keeper = http.Doorkeeper(receiver, OneSource(), News())  # type: ignore[arg-type]
    yield found
    found.state.keeper.close()


@pytest.fixture(scope="module")
def client(app: Starlette) -> TestClient:
    return TestClient(app)  # a defect of the program is raised here, not answered


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([row(n) for n in range(40)]), sink, compression="zstd")
    return bytes(sink.getvalue())


def arrow(table: pa.Table | None = None, packed: str | None = "zstd") -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist([row(n) for n in range(40)]) if table is None else table
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=packed)) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def workbook() -> bytes:
    page = io.BytesIO()
    with xlsxwriter.Workbook(page, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(row(1)))
        for n in range(1, 20):
            sheet.write_row(n, 0, list(row(n).values()))
    return page.getvalue()


TEXT = "\n".join([",".join(row(1)), *(",".join(str(one) for one in row(n).values()) for n in range(40))])
LINES = "\n".join(json.dumps(row(n)) for n in range(40))
FILES = {
    ".csv": TEXT.encode(), ".jsonl": LINES.encode(), ".parquet": parquet(), ".arrow": arrow(), ".xlsx": workbook(),
    ".csv.gz": gzip.compress(TEXT.encode()), ".jsonl.gz": gzip.compress(LINES.encode()),
    "utf-16.csv": TEXT.encode("utf-16"), "cyrillic.csv": TEXT.replace("short", "короткий").encode("cp1251"),
    "plain.arrow": arrow(packed=None),
}  # fmt: skip
TYPES = {
    "application/json": json.dumps([row(1), row(2)]).encode(), "application/x-ndjson": FILES[".jsonl"], "text/csv": FILES[".csv"],
    "application/vnd.apache.parquet": FILES[".parquet"], "application/vnd.apache.arrow.file": FILES[".arrow"],
    "application/xml": b"<r><v><visit_id>1</visit_id></v></r>", "application/senml+json": SAMPLES["senml"][2]
    if "senml" in SAMPLES else b"[]", "application/ld+json": b"[]",
}  # fmt: skip
changes: Any = some.lists(
    some.tuples(some.floats(0, 1, exclude_max=True), some.sampled_from(["flip", "cut", "drop", "twice", "noise", "number"]),
                some.integers(0, 255), some.binary(min_size=1, max_size=12)),
    min_size=1, max_size=5,
)  # fmt: skip


def broken(body: bytes, wrong: list[tuple[float, str, int, bytes]]) -> bytes:
    """A body with some bytes changed, lost, repeated, added, or a number made huge."""
    found = bytearray(body)
    for place, how, number, noise in wrong:
        at = int(place * len(found))
        if how == "flip" and found:
            found[at] ^= 1 << number % 8
        elif how == "cut":
            del found[at:]
        elif how == "drop":
            del found[at : at + number]
        elif how == "twice":
            found[at:at] = found[at : at + number]
        elif how == "number":
            found[at : at + 4] = struct.pack("<I", 1 << number % 32)
        else:
            found[at:at] = noise
    return bytes(found)


def said(answer: Any) -> None:
    assert answer.status_code in (202, 413, 415, 422), answer.text
    if answer.status_code != 202:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["title"]) > 8


@pytest.mark.parametrize("kind", TYPES)
@fuzz
@given(wrong=changes, how=some.sampled_from(["identity", "gzip", "zstd", "not really gzip"]))
def test_a_damaged_body_is_taken_or_refused_with_words(client: TestClient, kind: str, wrong: Any, how: str) -> None:
    body = broken(TYPES[kind], wrong)
    content = (
        gzip.compress(body, 1) if how == "gzip" else pa.compress(body, "zstd", asbytes=True) if how == "zstd" else body
    )
    headers = {**SECRET, "Content-Type": kind, "Content-Encoding": how.split()[-1]}
    said(client.post(ADDRESS, content=content, headers=headers))
    assert Body.held == 0


@pytest.mark.parametrize("kind", KINDS)
@fuzz
@given(body=some.binary(max_size=400))
def test_noise_over_http_and_mqtt(client: TestClient, kind: str, body: bytes) -> None:
    client.app.state.keeper.registry.kind = kind  # type: ignore[attr-defined]
    try:
        said(client.post(ADDRESS, content=body, headers={**SECRET, "Content-Type": "application/octet-stream"}))
    finally:
        client.app.state.keeper.registry.kind = "json"  # type: ignore[attr-defined]
    topics = Topics("q/+/visits")
    found = decoded(TrialFeed(format=kind), topics, [Message("q/a/visits", body, datetime.now(UTC), None, 0)])
    assert found.done
    assert all(why for why, _ in found.unreadable)


@pytest.mark.parametrize("name", FILES)
@fuzz
@given(wrong=changes)
def test_a_damaged_file_is_taken_or_refused_with_words(
    receiver: Receiver, tmp_path_factory: Any, name: str, wrong: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / f"came{name}"
    path.write_bytes(broken(FILES[name], wrong))
    try:
        take_one(receiver, TrialFeed(door="files"), path, path.name, received=datetime.now(UTC).replace(tzinfo=None), key="",
                 most_bytes=1 << 30)  # fmt: skip
    except Problem as problem:
        assert path.name in str(problem)
        assert len(problem.message) > 8


@pytest.mark.parametrize("name", FILES)
def test_what_is_whole_is_taken(receiver: Receiver, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"came{name}"
    path.write_bytes(FILES[name])
    taken = take_one(receiver, TrialFeed(door="files"), path, path.name, received=datetime.now(UTC).replace(tzinfo=None), key="",
                     most_bytes=1 << 30)  # fmt: skip
    assert taken.received >= 19


def _zip_that_lies() -> bytes:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", bytes(9 << 20))
    return page.getvalue().replace(struct.pack("<I", 9 << 20), struct.pack("<I", 1000))


def _rows_of_nothing() -> bytes:
    whole = arrow(pa.table({"visit_id": pa.nulls(777_777)}), None)
    return whole.replace(struct.pack("<q", 777_777), struct.pack("<q", 1 << 50))


def _buffer_that_grows() -> bytes:
    whole = arrow(pa.table({"visit_id": pa.array([bytes(777_777)])}))
    return whole.replace(struct.pack("<q", 777_777), struct.pack("<q", 1 << 40))


def _same_row_again_and_again() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"visit_id": ["a"] * 30_000}), sink)
    return bytes(sink.getvalue())


BOMBS = {
    "zeros in gzip": (".csv.gz", lambda: gzip.compress(bytes(5 << 20)) * 2, "unpacked"),
    "a workbook that lies about itself": (".xlsx", _zip_that_lies, "unpacked"),
    "rows of nothing without end": (".arrow", _rows_of_nothing, "rows"),
    "a buffer that says it becomes a terabyte": (".arrow", _buffer_that_grows, "unpacked"),
    "one row again and again": (".parquet", _same_row_again_and_again, "rows"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_in_a_file_is_refused_before_it_grows(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound, small in (("ROWS", 10_000), ("UNPACKED_BYTES", 8 << 20), ("WORKBOOK_BYTES", 8 << 20)):
        monkeypatch.setattr(bounds, bound, small)
    suffix, make, word = BOMBS[name]
    path = tmp_path / f"bomb{suffix}"
    path.write_bytes(make())
    tracemalloc.start()
    try:
        with pytest.raises(Problem, match=word):
            bounds.within_bounds(path, suffix.removesuffix(".gz"))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("address", ["nothing", "counts"])
@pytest.mark.parametrize(
    "body", [b"[" * 50_000, b'{"a":' * 12_000, b"x" * 200_000, b"\xff\xfe", b"[]", b"7", b'{"first": [], "last": {}}',
             b'{"from": "0001-01-01T00:00:00+14:00", "until": "0001-01-01T01:00:00+14:00", "rows": 1}']
)  # fmt: skip
def test_a_body_that_says_nothing_sensible(client: TestClient, address: str, body: bytes) -> None:
    answer = client.post(f"{ADDRESS}/{address}", content=body, headers=SECRET)
    assert answer.status_code == 422, answer.text
    assert answer.json()["mend"]


def test_bodies_together_have_a_bound(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.intake.doors.body.MOST_IN_ALL", 1 << 20)
    answer = client.post(ADDRESS, content=b" " * (2 << 20), headers=SECRET)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert Body.held == 0


def test_the_document_tells_all_that_is_answered(app: Starlette, client: TestClient) -> None:
    raw = client.get("/api/v1/intake/openapi.json").json()
    paths = {route.path for route in app.routes if isinstance(route, Route)} - {
        "/api/v1/intake/openapi.json",
        "/intake/healthz",
    }
    assert set(raw["paths"]) == paths
    for path in raw["paths"].values():
        for parameter in path["parameters"]:
            if parameter["name"] == "dataset":
                parameter["schema"] = {"anyOf": [{"const": VISITS}, {"type": "string"}]}
        path.get("post", {}).get("responses", {}).pop("503", None)
    called = 0
    for found in schemathesis.openapi.from_dict(raw).get_all_operations():
        operation = found.ok()
        operation.app = app
        if operation.path.endswith("/counts"):
            continue  # they go into the site's database: tests/intake/test_sent_counts.py

        @given(case=operation.as_strategy())
        @fuzz
        def call(case: schemathesis.Case) -> None:
            nonlocal called
            called += 1
            response = case.call(app=app, headers=SECRET)
            case.validate_response(response, checks=CHECKS)

        call()
    assert called >= 2 * TRIES
