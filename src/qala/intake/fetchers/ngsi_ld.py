"""Pulling entities from an NGSI-LD broker (ETSI GS CIM 009), page by page, those that changed since the last turn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import Field

from qala.intake.fetchers.fetched import Fetched, Turn, read_settings
from qala.intake.fetchers.rising import Mark
from qala.intake.fetchers.web import Answer
from qala.intake.fetchers.web_settings import WebSettings
from qala.intake.payloads import decode
from qala.intake.payloads.limits import Row


class NgsiLdSettings(WebSettings):
    """Entities of a broker.

    Args:
        url: `…/ngsi-ld/v1/entities`.
        type: of the entities.
        context: address of the `@context` that names are shortened by.
        tenant: of a broker that has several.
        changed: how the broker is asked for what changed, with `{since}`; empty to ask for all each time.
        more: further parameters, `{"q": "…", "idPattern": "…", "geoQ": "…"}`.
        limit: entities a page.
        overlap_s: seconds that are asked for again; what was seen already is passed over.
    """

    type: str = Field(min_length=1, max_length=300)
    context: str = Field(default="", max_length=500, pattern=r"^[^<>\s]*$")
    tenant: str = Field(default="", max_length=100)
    changed: str = "modifiedAt>={since}"
    more: Mapping[str, str] = {}
    limit: int = Field(default=500, ge=1, le=1000)
    first_days: float = Field(default=3660, ge=0)
    overlap_s: float = Field(default=60, ge=0, le=86_400)


def fetch_ngsi_ld(said: Mapping[str, Any], position: Mapping[str, Any], turn: Turn) -> Fetched:
    """One page of the entities that changed since the last turn began.

    The next turn asks from when this one began by the broker's own clock, not from the last change that it saw: an entity
    that changes while pages are turned may slip behind the page.

    Raises:
        Problem: the settings are wrong, the broker does not answer, or answers something else; nothing is passed over then.
    """
    settings = read_settings(NgsiLdSettings, said)
    offset = int(position.get("offset") or 0)
    since = datetime.fromisoformat(position["since"]) if position.get("since") else None
    answer = settings.client(turn).get(_address(settings, since, offset, turn.now), _headers(settings, turn))
    began = datetime.fromisoformat(position["began"]) if offset else _clock(answer, turn.now)
    rows = decode("ngsi_ld", answer.body or b"[]", received=turn.now, limits=turn.limits)
    valued = [(row, _changed(row)) for row in rows]
    floor = began - timedelta(seconds=settings.overlap_s)
    seen = Mark.of(position.get("seen"))
    coming = (Mark.of(position.get("coming")) if offset else Mark()).plus(valued).since(floor)
    fresh = [row for row, _ in seen.fresh(valued)]
    if len(rows) < settings.limit:
        return Fetched({"since": floor.isoformat(), "seen": coming.said()}, fresh)
    paging = {"offset": offset + len(rows), "began": began.isoformat(), "coming": coming.said()}
    return Fetched({**position, **paging}, fresh, more=True)


def _address(settings: NgsiLdSettings, since: datetime | None, offset: int, now: datetime) -> str:
    asked = {"type": settings.type, "options": "sysAttrs", "limit": str(settings.limit), "offset": str(offset)}
    asked |= settings.more
    if settings.changed:
        begin = since or now - timedelta(days=settings.first_days)
        wanted = settings.changed.replace("{since}", begin.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        asked["q"] = f"({asked['q']});{wanted}" if asked.get("q") else wanted
    return f"{settings.url}{'&' if '?' in settings.url else '?'}{urlencode(asked, quote_via=quote)}"


def _headers(settings: NgsiLdSettings, turn: Turn) -> dict[str, str]:
    found = settings.asking(turn, Accept="application/json")
    if settings.context:
        kind = 'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
        found["Link"] = f"<{settings.context}>; {kind}"
    if settings.tenant:
        found["NGSILD-Tenant"] = settings.tenant
    return found


def _clock(answer: Answer, now: datetime) -> datetime:
    """The earlier of the broker's clock and ours."""
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return now
    return min(now, there if there.tzinfo else there.replace(tzinfo=UTC))


def _changed(row: Row) -> datetime | None:
    try:
        moment = datetime.fromisoformat(row.get("modifiedAt") or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
