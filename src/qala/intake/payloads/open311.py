"""Service requests of Open311 GeoReport v2, in JSON or XML."""

from __future__ import annotations

from typing import Any

from qala.intake.payloads.flat import rows_of
from qala.intake.payloads.json_text import parsed
from qala.intake.payloads.limits import Row, Undecodable, keys_of, shown
from qala.intake.payloads.message import Message
from qala.intake.payloads.xml_text import xml_document

_ROOTS = ("service_requests", "requests")


def open311_rows(message: Message) -> list[Row]:
    """One row a service request, with the standard's own names (`service_request_id`, `requested_datetime`, `lat`).

    Args:
        rows_at: where the requests are, if the server wraps them in something of its own.

    Raises:
        Undecodable: neither JSON nor XML of that standard; or the server's own words, if it sent an error.
    """
    if message.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        document = xml_document(message.body, message.limits)
        if isinstance(document, dict):  # below the root: <request> or <error>, once or several times
            document = document.get("request", document.get("error", document))
        elif document is None:
            return []
    else:
        document = parsed(message.body, message.limits)
    if message.rows_at:
        return rows_of(document, message.rows_at, message.limits)
    if isinstance(document, dict):
        document = next((document[root] for root in _ROOTS if isinstance(document.get(root), list)), document)
    items = document if isinstance(document, list) else [document]
    for number, item in enumerate(items, 1):
        _check(item, f"request {number}")
    return rows_of(items, "", message.limits)


def _check(item: Any, where: str) -> None:
    if not isinstance(item, dict):
        raise Undecodable("a service request is an object", where=where)
    if "service_request_id" in item or "token" in item:
        return
    if "description" in item and "code" in item:
        raise Undecodable(f"the server answered: {shown(item['code'])} {shown(item['description'])}", where=where)
    raise Undecodable(
        "this is not a service request of GeoReport v2: it has no service_request_id",
        where=where,
        hint=f"its fields are: {keys_of(item)}",
    )
