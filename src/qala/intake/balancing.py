"""Do the books agree? Doors with ledger, ledger with tables, sources' own counts with what was received.

Received = stored + replaced + duplicate + quarantined, per source, dataset and hour. A difference is an incident until it is
gone: rows that are on their way while we look make none, for only what is found twice counts.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from qala import facts
from qala.intake.doors.file_counts import FileCounts
from qala.intake.incidents import Wrong, follow
from qala.intake.models import Incident, SentCount, Source
from qala.lake import Lake
from qala.lake.audit import audit
from qala.lake.reconciling import Account, differences
from qala.standard.problems import Problem

DAYS = 2
"""How far back doors are compared with the ledger: today (UTC) and the day before."""
LOOK_AGAIN_S = 5.0
_FIGURES = ("received", "waiting", "read", "stored", "replaced", "duplicate", "quarantined", "difference")


def balance_ledger(wait: Callable[[float], None] = time.sleep) -> list[Wrong]:
    """Compare what doors took with what the ledger says, by source, dataset and hour of the last days."""
    lake, today = facts.lake(), datetime.now(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    first = _different(lake, days)
    if first:
        wait(LOOK_AGAIN_S)
        again = _different(lake, days)
        first = {
            place: one for place, one in again.items() if place in first and first[place].difference == one.difference
        }
    sources = {(one.city, one.dataset, one.name): one for one in Source.objects.all()}
    found = [
        Wrong(
            place,
            {"hour": one.hour.start, "source": one.hour.source} | {name: getattr(one, name) for name in _FIGURES},
            sources.get((one.hour.city, one.hour.dataset, one.hour.source)),
            one.hour.city,
            one.hour.dataset,
        )
        for place, one in first.items()
    ]
    recent = Q()
    for day in days:
        recent |= Q(place__startswith=day.isoformat())
    follow(Incident.Kind.LEDGER, found, within=recent)
    return found


def _different(lake: Lake, days: list[date]) -> dict[str, Account]:
    return {
        f"{one.hour.start} {one.hour.city} {one.hour.dataset} {one.hour.source}": one
        for day in days
        for one in differences(lake, day)
    }


def balance_tables() -> list[Wrong]:
    """Compare what the ledger says is stored with what the tables hold, and the log with the disk."""
    found = [
        Wrong(line[:240], {"line": line}, None, "", line.partition(":")[0]) for line in audit(facts.lake(), keys=False)
    ]
    follow(Incident.Kind.LAKE, found)
    return found


def note_count(source_name: str, first: datetime, until: datetime, rows: int) -> SentCount:
    """Keep how many rows a source says that it sent in whole hours.

    Raises:
        Problem: these are no whole hours, or they are not over, or there are too many of them.
    """
    try:
        hours = [one.astimezone(UTC) for one in (first, until)]
    except OverflowError:
        raise Problem("the hours are out of reach", where="from, until", hint="2026-03-01T09:00:00Z") from None
    if any(one.minute or one.second or one.microsecond for one in hours) or hours[0] >= hours[1]:
        raise Problem("the counts are of no whole hours", where="from, until", hint="2026-03-01T09:00:00Z")
    if hours[1] > datetime.now(UTC) + timedelta(minutes=1) or hours[1] - hours[0] > timedelta(days=32):
        raise Problem("counts are of hours that are over, and of at most 32 days", where="until")
    source = Source.objects.get(name=source_name)
    made, _ = SentCount.objects.update_or_create(source=source, first=hours[0], until=hours[1], defaults={"rows": rows})
    return made


def received(lake: Lake, count: SentCount) -> int:
    """Rows of a source that the ledger read in the hours of a count; replays are its rows of before."""
    source = count.source
    return sum(
        one.read
        for one in lake.ledger.receipts(source.dataset, source.city)
        if one.source == source.name
        and one.kind == "delivery"
        and count.first <= one.received_at.replace(tzinfo=one.received_at.tzinfo or UTC) < count.until
    )


def balance_counts(days: int = 35) -> list[Wrong]:
    """Compare the counts of sources with what was received, by hours and by files; what is still in the landing is waited for."""
    lake = facts.lake()
    since = datetime.now(UTC) - timedelta(days=days)
    found = []
    for one in SentCount.objects.filter(until__gte=since, source__removed_at=None).select_related("source"):
        if one.until > datetime.now(UTC) - timedelta(minutes=5):
            continue
        came = received(lake, one)
        if came != one.rows:
            said = {"first": one.first.isoformat(), "until": one.until.isoformat(), "sent": one.rows, "received": came}
            found.append(Wrong(f"{one.pk}", said, one.source, one.source.city, one.source.dataset))
    sources = {one.name: one for one in Source.objects.filter(removed_at=None)}
    for count in FileCounts(Path(settings.HOME) / "intake" / "counts").all():
        source = sources.get(count.source)
        if source is not None and count.sent != count.received:
            told = {"file": count.file, "at": count.at, "sent": count.sent, "received": count.received}
            place = f"{source.pk} {hashlib.sha256(count.file.encode()).hexdigest()[:16]}"
            found.append(Wrong(place, told, source, source.city, source.dataset))
    follow(Incident.Kind.COUNTS, found)
    return found
