"""The HTTP door: what it takes, and how it says no."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from trial_intake import TrialFeed, row
from trial_lake import VISITS, current

from qala.intake.doors import body, http
from qala.intake.live import News
from qala.intake.receiving import Receiver
from qala.lake import Lake
from qala.lake.committing import Committer

SECRET = {"Authorization": "Bearer qals_secret"}
ADDRESS = f"/api/v1/intake/{VISITS}"


class TrialRegistry:
    """One source with one secret."""

    def __init__(self) -> None:
        self.feed = TrialFeed()

    def by_secret(self, secret: str) -> TrialFeed | None:
        return self.feed if secret == "qals_secret" else None

    def refresh(self, **_: Any) -> None:
        return None


@pytest.fixture
def registry() -> TrialRegistry:
    return TrialRegistry()


@pytest.fixture
def client(receiver: Receiver, registry: TrialRegistry) -> Iterator[TestClient]:
    app = Starlette(
        routes=[
            Route("/api/v1/intake/{dataset}", http.take, methods=["POST"]),
            Route("/api/v1/intake/{dataset}/nothing", http.nothing, methods=["POST"]),
        ]
    )
    app.state.keeper = http.Doorkeeper(receiver, registry, News())  # type: ignore[arg-type]
    with TestClient(app) as found:
        yield found
    app.state.keeper.close()


def stored(lake: Lake) -> set[str]:
    Committer(lake).drain()
    return {one["visit_id"] for one in current(lake, VISITS)}


def packed(content: bytes, how: str) -> bytes:
    if how == "gzip":
        return gzip.compress(content)
    if how == "zstd":
        return pa.compress(content, "zstd", asbytes=True)
    return content


def written(rows: list[dict[str, str | None]], kind: str) -> bytes:
    if kind == "application/json":
        return json.dumps(rows).encode()
    if kind == "application/x-ndjson":
        return "\n".join(map(json.dumps, rows)).encode()
    if kind == "text/csv":
        return "\n".join([",".join(rows[0]), *(",".join(str(v) for v in one.values()) for one in rows)]).encode()
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist(rows)
    if kind.endswith("parquet"):
        pq.write_table(table, sink)
    else:
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("how", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "text/csv", "application/vnd.apache.parquet",
                                  "application/vnd.apache.arrow.file"])  # fmt: skip
@pytest.mark.parametrize("count", [1, 3000])
def test_every_kind_of_body_is_taken_small_and_large(
    client: TestClient, lake: Lake, kind: str, how: str, count: int
) -> None:
    content = packed(written([row(n) for n in range(count)], kind), how)
    headers = {**SECRET, "Content-Type": kind, "Content-Encoding": how}
    answer = client.post(ADDRESS, content=content, headers=headers)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["received"], answer.json()["accepted"]) == (count, count)
    assert len(stored(lake)) == count


def test_bad_rows_are_told_by_number_and_broken_lines_beside_them(client: TestClient) -> None:
    lines = [json.dumps(row(1)), '{"visit_id": ', json.dumps(row(2, persons="many"))]
    answer = client.post(ADDRESS, content="\n".join(lines), headers={**SECRET, "Content-Type": "application/x-ndjson"})
    said = answer.json()
    assert (answer.status_code, said["received"], said["accepted"], said["quarantined"]) == (202, 3, 1, 2)
    assert {rule for one in said["reasons"] for rule in one["rules"]} == {"persons:unreadable", "unreadable"}


def test_an_idempotency_key_makes_a_second_sending_harmless(client: TestClient, lake: Lake) -> None:
    headers = {**SECRET, "Idempotency-Key": "one"}
    first, again = (client.post(ADDRESS, json=row(1), headers=headers).json() for _ in range(2))
    assert again["repeated"]
    assert again["id"] == first["id"]
    other = client.post(ADDRESS, json=row(2), headers=headers)
    assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")
    assert stored(lake) == {"1"}


@pytest.mark.parametrize(
    ("headers", "content", "status", "said"),
    [
        ({}, b"{}", 401, "secret"),
        ({"Authorization": "Bearer qals_other"}, b"{}", 401, "no credential"),
        ({**SECRET, "Content-Type": "application/json"}, b'{"a":', 422, "JSON"),
        ({**SECRET, "Content-Type": "application/json"}, b"[" * 100_000, 422, "deep"),
        ({**SECRET, "Content-Type": "application/json"}, b"\xff\xfe\x00", 422, ""),
        ({**SECRET, "Content-Type": "video/mp4"}, b"x", 415, "not read"),
        ({**SECRET, "Content-Encoding": "br"}, b"x", 422, "packed"),
        ({**SECRET, "Content-Encoding": "gzip"}, b"x" * 40, 422, "gzip"),
        ({**SECRET, "Content-Encoding": "zstd"}, b"x" * 40, 422, "zstd"),
        ({**SECRET, "Content-Type": "text/csv"}, b"shoe\n42\n" * 60_000, 422, ""),
        ({**SECRET, "Content-Type": "application/vnd.apache.parquet"}, b"PAR1 no", 422, "read"),
        ({**SECRET, "Content-Length": "10000000000"}, b"", 413, "larger"),
    ],
)
def test_what_is_no_good_is_refused_with_words(
    client: TestClient, lake: Lake, headers: dict[str, str], content: bytes, status: int, said: str
) -> None:
    answer = client.post(ADDRESS, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.text
    assert "Traceback" not in answer.text
    assert stored(lake) == set()


def test_a_bomb_is_noticed_when_it_has_grown_to_the_bound(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MOST_BYTES", 1 << 20)
    for how in ("gzip", "zstd"):
        content = packed(b"\0" * (50 << 20), how)
        answer = client.post(ADDRESS, content=content, headers={**SECRET, "Content-Encoding": how})
        assert answer.status_code == 413


def test_a_paused_source_and_the_wrong_dataset_are_refused(client: TestClient, registry: TrialRegistry) -> None:
    assert client.post("/api/v1/intake/gas.readings", json={}, headers=SECRET).status_code == 403
    registry.feed = TrialFeed(paused=True)
    assert "paused" in client.post(ADDRESS, json=row(1), headers=SECRET).text


def test_a_full_landing_says_when_to_come_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qala.lake.landing.FREE_BYTES", 1 << 60)
    answer = client.post(ADDRESS, json=row(1), headers=SECRET)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "15")


def test_a_source_may_report_that_nothing_happened(client: TestClient, lake: Lake) -> None:
    answer = client.post(f"{ADDRESS}/nothing", json={"first": "2026-03-01", "last": "2026-03-31"}, headers=SECRET)
    assert answer.status_code == 202, answer.text
    assert len(lake.ledger.zero_reports("750000000", VISITS)) == 1
    assert client.post(f"{ADDRESS}/nothing", json={"first": "March"}, headers=SECRET).status_code == 422
