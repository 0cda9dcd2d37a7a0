"""Pages of lists, and answers that a client need not fetch twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query

Limit = Annotated[int, Query(ge=1, le=1000, description="how many at most")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="how many to leave out")]


def page(
    request: HttpRequest, items: Sequence[Any], limit: int, offset: int, count: int | None = None
) -> dict[str, Any]:
    """A stretch of a list. With `count`, `items` are the stretch already."""
    total = len(items) if count is None else count
    shown = items[offset : offset + limit] if count is None else items
    return {"items": shown, "count": total, "next": following(request, limit, offset, total)}


def following(request: HttpRequest, limit: int, offset: int, total: int) -> str | None:
    """Address of the next stretch."""
    if offset + limit >= total:
        return None
    asked = request.GET.copy()
    asked["limit"], asked["offset"] = str(limit), str(offset + limit)
    return f"{request.path}?{asked.urlencode()}"


def with_etag(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view's answers an ETag; answer 304 where the client has it."""

    @wraps(view)
    def tagged(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD") or answer.status_code != 200 or answer.streaming:
            return answer
        tag = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
        wanted = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
        if tag in wanted or "*" in wanted:
            answer = HttpResponse(status=304)
        answer["ETag"] = tag
        answer.setdefault("Cache-Control", "no-cache")
        return answer

    return tagged
