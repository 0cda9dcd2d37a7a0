"""Pulling a document by HTTP: JSON, JSON lines, CSV, XML, a GTFS Realtime feed, a file of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from qala.intake.fetchers.fetched import Fetched, Turn, read_settings
from qala.intake.fetchers.web import Answer
from qala.intake.fetchers.web_settings import WebSettings
from qala.intake.payloads import Undecodable, decode, unpacked
from qala.intake.payloads.json_text import parsed
from qala.standard.problems import Problem

_TABLES = {"csv": ".csv", "jsonl": ".jsonl"}
_EPOCHS = {"epoch": 1, "epoch_ms": 1000}
_VERSIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class HttpSettings(WebSettings):
    """A document: the same address each time, or one with a window of time in it.

    Args:
        url: may hold `{since}` and `{until}`.
        time: how they are written: `iso` (UTC), `epoch`, `epoch_ms`, or a `strftime` shape.
        zone: of such a shape.
        first_days: how far the first turn goes back.
        overlap_s: seconds that are asked for again, for what came late there.
        window_days: the longest window asked for at once.
        next_at: where a JSON document has the address of its next page; `link`: the header of RFC 8288.
        suffix: where the answer is a file of rows: what kind of file.
    """

    time: str = Field(default="iso", max_length=60)
    zone: str = "UTC"
    first_days: float = Field(default=1, ge=0, le=3660)
    overlap_s: float = Field(default=0, ge=0)
    window_days: float = Field(default=31, gt=0)
    next_at: str = ""
    suffix: Literal["", ".csv", ".tsv", ".jsonl", ".parquet", ".arrow", ".xlsx", ".ods"] = ""

    @property
    def windowed(self) -> bool:
        return "{since}" in self.url or "{until}" in self.url


def fetch_http(said: Mapping[str, Any], position: Mapping[str, Any], turn: Turn) -> Fetched:
    """One document, or one page of one window of it.

    The position keeps what the server calls the version (ETag, Last-Modified), a digest of the content, the end of the last
    window that is through, the next page. What cannot be read is brought as unreadable once, and not again while it stays
    the same.

    Raises:
        Problem: the settings are wrong, or the server does not answer as it should.
    """
    settings = read_settings(HttpSettings, said)
    since, until = _window(settings, position, turn.now)
    page = str(position.get("next") or "")
    url = page or _filled(settings, since, until)
    headers = settings.asking(turn, Accept="*/*")
    if not page and not settings.windowed:
        headers |= {header: str(position[name]) for name, header in _VERSIONS.items() if position.get(name)}
    suffix = settings.suffix or ("" if turn.rows_at else _TABLES.get(turn.format, ""))
    file = turn.work / f"answer{suffix}" if suffix else None
    answer = settings.client(turn).get(url, headers, file)
    through: dict[str, Any] = {"until": until.isoformat()} if settings.windowed else {}
    if not page:
        through |= {name: answer.headers[name] for name in _VERSIONS if name in answer.headers}
    more = settings.windowed and until < turn.now
    if answer.unchanged:
        return Fetched({**position, **through}, unchanged=True)
    if file is not None and answer.status == 200:
        with file.open("rb") as stream:
            through["sha256"] = hashlib.file_digest(stream, "sha256").hexdigest()
    else:
        through["sha256"] = hashlib.sha256(answer.body).hexdigest()
    if through["sha256"] == position.get("sha256") and not page:
        return Fetched(through, unchanged=True, more=more)
    if answer.status == 204 or (file is None and not answer.body.strip()):
        return Fetched(through, more=more)
    if file is not None:
        return Fetched(through, file=(file, suffix), more=more)
    limits = turn.limits
    try:
        body = unpacked(answer.body, "gzip", limits) if answer.body.startswith(b"\x1f\x8b") else answer.body
        rows = decode(turn.format, body, rows_at=turn.rows_at, received=turn.now, limits=limits)
        link = _link(settings, answer, parsed(body, limits) if settings.next_at not in ("", "link") else None)
    except Undecodable as error:
        return Fetched(through, unreadable=[(_why(error), answer.body)], more=more)
    if not link:
        return Fetched(through, rows, more=more)
    further = settings.page(answer.url, link)
    if further == url:
        raise Problem("the next page is the page itself", where=f"settings: next_at {settings.next_at}")
    return Fetched({**position, "next": further, "window": [since.isoformat(), until.isoformat()]}, rows, more=True)


def _why(error: Undecodable) -> str:
    return f"{error.message} ({error.where})" if error.where else error.message


def _window(settings: HttpSettings, position: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    if position.get("next"):
        begin, until = (datetime.fromisoformat(one) for one in position["window"])
        return begin, until
    last = position.get("until")
    begin = datetime.fromisoformat(last) if last else now - timedelta(days=settings.first_days)
    until = min(now, begin + timedelta(days=settings.window_days)) if "{until}" in settings.url else now
    return begin - timedelta(seconds=settings.overlap_s if last else 0), until


def _filled(settings: HttpSettings, since: datetime, until: datetime) -> str:
    url = settings.url
    for name, moment in (("{since}", since), ("{until}", until)):
        url = url.replace(name, quote(_written(settings, moment), safe=""))
    return url


def _written(settings: HttpSettings, moment: datetime) -> str:
    if settings.time in _EPOCHS:
        return str(int(moment.timestamp() * _EPOCHS[settings.time]))
    if settings.time == "iso":
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        return moment.astimezone(ZoneInfo(settings.zone)).strftime(settings.time)
    except (ZoneInfoNotFoundError, ValueError):
        raise Problem(f"there is no zone {settings.zone!r}", where="settings: zone", hint="Asia/Almaty") from None


def _link(settings: HttpSettings, answer: Answer, document: Any) -> str:
    """The address of the next page as the server gives it, or nothing."""
    if settings.next_at == "link":
        for one in answer.headers.get("link", "").split(","):
            target, _, rest = one.partition(";")
            words = {part.strip().replace('"', "").replace("'", "") for part in rest.split(";")}
            if "rel=next" in words and target.strip().startswith("<"):
                return target.strip()[1:-1]
        return ""
    for step in settings.next_at.split(".") if settings.next_at else ():
        document = document.get(step) if isinstance(document, dict) else None
    return document if isinstance(document, str) else ""
