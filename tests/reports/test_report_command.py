"""`qala report`: what it writes, and what it says to a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from conftest import Trial
from typer.testing import CliRunner

from qala.cli.report import report
from qala.standard import Problem

app = typer.Typer()
app.command()(report)


def _ask(trial: Trial, out: Path, *words: str) -> str:
    where = ["--year", "2026", "--as-of", "2026-06-30", "--lake", str(trial.lake.folder), "--out", str(out)]
    found = CliRunner().invoke(app, [*words, *where], catch_exceptions=True)
    if isinstance(found.exception, Problem):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


def test_a_sheet_and_a_rating(trial: Trial, tmp_path: Path) -> None:
    said = _ask(trial, tmp_path, "--city", "WHOLE", "--lang", "kk,en", "--form", "html,xlsx")
    assert len(list(tmp_path.iterdir())) == 4
    assert "score-sheet_WHOLE_2026_kk.html" in said
    _ask(trial, tmp_path, "--rating", "--category", "district", "--lang", "ru")
    assert (tmp_path / "rating_2026_district_ru.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say which report"),
        (("--city", "WHOLE", "--rating"), "Say which report"),
        (("--city", "NOWHERE"), "NOWHERE"),
        (("--city", "WHOLE", "--lang", "de"), "'de' is not known"),
        (("--city", "WHOLE", "--form", ","), "Nothing is chosen"),
        (("--city", "WHOLE", "--category", "oblast"), "--rating"),
        (("--rating", "--category", "village"), "village"),
        (("--rating", "--category", "oblast"), "no city to rate"),
        (("--city", "WHOLE", "--profile", "strict"), "strict"),
    ],
)
def test_mistakes_are_told(trial: Trial, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Problem, match=said):
        _ask(trial, tmp_path, *words)
    assert not list(tmp_path.iterdir())
