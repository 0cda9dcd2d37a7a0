"""`python -m bench.series`: a million points of one sensor added up by hour, through the real server.

The lake holds three noise sensors of one city with a million points each in one year, delivered month by month. The server is
what `qala serve` starts for pages and API. Each request asks for other days, with a token, one after the other: none is answered
from memory, and all of them find the million points.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from bench import machine
from bench.figure import Figure, show
from bench.serving import serving

HERE = Path(__file__).parent
CITY, DATASET = "BENCH", "situation_centre.noise_readings"
SENSORS, POINTS = 3, 1_000_000
DELIVERIES = 12
REQUESTS = 100


def make(folder: Path) -> None:
    """The lake: POINTS of each sensor in 2026, in as many deliveries as the year has months."""
    import pyarrow as pa

    from qala.datasets import load_catalogue
    from qala.lake import CategoryPeriod, City, IngestRequest, Lake

    lake = Lake(folder, load_catalogue())
    since = CategoryPeriod.model_validate({"from": date(2020, 1, 1), "category": "republican", "reason": "a bench"})
    names = {"kk": "Өлшем", "ru": "Замер", "en": "Bench"}
    lake.cities.add(City(code=CITY, names=names, zone="Asia/Almaty", simulated=True, categories=(since,)))
    step = 365 * 86_400_000_000 // POINTS  # 31.5 s
    con = lake.connection()
    for n in range(DELIVERIES):
        first, last = n * POINTS // DELIVERIES, (n + 1) * POINTS // DELIVERIES
        rows: pa.Table = con.sql(
            f"SELECT 'N' || s AS station, TIMESTAMP '2025-12-31 19:00:00' + to_microseconds(i * {step}) AS measured_at, "
            f"(30 + (i * 7919 + s * 104729) % 600 / 10.0)::DECIMAL(5,1) AS level_db "
            f"FROM range({first}, {last}) AS t(i), range({SENSORS}) AS u(s) ORDER BY i"
        ).to_arrow_table()
        receipt = lake.ingest(IngestRequest(city=CITY, dataset=DATASET, source=rows, simulated=True))
        assert receipt.stored == rows.num_rows, receipt
    con.close()


def token() -> str:
    """Of an analyst of the city, in the site's own database."""
    import django

    django.setup()
    from qala.people import tokens
    from qala.people.models import Membership, User

    user = User.objects.create_user("analyst@bench.example", None)
    Membership.objects.create(user=user, role="analyst", scope="city", code=CITY)
    return tokens.create(user, "bench", ["read", *[one for one in tokens.possible_scopes(user) if one != "read"]], 1)[1]


def _ask(port: int, secret: str, first: date, last: date, every: str) -> tuple[float, dict[str, list[float]]]:
    address = f"http://127.0.0.1:{port}/api/v1/cities/{CITY}/datasets/{DATASET}/series?of=station:N1&from={first}&to={last}&every={every}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "gzip"})
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
        spent = time.perf_counter() - begun
        if answer.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
    return spent, json.loads(body)


def measure(port: int, secret: str) -> list[Figure]:
    """By hour and by day; sums and counts are compared with what was made."""
    figures = []
    begin, end = date(2026, 1, 1), date(2026, 12, 31)
    for every in ("hour", "day"):
        for _ in range(16):  # each process and thread has answered before
            _, whole = _ask(port, secret, begin, end, every)
        assert sum(whole["count"]) == POINTS, sum(whole["count"])
        assert len(whole["at"]) == (8760 if every == "hour" else 365)
        spent, points = [], []
        for n in range(REQUESTS):
            took, found = _ask(port, secret, begin - timedelta(n), end, every)
            spent.append(took)
            points.append(sum(found["count"]))
        assert set(points) == {POINTS}, points
        p95 = sorted(spent)[int(REQUESTS * 0.95)]
        figures.append(
            Figure(
                f"intake_series_{every}",
                f"a million points of one sensor by {every}, through the API, {REQUESTS} requests",
                f"p50 {1000 * median(spent):.0f} ms, p95 {1000 * p95:.0f} ms",
                "Stellio, published: p95 321 ms on 100 thousand" if every == "hour" else "",
                f"{0.321 / p95:.1f} ×" if every == "hour" else "",
                "p95 ≤ 100 ms",
                p95 <= 0.1,
                {"seconds": spent, "points": POINTS, "rows_of_the_dataset": SENSORS * POINTS},
            )
        )
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--token", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.token:
        print(token())
        return 0
    facts = machine.facts()
    with tempfile.TemporaryDirectory(prefix="qala-bench-series-") as folder:
        os.environ |= {
            "QALA_LAKE": f"{folder}/lake", "QALA_HOME": f"{folder}/site", "QALA_EDITION": "order_469",
            "DJANGO_SETTINGS_MODULE": "qala.config.settings", "QALA_API_TOKEN_RATE": "100000/m",
        }  # fmt: skip
        make(Path(folder) / "lake")
        from qala.config.processes import commands, prepare

        prepare(lambda text: print(f"  {text}", file=sys.stderr))
        said = subprocess.run([sys.executable, "-m", "bench.series", "--token"], cwd=HERE.parent, stdout=subprocess.PIPE,
                              text=True, check=True)  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with serving(list(commands("127.0.0.1", port, 2)["pages"]), port, "/healthz"):
            figures = measure(port, said.stdout.splitlines()[-1])
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    result = {"machine": facts, "figures": [one.said() for one in figures]}
    (HERE / "results" / "intake_series.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
