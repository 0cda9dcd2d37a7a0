"""What the probe wrote down, by month and by hour; and how the parts of the site are."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from qala import facts

DOWN_AFTER = "probe_failures"
"""The open term that says how many failures in a row are downtime."""


@dataclass(frozen=True)
class Seen:
    """One probe."""

    at: datetime
    answered: bool
    failures: int
    planned: bool
    answer_ms: int | None


@dataclass(frozen=True)
class Month:
    """Availability in a month.

    Attributes:
        probes, good: how many there were, and how many count as available (KPI 1.2).
        percent: good of probes; None without any.
        watched: share of the month's minutes (of those that have passed) that were probed at all.
        planned: probes in announced maintenance.
        median_ms: the middle answer time.
    """

    month: str
    probes: int
    good: int
    percent: float | None
    watched: float
    planned: int
    median_ms: int | None


@dataclass(frozen=True)
class Part:
    """A part of the site and whether it works."""

    name: str
    works: bool
    said: str


def folder() -> Path:
    """Where the probe writes."""
    return Path(settings.HOME) / "probes"


def probes(month: str) -> Sequence[Seen]:
    """Probes of a UTC month (`2026-11`), in order."""
    file = folder() / f"{month}.csv"
    return _read(file, file.stat().st_mtime_ns) if file.exists() else ()


@lru_cache(maxsize=16)
def _read(file: Path, _: int) -> Sequence[Seen]:
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Seen(
                datetime.fromisoformat(row["probed_at"]),
                row["answered"] == "true",
                int(row["failures_in_row"]),
                row["planned"] == "true",
                int(row["answer_ms"]) if row["answer_ms"] else None,
            )
            for row in csv.DictReader(lines)
            if row["answer_ms"] is not None  # the line that is being written
        )


def down_after() -> int:
    """How many failures in a row mean downtime, by the edition."""
    law = facts.edition()
    return int(law.parameter(DOWN_AFTER, law.to_day or facts.today()).value)


def months() -> list[Month]:
    """Every month with probes, the newest first."""
    limit = down_after()
    return [_month(file.stem, probes(file.stem), limit) for file in sorted(folder().glob("*.csv"), reverse=True)]


def _month(name: str, seen: Sequence[Seen], limit: int) -> Month:
    good = sum(one.failures < limit for one in seen)
    first = datetime.fromisoformat(f"{name}-01T00:00:00+00:00")
    after = (first + timedelta(days=32)).replace(day=1)
    passed = (min(after, datetime.now(UTC)) - first).total_seconds() / 60
    every = float(os.environ.get("QALA_PROBE_SECONDS") or 60) / 60
    times = sorted(one.answer_ms for one in seen if one.answer_ms is not None)
    return Month(
        name,
        len(seen),
        good,
        100 * good / len(seen) if seen else None,
        min(1.0, len(seen) * every / passed) if passed else 0.0,
        sum(one.planned for one in seen),
        times[len(times) // 2] if times else None,
    )


def last_hours(count: int = 48) -> list[tuple[datetime, float | None]]:
    """Each of the last hours (UTC, its beginning) and its share of good probes in percent; None where nobody looked."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [now - timedelta(hours=back) for back in reversed(range(count))]
    limit = down_after()
    by_hour: dict[datetime, list[bool]] = {}
    for month in sorted({f"{hour:%Y-%m}" for hour in hours}):
        for one in probes(month):
            by_hour.setdefault(one.at.replace(minute=0, second=0, microsecond=0), []).append(one.failures < limit)
    return [
        (hour, 100 * sum(found) / len(found) if (found := by_hour.get(hour)) else None)
        for hour in hours
    ]  # fmt: skip


def newest() -> Seen | None:
    """The last probe."""
    for file in sorted(folder().glob("*.csv"), reverse=True):
        if found := probes(file.stem):
            return found[-1]
    return None


def target() -> str:
    """The order's target of KPI 1.2 for each category, as signs."""
    rules = {rule.say() for rule in facts.edition().kpi("1.2").target.values()}
    return ", ".join(sorted(rules))


def parts() -> list[Part]:
    """How the database, the jobs, the lake and the disk are, right now."""
    return [_database(), _jobs(), _lake(), _disk()]


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return Part("database", True, f"PostgreSQL {cursor.fetchone()[0]}")
    except DatabaseError as error:
        return Part("database", False, str(error))


def _jobs() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE last_heartbeat > now() - interval '2 minutes') FROM procrastinate_workers"
            )
            alive = cursor.fetchone()[0]
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at IS NULL")
            waiting = cursor.fetchone()[0]
    except DatabaseError as error:
        return Part("jobs", False, str(error))
    return Part("jobs", alive > 0, f"{alive} / {waiting}")


def _lake() -> Part:
    try:
        lake = facts.lake()
        return Part("lake", True, str(len(lake.cities.all())))
    except OSError as error:
        return Part("lake", False, str(error))


def _disk() -> Part:
    usage = shutil.disk_usage(settings.HOME)
    free = usage.free / usage.total
    return Part("disk", free > 0.05, f"{usage.free / 1e9:.0f} GB")


def today() -> date:
    """The day in UTC, as the probe counts it."""
    return datetime.now(UTC).date()
