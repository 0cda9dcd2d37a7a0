"""How a strategy or a roadmap comes into force (items 26–30; readings PR1, PR2, PR4, PR5): one table of steps.

    draft ── submit ──> submitted ── agree ──> agreed ── approve ──> approved ── both publications ──> published
                         ^      └─ refuse ──> remarks ┐                  └──────── amend ───────────────────┘
                         └───────── submit ───────────┘                            (a new draft, with grounds)

Silence is overdue and never consent (PR1). Days are working days of Kazakhstan; the day of the step itself does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qala.standard.calendar import working_day_after

State = Literal["draft", "submitted", "remarks", "agreed", "approved", "published"]
Verb = Literal["submit", "agree", "refuse", "approve", "publish_site", "publish_system", "amend"]

Right = Literal["lead", "judge", "approve"]
"""Of a part: `roadmaps.lead`, `strategies.lead`."""

EDITABLE: frozenset[str] = frozenset({"draft", "remarks"})
"""States in which it is written; in all others it stands."""
IN_FORCE: frozenset[str] = frozenset({"approved", "published"})
PUBLICATIONS: tuple[Verb, Verb] = ("publish_site", "publish_system")
"""The two proofs of item 30: the platform of state sites, and the project management system."""
REVIEW_DAYS, PUBLICATION_DAYS = 15, 3  # items 27 and 30


@dataclass(frozen=True)
class Move:
    """A step that is allowed.

    Attributes:
        states: in which it is; leads_to: the state after it (of a publication: once both are there).
        right: whoever takes it needs; item: of the order.
        words: what has to be said with it: `remarks` of a refusal, `grounds` of an amendment, `number` of an act, an `address`.
    """

    verb: Verb
    states: tuple[State, ...]
    leads_to: State
    right: Right
    item: str
    words: Literal["", "remarks", "grounds", "number", "address"] = ""


MOVES: tuple[Move, ...] = (
    Move("submit", ("draft", "remarks"), "submitted", "lead", "26"),
    Move("agree", ("submitted",), "agreed", "judge", "27", "number"),
    Move("refuse", ("submitted",), "remarks", "judge", "27", "remarks"),
    Move("approve", ("agreed",), "approved", "approve", "28", "number"),
    Move("publish_site", ("approved",), "published", "lead", "30", "address"),
    Move("publish_system", ("approved",), "published", "lead", "30", "address"),
    Move("amend", ("approved", "published"), "draft", "lead", "26", "grounds"),
)


@dataclass(frozen=True)
class Deadline:
    """Until when who has to do what; `verb` is the step, the last day counts."""

    verb: Verb
    day: date
    item: str

    def over(self, today: date) -> bool:
        return today > self.day


def moves(state: str, taken: Iterable[str] = ()) -> tuple[Move, ...]:
    """Steps that are allowed in a state; a publication that is proven is not asked for again.

    Args:
        taken: verbs of the steps since the approval.
    """
    done = set(taken) & set(PUBLICATIONS)
    return tuple(one for one in MOVES if state in one.states and one.verb not in done)


def deadlines(state: str, since: date, taken: Sequence[str] = ()) -> tuple[Deadline, ...]:
    """What runs in a state that holds since a day.

    Args:
        taken: verbs of the steps since then.
    """
    if state == "submitted":
        return (Deadline("agree", working_day_after(since, REVIEW_DAYS), "27"),)
    if state == "approved":
        last = working_day_after(since, PUBLICATION_DAYS)
        return tuple(Deadline(verb, last, "30") for verb in PUBLICATIONS if verb not in taken)
    return ()
