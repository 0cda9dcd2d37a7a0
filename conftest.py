"""What tests of every part share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests.small_demo import Demo, the_demo

ROOT = Path(__file__).parent
SITE = ("src/qala/", "tests/map/", "tests/people/", "tests/places/", "tests/portal/")
"""Where tests look at the site, which is told which edition to use; commands are tested as they come."""

LONGEST_FIRST = (
    "tests/docs/test_demo.py",
    "tests/world/test_books_equal_engine.py",
    "tests/journeys/",
    "tests/measures/test_spark.py",
    "tests/docs/test_tutorial.py",
    "tests/measures/test_news.py",
    "tests/bench/",
    "tests/faults/",
    "tests/examples/",
    "tests/measures/test_faults.py",
    "tests/world/test_simulation.py",
    "tests/people/test_backup.py",
    "tests/portal/test_quarantine_browser.py",
    "src/qala/ui/tests/test_browser.py",
)
"""Files and folders that take long. A worker that takes one up last would be waited for by the others."""

MEMORY = Path("/dev/shm")
ROOM = 6 * 1024**3

if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    # A lake forces every delivery to the disk a dozen times. Tests kill processes and cut files short, but pull no plug.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; `--dist loadfile --no-loadscope-reorder` hands files out as they come."""
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> int:
    return next((turn for turn, long in enumerate(LONGEST_FIRST) if nodeid.startswith(long)), len(LONGEST_FIRST))


@pytest.fixture(autouse=True)
def edition_of_the_site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`QALA_EDITION`, as whoever runs a site after the edition has lapsed sets it."""
    if str(request.path.relative_to(ROOT)).startswith(SITE):
        monkeypatch.setenv("QALA_EDITION", "order_469")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:  # noqa: ARG001
    """After a test with transactions of its own pytest-django empties every table, which append-only ones refuse."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("people_auditentry", "ratings_publication", "signatures_version", "signatures_signature"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_never_emptied")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One demo for all tests and workers of a run, made by who needs it first. It is read, and copied to be served."""
    base = tmp_path_factory.getbasetemp()
    return the_demo(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
