"""Pulling documents by HTTP."""

from __future__ import annotations

import gzip
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from web_servers import Asked, site

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "payloads"))

from payload_samples import OPEN311_XML, bus_feed

from qala.intake.fetchers import FETCHERS, Allowed, Bounds, Fetched, RefusedAddressError, Turn, fetch
from qala.standard.problems import Problem

LOOPBACK = Allowed.of(["127.0.0.1"])
NOW = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)
QUICK = Bounds(connect_s=2, read_s=2, whole_s=5, tries=1)


def turn(work: Path, **more: Any) -> Turn:
    return Turn(**{"now": NOW, "work": work, "allowed": LOOPBACK, "bounds": QUICK, **more})


def pull(settings: dict[str, Any], position: Any, work: Path, **more: Any) -> Fetched:
    """One turn; settings and position pass through JSON, as they do in the database."""
    found = fetch(json.loads(json.dumps(settings)), json.loads(json.dumps(position)), turn(work, **more))
    json.dumps(found.position)
    return found


@pytest.mark.parametrize(
    ("format", "body", "rows_at", "first"),
    [
        ("json", b'{"data": [{"id": 1}, {"id": 2}]}', "data", {"id": "1"}),
        ("xml", b"<r><i><id>1</id></i><i><id>2</id></i></r>", "", {"id": "1"}),
        ("csv", b"id;v\n1;2\n", "x", {"id": "1", "v": "2"}),
        ("open311", OPEN311_XML, "", None),
        ("gtfs_rt", bus_feed(), "vehicle", None),
    ],
)
def test_a_document_of_each_kind_becomes_rows(
    tmp_path: Path, format: str, body: bytes, rows_at: str, first: Any
) -> None:
    for packed in (body, gzip.compress(body)):
        with site(lambda asked, packed=packed: asked.answer(200, packed)) as there:  # type: ignore[misc]
            found = pull({"url": there.url("/feed")}, {}, tmp_path, format=format, rows_at=rows_at)
        assert found.rows and not found.more
        if first is not None:
            assert found.rows[0] == first


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    def answer(asked: Asked) -> None:
        if asked.headers.get("if-none-match") == '"v1"':
            asked.answer(304)
        else:
            asked.answer(200, b'[{"id": 1}]', ETag='"v1"', Last_Modified="Mon, 02 Mar 2026 04:00:00 GMT")

    with site(answer) as there:
        first = pull({"url": there.url()}, {}, tmp_path)
        again = pull({"url": there.url()}, first.position, tmp_path)
    assert len(first.rows) == 1 and again.unchanged and not again.rows
    assert again.position == first.position
    assert there.asked[1].headers["if-modified-since"] == "Mon, 02 Mar 2026 04:00:00 GMT"


def test_the_same_content_is_not_taken_again_where_the_server_knows_no_versions(tmp_path: Path) -> None:
    with site(lambda asked: asked.answer(200, b'[{"id": 1}]')) as there:
        first = pull({"url": there.url()}, {}, tmp_path)
        again = pull({"url": there.url()}, first.position, tmp_path)
    assert first.rows and again.unchanged and not again.rows


def test_what_cannot_be_read_is_brought_once_with_its_reason(tmp_path: Path) -> None:
    bodies = [b"<html>maintenance</html>", b"<html>maintenance</html>", b'[{"id": 1}]']
    with site(lambda asked: asked.answer(200, bodies.pop(0))) as there:
        first = pull({"url": there.url()}, {}, tmp_path)
        again = pull({"url": there.url()}, first.position, tmp_path)
        later = pull({"url": there.url()}, again.position, tmp_path)
    ((why, content),) = first.unreadable
    assert "not JSON" in why and content == b"<html>maintenance</html>"
    assert not again.unreadable and later.rows


def test_a_table_goes_to_a_file(tmp_path: Path) -> None:
    with site(lambda asked: asked.answer(200, b"id,v\n1,2\n")) as there:
        found = pull({"url": there.url("/export.csv")}, {}, tmp_path, format="csv")
        again = pull({"url": there.url("/export.csv")}, found.position, tmp_path, format="csv")
    assert found.file is not None
    path, suffix = found.file
    assert (path.read_bytes(), suffix) == (b"id,v\n1,2\n", ".csv")
    assert again.unchanged and again.file is None


def test_windows_of_time_follow_one_another_without_a_gap(tmp_path: Path) -> None:
    with site(lambda asked: asked.answer(200, json.dumps([{"id": asked.query["from"]}]).encode())) as there:
        settings = {
            "url": there.url("/rows?from={since}&to={until}"), "first_days": 5, "window_days": 2, "time": "%d.%m.%Y %H:%M:%S",
            "zone": "Asia/Almaty",
        }  # fmt: skip
        position: Any = {}
        turns = 0
        while True:
            found = pull(settings, position, tmp_path)
            position, turns = found.position, turns + 1
            if not found.more:
                break
        later = pull(settings, position, tmp_path, now=NOW + timedelta(minutes=5))
    windows = [(one.query["from"], one.query["to"]) for one in there.asked]
    assert turns == 3 and not later.more
    assert windows[0] == ("25.02.2026 09:05:06", "27.02.2026 09:05:06")
    assert all(before[1] == after[0] for before, after in zip(windows, windows[1:], strict=False))
    assert windows[-1] == ("02.03.2026 09:05:06", "02.03.2026 09:10:06")


