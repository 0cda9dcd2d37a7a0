"""What came of each source lately, and whether it is silent: kept up from the ledger, of which only the new is read."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from qala.intake.models import Source
from qala.lake import Lake, Receipt

HOURS = 48
"""For how many hours rows are counted by the hour."""
_GRACE = timedelta(minutes=2)
State = Literal["paused", "trouble", "silent", "never", "sending"]


@dataclass(frozen=True)
class Counts:
    """Rows of an hour."""

    read: int = 0
    refused: int = 0


@dataclass
class Heard:
    """What a source sent.

    Attributes:
        last: its last delivery; a replay is none of its own.
        hours: start of the hour (UTC) → rows, of the last `HOURS` in which something came.
    """

    last: Receipt | None = None
    hours: dict[datetime, Counts] = field(default_factory=dict)

    def within(self, hours: int, now: datetime) -> Counts:
        """Rows of the last hours (the one that runs included)."""
        after = _hour(now) - timedelta(hours=hours)
        kept = [one for hour, one in self.hours.items() if hour > after]
        return Counts(sum(one.read for one in kept), sum(one.refused for one in kept))


class Activity:
    """Deliveries of all sources of a lake, by city, dataset and source. For one thread."""

    def __init__(self, lake: Lake) -> None:
        self._ledger = lake.ledger
        self._known: dict[str, int] = defaultdict(int)
        self._heard: dict[tuple[str, str, str], Heard] = defaultdict(Heard)
        self._nothing: dict[tuple[str, str], datetime] = {}

    def of(self, source: Source) -> Heard:
        """What a source sent."""
        self._follow(source.dataset)
        return self._heard.get((source.city, source.dataset, source.name), Heard())

    def nothing_reported(self, city: str, dataset: str) -> datetime | None:
        """When somebody last said that nothing happened in a dataset of a city."""
        self._follow(dataset)
        return self._nothing.get((city, dataset))

    def _follow(self, dataset: str) -> None:
        new, self._known[dataset] = self._ledger.since(dataset, self._known[dataset])
        for receipt in new:
            if receipt.kind == "nothing_happened":
                self._nothing[receipt.city, dataset] = receipt.received_at
            elif receipt.kind == "delivery":
                _count(self._heard[receipt.city, dataset, receipt.source], receipt)


def _count(heard: Heard, receipt: Receipt) -> None:
    if heard.last is None or receipt.received_at >= heard.last.received_at:
        heard.last = receipt
    hour = _hour(receipt.received_at)
    before = heard.hours.get(hour, Counts())
    heard.hours[hour] = Counts(before.read + receipt.read, before.refused + receipt.quarantined)
    if len(heard.hours) > 2 * HOURS:
        oldest = max(heard.hours) - timedelta(hours=HOURS)
        heard.hours = {at: one for at, one in heard.hours.items() if at > oldest}


def _hour(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.replace(minute=0, second=0, microsecond=0)


_own = threading.local()


def activity(lake: Lake) -> Activity:
    """This thread's."""
    if getattr(_own, "lake", None) is not lake:
        _own.lake, _own.found = lake, Activity(lake)
    found: Activity = _own.found
    return found


@dataclass(frozen=True)
class Standing:
    """How a source stands.

    Attributes:
        state: `paused`; `trouble`: its door says that something is wrong; `silent`: more time than one and a half of its cadence
            went by without a delivery; `never`: nothing came yet, and nothing is overdue; `sending`.
        since: UTC, the last sign of life: a delivery, a report that nothing happened; None where there was none.
        expected: UTC, until when the next is expected; None where nothing is promised.
    """

    state: State
    since: datetime | None
    expected: datetime | None
    heard: Heard
    trouble: str = ""

    @property
    def last(self) -> Receipt | None:
        return self.heard.last


def standing(source: Source, lake: Lake, now: datetime, troubles: Mapping[int, str]) -> Standing:
    """How a source stands at a moment (UTC).

    Args:
        troubles: of doors, by the source's primary key.
    """
    known = activity(lake)
    heard = known.of(source)
    signs = [heard.last.received_at] if heard.last else []
    if (nothing := known.nothing_reported(source.city, source.dataset)) is not None:
        signs.append(nothing)
    since = max(map(_utc, signs), default=None)
    expected = None
    if source.every:
        begun = max(filter(None, (since, source.made_at, source.resumed_at)))
        expected = begun + timedelta(seconds=1.5 * source.every) + _GRACE
    trouble = troubles.get(source.pk, "")
    state: State = "sending" if heard.last else "never"
    if source.paused_at is not None:
        state, expected = "paused", None
    elif trouble:
        state = "trouble"
    elif expected is not None and now > expected:
        state = "silent"
    return Standing(state, since, expected, heard, trouble)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def troubles() -> dict[int, str]:
    """What doors say is wrong, by the source's primary key."""
    from qala.intake.models import Door

    return dict(Door.objects.exclude(trouble="").values_list("source", "trouble"))


def silent(lake: Lake, now: datetime) -> list[tuple[Source, Standing]]:
    """Sources that missed their cadence; a paused one misses nothing."""
    wrong = troubles()
    every = Source.objects.filter(removed_at=None, paused_at=None, every__gt=0).select_related("owner")
    found = [(one, standing(one, lake, now, wrong)) for one in every]
    return [(one, how) for one, how in found if how.expected is not None and now > how.expected]
