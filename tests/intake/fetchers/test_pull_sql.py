"""Pulls from real servers: PostgreSQL and MariaDB."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from real_databases import PASSWORD, Server, mariadb, postgresql

from qala.intake.fetchers import Allowed, RefusedAddressError, Turn, fetch
from qala.intake.payloads.limits import Row
from qala.standard.problems import Problem

LOOPBACK = Allowed.of(["127.0.0.0/8", "::1"])


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp(request.param) / "db"
    with {"postgresql": postgresql, "mariadb": mariadb}[request.param](folder) as found:
        yield found


def turn(tmp_path: Path = Path()) -> Turn:
    secrets = {"database": PASSWORD, "wrong": "wrong"}
    return Turn(datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC), tmp_path, allowed=LOOPBACK, secret=secrets.__getitem__)


def pull(server: Server, position: Any, query: str, **more: Any) -> tuple[list[Row], Any]:
    """Turns until there is no more, as the door makes them; the position passes through JSON as it does there."""
    import json

    rows: list[Row] = []
    while True:
        found = fetch({"by": "sql", **server.settings(query, **more)}, position, turn())
        rows += found.rows
        position = json.loads(json.dumps(found.position))
        if not found.more:
            return rows, position


def fresh_table(server: Server, name: str, columns: str) -> None:
    server.run(f"DROP TABLE IF EXISTS {name}", f"CREATE TABLE {name} ({columns})")


def test_every_type_becomes_a_text_that_the_border_reads(server: Server) -> None:
    if server.engine == "postgresql":
        fresh_table(
            server, "kinds",
            "id bigint, n numeric(12,3), f real, d double precision, b boolean, t timestamptz, s timestamp, day date, j jsonb,"
            " raw bytea, w text, u uuid, i interval, nothing text",
        )  # fmt: skip
        server.run("""INSERT INTO kinds VALUES (9007199254740993, 1.500, 43.23895, 0.1, true, '2026-03-02 09:05:06.5+05',
            '2026-03-02 09:05:06', '2026-03-02', '{"a": [1, "қ"]}', '\\x0001', 'Қала', '00000000-0000-0000-0000-000000000001',
            '90 minutes', NULL)""")
    else:
        fresh_table(
            server, "kinds",
            "id bigint, n decimal(12,3), d double, b boolean, s datetime(6), day date, j json, raw varbinary(9), w text,"
            " i time, nothing text",
        )  # fmt: skip
        server.run("""INSERT INTO kinds VALUES (9007199254740993, 1.500, 0.1, true, '2026-03-02 09:05:06', '2026-03-02',
            '{"a": [1, "қ"]}', x'0001', 'Қала', '01:30:00', NULL)""")
    ((row,), _) = pull(server, {}, "SELECT * FROM kinds")
    common = {
        "id": "9007199254740993", "n": "1.500", "d": "0.1", "s": "2026-03-02 09:05:06", "day": "2026-03-02",
        "j": '{"a": [1, "қ"]}', "raw": "AAE=", "w": "Қала", "nothing": None,
    }  # fmt: skip
    assert common.items() <= row.items()
    if server.engine == "postgresql":
        assert (row["f"], row["b"], row["t"], row["i"]) == ("43.23895", "true", "2026-03-02T04:05:06.5Z", "5400")
    else:
        assert (row["b"], row["i"]) == ("1", "5400")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["whole", "moment"])
def test_rows_that_share_a_value_are_neither_lost_nor_doubled(server: Server, kind: str, seed: int) -> None:
    """New rows come between the turns, many with the value that was the highest; each is brought exactly once."""
    dice = random.Random(seed)
    fresh_table(server, "ties", "id int, at " + ("int" if kind == "whole" else "timestamp(6)"))
    brought: list[Row] = []
    position: Any = {}
    now, made = 0, 0
    for _ in range(5):
        values = []
        for _ in range(dice.randrange(0, 12)):
            now += dice.choice([0, 0, 0, 1])
            made += 1
            at = str(now) if kind == "whole" else f"'2026-03-02 04:00:{now:02d}.000001'"
            values.append(f"({made}, {at})")
        if values:
            server.run("INSERT INTO ties VALUES " + ",".join(values))
        rows, position = pull(server, position, "SELECT id, at FROM ties", rising="at", batch=dice.randrange(1, 5))
        brought += rows
    assert sorted(int(row["id"] or 0) for row in brought) == list(range(1, made + 1))


def test_rows_that_are_the_same_in_everything_are_each_brought(server: Server) -> None:
    fresh_table(server, "same", "v int, at int")
    server.run("INSERT INTO same VALUES (1, 5), (1, 5), (1, 5)")
    rows, position = pull(server, {}, "SELECT * FROM same", rising="at", batch=2)
    assert len(rows) == 3
    server.run("INSERT INTO same VALUES (1, 5)")
    rows, position = pull(server, position, "SELECT * FROM same", rising="at", batch=2)
    assert len(rows) == 1
    assert pull(server, position, "SELECT * FROM same", rising="at", batch=2)[0] == []


def test_a_row_that_a_slow_transaction_leaves_below_is_brought_within_the_overlap(server: Server) -> None:
    fresh_table(server, "slow", "id int")
    slow = server.writer()
    slow.cursor().execute("INSERT INTO slow VALUES (5)")
    server.run("INSERT INTO slow VALUES (4), (6)")
    rows, position = pull(server, {}, "SELECT * FROM slow", rising="id", overlap=10)
    assert [row["id"] for row in rows] == ["4", "6"]
    slow.commit()
    slow.close()
    rows, position = pull(server, position, "SELECT * FROM slow", rising="id", overlap=10)
    assert [row["id"] for row in rows] == ["5"]
    assert pull(server, position, "SELECT * FROM slow", rising="id", overlap=10)[0] == []


def test_a_changed_row_is_brought_again(server: Server) -> None:
    fresh_table(server, "appeals", "id int, status text, changed_at timestamp(6)")
    server.run("INSERT INTO appeals VALUES (1, 'open', '2026-03-02 04:00:00'), (2, 'open', '2026-03-02 04:00:00')")
    query = "SELECT * FROM appeals WHERE status LIKE '%'"
    rows, position = pull(server, {}, query, rising="changed_at")
    assert len(rows) == 2
    server.run("UPDATE appeals SET status = 'closed' WHERE id = 1")  # within the same instant
    rows, position = pull(server, position, query, rising="changed_at")
    assert [(row["id"], row["status"]) for row in rows] == [("1", "closed")]


def test_rows_whose_value_is_empty_wait_until_they_have_one(server: Server) -> None:
    fresh_table(server, "gaps", "id int, at int")
    server.run("INSERT INTO gaps VALUES (1, NULL), (2, 7)")
    rows, position = pull(server, {}, "SELECT * FROM gaps", rising="at")
    assert [row["id"] for row in rows] == ["2"]
    server.run("UPDATE gaps SET at = 8 WHERE id = 1")
    assert [row["id"] for row in pull(server, position, "SELECT * FROM gaps", rising="at")[0]] == ["1"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM kept) AS x; COMMIT; SET default_transaction_read_only = off; DELETE FROM kept; SELECT * FROM (SELECT 1",
        "WITH gone AS (DELETE FROM kept RETURNING id) SELECT id FROM gone",
        "DELETE FROM kept",
    ],
)
def test_a_pull_can_only_read(server: Server, query: str) -> None:
    fresh_table(server, "kept", "id int")
    server.run("INSERT INTO kept VALUES (1)")
    with pytest.raises(Problem, match="refuses the query"):
        pull(server, {}, query)
    with closing(server.writer()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (1,)


def test_a_query_that_takes_too_long_is_ended(server: Server) -> None:
    slow = (
        "SELECT pg_sleep(30)::text AS x"
        if server.engine == "postgresql"
        else "SELECT sleep(30) AS x FROM (SELECT 1) AS y"
    )
    with pytest.raises(Problem, match=r"refuses the query") as refusal:
        pull(server, {}, slow, within_s=1)
    assert "time" in refusal.value.message or "execution" in refusal.value.message


@pytest.mark.parametrize(
    ("more", "message", "hint"),
    [
        ({"query": "SELECT * FROM nowhere"}, "nowhere", ""),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "column", ""),
        ({"query": "SELECT 1 AS a", "rising": "b"}, "b", ""),
        ({"query": "SELECT 'қ' AS a", "rising": "a"}, "cannot rise", "moment"),
        ({"query": "SELECT 1 AS a", "rising": '"`b'}, "no name of a column", ""),
        ({"query": "SELECT 1 AS a", "password": {"secret": "wrong"}}, "does not answer", ""),
        ({"query": "SELECT 1 AS a", "host": "no-such-host.invalid"}, "not known", ""),
        ({"query": "SELECT 1 AS a", "port": 1}, "does not answer", ""),
        ({"query": "SELECT 1 AS a", "engine": "dbase"}, "no engine", "postgresql"),
        ({"query": "SELECT 1 AS a", "bach": 5}, "bach", "batch"),
        ({"query": "SELECT 1 AS a UNION ALL SELECT 2", "batch": 1}, "more than 1 rows", "rises"),
    ],
)
def test_what_is_wrong_is_told(server: Server, more: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(Problem) as problem:
        pull(server, {}, **more)
    assert message in problem.value.message and hint in problem.value.hint
    assert PASSWORD not in str(problem.value)


def test_an_internal_database_is_refused_unless_allowed(server: Server) -> None:
    settings = {"by": "sql", **server.settings("SELECT 1 AS a")}
    with pytest.raises(RefusedAddressError):
        fetch(settings, {}, Turn(datetime.now(UTC), Path()))


def test_a_certificate_is_asked_for_and_looked_at(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    query = "SELECT 1 AS a"
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(Problem, match=r"certificate|SSL"):
        pull(server, {}, query, tls=True, host="localhost")
    if server.authority is None:
        return
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    assert pull(server, {}, query, tls=True, host="localhost")[0] == [{"a": "1"}]
    with pytest.raises(Problem, match=r"certificate|127\.0\.0\.1"):
        pull(server, {}, query, tls=True)  # it is for localhost, not for 127.0.0.1


def test_a_table_that_grows_while_it_is_read_is_brought_whole(server: Server) -> None:
    fresh_table(server, "growing", "id int")
    ended = threading.Event()

    def grow() -> None:
        for number in range(25):
            server.run(f"INSERT INTO growing VALUES ({number})")
        ended.set()

    writer = threading.Thread(target=grow)
    writer.start()
    brought: list[Row] = []
    position: Any = {}
    last = False
    while not last:
        last = ended.is_set()
        rows, position = pull(server, position, "SELECT * FROM growing", rising="id", batch=7)
        brought += rows
    writer.join()
    assert [int(row["id"] or 0) for row in brought] == list(range(25))
