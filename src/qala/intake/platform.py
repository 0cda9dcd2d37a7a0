"""What the platform records of itself: when rows of each delivery became visible (KPI 1.1), and updates by category (1.4).

For the cities whose situational centre this installation is (`QALA_PLATFORM_OF`). The record goes through the border and the
landing like any source's; a record of the record is not made.

The delay of 1.1 is summed over rows. One line stands for a delivery, so its `registered_at` is the mean over its rows:
times the number of rows, the product is the sum over rows to the microsecond. A row without a clock of its department's
system, or one that claims to be registered after it came, counts from when it came, and the line says so (`clock`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import datetime

from qala import facts
from qala.intake.receiving import Full, Receiver
from qala.lake import Lake
from qala.lake.border.live import Row
from qala.lake.committing import Committed
from qala.standard.problems import Problem

NAME = "platform"
VARIABLE = "QALA_PLATFORM_OF"
UPDATES, JOURNAL = "situation_centre.updates", "situation_centre.dataset_updates"
CATEGORIES = ("safety", "housing", "ecology", "education")
_LOG = logging.getLogger(__name__)


class _OwnFeed:
    """The platform as a source."""

    name, way, format, rows_at, mapping, simulated = NAME, "integration", "json", "", None, False

    def __init__(self, city: str, dataset: str) -> None:
        self.city, self.dataset = city, dataset
        self.name = f"{NAME}-{dataset.rpartition('.')[2]}-{city}"


class PlatformRecord:
    """Collects lines and delivers them.

    Args:
        lake: into which it delivers.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._receiver: Receiver | None = None
        self._waiting: dict[tuple[str, str], list[Row]] = {}
        self._last: dict[tuple[str, str], datetime] = {}

    def note(self, committed: Committed, visible: datetime) -> None:
        """A delivery became visible (UTC)."""
        receipt, new = committed.receipt, committed.receipt.stored + committed.receipt.replaced
        if not new or receipt.source.startswith(f"{NAME}-") or receipt.city not in cities(self._lake):
            return
        for clock, rows, mean in (
            ("registered", committed.clocked, committed.registered_at),
            ("received", committed.clockless, committed.received_at),
        ):
            if rows and mean is not None:
                self._add(
                    receipt.city,
                    UPDATES,
                    {
                        "update_id": f"{receipt.id}-{clock}",
                        "dataset_id": receipt.dataset,
                        "registered_at": _said(min(mean, visible)),
                        "visible_at": _said(visible),
                        "event_at": None if committed.event_at is None else _said(min(committed.event_at, visible)),
                        "row_count": str(rows),
                        "clock": clock,
                    },
                )
        self._note_update(receipt.city, receipt.dataset, receipt.id, visible, receipt.stored)

    def _note_update(self, city: str, dataset: str, number: str, visible: datetime, new: int) -> None:
        category = next((name for name in CATEGORIES if dataset in _datasets_of(name)), None)
        if category is None or not new:
            return
        previous = self._last.get((city, dataset)) or self._previous(city, dataset)
        self._last[city, dataset] = visible
        self._add(
            city,
            JOURNAL,
            {
                "update_id": number,
                "dataset_id": dataset,
                "category": category,
                "registered_at": _said(visible),
                "updated_at": _said(visible),
                "previous_at": None if previous is None else _said(previous),
                "new_rows": str(new),
            },
        )

    def _previous(self, city: str, dataset: str) -> datetime | None:
        """The last update of a dataset before this process began."""
        table = self._lake.table(JOURNAL)
        snapshot = table.snapshot()
        files = sorted(snapshot.files(city), key=lambda file: file.last_day)[-32:]
        if not files:
            return None
        connection = self._lake.connection()
        try:
            rows = snapshot.current_sql(files, ["dataset_id", "updated_at"])
            found = connection.execute(f"SELECT max(updated_at) FROM {rows} WHERE dataset_id = ?", [dataset]).fetchone()
        finally:
            connection.close()
        last: datetime | None = found[0]
        return last

    def _add(self, city: str, dataset: str, line: Mapping[str, str | None]) -> None:
        self._waiting.setdefault((city, dataset), []).append(line)

    def deliver(self) -> int:
        """Land the lines; returns how many. Where the disk is full they wait for the next time."""
        done = 0
        for place in list(self._waiting):
            lines = self._waiting[place]
            try:
                if self._receiver is None:
                    self._receiver = Receiver(self._lake, NAME, workers=1)
                self._receiver.take_blocking(_OwnFeed(*place), lines)
            except (Full, Problem) as error:
                _LOG.warning("the platform's own record waits: %s", error)
                continue
            done += len(lines)
            del self._waiting[place]
        return done

    def close(self) -> None:
        self.deliver()
        if self._receiver is not None:
            self._receiver.close()


def cities(lake: Lake) -> list[str]:
    """Cities whose situational centre this installation is: codes in `QALA_PLATFORM_OF`, joined by commas.

    A simulated city has a record of its own, and is left out.
    """
    named = [code.strip() for code in os.environ.get(VARIABLE, "").split(",") if code.strip()]
    return [code for code in named if code in lake.cities and not lake.cities.get(code).simulated]


def _datasets_of(category: str) -> tuple[str, ...]:
    value = facts.edition().open_terms[f"{category}_datasets"].default.value
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _said(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
