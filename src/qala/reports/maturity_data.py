"""What the report of a maturity assessment is made of. Nothing here hides small groups: what it is given holds none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qala.scoring.maturity import Scores
from qala.scoring.maturity_intervals import Intervals
from qala.standard import Text
from qala.standard.maturity import MaturityModel
from qala.standard.maturity_actions import Actions

Names = Mapping[str, str]


@dataclass(frozen=True)
class Way:
    """One way of reading the answers: raw, control, vignettes, experts, blend, interviews."""

    key: str
    ours: bool
    scores: Scores
    intervals: Intervals | None
    people: int
    left: int = 0


@dataclass(frozen=True)
class Portfolio:
    """Projects of one sphere; `money` in millions of tenge; `before`, `after`: the section's score in the last two ratings."""

    sphere: Text
    running: int
    planned: int
    done: int
    money: Fraction
    before: Fraction | None
    after: Fraction | None


@dataclass(frozen=True)
class ProfileLine:
    """One thing that is known of the city.

    Attributes:
        group: population, economy, services, staff or systems.
        source: whose figure it is.
    """

    group: str
    what: Text
    value: Text
    source: Text


@dataclass(frozen=True)
class SystemsLine:
    """Digital objects in use of one kind; ages in years; `overdue`: in use beyond the year of their replacement."""

    kind: Text
    count: int
    mean_age: Fraction | None
    oldest: int | None
    overdue: int


@dataclass(frozen=True)
class SphereFinding:
    """What is found of one sphere.

    Attributes:
        before, now: its section's score in the last two ratings; own: of the newest survey that asked for this sphere.
        live, asked: functions of annex 3; lost: KPIs (row, name) at which most points are lost; silent: KPIs due without data.
        running, planned: projects.
    """

    sphere: Text
    before: Fraction | None
    now: Fraction | None
    own: Fraction | None
    live: int
    asked: int
    lost: Sequence[tuple[str, Text]]
    silent: int
    running: int
    planned: int


@dataclass(frozen=True)
class MaturityData:
    """All that a report tells.

    Attributes:
        spreads: sub-dimension -> shares of the steps of standardised answers, and the share of “I do not know”.
        roles: management and staff, where both may be shown; it: others and IT.
        before: year and scores of the assessment before; peers: scores of other cities, of the same model.
        needs: (name, points a person, share of people), the most needed first, with their agreement.
        against: sentences of where the platform's own facts contradict the answers.
        profile, systems: of the city; findings: by sphere; sphere_needs: as needs, of spheres; initiatives: number -> name.
    """

    model: MaturityModel
    city: Names
    code: str
    year: int
    sphere: Text | None
    simulated: bool
    program: str
    notice: Text | None
    people: int
    invited: int
    on_paper: int
    ways: Sequence[Way]
    spreads: Mapping[str, tuple[Sequence[Fraction], Fraction]]
    departments: Sequence[tuple[Names, int, Scores]]
    hidden: int
    roles: tuple[Scores, Scores] | None
    it: tuple[Scores, Scores] | None
    before: tuple[int, Scores] | None
    peers: Sequence[Scores]
    needs: Sequence[tuple[Text, Fraction, Fraction]]
    agreement: Fraction | None
    actions: Actions
    initiatives: Mapping[int, Text]
    against: Sequence[Text] = ()
    profile: Sequence[ProfileLine] = ()
    systems: Sequence[SystemsLine] = ()
    portfolio: Sequence[Portfolio] = ()
    findings: Sequence[SphereFinding] = ()
    sphere_needs: Sequence[tuple[Text, Fraction, Fraction]] = ()

    @property
    def raw(self) -> Scores:
        """The answers as given."""
        return self.ways[0].scores
