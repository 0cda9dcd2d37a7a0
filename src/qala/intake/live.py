"""News for open pages: what the committer made visible, from PostgreSQL's NOTIFY to server-sent events.

An event carries no numbers, only which datasets of which city changed and when that became visible; a page that cares asks
for its part again, with its own rights. So the stream is public and a lost event costs one later look.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator, Iterator

import psycopg
from starlette.responses import StreamingResponse

CHANNEL = "qala_news"
_KEEP_ALIVE_S = 15
_MOST_WAITING = 256
_AGAIN_S = 2
_LOG = logging.getLogger(__name__)


class News:
    """What comes over the channel, for every open stream of this process."""

    def __init__(self) -> None:
        self._open: set[asyncio.Queue[tuple[str, str]]] = set()

    async def listen(self) -> None:
        """Listen for good; a database that is gone is waited for."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for note in connection.notifies():
                        self.tell(note.payload)
            except (psycopg.Error, OSError) as error:
                _LOG.warning("no news: %s", str(error).splitlines()[0] if str(error) else error)
                await asyncio.sleep(_AGAIN_S)

    def tell(self, payload: str) -> None:
        """Pass an event to whoever listens; a reader that does not keep up loses the oldest."""
        city = str(json.loads(payload).get("city", ""))
        for one in self._open:
            if one.full():
                one.get_nowait()
            one.put_nowait((city, payload))

    @contextlib.contextmanager
    def subscribed(self) -> Iterator[asyncio.Queue[tuple[str, str]]]:
        """A queue of (city, event)."""
        own: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_MOST_WAITING)
        self._open.add(own)
        try:
            yield own
        finally:
            self._open.discard(own)


def stream(news: News, city: str) -> StreamingResponse:
    """Server-sent events of a city; of all cities where none is named."""

    async def events() -> AsyncIterator[bytes]:
        with news.subscribed() as own:
            yield b"retry: 3000\n\n"
            while True:  # the response itself watches for a reader that left, and ends this
                try:
                    of, payload = await asyncio.wait_for(own.get(), _KEEP_ALIVE_S)
                except TimeoutError:
                    yield b"event: still\ndata:\n\n"  # a comment would reach no page
                    continue
                if not city or of == city:
                    yield f"event: news\ndata: {payload}\n\n".encode()

    # Pages and stream may have different ports where no proxy stands before both; what is public may be read from any page.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)
