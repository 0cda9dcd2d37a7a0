"""`make demo` with three small cities: it ends with the ratings and leaves lake and reports; it takes nobody's folder."""

from __future__ import annotations

from pathlib import Path

from tests.small_demo import Demo, run_demo


def test_the_demo_ends_with_ratings_and_reports(demo: Demo) -> None:
    assert demo.code == 0, demo.errors[-3000:]
    for category, city in (("republican", "SIM-R01"), ("oblast", "SIM-O02"), ("district", "SIM-D03")):
        place = demo.said.split(f"category {category}")[1].splitlines()[2]
        assert place.split()[1] == city
    assert f"in {demo.folder}/reports" in demo.said
    assert "which is not loaded" in demo.said, "the notice that the order has lapsed"
    reports = {path.suffix for path in (demo.folder / "reports").iterdir()}
    assert reports == {".html", ".pdf", ".xlsx"}
    assert (demo.folder / "lake" / "runs").is_dir()
    assert not (demo.folder / "making").exists()


def test_the_demo_takes_nobodys_folder(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    done = run_demo(tmp_path)
    assert done.code == 2
    assert "stays as it is" in done.errors
