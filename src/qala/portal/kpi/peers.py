"""The same KPI in the other cities of the category, from the published run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from qala import facts
from qala.portal.kpi.subject import Subject
from qala.ratings import queries as ratings
from qala.ratings.lines import kpi_line
from qala.ratings.rated_run import RatedRun, rated_run
from qala.reports.wording import grade
from qala.scoring import explain

_MOST_POINTS = 12


@dataclass(frozen=True)
class Peer:
    """One city's KPI in the run.

    Attributes:
        place: among those with a score; shared by equals; None without one.
        history: its values in the published runs so far, the earliest first.
    """

    code: str
    name: str
    here: bool
    said: str
    number: Fraction | None
    score: Fraction | None
    grade: str
    place: int | None
    history: tuple[Fraction | None, ...]
    simulated: bool


def peers(subject: Subject) -> list[Peer]:
    """Every city of the category, the best score first; nothing without a run."""
    shown = subject.ground.shown
    if shown is None or subject.own is not None:
        return []
    cities = facts.lake().cities
    lines = {}
    for score in shown.run.scores(shown.category):
        own = next((one for one in explain(score) if one.kpi.id == subject.kpi.id), None)
        if own is not None and score.city is not None:
            lines[score.city] = kpi_line(shown.run, score.city, own)
    runs = _runs(shown.category)
    scores = sorted((one.score.score for one in lines.values() if one.score.score is not None), reverse=True)
    found = []
    for code, line in lines.items():
        city = cities.get(code)
        value = line.value
        found.append(
            Peer(
                code,
                subject.words.text(city.names),
                code == subject.city.code,
                subject.words.value(line),
                value.change if subject.compares else value.value,
                line.score.score,
                grade(line.score),
                None if line.score.score is None else scores.index(line.score.score) + 1,
                _history(subject, code, runs),
                city.simulated,
            )
        )
    return sorted(found, key=lambda one: (one.place is None, one.place or 0, one.name))


def _runs(category: str) -> list[RatedRun]:
    """The runs that were published for the category, of a last day the one that holds; the earliest first."""
    return [rated_run(one.run) for one in reversed(ratings.ends(category)[:_MOST_POINTS])]


def _history(subject: Subject, code: str, runs: Sequence[RatedRun]) -> tuple[Fraction | None, ...]:
    """The KPI of a city in those runs; a line needs two points at least."""
    if len(runs) < 2:
        return ()
    row = subject.kpi.row
    found = []
    for run in runs:
        score = next((one for one in run.score(code).kpis if one.row == row), None) if code in run else None
        found.append(None if score is None else score.change if subject.compares else score.observation.value)
    return tuple(found)
