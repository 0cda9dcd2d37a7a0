"""Services of the open standards on loopback, as far as a pull talks to them: filters, order, pages, the broker's clock."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from web_servers import Asked


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class SensorThings:
    """Observations; OData's `ge`, `$orderby`, `$top`, `$skip` and `@iot.nextLink`."""

    observations: list[dict[str, Any]] = field(default_factory=list)
    between_pages: Any = None

    def add(self, number: int, moment: datetime) -> None:
        self.observations.append({"@iot.id": number, "phenomenonTime": stamp(moment), "result": number / 4})

    def answer(self, asked: Asked) -> None:
        wanted = re.match(r"(\w+) ge (\S+)", asked.query["$filter"])
        assert wanted and asked.query["$orderby"] == f"{wanted[1]} asc"
        since = datetime.fromisoformat(wanted[2])
        found = [one for one in self.observations if datetime.fromisoformat(one[wanted[1]]) >= since]
        found.sort(key=lambda one: one[wanted[1]])
        skip, top = int(asked.query.get("$skip", "0")), int(asked.query["$top"])
        body: dict[str, Any] = {"value": found[skip : skip + top]}
        if skip + top < len(found):
            query = "&".join(
                f"{name}={quote(value)}" for name, value in (asked.query | {"$skip": str(skip + top)}).items()
            )
            body["@iot.nextLink"] = f"http://inside:8080{asked.path}?{query}"
        asked.answer(200, json.dumps(body).encode())
        if self.between_pages is not None:
            self.between_pages()


@dataclass
class Broker:
    """NGSI-LD entities in the order of their making; `q=modifiedAt>=…`, `limit`, `offset`."""

    now: datetime = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    between_pages: Any = None

    def put(self, name: str, value: float) -> None:
        self.entities[name] = {
            "id": f"urn:ngsi-ld:Sensor:{name}", "type": "Sensor", "level": {"type": "Property", "value": value},
            "modifiedAt": stamp(self.now),
        }  # fmt: skip

    def answer(self, asked: Asked) -> None:
        assert asked.query["type"] == "Sensor" and asked.query["options"] == "sysAttrs"
        since = datetime.fromisoformat(asked.query["q"].removeprefix("modifiedAt>="))
        found = [one for one in self.entities.values() if datetime.fromisoformat(one["modifiedAt"]) >= since]
        offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
        handler = asked.handler
        body = json.dumps(found[offset : offset + limit]).encode()
        handler.send_response_only(200)
        handler.send_header("Date", format_datetime(self.now, usegmt=True))
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        if self.between_pages is not None:
            self.between_pages()


@dataclass
class Open311:
    """Service requests by the time they were made; cuts its answer without saying so."""

    most: int = 50
    requests: list[dict[str, Any]] = field(default_factory=list)

    def add(self, number: int, moment: datetime, status: str = "open") -> None:
        at = moment.replace(microsecond=0)
        self.requests.append({"service_request_id": str(number), "requested_datetime": stamp(at), "status": status})

    def answer(self, asked: Asked) -> None:
        since, until = (datetime.fromisoformat(asked.query[name]) for name in ("start_date", "end_date"))
        if until - since > timedelta(days=90):
            asked.answer(400, b'[{"code": 400, "description": "at most 90 days"}]')
            return
        found = [one for one in self.requests if since <= datetime.fromisoformat(one["requested_datetime"]) <= until]
        asked.answer(
            200, json.dumps(sorted(found, key=lambda one: -int(one["service_request_id"]))[: self.most]).encode()
        )
