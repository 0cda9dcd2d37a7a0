"""The HTTP door: `POST /api/v1/intake/{dataset}`, and the stream of news for open pages. Starlette, for an ASGI server.

A source proves itself with its secret (`Authorization: Bearer qals_…`). The answer comes after the rows are on the disk: 202
with a receipt (counts, and reasons by row), or a problem (RFC 9457) that says what to mend. Nothing of a refused request is
kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from qala import facts
from qala.datasets import Way
from qala.intake.doors import exchange
from qala.intake.doors.body import Body, TooLarge, read_body, read_json
from qala.intake.doors.lines import Lines, lines_of
from qala.intake.doors.openapi import document
from qala.intake.live import News, stream
from qala.intake.payloads import KINDS, decode
from qala.intake.receipts import what_became_of
from qala.intake.receiving import Receiver
from qala.intake.registry import START, Feed, Registry
from qala.lake.landing import Full, now
from qala.standard.problems import Problem

BYTES_UNDER_WAY = 2 * 1024 * 1024
"""What one source may have sent and not been answered for; one request may be larger. More is told to wait before it is read, so
that a flood does not take the time of reading it from others."""
_UNKNOWN_BYTES = 64 * 1024
_DIGITS = 16
SMALL_BYTES = 256 * 1024
"""Up to here a body is decoded in memory and shares a batch with others; what is larger is read by the engine."""
_KINDS = {
    "application/json": "json",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "application/json-lines": "jsonl",
    "text/csv": "csv",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/senml+json": "senml",
    "application/ld+json": "ngsi_ld",
    "application/vnd.apache.parquet": "parquet",
    "application/x-parquet": "parquet",
    "application/vnd.apache.arrow.file": "arrow",
}
_BY_ENGINE = {"jsonl": ".jsonl", "csv": ".csv", "parquet": ".parquet", "arrow": ".arrow"}


class Doorkeeper:
    """What the requests of one process share."""

    def __init__(self, receiver: Receiver, registry: Registry, news: News) -> None:
        self.receiver = receiver
        self.registry = registry
        self.news = news
        self.under_way: dict[str, int] = {}
        self.threads = ThreadPoolExecutor(2, thread_name_prefix="decode")
        self._ended = threading.Event()
        self._follower = threading.Thread(target=self._follow_registry, name="registry", daemon=True)
        self._follower.start()

    def _follow_registry(self) -> None:
        while not self._ended.is_set():
            self.registry.refresh(now=True)
            self._ended.wait(2)

    @contextlib.contextmanager
    def admitted(self, feed: Feed, size: int) -> Iterator[None]:
        """Let a request of so many bytes in; in the event loop only.

        Raises:
            Full: the source has too much under way.
        """
        before = self.under_way.get(feed.name, 0)
        if before and before + size > BYTES_UNDER_WAY:
            raise Full("too much of this source is under way", 1)
        self.under_way[feed.name] = before + size
        try:
            yield
        finally:
            self.under_way[feed.name] -= size
            if not self.under_way[feed.name]:
                del self.under_way[feed.name]

    def close(self) -> None:
        self._ended.set()
        self._follower.join()
        self.threads.shutdown()
        self.receiver.close()


def application() -> Starlette:
    """The application of one process; its receiver begins and ends with it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        file = Path(settings.HOME) / "intake" / "registry.json"
        keeper = Doorkeeper(Receiver(facts.lake(), "http"), Registry(file, followed=True), News())
        app.state.keeper = keeper
        listening = asyncio.create_task(keeper.news.listen())
        yield
        listening.cancel()
        await asyncio.to_thread(keeper.close)

    return Starlette(
        routes=[
            Route("/api/v1/intake/openapi.json", described, methods=["GET"]),
            Route("/api/v1/intake/{dataset}", take, methods=["POST"]),
            Route("/api/v1/intake/{dataset}/nothing", nothing, methods=["POST"]),
            Route("/api/v1/intake/{dataset}/counts", counts, methods=["POST"]),
            Route("/api/v1/intake/{dataset}/receipts/{receipt}", receipt, methods=["GET"]),
            *exchange.routes(),
            Route("/live/{city}", live),
            Route("/live/", live),
            Route("/intake/healthz", healthy),
        ],
        lifespan=lifespan,
        exception_handlers={404: _not_found, 405: _not_found, Exception: _defect},
    )


