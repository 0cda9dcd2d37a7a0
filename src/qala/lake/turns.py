"""Whose frames come next: each source has its turn, however much another landed before it.

A batch takes of each source its oldest frames, as many rows of one as of another while both have some. So a receiver's
landing is not worked off from front to end: its position is a place before which all is done, and for each source that is
ahead of it a place of its own. Within a source the order stays.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qala.lake.durable import write_whole
from qala.lake.landing import frames, segments

Place = tuple[int, int]
"""Segment and byte."""
Span = tuple[int, int, int]
"""Segment, first byte, byte after the last."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that waits."""

    segment: int
    at: int
    end: int
    feed: str
    rows: int


@dataclass(frozen=True)
class Position:
    """How far a receiver's landing is worked off.

    Args:
        segment, at: everything before this byte of this segment is.
        ahead: of these sources everything before a later place is, too.
        batches: how many there were.
    """

    segment: int = 0
    at: int = 0
    ahead: Mapping[str, Place] = field(default_factory=dict)
    batches: int = 0

    @classmethod
    def of(cls, receiver: Path) -> Position:
        """As it was written down last."""
        try:
            said = json.loads((receiver / "done.json").read_text())
        except FileNotFoundError:
            return cls()
        ahead = {feed: (segment, at) for feed, (segment, at) in said.get("ahead", {}).items()}
        return cls(said["segment"], said["at"], ahead, said.get("batches", 0))

    def write(self, receiver: Path) -> None:
        said = {"segment": self.segment, "at": self.at, "ahead": self.ahead, "batches": self.batches}
        write_whole(receiver / "done.json", json.dumps(said, ensure_ascii=False).encode())

    def passed(self, segment: int, end: int, feed: str) -> bool:
        """Whether a frame that ends there is worked off."""
        return (segment, end) <= max((self.segment, self.at), self.ahead.get(feed, (0, 0)))

    def after(self, taken: Sequence[Frame], left: Sequence[Frame]) -> Position:
        """The position when a batch is done and `left` waits."""
        ahead = dict(self.ahead)
        for one in taken:
            ahead[one.feed] = (one.segment, one.end)
        first = min(((one.segment, one.at) for one in left), default=max(ahead.values(), default=(0, 0)))
        segment, at = max(first, (self.segment, self.at))
        ahead = {feed: place for feed, place in ahead.items() if place > (segment, at)}
        return Position(segment, at, ahead, self.batches + 1)

    def beyond(self, segment: int) -> Position:
        """The position when a segment and all before it are worked off."""
        return replace(self, segment=segment + 1, at=0, ahead={})


class Line:
    """The frames of one receiver that wait, in the order in which they came; each is looked at once."""

    def __init__(self, receiver: Path) -> None:
        self._receiver = receiver
        self._seen: dict[int, int] = {}
        self._frames: list[Frame] = []

    def waiting(self, position: Position) -> list[Frame]:
        """What waits now."""
        for number, path in segments(self._receiver):
            if number < position.segment:
                continue
            at = self._seen.get(number, position.at if number == position.segment else 0)
            for head, _, end in frames(path, at):
                self._frames.append(Frame(number, at, end, head.feed, head.rows))
                at = end
            self._seen[number] = at
        self._frames = [one for one in self._frames if not position.passed(one.segment, one.end, one.feed)]
        self._seen = {number: at for number, at in self._seen.items() if number >= position.segment}
        return self._frames


def turns(waiting: Sequence[Frame], rows: int, size: int) -> list[Frame]:
    """The next batch: frames of all sources by turns until there are so many rows or bytes; at least one if any waits."""
    before: Counter[str] = Counter()
    order = []
    for n, one in enumerate(waiting):
        order.append((before[one.feed], n))
        before[one.feed] += one.rows
    taken: list[Frame] = []
    for _, n in sorted(order):
        if rows <= 0 or size <= 0:
            break
        taken.append(waiting[n])
        rows -= waiting[n].rows
        size -= waiting[n].end - waiting[n].at
    return sorted(taken, key=lambda one: (one.segment, one.at))


def spans(taken: Iterable[Frame]) -> list[Span]:
    """Frames that follow one another as one span."""
    found: list[Span] = []
    for one in taken:
        if found and found[-1][0] == one.segment and found[-1][2] == one.at:
            found[-1] = (one.segment, found[-1][1], one.end)
        else:
            found.append((one.segment, one.at, one.end))
    return found


def begin(receiver: Path, position: Position, taken: Iterable[Frame]) -> None:
    """Put down which frames the next batch is made of, so that whoever comes after a crash takes the same."""
    said = {"batch": position.batches + 1, "spans": spans(taken)}
    write_whole(receiver / "batch.json", json.dumps(said).encode())


def begun(receiver: Path, position: Position) -> list[Span]:
    """The frames of a batch that was begun and not finished; nothing where there is none."""
    try:
        said = json.loads((receiver / "batch.json").read_text())
    except FileNotFoundError:
        return []
    if "spans" not in said:  # a committer of before sources had turns wrote it
        open_ = (said["segment"], said["from"]) >= (position.segment, position.at)
        return [(said["segment"], said["from"], said["to"])] if open_ else []
    if said["batch"] != position.batches + 1:
        return []
    return [(segment, first, end) for segment, first, end in said["spans"]]
