"""What came of a source: its last rows, its last deliveries, its hours, what was done to it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import Contract
from qala.intake.activity import HOURS, Counts, Heard
from qala.intake.models import Source
from qala.lake import Receipt
from qala.people.models import AuditEntry
from qala.people.verbs import verb_name
from qala.portal.data.columns import MASK, Head, cell_of, heads_of
from qala.portal.data.guard import personal_columns, restricted_columns
from qala.ui.charts import Chart, Series

ROWS = 20
RECEIPTS = 15
_HISTORY = 12


def last_rows(source: Source, contract: Contract) -> tuple[Sequence[Head], list[list[Any]]]:
    """The newest rows of a source by when they came, personal columns masked for everybody."""
    names = ["received_at_platform", *contract.all_columns]
    recent = _enough([one for one in last_receipts(source, 200) if one.first_day and one.undone_by is None])
    if not recent:
        return heads_of(contract, names), []
    days = [day for one in recent for day in (one.first_day, one.last_day) if day is not None]
    snapshot = facts.values().computer.snapshot(contract.id)
    files = snapshot.files(city=source.city, first_day=min(days), last_day=max(days))
    if not files:
        return heads_of(contract, names), []
    listed = ", ".join(f'"{name}"' for name in names)
    ids = ", ".join(f"'{one.id}'" for one in recent)
    with contextlib.closing(facts.lake().connection()) as con:
        rows = con.execute(
            f"""SELECT {listed} FROM {snapshot.current_sql(files)} WHERE _receipt IN ({ids})
                ORDER BY received_at_platform DESC LIMIT {ROWS}"""
        ).fetchall()
    masked = personal_columns(contract) | restricted_columns(contract)
    filled = [at for at, name in enumerate(names) if any(row[at] is not None for row in rows)]
    told = [
        [
            MASK if names[at] in masked and row[at] is not None else cell_of(contract, names[at], row[at])
            for at in filled
        ]
        for row in rows
    ]
    return heads_of(contract, [names[at] for at in filled]), told


def _enough(newest_first: Sequence[Receipt]) -> list[Receipt]:
    """So many deliveries as surely hold the rows that are shown."""
    found: list[Receipt] = []
    for one in newest_first:
        found.append(one)
        if sum(each.stored + each.replaced for each in found) >= ROWS:
            break
    return found


def last_receipts(source: Source, most: int = RECEIPTS) -> list[Receipt]:
    """The last deliveries of a source, the newest first; replays of its refused rows among them."""
    found = facts.lake().ledger.receipts(source.dataset, source.city)
    own = [one for one in reversed(found) if one.source == source.name]
    return own[:most]


def personal(source: Source) -> dict[str, int]:
    """`column: kind` -> rows of the last thirty days whose free fields look personal; deliveries taken back left out."""
    return dict(sorted(_added_up(source, "personal").items()))


def dropped(source: Source) -> dict[str, int]:
    """Header that no column takes -> values that came under it in the last thirty days, the most frequent first."""
    return dict(_added_up(source, "dropped").most_common())


def _added_up(source: Source, what: str) -> Counter[str]:
    """What receipts of a source's last thirty days say of something; deliveries taken back left out."""
    since = datetime.now(UTC) - timedelta(days=30)
    counts: Counter[str] = Counter()
    for one in facts.lake().ledger.receipts(source.dataset, source.city):
        if one.source == source.name and one.undone_by is None and one.received_at >= since:
            counts.update(getattr(one, what))
    return counts


@dataclass(frozen=True)
class Waiting:
    """Refused rows that wait to be mended."""

    rows: int
    deliveries: int


def waiting_rows(source: Source) -> Waiting:
    """How many refused rows of a source wait to be mended, and in how many deliveries."""
    quarantine = facts.lake().quarantine
    found = [
        left
        for one in facts.lake().ledger.receipts(source.dataset, source.city)
        if one.source == source.name and one.quarantined and one.undone_by is None
        and (left := quarantine.open_rows(one.dataset, one.city, one.id, one.quarantined)) > 0
    ]  # fmt: skip
    return Waiting(sum(found), len(found))


def by_hour(heard: Heard, now: datetime, zone: str) -> Chart | None:
    """Rows by hour; None where nothing came in that time."""
    last = now.replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    counts = [heard.hours.get(hour, Counts()) for hour in hours]
    if not any(one.read for one in counts):
        return None
    labels = [f"{hour.astimezone(ZoneInfo(zone)):%d.%m %H:00}" for hour in hours]
    return Chart(
        id="hours",
        kind="stacked",
        title=_("Rows by hour, the last two days"),
        categories=labels,
        series=[
            Series(_("taken in"), [one.read - one.refused for one in counts], token="series-1"),
            Series(_("refused"), [one.refused for one in counts], token="bad"),
        ],
        digits=0,
        heading=2,
    )


def history(source: Source) -> list[tuple[AuditEntry, str]]:
    """What was done to a source, the newest first."""
    found = AuditEntry.objects.filter(kind="intake.source", object_id=str(source.pk)).order_by("-id")[:_HISTORY]
    return [(one, verb_name(one.verb)) for one in found]