async def healthy(request: Request) -> Response:
    """Whether the door is open, and how many rows wait to be forced to the disk."""
    keeper: Doorkeeper = request.app.state.keeper
    return JSONResponse({"ok": True, "rows_waiting": keeper.receiver.waiting})


async def described(request: Request) -> Response:  # noqa: ARG001  the same for everybody
    """What this door takes and answers, as OpenAPI."""
    return JSONResponse(document(_KINDS))


async def live(request: Request) -> Response:
    """News of a city, or of all, as server-sent events."""
    keeper: Doorkeeper = request.app.state.keeper
    return stream(keeper.news, request.path_params.get("city", ""))


async def take(request: Request) -> Response:
    """Take rows in."""
    keeper: Doorkeeper = request.app.state.keeper
    try:
        feed = _feed(keeper, request)
        received = now()
        said = request.headers.get("content-length", "")
        size = int(said) if said.isascii() and said.isdigit() and len(said) < _DIGITS else _UNKNOWN_BYTES
        with keeper.admitted(feed, size):
            return await _taken(keeper, feed, request, received)
    except _RefusedError as error:
        return error.response
    except ClientDisconnect:
        return Response(status_code=400)
    except TooLarge as error:
        return problem(413, str(error), hint="send it in parts; each part is acknowledged by itself")
    except Full as error:
        return problem(
            429, f"nothing can be taken now: {error}", hint=f"send it again in {error.seconds} s; nothing of it was kept",
            headers={"Retry-After": str(error.seconds)},
        )  # fmt: skip
    except Problem as error:
        return problem(422, error.message, where=error.where, hint=error.hint)


async def _taken(keeper: Doorkeeper, feed: Feed, request: Request, received: datetime) -> Response:
    """The receipt of one admitted request."""
    key = request.headers.get("idempotency-key", "")[:200]
    async with read_body(request) as body:
        kind = _kind(request, feed)
        if kind in _BY_ENGINE and (body.size > SMALL_BYTES or kind not in KINDS):
            mark = f"{key}\x1f{body.digest}" if key else ""
            taken = await keeper.receiver.take_file(feed, body.path, _BY_ENGINE[kind], received=received, key=mark)
            return JSONResponse(taken.said(), 202)
        found = await _decoded(keeper, feed, kind, body, received)
    taken = await keeper.receiver.take(
        feed, found.rows, unreadable=found.unreadable, received=received, key=key, lines=found.lines
    )
    return JSONResponse(taken.said(), 202)


async def nothing(request: Request) -> Response:
    """Take a report that nothing happened: `{"first": "2026-03-01", "last": "2026-03-31"}`, days of the city."""
    keeper: Doorkeeper = request.app.state.keeper
    try:
        feed = _feed(keeper, request)
        try:
            said = await read_json(request)
            first, last = (date.fromisoformat(str(said[name])) for name in ("first", "last"))
        except (ValueError, KeyError, TypeError):
            return problem(
                422, "the days are missing", where="body", hint='{"first": "2026-03-01", "last": "2026-03-31"}'
            )
        lake = keeper.receiver.lake
        way = cast(Way, feed.way)
        receipt = await asyncio.to_thread(lake.report_nothing, feed.city, feed.dataset, first, last, way)
        return JSONResponse({"id": receipt.id, "received": 0, "first": str(first), "last": str(last)}, 202)
    except _RefusedError as error:
        return error.response
    except Problem as error:
        return problem(422, error.message, where=error.where, hint=error.hint)


async def counts(request: Request) -> Response:
    """Take a source's own count of rows: `{"from": "2026-03-01T09:00:00Z", "until": "2026-03-01T10:00:00Z", "rows": 120}`."""
    keeper: Doorkeeper = request.app.state.keeper
    try:
        feed = _feed(keeper, request, paused=True)
        try:
            said = await read_json(request)
            first, until = (datetime.fromisoformat(str(said[name])) for name in ("from", "until"))
            rows = said["rows"]
            if first.tzinfo is None or until.tzinfo is None or type(rows) is not int or not 0 <= rows < 2**53:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            hint = '{"from": "2026-03-01T09:00:00Z", "until": "2026-03-01T10:00:00Z", "rows": 120}'
            return problem(422, "hours (with an offset) and rows are missing", where="body", hint=hint)
        made = await asyncio.to_thread(_count, feed.name, first, until, rows)
        return JSONResponse({"from": first.isoformat(), "until": until.isoformat(), "rows": made}, 202)
    except _RefusedError as error:
        return error.response
    except Problem as error:
        return problem(422, error.message, where=error.where, hint=error.hint)
    except DatabaseError:
        return problem(
            503, "counts cannot be kept now", hint="send them again in a minute", headers={"Retry-After": "60"}
        )


