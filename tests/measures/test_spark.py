"""The same measures on Spark: two workers read the tables' file lists, and every amount is DuckDB's to the last digit.

The rows are those of all worked examples of the sixteen systems, put into one city, so that every dataset and every shape
of sum occurs; a second delivery corrects some, so that there are retractions.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_lakes import CATALOGUE, EDITION, amounts, arrow, computer, deliver, new_lake, same_as_from_scratch
from typer.testing import CliRunner

from qala.cli import app
from qala.datasets.catalogue import system_folder
from qala.lake import IngestRequest, Lake
from qala.measures.compute import Computer
from qala.measures.engines import SparkEngine
from qala.standard.yaml_file import read_yaml

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, and there is none")

# The queries are small and many: compiling them to bytecode would take longer than running them.
LITTLE_WORK = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.memory": "512m",
}
# A flow by several days, two levels in a day, distinct values, objects and a stock: what a correction changes in each.
CORRECTED = {
    "contact_centre.appeals": ("spam", True),
    "transport.stop_visits": ("boardings", 7),
    "parking.sessions": ("vehicle", "another"),
    "parking.lots": ("spaces", 99),
    "parking.device_days": ("minutes_alive", 0),
}


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    pyspark = pytest.importorskip("pyspark.sql")
    builder = pyspark.SparkSession.builder.master("local-cluster[2,1,1024]")
    for name, value in LITTLE_WORK.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    found = new_lake(tmp_path_factory.mktemp("spark"))
    rows: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(system_folder().glob("*/tests/examples.yaml")):
        for example in read_yaml(path).data:
            for dataset, some in example["rows"].items():
                rows.setdefault(dataset, []).extend(some)
    for dataset, several in rows.items():
        found.ingest(IngestRequest("T", dataset, arrow(several), source_name="examples"))
        if dataset in CORRECTED:
            later = {**several[0], CORRECTED[dataset][0]: CORRECTED[dataset][1], "changed_at": "2030-01-01 00:00:00"}
            deliver(found, dataset, [later])
    assert all(any(f.retractions for f in found.table(dataset).snapshot().all_files) for dataset in CORRECTED)
    return found


def test_every_amount_of_all_118_is_the_same_on_two_workers(session: Any, lake: Lake) -> None:
    here = computer(lake)
    there = Computer(lake, EDITION, CATALOGUE, engine=SparkEngine(session))
    on_duckdb, on_spark = amounts(here.in_memory("T")), amounts(there.in_memory("T"))
    assert len(on_duckdb) > 300
    datasets = {wanted.key: wanted.shape.dataset for wanted in here.sums("T")}
    assert {datasets[key] for key, _, _ in on_duckdb} >= {
        dataset for kpi in CATALOGUE.computations.values() for dataset in kpi.datasets
    }
    differing = [(datasets[name[0]], name) for name in on_duckdb if on_duckdb[name] != on_spark.get(name)]
    assert not differing and on_duckdb.keys() == on_spark.keys()


def test_news_is_followed_on_spark_as_well(session: Any, tmp_path: Path) -> None:
    kpis = ["contact_centre.repeat_share", "parking.automated_share", "parking.violation_rate"]
    lake = new_lake(tmp_path)
    lot = {"lot_id": "A", "kind": "garage", "counts_spaces": True, "takes_online_payment": True, "reads_plates": True}
    day = {"lot_id": "A", "minutes_alive": 1440}
    appeal = {"status": "open", "topic": "roads", "citizen": "x", "spam": False}
    deliver(lake, "parking.lots", [{**lot, "spaces": 10, "valid_from": date(2026, 1, 1)}])
    deliver(lake, "parking.device_days", [{**day, "day": date(2026, 3, n)} for n in (1, 2)])
    deliver(
        lake,
        "contact_centre.appeals",
        [{**appeal, "appeal_id": n, "received_at": f"2026-03-0{n} 10:00:00"} for n in (1, 3)],
    )
    there = Computer(lake, EDITION, CATALOGUE, engine=SparkEngine(session))
    there.compute("T", kpis=kpis)
    deliver(
        lake, "parking.lots", [{**lot, "spaces": 12, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 3, 20)}]
    )
    deliver(lake, "contact_centre.appeals", [
        {**appeal, "appeal_id": 1, "received_at": "2026-03-01 10:00:00", "changed_at": "2026-03-02 10:00:00", "citizen": "y"},
        {**appeal, "appeal_id": 2, "received_at": "2026-03-02 10:00:00"},
    ])  # fmt: skip
    assert there.compute("T", kpis=kpis).scans == 4
    same_as_from_scratch(lake, "T", kpis)
    answer = CliRunner().invoke(app, ["compute", "--engine", "spark", "--lake", str(lake.folder), "--format", "json"])
    assert answer.exit_code == 0, answer.output
    same_as_from_scratch(lake)
