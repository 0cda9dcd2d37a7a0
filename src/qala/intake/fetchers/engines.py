"""Database engines that a pull can read, as data: how each is connected to, and the few words of SQL that differ."""

from __future__ import annotations

import importlib
import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qala.standard.problems import Problem


@dataclass(frozen=True)
class Target:
    """Where a database is, and as whom to read it.

    Args:
        addresses: checked ones of the host, for a driver that connects by itself.
        socket: a connected one, for a driver that takes it; opened when it is asked for.
    """

    host: str
    port: int
    database: str
    user: str
    password: str
    tls: bool
    seconds: int
    addresses: tuple[str, ...]
    socket: Callable[[], socket.socket]


@dataclass(frozen=True)
class Engine:
    """A kind of database.

    Args:
        connect: gives a DB-API 2.0 connection (PEP 249).
        port: usual one.
        quote: what stands around names.
        begin: statements before the query: only reading, and not for ever.
        cut: how a query is cut to n rows; `order` is its ORDER BY, or nothing.
        named: what follows a sub-query before its name.
        value: how a value beside the query is marked; `%` elsewhere is doubled for a driver that marks by `%s`.
        unordered: the ORDER BY of a query that has no order, where cutting wants one.
        driver: what has to be installed besides.
        tested: whether the tests run it against a real server.
    """

    connect: Callable[[Target], Any]
    port: int
    quote: str = '""'
    begin: tuple[str, ...] = ()
    cut: str = "{order} LIMIT {n}"
    named: str = "AS "
    value: str = "%s"
    unordered: str = ""
    driver: str = ""
    tested: bool = False


def _postgresql(target: Target) -> Any:
    import psycopg

    return psycopg.connect(
        host=target.host,
        hostaddr=target.addresses[0],
        port=target.port,
        dbname=target.database,
        user=target.user,
        password=target.password,
        sslmode="verify-full" if target.tls else "prefer",
        sslrootcert=_trusted() if target.tls else None,
        connect_timeout=min(target.seconds, 30),
        application_name="qala",
        prepare_threshold=0,  # as a prepared statement, so that it is one statement
        options=f"-c default_transaction_read_only=on -c statement_timeout={target.seconds * 1000} -c timezone=UTC",
    )


def _trusted() -> str:
    """The file of certificates that Python trusts: `SSL_CERT_FILE`, else the machine's."""
    paths = ssl.get_default_verify_paths()
    return os.environ.get("SSL_CERT_FILE") or paths.cafile or "system"


def _mariadb(target: Target) -> Any:
    import pymysql

    connection = pymysql.connect(
        host=target.host,
        port=target.port,
        database=target.database,
        user=target.user,
        password=target.password,
        charset="utf8mb4",
        read_timeout=target.seconds,
        connect_timeout=min(target.seconds, 30),
        ssl=ssl.create_default_context() if target.tls else None,
        init_command="SET time_zone = '+00:00'",
        defer_connect=True,
    )
    connection.connect(target.socket())
    return connection


def _by_driver(module: str, **names: str) -> Callable[[Target], Any]:
    """A connection by a driver of PEP 249 whose parameters have these names."""

    def connect(target: Target) -> Any:
        try:
            driver = importlib.import_module(module)
        except ImportError:
            raise Problem(
                f"the driver {module} is not installed", where="settings: engine", hint=f"pip install {module}"
            ) from None
        values = {
            "host": target.addresses[0], "port": target.port, "database": target.database, "user": target.user,
            "password": target.password,
        }  # fmt: skip
        return driver.connect(**{name: values[ours] for ours, name in names.items()})

    return connect


ENGINES: Mapping[str, Engine] = {
    "postgresql": Engine(_postgresql, 5432, tested=True),
    "mariadb": Engine(
        _mariadb,
        3306,
        quote="``",
        begin=("SET SESSION TRANSACTION READ ONLY", "SET SESSION max_statement_time = {seconds}"),
        tested=True,
    ),
    "mysql": Engine(
        _mariadb,
        3306,
        quote="``",
        begin=("SET SESSION TRANSACTION READ ONLY", "SET SESSION max_execution_time = {seconds}000"),
    ),
    "oracle": Engine(
        _by_driver("oracledb", host="host", port="port", database="service_name", user="user", password="password"),
        1521,
        begin=("SET TRANSACTION READ ONLY",),
        cut="{order} FETCH FIRST {n} ROWS ONLY",
        named="",
        value=":1",
        driver="oracledb",
    ),
    "sqlserver": Engine(
        _by_driver("pymssql", host="server", port="port", database="database", user="user", password="password"),
        1433,
        quote="[]",
        cut="{order} OFFSET 0 ROWS FETCH NEXT {n} ROWS ONLY",
        unordered="ORDER BY (SELECT NULL)",
        driver="pymssql",
    ),
}