def _count(source: str, first: datetime, until: datetime, rows: int) -> int:
    from qala.intake.balancing import note_count

    try:
        return note_count(source, first, until, rows).rows
    finally:
        close_old_connections()


async def receipt(request: Request) -> Response:
    """What became of the rows of a receipt that this source got: the ledger's receipt that holds them, or that they wait."""
    keeper: Doorkeeper = request.app.state.keeper
    try:
        feed = _feed(keeper, request, paused=True)
        sent = request.path_params["receipt"]
        said = await asyncio.to_thread(what_became_of, keeper.receiver.lake, feed, sent)
        if said is None:
            return problem(
                404, f"{feed.name} got no receipt {sent!r}", hint="receipts of the last months are remembered"
            )
        return JSONResponse(said)
    except _RefusedError as error:
        return error.response


def problem(
    status: int, title: str, *, where: str = "", hint: str = "", headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem of RFC 9457."""
    said: dict[str, Any] = {"type": "about:blank", "status": status, "title": title}
    if where:
        said["where"] = where
    if hint:
        said["mend"] = hint
    return JSONResponse(said, status, media_type="application/problem+json", headers=headers)


class _RefusedError(Exception):
    def __init__(self, response: JSONResponse) -> None:
        super().__init__()
        self.response = response


def _feed(keeper: Doorkeeper, request: Request, *, paused: bool = False) -> Feed:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    feed = keeper.registry.by_secret(secret.strip()) if scheme.lower() == "bearer" else None
    if feed is None:
        raise _RefusedError(
            problem(
                401,
                "this is no credential of a source" if secret else "a source proves itself with its secret",
                where="Authorization",
                hint=f"Authorization: Bearer {START}…; the page of the source issues one",
                headers={"WWW-Authenticate": 'Bearer realm="intake"'},
            )
        )
    dataset = request.path_params["dataset"]
    if feed.dataset != dataset:
        raise _RefusedError(
            problem(
                403,
                f"the source {feed.name} sends {feed.dataset}",
                where=dataset,
                hint=f"POST /api/v1/intake/{feed.dataset}",
            )
        )
    if feed.paused and not paused:
        raise _RefusedError(
            problem(
                403,
                f"the source {feed.name} is paused",
                hint="whoever leads it resumes it on its page; keep the rows until then",
            )
        )
    return feed


def _kind(request: Request, feed: Feed) -> str:
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not said or said in ("application/octet-stream", "application/x-protobuf", "application/x-www-form-urlencoded"):
        return feed.format
    kind = _KINDS.get(said)
    if kind is None:
        raise _RefusedError(
            problem(
                415, f"bodies of the type {said} are not read", where="Content-Type", hint="one of " + ", ".join(_KINDS)
            )
        )
    # JSON and XML are the clothes of many formats; the source says which it means.
    return feed.format if kind in ("json", "xml") and feed.format not in ("jsonl", "csv") else kind


async def _decoded(keeper: Doorkeeper, feed: Feed, kind: str, body: Body, received: Any) -> Lines:
    content = body.content()

    def work() -> Lines:
        if kind != "jsonl":
            return Lines(decode(kind, content, rows_at=feed.rows_at, received=received))
        return lines_of(content, rows_at=feed.rows_at, received=received)

    if len(content) < 4096:
        return work()
    return await asyncio.get_running_loop().run_in_executor(keeper.threads, work)


async def _defect(request: Request, error: Exception) -> Response:  # noqa: ARG001  the server writes it into its log
    """What should not happen: nothing of the request was kept, and its sender may send it again."""
    return problem(500, "a defect of the program", hint="nothing of it was kept; the log of the intake says more")


async def _not_found(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        return problem(404, "there is no such address", where=request.url.path, hint="POST /api/v1/intake/{dataset}")
    return PlainTextResponse("There is nothing here.\n", 404)
