"""The committer's process: what landed becomes rows, sums and news, within about a second. `python -m qala.intake.work`.

A round: every receiver's landing is worked off; the sums of the cities concerned are brought up to date; what was committed is
told over PostgreSQL's NOTIFY. A full disk or a table that cannot be written to is told in the log and tried again, ever more
slowly; what waits stays where it is.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

import duckdb
import psycopg
from deltalake.exceptions import DeltaError

from qala import facts
from qala.intake.live import CHANNEL
from qala.intake.platform import PlatformRecord
from qala.lake.committing import Committed, Committer
from qala.lake.receipts import Receipt
from qala.lake.upkeep import join_small
from qala.standard.problems import Problem

PAUSE_S = 0.25
"""Between two looks when nothing waits."""
SLOWEST_S = 30.0
NICE = 5
"""Doors come first: what they do not answer is not taken, what is not committed now is committed a moment later."""
RECORD_S = 10.0
"""Between two deliveries of the platform's own record."""
_LOG = logging.getLogger(__name__)


class Round:
    """One committer: works off, computes, tells.

    Args:
        address: of the database for NOTIFY; None where nobody listens.
    """

    def __init__(self, address: str | None) -> None:
        self.lake = facts.lake()
        self._committed: list[Committed] = []
        self.committer = Committer(self.lake, self._committed.append)
        self.record = PlatformRecord(self.lake)
        self._delivered = time.monotonic()
        self._address = address
        self._connection: psycopg.Connection | None = None
        self._small: dict[tuple[str, str], int] = defaultdict(int)

    def go(self) -> list[Committed]:
        """One round; what it committed. Where machines share the lake, what the others stored is followed besides.

        Raises:
            Problem: the landing could not be worked off. What was committed before it is computed and told all the same.
        """
        followed: list[Receipt] = []
        try:
            followed = self.lake.follow()
            self.committer.run_once()
        finally:
            done, self._committed[:] = list(self._committed), []
            new = [*followed, *(one.receipt for one in done)]
            if new:
                self._compute({one.city for one in new})
                visible = datetime.now(UTC).replace(tzinfo=None)
                for one in done:
                    self.record.note(one, visible)
                self._tell(new)
                self._join(done)
            if time.monotonic() - self._delivered > RECORD_S:
                self._delivered = time.monotonic()
                self.record.deliver()
        return done

    def _compute(self, cities: set[str]) -> None:
        values = facts.values()
        values.renew()
        for city in sorted(cities):
            try:
                values.computer.compute(city)
            except Problem as problem:  # one city's trouble is not the others'
                _LOG.warning("%s: %s", city, problem)

    def _tell(self, new: list[Receipt]) -> None:
        by_city: dict[str, set[str]] = defaultdict(set)
        for one in new:
            by_city[one.city].add(one.dataset)
        visible = datetime.now(UTC).isoformat(timespec="milliseconds")
        for city, datasets in by_city.items():
            self._notify({"city": city, "datasets": sorted(datasets), "visible_at": visible})

    def _notify(self, news: Mapping[str, object]) -> None:
        if self._address is None:
            return
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self._address, autocommit=True, connect_timeout=2)
            self._connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, json.dumps(news)))
        except psycopg.Error as error:
            self._connection = None
            _LOG.warning("nobody is told of %s: %s", news, str(error).splitlines()[0] if str(error) else error)

    def _join(self, done: list[Committed]) -> None:
        """Keep the number of small files of a city's table bounded."""
        for one in done:
            place = (one.receipt.dataset, one.receipt.city)
            self._small[place] += 1
            if self._small[place] >= 16:
                self._small[place] = 0
                join_small(self.lake, *place)

    def close(self) -> None:
        self.record.close()
        self.committer.close()
        if self._connection is not None:
            self._connection.close()


def main() -> None:
    """Rounds until SIGTERM or SIGINT; the round under way is finished."""
    logging.basicConfig(level=logging.INFO, format="{asctime} {levelname} {name}: {message}", style="{")
    os.nice(NICE)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    work = Round(os.environ.get("DATABASE_URL"))
    wait = PAUSE_S
    while not ended.is_set():
        began = time.monotonic()
        try:
            done = work.go()
            wait = PAUSE_S
        except (Problem, OSError, duckdb.Error, DeltaError) as error:
            wait = min(SLOWEST_S, wait * 2)
            _LOG.error("the landing waits, next try in %.0f s: %s", wait, error)
            ended.wait(wait)
            continue
        if done:
            rows = sum(one.receipt.read for one in done)
            _LOG.debug("%d rows in %d receipts, %.2f s", rows, len(done), time.monotonic() - began)
        else:
            ended.wait(wait)
    with contextlib.suppress(psycopg.Error):
        work.close()


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
    django.setup()
    main()
