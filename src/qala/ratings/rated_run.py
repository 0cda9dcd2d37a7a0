"""A recorded run as typed scores.

The scores are made again from the observations that the run records, by the law that it names: pure arithmetic, some
milliseconds a city. What comes out is compared with the record; where the program or the law has changed since, the
record holds: its figures are put in the place of ours, and `faithful` says so.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import cast

from qala import facts
from qala.reports import Basis
from qala.runs import scores_of
from qala.runs.record import Json, RatedCity, Run, hash_of, score_said
from qala.scoring import CityScore, Place, Profile, Reason, Standing, no_cycles, rank
from qala.standard import Edition, Problem, Text
from qala.standard.choice import edition_on

_MOST_CITIES = 600
"""Cities of runs that a process keeps; a run of 200 cities takes some 60 MB."""


class RatedRun:
    """A run that can be shown.

    Attributes:
        head: the record without its results.
        edition: the law that it names, as it is loaded now.
        profile: its switches.
        cities: who took part, by code.
        intact: whether the record is still the one that its hash was made of.
    """

    def __init__(self, run: Run, edition: Edition) -> None:
        self.head = Run({name: value for name, value in run.content.items() if name not in ("results", "restates")})
        self.edition = edition
        self.profile = Profile.parse(run.content["profile"])
        self.cities: Mapping[str, RatedCity] = {city.code: city for city in run.cities}
        self.intact = hash_of(run.content) == run.hash
        self.restates: Json | None = run.content.get("restates")
        self._scores: dict[str, CityScore] = {}
        self.unfaithful: set[str] = set()
        with no_cycles():
            self._score(run)

    def _score(self, run: Run) -> None:
        """Score every city by what was observed of it; where the record says otherwise, the record holds."""
        for code, score in scores_of(run, self.edition).items():
            said = run.results[code]
            if score_said(score) != said:
                self.unfaithful.add(code)
                score = _as_recorded(score, said)
            self._scores[code] = score

    @property
    def id(self) -> str:
        """Its name in the lake."""
        return self.head.id

    @property
    def year(self) -> int:
        """The rated year."""
        return self.head.year

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return self.head.as_of

    @property
    def closed(self) -> bool:
        """Whether the rated year is over on its last day."""
        return self.head.closed

    @property
    def made_at(self) -> datetime:
        """When it was computed, UTC."""
        return datetime.fromisoformat(self.head.content["made_at"])

    @property
    def faithful(self) -> bool:
        """Whether today's program and law give the recorded scores to the last digit."""
        return not self.unfaithful

    @cached_property
    def notice(self) -> Text | None:
        """Why the edition is not in force on the last day; None if it is."""
        return edition_on(self.as_of, facts.editions(), self.edition.id).notice

    @cached_property
    def basis(self) -> Basis:
        """By what it was made, as reports say it."""
        program = str(self.head.content["code"]["package"])
        return Basis(self.edition, self.notice, self.profile, self.year, self.as_of, program)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Its categories, in the edition's sequence."""
        found = {city.category for city in self.cities.values()}
        return tuple(name for name in self.edition.categories if name in found)

    @cached_property
    def places(self) -> Mapping[str, tuple[Place, ...]]:
        """Category -> places; cities without one last."""
        return rank(self._scores.values())

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """City -> place, for those that have one."""
        return {one.score.city: one.place for found in self.places.values() for one in found if one.place is not None}

    def score(self, code: str) -> CityScore:
        """A city's score; KeyError if it took no part."""
        return self._scores[code]

    def scores(self, category: str | None = None) -> list[CityScore]:
        """Scores of a category, or all."""
        return [one for one in self._scores.values() if category is None or one.category == category]

    @property
    def simulated(self) -> bool:
        """Whether any city in it is invented."""
        return any(city.simulated for city in self.cities.values())

    def __contains__(self, code: object) -> bool:
        return code in self._scores


_kept: OrderedDict[tuple[str, str], RatedRun] = OrderedDict()
_lock = threading.Lock()


def rated_run(name: str) -> RatedRun:
    """A run of the lake by its exact id; kept in the process, the ones used last.

    Raises:
        Problem: there is none, it is damaged, or its edition is not loaded.
    """
    key = (str(facts.run_store().folder), name)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
        run = facts.run_store().get(name)
        edition = facts.editions().get(run.content["edition"])
        if edition is None:
            raise Problem(f"The run was made by the edition '{run.content['edition']}', which is not loaded.")
        made = RatedRun(run, edition)
        _kept[key] = made
        while len(_kept) > 1 and sum(len(one.cities) for one in _kept.values()) > _MOST_CITIES:
            _kept.popitem(last=False)
        return made


def _as_recorded(score: CityScore, said: Json) -> CityScore:
    """A score with the figures of the record in the place of its own."""

    def number(text: str | None) -> Fraction | None:
        return None if text is None else Fraction(text)

    sections = tuple(
        one._replace(
            score=number(said["sections"][one.id]["score"]),
            low=number(said["sections"][one.id]["low"]),
            high=number(said["sections"][one.id]["high"]),
            due=said["sections"][one.id]["due"],
            scored=said["sections"][one.id]["scored"],
        )
        if one.id in said["sections"]
        else one
        for one in score.sections
    )
    kpis = tuple(
        one._replace(
            status=said["kpis"][one.row]["status"],
            score=number(said["kpis"][one.row]["score"]),
            readings=tuple(said["kpis"][one.row]["readings"]),
            flags=tuple(said["kpis"][one.row]["flags"]),
        )
        if one.row in said["kpis"]
        else one
        for one in score.kpis
    )
    return replace(
        score,
        kpis=kpis,
        sections=sections,
        index=number(said["index"]),
        low=number(said["low"]),
        high=number(said["high"]),
        coverage=number(said["coverage"]),
        weight_in_use=Fraction(said["weight_in_use"]),
        bonus=Fraction(said["bonus"]),
        final=number(said["final"]),
        uncapped=number(said["uncapped"]),
        band=said["band"],
        standing=cast(Standing, said["standing"]),
        reasons=tuple(
            Reason(reading, case, subject, number(value)) for reading, case, subject, value in said["reasons"]
        ),
    )
