"""Any bytes whatever: rows or a clear refusal, in bounded time and memory."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from payload_samples import SAMPLES

from qala.intake.payloads import KINDS, Limits, SparkplugDecoder, Undecodable, decode, unpacked

RECEIVED = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)
SMALL = Limits(size=1 << 16, rows=500, cells=5000, columns=200, depth=16)
TOPICS = ("", "spBv1.0/heat/NDATA/boiler-7", "spBv1.0/heat/DBIRTH/boiler-7/pump", "application/a/device/b/event/up",
          "v1.1/Datastreams(5)/Observations")  # fmt: skip
PATHS = ("", "a", "value", "data.rows", "vehicle", "0")

values: Any = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=5) | some.dictionaries(some.text(max_size=6), inner, max_size=5),
    max_leaves=30,
)
words = some.sampled_from(
    ["id", "type", "value", "n", "v", "bn", "bt", "bv", "u", "t", "vs", "vb", "s", "deviceInfo", "rxInfo", "object",
     "Observations", "Datastream", "dataArray", "components", "service_request_id", "code", "description", "data",
     "phenomenonTime", "result", "coordinates", "Property", "Point", "@context", "@value", "metadata", "datasetId"]
)  # fmt: skip
shaped: Any = some.recursive(
    some.none() | some.booleans() | some.integers(-5, 5) | some.floats() | words | some.text(max_size=4),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(words, inner, max_size=5),
    max_leaves=25,
)


def rows_or_refusal(kind: str, body: bytes, rows_at: str = "", topic: str = "", limits: Limits = SMALL) -> None:
    try:
        rows = decode(kind, body, rows_at=rows_at, topic=topic, received=RECEIVED, limits=limits)
    except Undecodable as refusal:
        assert refusal.message and "\n" not in refusal.message
        return
    for row in rows:
        for header, cell in row.items():
            assert type(header) is str and (cell is None or type(cell) is str)
            (header + (cell or "")).encode()
    assert len(rows) <= limits.rows


@pytest.mark.parametrize("kind", KINDS)
@given(body=some.binary(max_size=300), rows_at=some.sampled_from(PATHS), topic=some.sampled_from(TOPICS))
def test_noise_is_refused_or_read(kind: str, body: bytes, rows_at: str, topic: str) -> None:
    rows_or_refusal(kind, body, rows_at, topic)


@pytest.mark.parametrize("kind", KINDS)
@given(document=values | shaped, rows_at=some.sampled_from(PATHS), topic=some.sampled_from(TOPICS))
def test_any_json_is_refused_or_read(kind: str, document: Any, rows_at: str, topic: str) -> None:
    rows_or_refusal(kind, json.dumps(document).encode(), rows_at, topic)


@pytest.mark.parametrize("name", SAMPLES)
@settings(suppress_health_check=[HealthCheck.data_too_large])
@given(data=some.data())
def test_a_damaged_message_is_refused_or_read(name: str, data: Any) -> None:
    kind, topic, body = SAMPLES[name]
    broken = bytearray(body)
    for _ in range(data.draw(some.integers(1, 4))):
        at = data.draw(some.integers(0, len(broken) - 1))
        change = data.draw(some.sampled_from(["flip", "cut", "drop", "twice", "noise"]))
        if change == "flip":
            broken[at] ^= 1 << data.draw(some.integers(0, 7))
        elif change == "cut":
            del broken[max(at, 1) :]
        elif change == "drop":
            del broken[at : at + data.draw(some.integers(1, 9))]
        elif change == "twice":
            broken[at:at] = broken[at : at + data.draw(some.integers(1, 40))]
        else:
            broken[at:at] = data.draw(some.binary(min_size=1, max_size=12))
        if not broken:
            return
    rows_or_refusal(kind, bytes(broken), "", topic, Limits())


@given(messages=some.lists(some.tuples(some.sampled_from(["NBIRTH", "NDATA", "DBIRTH/d", "DDATA/d", "NDEATH", "DCMD/d"]),
                                       some.binary(max_size=60)), max_size=6))  # fmt: skip
def test_a_decoder_with_a_memory_survives_any_order(messages: list[tuple[str, bytes]]) -> None:
    decoder = SparkplugDecoder()
    for kind, body in messages:
        word, _, device = kind.partition("/")
        topic = f"spBv1.0/g/{word}/n" + (f"/{device}" if device else "")
        try:
            decoder.decode(topic, body, RECEIVED, SMALL)
        except Undecodable:
            continue


TIGHT = Limits(size=4 << 20, rows=10_000, cells=100_000)
BOMBS = {
    "arrays in arrays": ("json", b"[" * 4_000_000),
    "objects in objects": ("json", b'{"a":' * 500_000 + b"1" + b"}" * 500_000),
    "deep but closed": ("json", b"[" * 400 + b"]" * 400),
    "many empty arrays": ("json", b"[" + b"[]," * 200_000 + b"[]]"),
    "many keys": ("json", b"{" + b",".join(b'"%d":1' % n for n in range(100_000)) + b"}"),
    "wide rows": ("json", b"[{" + b",".join(b'"%d":1' % n for n in range(1100)) + b"}]"),
    "fields around many rows": ("json", b'{"a":{"b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"h":7,"i":8,"j":9,"k":10},"r":['
                                + b"1," * 9_900 + b"1]}"),
    "many lines": ("jsonl", b"1\n" * 100_000),
    "many commas": ("csv", b"," * 4_000_000),
    "many rows of nothing": ("csv", b"a,b\n" + b",\n" * 1_000_000),
    "elements in elements": ("xml", b"<a>" * 1_000_000),
    "many elements": ("xml", b"<r>" + b"<a/>" * 200_000 + b"</r>"),
    "billion laughs": ("xml", b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'),
    "a file of the server": ("xml", b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;</r>'),
    "a document type from elsewhere": ("open311", b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><r/>'),
    "numbers of a billion digits": ("senml", b'[{"n":"a","bv":1e999999999,"v":1e-999999999}]'),
    "empty metrics": ("sparkplug_b", b"\x12\x00" * 1_000_000),
    "a data set of empty rows": ("sparkplug_b", b"\x12\x85\x92\xf4\x01\x8a\x01\x80\x92\xf4\x01" + b"\x22\x00" * 2_000_000),
    "empty entities": ("gtfs_rt", b"\x12\x00" * 1_000_000),
    "too many bytes": ("json", b" " * (5 << 20)),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_memory(name: str) -> None:
    kind, body = BOMBS[name]
    rows_at = "r" if name == "fields around many rows" else ""
    tracemalloc.start()
    try:
        with pytest.raises(Undecodable):
            decode(kind, body, rows_at=rows_at, received=RECEIVED, limits=TIGHT)
        assert tracemalloc.get_traced_memory()[1] < 80 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_packed_bomb_is_refused_when_it_has_grown_to_the_bound(encoding: str) -> None:
    plain = bytes(48 << 20)
    packed = {
        "gzip": lambda: gzip.compress(plain),
        "deflate": lambda: zlib.compress(plain),
        "zstd": lambda: pa.compress(plain, codec="zstd", asbytes=True),
    }[encoding]()
    with pytest.raises(Undecodable, match="unpacked"):
        unpacked(packed, encoding)


@given(
    body=some.binary(max_size=200),
    encoding=some.sampled_from(["gzip", "deflate", "zstd", "gzip, zstd", "br", "x-gzip"]),
)
def test_noise_is_no_packed_body(body: bytes, encoding: str) -> None:
    try:
        unpacked(body, encoding, SMALL)
    except Undecodable:
        return


@given(body=some.binary(max_size=3000), cut=some.integers(0, 30))
def test_what_was_packed_is_unpacked_and_what_is_cut_is_refused(body: bytes, cut: int) -> None:
    for encoding, packed in (
        ("gzip", gzip.compress(body)),
        ("deflate", zlib.compress(body)),
        ("deflate", zlib.compress(body, wbits=-15)),
        ("zstd", pa.compress(body, codec="zstd", asbytes=True)),
    ):
        assert unpacked(packed, encoding, SMALL) == body
        if 0 < cut < len(packed) and body:
            with pytest.raises(Undecodable):
                unpacked(packed[:-cut], encoding, SMALL)
    assert unpacked(gzip.compress(body) + gzip.compress(body), "gzip", SMALL) == body + body
    assert unpacked(body, "identity") == body
