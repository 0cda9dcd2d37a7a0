"""What a web process keeps open. The folder of the lake is `QALA_LAKE`, the edition `QALA_EDITION` (see `edition`)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from qala.datasets import Catalogue, load_catalogue
from qala.lake import Lake
from qala.measures.values import Values
from qala.runs import RunStore
from qala.standard import Edition, Text
from qala.standard import editions as loaded_editions
from qala.standard.choice import edition_on

_LOOK_AGAIN_S = 2.0
"""How long editions may be behind their files."""
_VALUES_BEHIND_S = 0.3
"""How long a thread's values may be behind the stored sums; open pages ask some moments after they are told of news."""
_KEPT_CITIES = 24
"""Cities whose sums a thread keeps in memory."""

_law: dict[str, Any] = {"looked": float("-inf")}
_own = threading.local()
_loading = threading.Lock()


def folder() -> Path:
    """The lake's folder: `QALA_LAKE`, or `lake` in the working directory."""
    return Path(os.environ.get("QALA_LAKE") or "lake")


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


def catalogue() -> Catalogue:
    """All contracts and computations of the program."""
    with _loading:
        return _catalogue()


def editions() -> Mapping[str, Edition]:
    """Every loaded edition by id; a changed file is seen some seconds later (reading all of them costs 10 ms)."""
    with _loading:
        if time.monotonic() - _law["looked"] > _LOOK_AGAIN_S:
            _law.update(editions=loaded_editions(), looked=time.monotonic())
        found: Mapping[str, Edition] = _law["editions"]
        return found


def today(zone: str = "Asia/Almaty") -> date:
    """The day that it is in a time zone."""
    return datetime.now(UTC).astimezone(ZoneInfo(zone)).date()


def edition(day: date | None = None) -> Edition:
    """The edition for a day (today): the one in force, or the one that `QALA_EDITION` names.

    Raises:
        Problem: none is in force and none is named.
    """
    return edition_on(day or today(), editions(), os.environ.get("QALA_EDITION") or None).edition


def edition_notice(day: date | None = None) -> Text | None:
    """Why the edition is not in force on a day; None if it is. Every page that shows its numbers says it."""
    return edition_on(day or today(), editions(), os.environ.get("QALA_EDITION") or None).notice


def lake() -> Lake:
    """This thread's lake. Do not keep it beyond the request."""
    where = folder()
    if getattr(_own, "folder", None) != where:
        _own.__dict__.clear()
        _own.lake = Lake(where, catalogue(), memory="600MB")
        _own.folder = where
    found: Lake = _own.lake
    return found


def run_store() -> RunStore:
    """The runs of the lake."""
    return RunStore(folder())


def values() -> Values:
    """This thread's values, at most `_VALUES_BEHIND_S` behind the stored sums."""
    here = lake()
    if not hasattr(_own, "values"):
        _own.values = Values(here, edition(), catalogue())
        _own.mark, _own.looked = _mark(here.folder), time.monotonic()
    elif time.monotonic() - _own.looked > _VALUES_BEHIND_S:
        mark, _own.looked = _mark(here.folder), time.monotonic()
        if mark != _own.mark or _own.values.kept > _KEPT_CITIES:
            _own.values.renew()
            _own.mark = mark
    found: Values = _own.values
    return found


def _mark(where: Path) -> int:
    """Changes when sums, indicators or the registry of cities do: the newest change of their folders."""
    newest = 0
    for part in ("sums", "indicators", "cities", "tables/city.parameters/_delta_log"):
        root = where / part
        within = (*root.iterdir(), *(root.glob("*/*") if part == "sums" else ())) if root.is_dir() else ()
        for place in (root, *within):  # a city's sums are a folder two levels down
            try:
                newest = max(newest, place.stat().st_mtime_ns)
            except FileNotFoundError:  # folded away while we looked
                continue
    return newest
