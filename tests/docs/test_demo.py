"""`make demo` with three small cities: it ends with the ratings and leaves lake and reports; it takes nobody's folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from written_console import ROOT


def demo(out: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QALA_DEMO_CITIES": "3", "QALA_DEMO_SCALE": "0.001"}
    return subprocess.run(
        ["bash", str(ROOT / "scripts" / "demo.sh"), str(out)],
        env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip


def test_the_demo_ends_with_ratings_and_reports(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    for category, city in (("republican", "SIM-R01"), ("oblast", "SIM-O02"), ("district", "SIM-D03")):
        place = done.stdout.split(f"category {category}")[1].splitlines()[2]
        assert place.split()[1] == city
    assert f"in {tmp_path}/reports" in done.stdout
    assert "which is not loaded" in done.stdout, "the notice that the order has lapsed"
    reports = {path.suffix for path in (tmp_path / "reports").iterdir()}
    assert reports == {".html", ".pdf", ".xlsx"}
    assert (tmp_path / "lake" / "runs").is_dir()
    assert not (tmp_path / "making").exists()


def test_the_demo_takes_nobodys_folder(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    done = demo(tmp_path)
    assert done.returncode == 2
    assert "stays as it is" in done.stderr
