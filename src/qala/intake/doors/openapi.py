"""The document of the HTTP door (OpenAPI 3.1): `GET /api/v1/intake/openapi.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT = {"type": "string"}
_WHOLE = {"type": "integer", "minimum": 0}
_PROBLEMS: Mapping[int, str] = {
    400: "the connection ended in the middle of the body",
    401: "the secret lacks, or is none",
    403: "the source sends another dataset, or is paused",
    404: "there is no such address or receipt",
    413: "the body is larger than 256 MB, unpacked; nothing of it was kept",
    415: "bodies of this type are not read",
    422: "the body, a header or the mapping of the source is wrong; nothing of it was kept",
    429: "nothing can be taken now; Retry-After says when",
    503: "the database does not answer; Retry-After says when to send counts again",
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457: what, where, and how to mend it",
    "required": ["title", "status"],
    "properties": {"type": _TEXT, "title": _TEXT, "status": _WHOLE, "where": _TEXT, "mend": _TEXT},
}
_RECEIPT = {
    "type": "object",
    "description": "Its rows are on the disk: accepted and quarantined are what was received.",
    "required": ["id", "received", "accepted", "quarantined", "skipped", "reasons", "dropped", "repeated"],
    "properties": {
        "id": _TEXT,
        "received": _WHOLE,
        "accepted": _WHOLE,
        "quarantined": _WHOLE,
        "skipped": {**_WHOLE, "description": "left out by the mapping"},
        "reasons": {
            "type": "array",
            "description": "of the first refused rows",
            "items": {
                "type": "object",
                "properties": {"row": _WHOLE, "rules": {"type": "array", "items": _TEXT}, "reason": _TEXT},
            },
        },
        "dropped": {
            "type": "object",
            "description": "headers that the dataset has no column for, and how many values under each were kept nowhere",
            "additionalProperties": _WHOLE,
        },
        "repeated": {"type": "boolean", "description": "the idempotency key was taken before: nothing was written now"},
    },
}
_DATASET = {"name": "dataset", "in": "path", "required": True, "schema": _TEXT, "description": "id of the contract"}
_DAYS = {
    "type": "object",
    "required": ["first", "last"],
    "properties": {name: {"type": "string", "format": "date"} for name in ("first", "last")},
}
_HOURS = {
    "type": "object",
    "required": ["from", "until", "rows"],
    "properties": {
        **{name: {"type": "string", "format": "date-time"} for name in ("from", "until")},
        "rows": {**_WHOLE, "maximum": 2**53 - 1},
    },
}


def document(kinds: Mapping[str, str]) -> dict[str, Any]:
    """The document.

    Args:
        kinds: types of bodies that are read, and the kind of each.
    """
    rows = {
        kind: {"schema": _TEXT if "json" not in kind or "lines" in kind or kind.endswith("ndjson") else {}}
        for kind in kinds
    }
    take = _operation(
        "Take rows in: the answer comes when they are on the disk.", 202, _RECEIPT, (400, 401, 403, 413, 415, 422, 429)
    )
    take["requestBody"] = {"required": True, "content": rows}
    take["parameters"] = [
        _header("Idempotency-Key", "the same key with the same content is taken once"),
        _header("Content-Encoding", "how the body is packed", {"enum": ["identity", "gzip", "zstd"]}),
    ]
    nothing = _operation(
        "Report that nothing happened on days of the city.", 202,
        {"type": "object", "required": ["id", "received", "first", "last"]}, (401, 403, 422),
    )  # fmt: skip
    nothing["requestBody"] = {"required": True, "content": {"application/json": {"schema": _DAYS}}}
    counts = _operation(
        "Say how many rows were sent in whole hours; they are compared with what was received.",
        202,
        _HOURS,
        (401, 403, 422, 503),
    )
    counts["requestBody"] = {"required": True, "content": {"application/json": {"schema": _HOURS}}}
    became = {
        "type": "object",
        "required": ["id", "state"],
        "properties": {"id": _TEXT, "state": {"enum": ["waits", "stored"]}, "receipt": _TEXT},
    }
    receipt = _operation("What became of the rows of a receipt.", 200, became, (401, 403, 404))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Qala: intake",
            "version": "1",
            "description": "Where sources send rows. Each has a secret, which its page in the site issues and revokes.",
        },
        "security": [{"secret": []}],
        "paths": {
            "/api/v1/intake/{dataset}": {"parameters": [_DATASET], "post": take},
            "/api/v1/intake/{dataset}/nothing": {"parameters": [_DATASET], "post": nothing},
            "/api/v1/intake/{dataset}/counts": {"parameters": [_DATASET], "post": counts},
            "/api/v1/intake/{dataset}/receipts/{receipt}": {
                "parameters": [_DATASET, {"name": "receipt", "in": "path", "required": True, "schema": _TEXT}],
                "get": receipt,
            },
        },
        "components": {
            "securitySchemes": {"secret": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _PROBLEM},
        },
    }


def _header(name: str, meaning: str, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": meaning,
        "schema": {"type": "string", **(schema or {})},
    }


def _operation(summary: str, status: int, schema: Mapping[str, Any], problems: tuple[int, ...]) -> dict[str, Any]:
    told = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers: dict[str, Any] = {
        f"{status}": {"description": "done", "content": {"application/json": {"schema": schema}}}
    }
    for one in problems:
        answers[f"{one}"] = {"description": _PROBLEMS[one], **({} if one == 400 else {"content": told})}
    return {"summary": summary, "responses": answers}
