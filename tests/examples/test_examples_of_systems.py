"""Every `systems/*/tests/examples.yaml` through the real border and the real engine, a lake of its own for each."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qala.datasets import load_catalogue
from qala.datasets.catalogue import system_folder
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.measures.values import Values
from qala.standard.loader import editions
from qala.standard.period import Period
from qala.standard.yaml_file import read_yaml

CATALOGUE = load_catalogue()
EDITION = editions()["order_469"]
# What a worked example may say; a misspelt field would otherwise check nothing.
FIELDS = {
    "when", "then", "kpi", "category", "period", "rows", "reported", "numerator", "denominator", "value", "status", "base",
    "change", "components", "beside", "as_of", "ways", "quarantined",
}  # fmt: skip


def _examples() -> list[Any]:
    found = []
    for path in sorted(system_folder().glob("*/tests/examples.yaml")):
        for index, example in enumerate(read_yaml(path).data):
            name = f"{path.parent.parent.name}-{index}-{example['kpi'].split('.')[1]}"
            found.append(pytest.param(example, id=name))
    return found


@pytest.mark.parametrize("example", _examples())
def test_worked_example(example: dict[str, Any], tmp_path: Path) -> None:
    assert set(example) <= FIELDS, f"unknown fields: {set(example) - FIELDS}"
    lake = Lake(tmp_path / "lake", CATALOGUE)
    period = Period.parse(str(example["period"]))
    lake.cities.add(
        City(
            code="T", names={"kk": "Т", "ru": "Т", "en": "T"}, zone="Asia/Almaty", simulated=True,
            categories=(CategoryPeriod.model_validate(
                {"from": date(2000, 1, 1), "category": example["category"], "reason": "worked example"}),),
        )
    )  # fmt: skip
    quarantined = 0
    for dataset, rows in example["rows"].items():
        if rows:
            names = list(dict.fromkeys(name for row in rows for name in row))
            texts = {name: pa.array([_text(row.get(name)) for row in rows], pa.string()) for name in names}
            receipt = lake.ingest(
                IngestRequest(city="T", dataset=dataset, source=pa.table(texts), source_name="example", simulated=True)
            )
            quarantined += receipt.quarantined
        elif example.get("reported"):
            lake.report_nothing("T", dataset, period.first_day, period.last_day)
    assert quarantined == example.get("quarantined", 0), "more or fewer rows were refused than the example says"
    kpi = EDITION.kpi(example["kpi"])
    values = Values(lake, EDITION, CATALOGUE)
    values.computer.compute("T", kpis=[kpi.id])
    as_of = example.get("as_of", period.last_day)
    found = values.of("T").value(kpi, period, as_of, example.get("ways", "all_ways"))
    said = f"{example['when']} -> {example['then']}\n{found}"
    assert found.status == example.get("status", "ok"), said
    for name in ("numerator", "denominator", "value", "base", "change"):
        if name in example:
            expected = example[name]
            got = getattr(found, name)
            assert _close(got, expected), f"{name}: expected {expected}, got {got}\n{said}"
    for name, expected in example.get("components", {}).items():
        assert _close(found.components[name], expected), f"component {name}: {found.components}\n{said}"
    for name, expected in example.get("beside", {}).items():
        assert _close(found.beside[name][0], expected), f"beside {name}: {found.beside}\n{said}"
    # what is computed from scratch at the same versions is what was stored
    stored = values.computer.store.load("T")
    anew = values.computer.in_memory("T", kpis=[kpi.id])
    for name, series in anew.series.items():
        assert series.total == stored.series[name].total, f"{name}\n{said}"


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _close(got: Fraction | None, expected: Any) -> bool:
    """Equal to the digits in which the example is written."""
    if got is None or expected is None:
        return got is None and expected is None
    wanted = Fraction(str(expected))
    digits = len(str(expected).partition(".")[2])
    return abs(got - wanted) <= (Fraction(1, 2 * 10**digits) if digits else 0)