def test_a_failed_window_is_asked_for_again(tmp_path: Path) -> None:
    statuses = iter([200, 500, 200])
    with site(lambda asked: asked.answer(next(statuses), b"[]")) as there:
        settings = {"url": there.url("/rows?since={since}"), "time": "epoch"}
        first = pull(settings, {}, tmp_path)
        with pytest.raises(Problem):
            pull(settings, first.position, tmp_path, now=NOW + timedelta(minutes=5))
        pull(settings, first.position, tmp_path, now=NOW + timedelta(minutes=10))
    assert there.asked[1].query["since"] == there.asked[2].query["since"] == str(int(NOW.timestamp()))


@pytest.mark.parametrize("way", ["paging.next", "link"])
def test_pages_are_turned_to_the_last_and_stay_with_the_server(tmp_path: Path, way: str) -> None:
    def answer(asked: Asked) -> None:
        page = int(asked.query.get("page", "1"))
        # a server behind a proxy that names itself as it is called inside
        further = f"http://10.0.0.5:8080/rows?page={page + 1}" if page < 3 else None
        body = {"data": [{"id": page}], "paging": {"next": further}}
        headers = {"Link": f'<{further}>; rel="next"'} if further and way == "link" else {}
        asked.answer(200, json.dumps(body).encode(), **headers)

    rows: list[Any] = []
    position: Any = {}
    with site(answer) as there:
        settings = {"url": there.url("/rows"), "next_at": way, "headers": {"X-Key": "x"}}
        while True:
            found = pull(settings, position, tmp_path, rows_at="data")
            rows += found.rows
            position = found.position
            if not found.more:
                break
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert {one.headers["x-key"] for one in there.asked} == {"x"}
    assert "next" not in position


def test_a_page_that_leads_to_itself_is_told(tmp_path: Path) -> None:
    with site(lambda asked: asked.answer(200, b'{"data": [1], "next": "/rows?page=2"}')) as there:
        settings = {"url": there.url("/rows"), "next_at": "next"}
        first = pull(settings, {}, tmp_path, rows_at="data")
        with pytest.raises(Problem, match="the page itself"):
            pull(settings, first.position, tmp_path, rows_at="data")


def test_secrets_are_looked_up_by_name(tmp_path: Path) -> None:
    with site(lambda asked: asked.answer(200, b"[]")) as there:
        settings = {
            "url": there.url(),
            "basic": {"user": "qala", "password": {"secret": "gate"}},
            "headers": {"X-Key": {"secret": "key"}},
        }
        pull(settings, {}, tmp_path, secret={"gate": "öpen", "key": "k"}.__getitem__)
        with pytest.raises(Problem, match="'key' is not there"):
            pull(settings, {}, tmp_path)
    assert there.asked[0].headers["authorization"] == "Basic cWFsYTrDtnBlbg=="
    assert there.asked[0].headers["x-key"] == "k"


def test_an_internal_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedAddressError):
        pull({"url": "http://127.0.0.1:9/"}, {}, tmp_path, allowed=Allowed())


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({}, "settings: url"),
        ({"url": "http://127.0.0.1/", "headers": {"authorization": "Bearer x"}}, "settings: headers"),
        ({"url": "http://127.0.0.1/", "urls": 1}, "settings: urls"),
        ({"url": "http://127.0.0.1/{since}", "time": "%H", "zone": "Mars/Base"}, "settings: zone"),
        ({"url": "http://127.0.0.1/", "by": "ftp"}, "settings: by"),
        ({"url": "http://127.0.0.1/", "headers": {"A": 5}}, "settings: headers"),
    ],
)
def test_a_wrong_setting_is_told_with_its_path(tmp_path: Path, settings: dict[str, Any], where: str) -> None:
    with pytest.raises(Problem) as problem:
        pull(settings, {}, tmp_path)
    assert problem.value.where.startswith(where)


@pytest.mark.parametrize("by", FETCHERS)
def test_the_page_on_pulls_names_every_setting(by: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "pulls.md").read_text(encoding="utf-8")
    section = page.partition(f"## `{by}`")[2].partition("\n## ")[0]
    common = page.partition("## Every pull by HTTP")[2].partition("\n## ")[0] if by != "sql" else ""
    rows = re.findall(r"(?m)^\| (`[^|]*) \|", section + common)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told == set(FETCHERS[by][0].model_fields)
