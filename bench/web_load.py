"""Readers of a site: so many connections that each ask again as soon as they are answered. A process of its own.

    python -m bench.web_load http://127.0.0.1:8000/kk/rating/ --readers 50 --seconds 5 [--header "HX-Request: true"]

Prints one JSON object: requests, requests a second, latencies in milliseconds, other answers than 200. Plain asyncio
protocols without a client library, for the load lies on the same cores as the server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

_WARM_S = 1.0


class Reader(asyncio.Protocol):
    """One connection that asks for one page again and again."""

    def __init__(self, request: bytes, told: list[tuple[float, float]], odd: list[str], until: float) -> None:
        self.request = request
        self.told = told
        self.odd = odd
        self.until = until
        self.ended = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._need = 0  # bytes of the answer; 0 until its head is there
        self._have = 0
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self._buffer, self._need, self._have = b"", 0, 0
        self._asked = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self._have += len(data)
        if not self._need:
            self._buffer += data
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            if at < 0 or not head.startswith(b"http/1.1 200"):
                self.odd.append(head.partition(b"\r\n")[0].decode())
                self._end()
                return
            self._need = end + 4 + int(head[at + 15 :].partition(b"\r\n")[0])
        if self._have >= self._need:
            now = time.perf_counter()
            self.told.append((self._asked, now))
            if now < self.until:
                self._ask()
            else:
                self._end()

    def connection_lost(self, _error: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
            self.transport.close()


async def load(url: str, readers: int, seconds: float, headers: list[str]) -> dict[str, object]:
    """Let readers ask for a while; the first second is not counted."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", "Accept-Encoding: gzip", *headers]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    told: list[tuple[float, float]] = []
    odd: list[str] = []
    begun = time.perf_counter()
    until = begun + _WARM_S + seconds
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Reader(request, told, odd, until), parts.hostname, parts.port)
        for _ in range(readers)
    ]
    await asyncio.gather(*(reader.ended for _transport, reader in made))
    counted = sorted(end - asked for asked, end in told if asked >= begun + _WARM_S)
    if not counted:
        return {"url": url, "requests": 0, "odd": odd[:5]}
    last = max(end for _asked, end in told)
    return {
        "url": url,
        "readers": readers,
        "requests": len(counted),
        "per_second": len(counted) / (last - begun - _WARM_S),
        "p50_ms": 1000 * counted[len(counted) // 2],
        "p95_ms": 1000 * counted[int(len(counted) * 0.95)],
        "most_ms": 1000 * counted[-1],
        "odd": odd[:5],
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--header", action="append", default=[])
    asked = parser.parse_args()
    print(json.dumps(asyncio.run(load(asked.url, asked.readers, asked.seconds, asked.header))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
