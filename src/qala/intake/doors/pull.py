"""Pulls, turn by turn: what a fetcher brings is taken in, and only then is remembered how far it has read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qala.intake.doors.one_file import Takes, look_over
from qala.intake.feed import Feed, Taken
from qala.intake.fetchers import Turn, fetch

ROWS_AT_ONCE = 5_000
PAGES_IN_A_TURN = 200
"""After so many the others have their turn; the next begins where this one ended."""


@dataclass(frozen=True)
class Pulled:
    """What one turn of a pull took in.

    Args:
        taken: receipts.
        more: whether there is more to fetch at once.
    """

    taken: Sequence[Taken]
    more: bool

    @property
    def rows(self) -> int:
        return sum(one.received for one in self.taken)


def pull(
    feed: Feed,
    receiver: Takes,
    settings: Mapping[str, Any],
    position: Mapping[str, Any],
    turn: Turn,
    remember: Callable[[Mapping[str, Any]], None],
    ended: Callable[[], bool] = lambda: False,
) -> Pulled:
    """One turn: pages until there is no more.

    A crash between taking and remembering brings the same rows again; they are known by their keys.

    Args:
        turn: its format and place of rows are the feed's.
        remember: puts a position down; it is durable when this returns.
        ended: whether the process is to end.

    Raises:
        Problem: the source does not answer as it should, or the settings or the mapping are wrong.
        Full: nothing can be taken now.
    """
    look_over(receiver, feed)
    taken: list[Taken] = []
    for _ in range(PAGES_IN_A_TURN):
        with TemporaryDirectory(dir=turn.work) as work:
            asked = replace(turn, work=Path(work), format=feed.format, rows_at=feed.rows_at)
            found = fetch(settings, position, asked)
            received = turn.now.replace(tzinfo=None)
            if found.file is not None:
                path, suffix = found.file
                taken.append(receiver.take_file_blocking(feed, path, suffix, received=received))
            for at in range(0, len(found.rows), ROWS_AT_ONCE):
                rows = found.rows[at : at + ROWS_AT_ONCE]
                taken.append(receiver.take_blocking(feed, rows, received=received))
            if found.unreadable:
                taken.append(receiver.take_blocking(feed, [], unreadable=found.unreadable, received=received))
        if found.position != position:
            remember(found.position)
            position = found.position
        if not found.more or ended():
            return Pulled(taken, found.more)
    return Pulled(taken, True)
