"""`python -m bench.intake_http`: the HTTP door with its committer, on one machine with the senders.

Single readings a second, each on the disk before its answer; and rows a second of JSON lines in bulk. The peer is the same
server under the same load with an answer that does nothing, in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

from bench import machine
from bench.figure import Figure, show

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "faults"))

from kill_intake import DATASET, SECRET, Sender, Site  # noqa: E402  the processes of the fault trials

CONNECTIONS = 32
BULK_ROWS = 200_000


async def _one(port: int, path: str, made: list[float], until: float, every: float, number: int) -> None:
    """One sender: a reading each `every` seconds over one kept connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop, n = asyncio.get_running_loop(), 0
    due = loop.time() + every * number / CONNECTIONS
    while (now := loop.time()) < until:
        if due > now:
            await asyncio.sleep(due - now)
        body = json.dumps(Sender.row(f"{path[-1]}-{number}-{n}-{until}")).encode()
        began = loop.time()
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}0\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        status = (await reader.readline()).split()[1]
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        await reader.readexactly(length)
        if status in (b"202", b"404"):
            made.append(loop.time() - began)
        due, n = due + every, n + 1
    writer.close()


async def _load(port: int, path: str, per_second: float, seconds: float) -> dict[str, float]:
    made: list[float] = []
    until = asyncio.get_running_loop().time() + seconds
    every = CONNECTIONS / per_second
    await asyncio.gather(*(_one(port, path, made, until, every, n) for n in range(CONNECTIONS)))
    made.sort()
    return {"per_second": len(made) / seconds, "p95_ms": 1000 * made[int(len(made) * 0.95)]}


def _bulk(port: int, number: int) -> float:
    rows = "\n".join(json.dumps(Sender.row(f"bulk-{number}-{n}")) for n in range(BULK_ROWS)).encode()
    headers = {"Authorization": f"Bearer {SECRET}1", "Content-Type": "application/x-ndjson"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/intake/{DATASET}", rows, headers)
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=120) as answer:
        said = json.loads(answer.read())
    assert said["accepted"] == BULK_ROWS, said
    return time.monotonic() - began


def _worked_off(site: Site) -> float:
    """Seconds until nothing waits any more."""
    from qala.lake.committing import waiting

    began = time.monotonic()
    while any(True for _ in waiting(site.folder / "lake" / "landing")):
        time.sleep(0.1)
    return time.monotonic() - began


def measure(seconds: float, rounds: int, per_second: float) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="qala-bench-") as folder:
        site = Site(Path(folder))
        site.start()
        try:
            real, empty = f"/api/v1/intake/{DATASET}", "/api/v1/none"
            asyncio.run(_load(site.port, real, 200, 3))  # warm: the border is made, the table is there
            turns = [
                tuple(asyncio.run(_load(site.port, path, per_second, seconds)) for path in (real, empty))
                for _ in range(rounds)
            ]
            behind = _worked_off(site)
            _bulk(site.port, -1)
            bulk = [_bulk(site.port, n) for n in range(rounds)]
            bulk_behind = _worked_off(site)
        finally:
            site.stop()
    speed, p95 = (median(one[0][name] for one in turns) for name in ("per_second", "p95_ms"))
    peer = median(one[1]["p95_ms"] for one in turns)
    rows = BULK_ROWS / median(bulk)
    return [
        Figure("intake_http_single", f"single readings over HTTP, {CONNECTIONS} senders, each on the disk before its answer",
               f"{speed:,.0f}/s, p95 {p95:.0f} ms", f"p95 {peer:.0f} ms (an answer that does nothing)", f"{p95 / peer:.1f} ×",
               "≥ 1,000/s, p95 ≤ 50 ms", speed >= 0.99 * 1000 and p95 <= 50,
               {"rounds": turns, "worked_off_after_s": behind}),
        Figure("intake_http_bulk", f"JSON lines in bulk over HTTP, {BULK_ROWS:,} rows a request", f"{rows:,.0f} rows/s", "", "",
               "≥ 100,000 rows/s", rows >= 100_000, {"seconds": bulk, "worked_off_after_s": bulk_behind}),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--per-second", type=float, default=1020, help="how often readings are sent")
    asked = parser.parse_args()
    facts: dict[str, Any] = machine.facts()
    figures = measure(asked.seconds, asked.rounds, asked.per_second)
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    said = {"machine": facts, "figures": [one.said() for one in figures]}
    (HERE / "results" / "intake_http.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
