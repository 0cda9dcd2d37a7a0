"""The public pages of a lake with runs: from memory beside an empty Django view, past the memory, and all KPIs on one page.

The real application under granian with the flags of `qala serve`; the readers are `wrk` on the same two cores. Each page and
each peer is asked for in turn, several rounds, so that a busy minute strikes both. Nothing is written into the lake.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from bench.figure import Figure
from bench.serving import get, read, serving

READERS = 50
ROUNDS = 3
PEER = "bench.web_empty:application"
PAST_THE_MEMORY = {"HX-Request": "true"}  # such requests are never answered from memory


def pages() -> dict[str, str]:
    """Name -> address of what is measured, of what the demo has published."""
    from qala.ratings import demo, queries
    from qala.ratings.rated_run import rated_run

    demo.publish_newest()
    publication = queries.holding()[0]
    city = next(iter(rated_run(publication.run).places[publication.category])).score.city
    return {
        "rating": f"/kk/rating/?category={publication.category}",
        "city": f"/kk/city/{city}/",
        "KPI": f"/kk/city/{city}/kpi/2.1/",
        "all KPIs": f"/kk/city/{city}/?all=1",
    }


def measure(port: int, seconds: float) -> list[Figure]:
    """All figures of speed.

    Args:
        port: of the site; the peer takes the one below it.
        seconds: how long each page is asked for in a round.
    """
    from qala.config.processes import commands

    addresses = pages()
    ours = list(commands("127.0.0.1", port, 2)["pages"])
    peer = [*ours[:-1], PEER]
    peer[peer.index(str(port))] = str(port - 1)
    cold = [_cold(ours, port, addresses["all KPIs"]) for _ in range(ROUNDS)]
    with serving(ours, port, "/healthz"), serving(peer, port - 1, "/"):
        urls = {name: f"http://127.0.0.1:{port}{path}" for name, path in addresses.items()}
        alone = {name: _alone(url) for name, url in urls.items()}
        asked = {
            "empty view, nothing around it": f"http://127.0.0.1:{port - 1}/",
            "empty view in the application": f"http://127.0.0.1:{port}/healthz",
            **urls,
        }
        rounds = [{name: read(url, READERS, seconds) for name, url in asked.items()} for _ in range(ROUNDS)]
    return _figures(rounds, alone, cold, list(urls))


def _figures(
    rounds: Sequence[Mapping[str, Any]],
    alone: Mapping[str, Sequence[float]],
    cold: Sequence[float],
    names: Sequence[str],
) -> list[Figure]:
    peers = [name for name in rounds[0] if name not in names]
    speed = {name: median(one[name]["per_second"] for one in rounds) for name in rounds[0]}
    found = []
    for name in names:
        p95 = median(one[name]["p95_ms"] for one in rounds)
        ratio = speed[name] / speed[peers[0]]
        found.append(
            Figure(
                f"web_{name}",
                f"page “{name}” from memory, {READERS} readers",
                f"{speed[name]:,.0f}/s, p95 {p95:.0f} ms",
                f"{speed[peers[0]]:,.0f}/s (an empty Django view)",
                f"{ratio:.2f} ×",
                "≥ 0.5 ×, p95 ≤ 60 ms",
                ratio >= 0.5 and p95 <= 60,
                {"rounds": [one[name] for one in rounds], "peers": [[one[peer] for peer in peers] for one in rounds]},
            )
        )
    found.append(
        Figure(
            "web_empty",
            "an empty view behind all that lies before a page of the application",
            f"{speed[peers[1]]:,.0f}/s",
            f"{speed[peers[0]]:,.0f}/s (an empty Django view)",
            f"{speed[peers[1]] / speed[peers[0]]:.2f} ×",
        )
    )
    for name in names:
        times = sorted(alone[name])
        p95 = times[int(len(times) * 0.95)]
        found.append(
            Figure(
                f"web_uncached_{name}",
                f"page “{name}” past the memory, one reader",
                f"{1000 * median(times):.0f} ms, p95 {1000 * p95:.0f} ms",
                to_reach="p95 ≤ 150 ms",
                reached=p95 <= 0.15,
                raw={"seconds": times},
            )
        )
    found.append(
        Figure(
            "web_all_kpis_cold",
            "all 118 KPIs of a city on one page, first request of a new process",
            f"{median(cold):.2f} s",
            to_reach="≤ 1 s",
            reached=median(cold) <= 1,
            raw={"seconds": cold},
        )
    )
    return found


def _alone(url: str) -> list[float]:
    """Seconds of requests one after the other, none of them from memory; each process has seen the page before."""
    for _ in range(12):
        get(url, PAST_THE_MEMORY)
    times = []
    for _ in range(60):
        begun = time.perf_counter()
        get(url, PAST_THE_MEMORY)
        times.append(time.perf_counter() - begun)
    return times


def _cold(command: Sequence[str], port: int, path: str) -> float:
    """Seconds of the first page of a server that has answered nothing but whether it is there."""
    one = [*command]
    one[one.index("--workers") + 1] = "1"
    with serving(one, port, "/healthz"):
        begun = time.perf_counter()
        get(f"http://127.0.0.1:{port}{path}", PAST_THE_MEMORY)
        return time.perf_counter() - begun
