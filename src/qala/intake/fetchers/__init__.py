"""Pulls: functions of settings and a position that bring rows and the next position. They remember nothing themselves.

Whoever calls them takes what came in first and remembers the position then; after a crash in between the same rows come
again, and are known by their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qala.intake.fetchers.addresses import Allowed, RefusedAddressError
from qala.intake.fetchers.fetched import Fetched, Settings, Turn
from qala.intake.fetchers.http import HttpSettings, fetch_http
from qala.intake.fetchers.ngsi_ld import NgsiLdSettings, fetch_ngsi_ld
from qala.intake.fetchers.open311 import Open311Settings, fetch_open311
from qala.intake.fetchers.sensorthings import SensorThingsSettings, fetch_sensorthings
from qala.intake.fetchers.sql import SqlSettings, fetch_sql
from qala.intake.fetchers.web import Bounds, Web
from qala.standard.problems import Problem

__all__ = ["FETCHERS", "Allowed", "Bounds", "Fetched", "RefusedAddressError", "Settings", "Turn", "Web", "fetch"]

Fetcher = Callable[[Mapping[str, Any], Mapping[str, Any], Turn], Fetched]

FETCHERS: Mapping[str, tuple[type[Settings], Fetcher]] = {
    "http": (HttpSettings, fetch_http),
    "open311": (Open311Settings, fetch_open311),
    "sensorthings": (SensorThingsSettings, fetch_sensorthings),
    "ngsi_ld": (NgsiLdSettings, fetch_ngsi_ld),
    "sql": (SqlSettings, fetch_sql),
}


def fetch(settings: Mapping[str, Any], position: Mapping[str, Any], turn: Turn) -> Fetched:
    """One turn of a source's pull.

    Args:
        settings: with `by`, one of `FETCHERS` (default `http`), and what that one wants.
        position: what the last turn left; empty at the beginning.

    Raises:
        Problem: what is wrong with the settings, the network or the answer, and where.
    """
    by = str(settings.get("by") or "http")
    if by not in FETCHERS:
        raise Problem(f"there is no pull by {by!r}", where="settings: by", hint="one of " + ", ".join(FETCHERS))
    return FETCHERS[by][1]({name: value for name, value in settings.items() if name != "by"}, position, turn)
