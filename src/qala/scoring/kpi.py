"""The score of one KPI of one city in one year: scope, stage, target, network, value, in this order of precedence."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from qala.scoring.law import ScoringLaw, scoring_law
from qala.scoring.observation import NOTHING, ONE, ZERO, Observation, Status
from qala.scoring.profile import Profile
from qala.scoring.targets import Invalid, Missing, NoBaseline, Score, readings_of, scorer
from qala.standard.edition import Edition
from qala.standard.types import Kpi, Rule

SHOWN_ONLY: frozenset[Status] = frozenset({"not_applicable", "not_due", "no_target"})
"""Statuses by which the law asks nothing: whatever is known is shown and not scored."""

LEFT_OUT: frozenset[Status] = SHOWN_ONLY | {"no_events", "no_baseline"}
"""Statuses that stay out of the index without lowering coverage."""


class KpiScore(NamedTuple):
    """What one KPI is worth.

    Attributes:
        row, id, section, points: of the KPI.
        status: see `Observation`; `ok` alone has a score.
        score: 0 to 1, exact; None unless `ok`.
        observation: what was known.
        target: the rule for the category; None where annex 4 has none at all.
        readings: ids of the readings that were applied, the deciding one first.
        flags: remarks for the score sheet.
        variants: id of a reading or open term -> the score by its variant, where it differs.
        change: change against the base in percent, where the target is one.
        observed: share of the points that count as observed (C1): periods delivered × components there.
        missing: share of the points that were due and did not come.
    """

    row: str
    id: str
    section: str
    points: int
    status: Status
    score: Fraction | None
    observation: Observation
    target: Rule | None
    readings: tuple[str, ...]
    flags: tuple[str, ...] = ()
    variants: Mapping[str, Fraction] = NOTHING
    change: Fraction | None = None
    observed: Fraction = ZERO
    missing: Fraction = ZERO


class KpiRule:
    """One KPI's law for one category, year and profile, looked up once and applied to many cities.

    Args:
        kpi: the KPI.
        category: id of the category of the city in that year.
        year: the rating year.
        edition: the law.
        profile: the switchable readings.
        closed: whether the year is over; before that the KPIs that want a whole year are not due.
        first_year: the first rating year, in which a KPI without a base is not scored (R4b).
    """

    __slots__ = ("_apply", "_first", "_flags", "_names", "_readings", "asked", "kpi", "target")

    def __init__(
        self,
        kpi: Kpi,
        category: str,
        year: int,
        edition: Edition,
        profile: Profile,
        *,
        closed: bool = True,
        first_year: int | None = None,
    ) -> None:
        law = scoring_law(edition)
        self.kpi = kpi
        self._names = (kpi.row, kpi.id, kpi.section, kpi.points)
        self.target = kpi.target.get(category)
        self.asked = _asked(kpi, category, year, edition, profile, closed=closed)
        self._first = year <= (law.first_year if first_year is None else first_year)
        self._flags = ("perverse_or_unscaled",) if "R14" in kpi.readings else ()
        self._readings = readings_of(self.target, kpi.readings)
        self._apply: Score | None = None
        if self.asked is None and self.target is not None:
            self._apply = scorer(self.target, minimal=law.minimal_change, most=greatest(kpi, edition))

    def score(self, seen: Observation) -> KpiScore:
        """The score by what was seen."""
        if self.asked is not None:
            status, reading = self.asked
            if reading == "T1" and seen.value is not None:
                return self._plain(status, seen, (reading, "T2"), (*seen.flags, "ahead_of_stage"))
            return self._plain(status, seen, (reading,), seen.flags)
        if seen.status != "ok":
            return self._unscored(seen.status, seen)
        if self._apply is None:
            raise ValueError(f"{self.kpi.row}: a KPI that is asked for has a target")
        try:
            outcome = self._apply(seen)
        except Missing:
            return self._unscored("missing", seen)
        except Invalid:
            return self._unscored("invalid", seen)
        except NoBaseline:
            return self._unscored("no_baseline", seen)
        result, variants, flags, change, observed = outcome
        if seen.variants:
            variants = {**variants, **self._other_values(seen, result)}
        if flags or seen.flags or self._flags:
            flags = self._flags + flags + seen.flags
        delivered = seen.delivered
        if delivered.numerator != delivered.denominator:
            observed = delivered if observed is ONE else observed * delivered
        missing = ZERO if observed is ONE else _rest(observed)
        return KpiScore(
            *self._names, "ok", result, seen, self.target, self._readings, flags, variants, change, observed, missing
        )

    def _other_values(self, seen: Observation, score: Fraction) -> dict[str, Fraction]:
        """Scores by the values that variants of open terms give."""
        if self._apply is None:
            return {}
        found: dict[str, Fraction] = {}
        for name, value in seen.variants.items():
            try:
                other = self._apply(_with_value(seen, value)).score
            except (Invalid, Missing, NoBaseline):
                continue
            if other != score:
                found[name] = other
        return found

    def _unscored(self, status: Status, seen: Observation) -> KpiScore:
        """Asked for, and not scored: with the share of the points that went missing."""
        if status == "no_baseline":
            if self._first:
                return self._plain(status, seen, ("R4b",), seen.flags)
            return self._plain("missing", seen, ("R4b", "N1"), (*seen.flags, "no_baseline"), missing=ONE)
        if status == "no_events":  # the months that were withheld stay missing, or silence would be rewarded
            return self._plain(status, seen, ("N2",), seen.flags, _rest(seen.delivered))
        if status == "not_applicable":
            return self._plain(status, seen, ("N3",), seen.flags)
        if status in ("missing", "invalid"):
            return self._plain(status, seen, ("N1" if status == "missing" else "V1",), seen.flags, missing=ONE)
        if status == "not_due":  # no period of it is over yet, or the year is not
            return self._plain(status, seen, ("Y1",), seen.flags)
        raise ValueError(f"{self.kpi.row}: '{status}' is for the law to say, not for who measures")

    def _plain(
        self,
        status: Status,
        seen: Observation,
        readings: tuple[str, ...],
        flags: tuple[str, ...],
        missing: Fraction = ZERO,
    ) -> KpiScore:
        return KpiScore(*self._names, status, None, seen, self.target, readings, flags, NOTHING, None, ZERO, missing)


def _rest(share: Fraction) -> Fraction:
    """What a share leaves."""
    part, whole = share.as_integer_ratio()
    return Fraction(whole - part, whole) if part != whole else ZERO


def score_kpi(
    kpi: Kpi,
    category: str,
    year: int,
    observation: Observation,
    edition: Edition,
    profile: Profile | None = None,
    *,
    closed: bool = True,
    first_year: int | None = None,
) -> KpiScore:
    """The score of one KPI; see `KpiRule` for the arguments."""
    rule = KpiRule(kpi, category, year, edition, profile or Profile(), closed=closed, first_year=first_year)
    return rule.score(observation)


def _asked(
    kpi: Kpi, category: str, year: int, edition: Edition, profile: Profile, *, closed: bool
) -> tuple[Status, str] | None:
    """Why nothing is asked, as (status, reading); None where the KPI is due and has a target."""
    if not edition.in_scope(kpi, category, profile.scope):
        if edition.act.scopes[profile.scope].by == "target":
            return "no_target", "R7"
        return "not_applicable", "S1"
    if year < edition.due_from(kpi, category, profile.due):
        return "not_due", "T1"
    if not kpi.has_target(category):
        return "no_target", "R7"
    if kpi.closed_year_only and not closed:
        return "not_due", "Y1"
    return None


def greatest(kpi: Kpi, edition: Edition) -> Fraction | None:
    """The greatest value that can be (V1): of a share the whole, of a mark the scale's top; in the KPI's unit."""
    if kpi.unit == "percent":
        return edition.units[kpi.unit].factor
    if kpi.unit.startswith("mark"):
        return Fraction(kpi.unit.removeprefix("mark"))
    return None


def _with_value(seen: Observation, value: Fraction) -> Observation:
    return Observation(row=seen.row, value=value, base=seen.base, components=seen.components, norms=seen.norms)


__all__ = ["LEFT_OUT", "SHOWN_ONLY", "KpiRule", "KpiScore", "ScoringLaw", "greatest", "score_kpi"]
