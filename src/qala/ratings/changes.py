"""What is different between two rated runs, city by city and KPI by KPI, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.ratings.lines import kpi_line
from qala.ratings.rated_run import RatedRun
from qala.reports.sheet import KpiLine
from qala.runs.comparison import explained
from qala.scoring import CityScore, Line, explain
from qala.ui import formats


@dataclass(frozen=True)
class KpiChange:
    """One KPI that is different; the lines are None where a side does not have it.

    Attributes:
        added: by how much its part in the index grew; index points.
        because: why, in the page's language.
    """

    old: KpiLine | None
    new: KpiLine | None
    added: Fraction
    because: tuple[str, ...] = ()

    @property
    def line(self) -> KpiLine:
        """The newer side that is there."""
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(frozen=True)
class CityChange:
    """One city that is different.

    Attributes:
        old, new: None where it took no part.
        old_place, new_place: None without a place.
    """

    code: str
    old: CityScore | None
    new: CityScore | None
    old_place: int | None
    new_place: int | None
    kpis: tuple[KpiChange, ...]
    because: tuple[str, ...]

    @property
    def moved(self) -> Fraction | None:
        """By how much the final score rose; index points."""
        if self.old is None or self.new is None or self.old.final is None or self.new.final is None:
            return None
        return self.new.final - self.old.final


def changes(old: RatedRun, new: RatedRun, category: str) -> tuple[CityChange, ...]:
    """What a run changes in a category against an earlier one; cities that stay the same are left out."""
    store = facts.run_store()
    mine = {one.city for run in (old, new) for one in run.scores(category)}
    because: dict[tuple[str, str], tuple[str, ...]] = {}
    for said in explained(store.get(old.id), store.get(new.id)):
        if said["city"] in mine:
            because[said["city"], said["row"]] = tuple(reason_said(one) for one in said["because"])
    whole = () if old.head.content["profile"] == new.head.content["profile"] else (_profile(old, new),)
    found = []
    for code in sorted({city for city, _row in because}):
        one, other = (run.score(code) if code in run else None for run in (old, new))
        rows = {row: reasons for (city, row), reasons in because.items() if city == code and row}
        kpis = [
            KpiChange(one_side, other_side, added, (*whole, *rows[row]))
            for row, one_side, other_side, added in _sides(old, new, code)
            if row in rows
        ]
        kpis.sort(key=lambda change: (-abs(change.added), change.line.kpi.row))
        reasons = (*whole, *because.get((code, ""), ()))
        found.append(CityChange(code, one, other, old.place_of.get(code), new.place_of.get(code), tuple(kpis), reasons))
    found.sort(key=lambda change: (change.moved is None, -abs(change.moved or 0), change.code))
    return tuple(found)


def kpi_moves(old: RatedRun, new: RatedRun, code: str) -> tuple[KpiChange, ...]:
    """The KPIs of a city whose part in the index rose or fell, the greatest change first."""
    if code not in old or code not in new:
        return ()
    found = [
        KpiChange(one, other, added)
        for _row, one, other, added in _sides(old, new, code)
        if added and one is not None and other is not None and one.score.score != other.score.score
    ]
    return tuple(sorted(found, key=lambda change: (-abs(change.added), change.line.kpi.row)))


def _sides(old: RatedRun, new: RatedRun, code: str) -> Sequence[tuple[str, KpiLine | None, KpiLine | None, Fraction]]:
    """(row, older line, newer line, what was added to the index) of every KPI, in the order's sequence."""
    ones, others = _lines(old, code), _lines(new, code)
    return [
        (
            row,
            None if (one := ones.get(row)) is None else kpi_line(old, code, one),
            None if (other := others.get(row)) is None else kpi_line(new, code, other),
            (other.contribution if other else Fraction(0)) - (one.contribution if one else Fraction(0)),
        )
        for row in dict.fromkeys((*ones, *others))
    ]


def _lines(run: RatedRun, code: str) -> dict[str, Line]:
    return {line.kpi.row: line for line in explain(run.score(code))} if code in run else {}


def _profile(old: RatedRun, new: RatedRun) -> str:
    return _("another profile: %(old)s → %(new)s") % {"old": old.profile, "new": new.profile}


def reason_said(reason: str) -> str:
    """A reason of `qala.runs.comparison` in the page's language."""
    kind, _colon, rest = reason.partition(": ")
    if kind.startswith("table "):
        name = kind.removeprefix("table ")
        contract = facts.catalogue().contracts.get(name)
        told = (
            name if contract is None else f"{formats.said(contract.name, formats.language_of(get_language()))} ({name})"
        )
        return _("new or corrected rows in %(table)s: version %(versions)s") % {"table": told, "versions": rest}
    known = {
        "period": _("another last day: %(what)s"),
        "law": _("the files of the edition: %(what)s"),
        "code": _("another version of the program: %(what)s"),
        "claims": _("its additional initiatives"),
        "category": _("its category"),
        "its indicators": _("its indicators"),
    }.get(kind)
    return reason if known is None else known % {"what": rest} if "%(what)s" in known else known
