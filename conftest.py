"""What tests of every part share."""

from __future__ import annotations

from pathlib import Path

import pytest

SITE = ("src/qala/", "tests/map/", "tests/people/", "tests/places/", "tests/portal/")
"""Where tests look at the site, which is told which edition to use; commands are tested as they come."""


@pytest.fixture(autouse=True)
def edition_of_the_site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`QALA_EDITION`, as whoever runs a site after the edition has lapsed sets it."""
    if str(request.path.relative_to(Path(__file__).parent)).startswith(SITE):
        monkeypatch.setenv("QALA_EDITION", "order_469")
