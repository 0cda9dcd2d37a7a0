from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import tiny_lake

from qala.datasets import Catalogue, load_catalogue
from qala.lake import Lake
from qala.measures.values import Values
from qala.reports import Basis, RatingData, SheetData, build_rating, build_sheet
from qala.runs import RatedCity, RunStore
from qala.runs.rated import rated_city
from qala.scoring import Profile
from qala.standard import Edition, edition_on, editions


@dataclass
class Trial:
    """A tiny lake, measured, and reports of it."""

    lake: Lake
    catalogue: Catalogue
    edition: Edition
    values: Values
    cities: list[RatedCity]
    runs: RunStore
    sheet: Callable[..., SheetData]
    rating: Callable[..., RatingData]
    basis: Callable[..., Basis]


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    catalogue = load_catalogue()
    lake = tiny_lake.make(tmp_path_factory.mktemp("reports") / "lake", catalogue)
    edition = editions()["order_469"]
    values = Values(lake, edition, catalogue)
    for code in tiny_lake.NAMES:
        values.computer.compute(code)
    cities = [rated_city(lake, values, code, 2026) for code in tiny_lake.NAMES]
    runs = RunStore(lake.folder)

    def basis(as_of: date = date(2026, 6, 30), profile: str = "annex2") -> Basis:
        chosen = edition_on(as_of, editions(), "order_469")
        return Basis(chosen.edition, chosen.notice, Profile.parse(profile), 2026, as_of, "1.2.3")

    @cache
    def sheet(code: str, as_of: date = date(2026, 6, 30), profile: str = "annex2") -> SheetData:
        return build_sheet(basis(as_of, profile), code, lake, values, cities, runs)

    @cache
    def rating(as_of: date = date(2026, 6, 30), profile: str = "annex2") -> RatingData:
        return build_rating(basis(as_of, profile), lake, values, cities, runs)

    return Trial(lake, catalogue, edition, values, cities, runs, sheet, rating, basis)


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")
