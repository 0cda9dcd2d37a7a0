"""`python -m bench.spark_standalone`: the same sums by DuckDB and by a standalone Spark of a master and two workers.

Master and workers are Spark's own, started on this machine as on any (`spark-class org.apache.spark.deploy…`), one core each.
Both sides are `qala compute` over a copy of one simulated city, as a person would call it; every amount that they stored is
compared.
Two sizes tell what a start costs and what a row costs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import machine, simulated
from bench.figure import Figure, seconds, show

HERE = Path(__file__).parent
SCALES = (0.005, 0.02)


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[str]:
    """A standalone cluster on this machine; its master's address."""
    from pyspark.find_spark_home import _find_spark_home

    home = Path(_find_spark_home())
    port, page = _free(), _free()
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
    }
    spark_class = str(home / "bin" / "spark-class")
    address = f"spark://127.0.0.1:{port}"
    of_worker = ["org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g"]
    commands = [
        ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
    ]
    commands += [
        [*of_worker, "--webui-port", str(_free()), "--work-dir", str(folder / f"worker-{n}"), address]
        for n in range(workers)
    ]
    started = []
    try:
        for n, command in enumerate(commands):
            with (folder / f"spark-{n}.log").open("wb") as log:
                started.append(subprocess.Popen([spark_class, *command], env=environment, stdout=log, stderr=log))
        _until(lambda: len(_asked(page)["workers"]) == workers, folder)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)


def _asked(page: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=5) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return {**found, "workers": [one for one in found["workers"] if one["state"] == "ALIVE"]}


def _until(holds: Any, folder: Path) -> None:
    until = time.monotonic() + 300
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        if time.monotonic() > until:
            raise SystemExit((folder / "spark-0.log").read_text()[-2000:])
        time.sleep(0.5)


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def compute(lake: Path, *how: str) -> float:
    """Seconds of `qala compute` over a lake."""
    begun = time.monotonic()
    command = [
        str(Path(sys.executable).parent / "qala"),
        "compute",
        "--lake",
        str(lake),
        "--edition",
        "order_469",
        *how,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr[-3000:]}")
    return time.monotonic() - begun


def amounts(folder: Path) -> dict[tuple[Any, ...], int]:
    """(city, definition, component, way in, day) -> amount, of everything that is stored."""
    from qala.datasets import load_catalogue
    from qala.lake import Lake
    from qala.measures.compute import Computer
    from qala.standard import editions

    lake = Lake(folder, load_catalogue())
    computer = Computer(lake, editions()["order_469"], lake.catalogue)
    found = {}
    for city in lake.cities.all():
        for name, series in computer.store.load(city.code).series.items():
            before = 0
            for day, through in zip(series.days.tolist(), series.through.tolist(), strict=True):
                found[(city.code, *name, day)] = through - before
                before = through
    return {name: amount for name, amount in found.items() if amount}


def rows_of(folder: Path) -> int:
    """Rows of all tables."""
    from qala.datasets import load_catalogue
    from qala.lake import Lake

    lake = Lake(folder, load_catalogue())
    return sum(file.rows for name in lake.tables() for file in lake.table(name).snapshot().all_files)


def measure(scales: tuple[float, ...]) -> list[Figure]:
    figures, points = [], []
    with tempfile.TemporaryDirectory(prefix="qala-bench-spark-") as name:
        folder = Path(name)
        with cluster(folder) as master:
            for scale in scales:
                here, there = folder / f"{scale}" / "duckdb", folder / f"{scale}" / "spark"
                simulated.make(here, scale)
                shutil.rmtree(here / "sums", ignore_errors=True)
                shutil.copytree(here, there)
                rows = rows_of(here)
                on_duckdb = compute(here)
                on_spark = compute(there, "--engine", "spark", "--master", master)
                one, other = amounts(here), amounts(there)
                assert one and one == other, [
                    key for key in one.keys() | other.keys() if one.get(key) != other.get(key)
                ][:5]
                points.append((rows, on_duckdb, on_spark))
                figures.append(
                    Figure(
                        f"spark_{scale:g}",
                        f"a city's year by `qala compute`, {rows / 1e6:.1f} million rows: {len(one):,} amounts, all equal",
                        f"{seconds(on_duckdb)} (DuckDB)",
                        f"{seconds(on_spark)} (Spark, master and two workers)",
                        f"{on_spark / on_duckdb:.0f} ×",
                        "equal to the last digit",
                        True,
                        {"rows": rows, "amounts": len(one), "duckdb_s": on_duckdb, "spark_s": on_spark},
                    )
                )
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, action="append", help=f"of the simulated city; {SCALES} by default")
    asked = parser.parse_args()
    facts = machine.facts()
    figures = measure(tuple(asked.scale or SCALES))
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    result = {"machine": facts, "figures": [one.said() for one in figures]}
    (HERE / "results" / "spark_standalone.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
