"""`python -m bench` runs and prints its table; how fast anything is, no test asks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bench import analyst, docs
from bench.frames import centres, families, order, streets
from bench.frames.reading import KPIS

from qala.datasets import load_catalogue

ROOT = Path(__file__).parents[2]


def test_the_quick_table_has_its_lines(tmp_path: Path) -> None:
    """The values of the analyst's 118 queries are ours: the run itself asserts it."""
    names = ("one_dataset", "all_kpis", "scores", "ingest")
    command = [sys.executable, "-m", "bench", "--quick", "--work", str(tmp_path / "work")]
    for name in names:
        command += ["--only", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for heading in ("figure", "ours", "against", "ratio", "to reach", "reached?"):
        assert heading in done.stdout
    newest = max((ROOT / "bench" / "results" / "raw").glob("[0-9]*.json"))
    found = [one["name"] for one in json.loads(newest.read_text())["figures"]]
    assert {"sums", "new_day", "correction", "all_kpis", "scores", "ingest"} <= set(found)
    assert not (tmp_path / "work").exists()


def test_both_peers_know_every_kpi() -> None:
    every = set(load_catalogue().computations)
    assert set(analyst.queries()) == every
    assert all((centres, families, order, streets)) and set(KPIS) == every


def test_the_docs_hold_the_figures_that_were_measured_and_lose_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(docs.DOCS, tmp_path / "explanation")
    monkeypatch.setattr(docs, "DOCS", tmp_path / "explanation")
    docs.rewrite_all(ROOT / "bench" / "results")
    for name in ("figures.md", "nation.md"):
        assert (tmp_path / "explanation" / name).read_text() == (ROOT / "docs/explanation" / name).read_text()


def test_a_place_without_its_end_swallows_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- table -->\nall the rest\n")
    with pytest.raises(SystemExit, match=r"<!-- table --> and <!-- end of table -->"):
        docs._between(page, "table", "| new |")
    assert page.read_text() == "<!-- table -->\nall the rest\n"
