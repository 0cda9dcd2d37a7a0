"""What every report says about itself first: by which law, for which days, and from which run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qala.runs import Run, RunStore
from qala.runs.record import score_said
from qala.scoring import CityScore, Profile
from qala.standard import Edition, Text


@dataclass(frozen=True)
class RunNote:
    """The run that a report stands on.

    Attributes:
        id: of the run.
        same: whether the report's scores are the run's to the last digit; data have moved on otherwise.
    """

    id: str
    same: bool


@dataclass(frozen=True)
class Basis:
    """By what a report was made.

    Attributes:
        edition: the law.
        notice: why the edition is not in force on the last day; None if it is.
        profile: the switchable readings.
        year: the rated year.
        as_of: last day that counts.
        program: version of the program.
    """

    edition: Edition
    notice: Text | None
    profile: Profile
    year: int
    as_of: date
    program: str = ""

    @property
    def closed(self) -> bool:
        """Whether the year is over."""
        return self.as_of >= date(self.year, 12, 31)


def run_of(store: RunStore, basis: Basis, scores: Mapping[str, CityScore]) -> RunNote | None:
    """The last run of the same edition, year, profile and day that rated all these cities; None without one."""
    for head in reversed(store.heads()):
        if not _fits(head, basis) or not set(scores) <= {city.code for city in head.cities}:
            continue
        results = store.get(head.id).results
        same = all(results[code] == score_said(score) for code, score in scores.items())
        return RunNote(head.id, same)
    return None


def _fits(run: Run, basis: Basis) -> bool:
    content = run.content
    return (
        content["edition"] == basis.edition.id
        and run.year == basis.year
        and content["profile"] == str(basis.profile)
        and run.as_of == basis.as_of
    )
