"""The tutorial and the explanations are true: every command that they show runs, and prints what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from written_console import ROOT, commands_of, matches, run_page

TUTORIAL = ROOT / "docs" / "tutorial" / "first-rating.md"
OWN_TESTS = {"figures.md", "nation.md"}  # measured by `make bench`
EXPLANATIONS = sorted(
    page for page in (ROOT / "docs" / "explanation").glob("*.md") if page.name not in OWN_TESTS and commands_of(page)
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the tutorial leaves behind."""
    folder = tmp_path_factory.mktemp("town")
    wrong = run_page(TUTORIAL, folder)
    assert not wrong, "\n\n".join(wrong)
    return folder


def test_the_tutorial_leads_to_a_rated_city(town: Path) -> None:
    assert len(commands_of(TUTORIAL)) > 10
    assert (town / "lake" / "runs").is_dir()
    assert list((town / "reports").rglob("*.html"))


@pytest.mark.parametrize("page", EXPLANATIONS, ids=lambda page: page.stem)
def test_an_explanation_is_true(page: Path, town: Path, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    shutil.copytree(town, folder)
    wrong = run_page(page, folder)
    assert not wrong, "\n\n".join(wrong)


def test_a_page_that_says_otherwise_is_found() -> None:
    assert matches(["a … c", "…", "end"], ["a b  c", "1", "2", "end"])
    assert not matches(["a … c"], ["a b", "c"])
    assert not matches(["60"], ["61"])
