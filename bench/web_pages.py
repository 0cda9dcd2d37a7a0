"""`python -m bench.web_pages --lake LAKE`: the public pages of a lake with runs, beside an empty Django view.

The real application under granian with the flags of `qala serve`; the load is a Python client in another process on the
same cores. Each page and each peer is asked for in turn, several rounds, so that a busy minute strikes both. Nothing is
written into the lake; the site's folder is made anew and removed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench import machine
from bench.figure import Figure, show

HERE = Path(__file__).parent
READERS = 50
ROUNDS = 3
SETTINGS = "qala.config.settings"
PEER = "bench.web_empty:application"
PAST_THE_CACHE = {"HX-Request": "true"}  # such requests are never answered from memory


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", type=Path, default=Path(os.environ.get("QALA_LAKE", "out/demo/lake")))
    parser.add_argument("--edition", default=os.environ.get("QALA_EDITION", "order_469"))
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each page is asked for in a round")
    parser.add_argument("--port", type=int, default=8159)
    parser.add_argument("--home", type=Path, help="a site's folder to use and to keep; else one is made and removed")
    asked = parser.parse_args()
    if not (asked.lake / "runs").is_dir():
        raise SystemExit(f"bench: {asked.lake} has no runs; `make demo` makes a lake that has, or name one: --lake")
    home = asked.home or Path(tempfile.mkdtemp(prefix="qala-bench-web-"))
    os.environ |= {
        "QALA_LAKE": str(asked.lake.resolve()),
        "QALA_HOME": str(home.resolve()),
        "QALA_EDITION": asked.edition,
        "DJANGO_SETTINGS_MODULE": SETTINGS,
    }
    facts = machine.facts()
    try:
        figures = measure(asked.port, asked.seconds)
    finally:
        if asked.home is None:
            shutil.rmtree(home, ignore_errors=True)
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    (HERE / "results").mkdir(exist_ok=True)
    said = {"machine": facts, "client": "Python asyncio, one process", "figures": [one.said() for one in figures]}
    (HERE / "results" / "web_pages.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    return 0


def measure(port: int, seconds: float) -> list[Figure]:
    """All figures of the public pages."""
    import django

    from qala.config.processes import commands, prepare

    prepare(lambda text: print(f"  {text}", file=sys.stderr))
    django.setup()
    from qala.ratings import demo, queries
    from qala.ratings.rated_run import rated_run

    demo.publish_newest()
    publication = queries.holding()[0]
    city = next(iter(rated_run(publication.run).places[publication.category])).score.city
    pages = {
        "rating": f"/kk/rating/?category={publication.category}",
        "city": f"/kk/city/{city}/",
        "KPI": f"/kk/city/{city}/kpi/2.1/",
        "all KPIs": f"/kk/city/{city}/?all=1",
    }
    ours = list(commands("127.0.0.1", port, 2)["pages"])
    peer = [*ours[:-1], PEER]
    peer[peer.index(str(port))] = str(port - 1)
    cold = [_cold(ours, port, pages["all KPIs"]) for _ in range(ROUNDS)]
    with serving(ours, port, "/healthz"), serving(peer, port - 1, "/"):
        urls = {name: f"http://127.0.0.1:{port}{path}" for name, path in pages.items()}
        alone = {name: _alone(url) for name, url in urls.items()}
        asked = {
            "empty view, nothing around it": f"http://127.0.0.1:{port - 1}/",
            "empty view in the application": f"http://127.0.0.1:{port}/healthz",
            **urls,
        }
        rounds = [{name: _load(url, seconds) for name, url in asked.items()} for _ in range(ROUNDS)]
    return _figures(rounds, alone, cold, list(urls))


def _figures(
    rounds: Sequence[Mapping[str, Any]],
    alone: Mapping[str, Sequence[float]],
    cold: Sequence[float],
    pages: Sequence[str],
) -> list[Figure]:
    peers = [name for name in rounds[0] if name not in pages]
    speed = {name: median(one[name]["per_second"] for one in rounds) for name in rounds[0]}
    found = []
    for name in pages:
        p95 = median(one[name]["p95_ms"] for one in rounds)
        ratio = speed[name] / speed[peers[0]]
        found.append(
            Figure(
                f"web_{name}",
                f"page “{name}” from memory, {READERS} readers",
                f"{speed[name]:,.0f}/s, p95 {p95:.0f} ms",
                f"{speed[peers[0]]:,.0f}/s",
                f"{ratio:.2f}",
                "≥ 0.5 × an empty view, p95 ≤ 60 ms",
                ratio >= 0.5 and p95 <= 60,
                {"rounds": [one[name] for one in rounds], "peers": [[one[peer] for peer in peers] for one in rounds]},
            )
        )
    found.append(
        Figure(
            "web_empty",
            "empty view in the application, all middleware",
            f"{speed[peers[1]]:,.0f}/s",
            f"{speed[peers[0]]:,.0f}/s",
            f"{speed[peers[1]] / speed[peers[0]]:.2f}",
        )
    )
    for name in pages:
        times = sorted(alone[name])
        found.append(
            Figure(
                f"web_uncached_{name}",
                f"page “{name}” past the memory, one reader",
                f"{1000 * median(times):.0f} ms, p95 {1000 * times[int(len(times) * 0.95)]:.0f} ms",
                to_reach="≤ 150 ms",
                reached=median(times) <= 0.15,
                raw={"seconds": times},
            )
        )
    found.append(
        Figure(
            "web_all_kpis_cold",
            "all KPIs of a city on one page, first request of a new process",
            f"{median(cold):.2f} s",
            to_reach="≤ 1 s",
            reached=median(cold) <= 1,
            raw={"seconds": cold},
        )
    )
    return found


def _load(url: str, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.web_load", url, "--readers", str(READERS), "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    if found["odd"]:
        raise SystemExit(f"bench: {url} answered {found['odd'][0]}")
    return found


def _alone(url: str) -> list[float]:
    """Seconds of requests one after the other, none of them from memory; each process has seen the page before."""
    for _ in range(12):
        _get(url, PAST_THE_CACHE)
    times = []
    for _ in range(40):
        begun = time.perf_counter()
        _get(url, PAST_THE_CACHE)
        times.append(time.perf_counter() - begun)
    return times


def _cold(command: Sequence[str], port: int, path: str) -> float:
    """Seconds of the first page of a server that has answered nothing but whether it is there."""
    one = [*command]
    one[one.index("--workers") + 1] = "1"
    with serving(one, port, "/healthz"):
        begun = time.perf_counter()
        _get(f"http://127.0.0.1:{port}{path}", PAST_THE_CACHE)
        return time.perf_counter() - begun


def _get(url: str, headers: Mapping[str, str]) -> bytes:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip", **headers})
    with urllib.request.urlopen(request) as answer:
        found: bytes = answer.read()
        return found


@contextmanager
def serving(command: Sequence[str], port: int, path: str) -> Iterator[None]:
    """A server, while it is needed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        for _ in range(240):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    _get(f"http://127.0.0.1:{port}{path}", {})
                    break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("bench: the server ended by itself (see above)") from None
                time.sleep(0.25)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


if __name__ == "__main__":
    sys.exit(main())
