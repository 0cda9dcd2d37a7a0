"""Pulling observations from an OGC SensorThings 1.1 service, page by page, from where the last turn ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

from pydantic import Field

from qala.intake.fetchers.fetched import Fetched, Turn, read_settings
from qala.intake.fetchers.rising import Mark
from qala.intake.fetchers.web import RefusalError
from qala.intake.fetchers.web_settings import WebSettings
from qala.intake.payloads import decode
from qala.intake.payloads.json_text import parsed
from qala.intake.payloads.limits import Row
from qala.standard.problems import Problem

_NEXT = "@iot.nextLink"


class SensorThingsSettings(WebSettings):
    """A collection of observations.

    Args:
        url: `…/v1.1/Observations` or `…/v1.1/Datastreams(5)/Observations`.
        rises: the time that rises.
        filter: more of OData, put together with the time by `and`.
        expand: what comes along.
        top: observations a page.
        first_days: how far the first turn goes back.
        overlap_s: how late an observation may appear there; what was seen already is passed over.
    """

    rises: Literal["phenomenonTime", "resultTime"] = "phenomenonTime"
    filter: str = Field(default="", max_length=1000)
    expand: str = "Datastream($expand=ObservedProperty,Thing)"
    top: int = Field(default=1000, ge=1, le=10_000)
    first_days: float = Field(default=1, ge=0, le=3660)
    overlap_s: float = Field(default=600, ge=0, le=86_400)


def fetch_sensorthings(said: Mapping[str, Any], position: Mapping[str, Any], turn: Turn) -> Fetched:
    """One page of the observations since the last turn.

    Raises:
        Problem: the settings are wrong, the service does not answer, or answers something else; nothing is passed over then.
    """
    settings = read_settings(SensorThingsSettings, said)
    mark = Mark.of(position.get("mark"))
    page = str(position.get("next") or "")
    try:
        answer = settings.client(turn).get(
            page or _first(settings, mark, turn.now), settings.asking(turn, Accept="application/json")
        )
    except RefusalError as error:
        if not page or error.status >= 500:
            raise
        return Fetched({"mark": mark.said()}, more=True)  # the service has forgotten its page: on from the mark
    rows = decode("sensorthings", answer.body or b'{"value": []}', received=turn.now, limits=turn.limits)
    fresh, mark = mark.after([(row, _moment(row, settings.rises)) for row in rows], settings.overlap_s)
    document = parsed(answer.body, turn.limits) if answer.body else {}
    link = document.get(_NEXT) if isinstance(document, dict) else None
    if not isinstance(link, str) or not link or not rows:
        return Fetched({"mark": mark.said()}, fresh)
    further = settings.page(answer.url, link)
    if further == page:
        raise Problem("the next page is the page itself", where="@iot.nextLink")
    return Fetched({"mark": mark.said(), "next": further}, fresh, more=True)


def _first(settings: SensorThingsSettings, mark: Mark, now: datetime) -> str:
    floor = mark.floor(settings.overlap_s)
    since = floor if isinstance(floor, datetime) else now - timedelta(days=settings.first_days)
    wanted = f"{settings.rises} ge {since.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}"
    asked = {
        "$filter": f"{wanted} and ({settings.filter})" if settings.filter else wanted,
        "$orderby": f"{settings.rises} asc",
        "$top": str(settings.top),
        **({"$expand": settings.expand} if settings.expand else {}),
    }
    return f"{settings.url}{'&' if '?' in settings.url else '?'}{urlencode(asked, quote_via=quote, safe='$(),=;')}"


def _moment(row: Row, by: str) -> datetime | None:
    """When it was, in UTC; of an interval its beginning, as the filter of the service has it."""
    text = row.get(f"{by}.start") or row.get(by)
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
