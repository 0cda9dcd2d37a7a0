"""Pulling service requests from an Open311 GeoReport v2 server, a window of time after another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import Field

from qala.intake.fetchers.fetched import Fetched, Turn, read_settings
from qala.intake.fetchers.web_settings import WebSettings
from qala.intake.payloads import decode
from qala.intake.payloads.limits import Row
from qala.standard.problems import Problem

_USUAL_CAPS = frozenset({25, 50, 100, 200, 250, 500, 1000})
_SHORTEST = timedelta(seconds=60)


class Open311Settings(WebSettings):
    """The service requests of a jurisdiction.

    Args:
        url: `…/requests.json` or `…/requests.xml`.
        jurisdiction_id: as the standard has it.
        more: further parameters, `{"service_code": "001", "api_key": "…"}`.
        since, until: names of the parameters of a window: `updated_after` and `updated_before` where the server has them.
        first_days: how far the first turn goes back.
        window_days: the longest window; the standard has at most 90.
        look_back_days: what each turn asks for again, because the state of a request changes after it was made; 0 with
            `updated_after`.
        most: how many a server gives at most; a window with as many is halved.
    """

    jurisdiction_id: str = ""
    more: Mapping[str, str] = {}
    since: str = "start_date"
    until: str = "end_date"
    first_days: float = Field(default=90, ge=0, le=3660)
    window_days: float = Field(default=30, gt=0, le=90)
    look_back_days: float = Field(default=7, ge=0, le=366)
    most: int = Field(default=1000, ge=1)


def fetch_open311(said: Mapping[str, Any], position: Mapping[str, Any], turn: Turn) -> Fetched:
    """The requests of one window.

    A server cuts its answer without saying so. An answer with as many requests as it gives at most, or with exactly one of
    the usual numbers, is therefore asked for again in halves.

    Raises:
        Problem: the settings are wrong, the server does not answer, or answers something else; nothing is passed over then.
    """
    settings = read_settings(Open311Settings, said)
    begin, end = _sweep(settings, position, turn.now)
    until = min(end, begin + timedelta(days=settings.window_days))
    while True:
        rows = _asked(settings, begin, until, turn)
        if len(rows) < settings.most and len(rows) not in _USUAL_CAPS:
            break
        if until - begin <= _SHORTEST:
            if len(rows) < settings.most:
                break
            raise Problem(
                f"the server has more than {settings.most} requests within a minute, and gives no more at once",
                where=f"{begin.isoformat()} to {until.isoformat()}",
            )
        until = begin + (until - begin) / 2
    if until < end:
        return Fetched({"at": until.isoformat(), "end": end.isoformat()}, rows, more=True)
    return Fetched({"through": end.isoformat()}, rows)


def _sweep(settings: Open311Settings, position: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    if position.get("at"):
        return datetime.fromisoformat(position["at"]), datetime.fromisoformat(position["end"])
    if position.get("through"):
        return datetime.fromisoformat(position["through"]) - timedelta(days=settings.look_back_days), now
    return now - timedelta(days=settings.first_days), now


def _asked(settings: Open311Settings, begin: datetime, until: datetime, turn: Turn) -> list[Row]:
    # the bounds are whole seconds for the server: the first is rounded down, the last up
    asked = {
        **({"jurisdiction_id": settings.jurisdiction_id} if settings.jurisdiction_id else {}),
        **settings.more,
        settings.since: begin.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        settings.until: (until.astimezone(UTC) + timedelta(microseconds=999_999)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    url = f"{settings.url}{'&' if '?' in settings.url else '?'}{urlencode(asked, quote_via=quote)}"
    answer = settings.client(turn).get(url, settings.asking(turn, Accept="application/json, text/xml"))
    return decode("open311", answer.body or b"[]", rows_at=turn.rows_at, received=turn.now, limits=turn.limits)
