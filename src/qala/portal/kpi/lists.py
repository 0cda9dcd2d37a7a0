"""The KPIs of a section or an initiative as lines: value, target, months, score, contribution; and what else belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from qala import facts
from qala.portal.kpi.subject import Ground, Subject
from qala.portal.order.queries import Done, done
from qala.ratings.lines import kpi_lines
from qala.reports.sheet import KpiLine
from qala.reports.wording import grade
from qala.scoring import SectionScore
from qala.standard import Kpi, Text
from qala.standard.period import Period
from qala.standard.types import FunctionRow, Initiative, RoadmapStep, Stage


@dataclass(frozen=True)
class KpiRow:
    """A KPI in a list.

    Attributes:
        line: what the run says of it; None without a run.
        months: its values by month of the year; gaps are None.
    """

    kpi: Kpi
    subject: Subject
    line: KpiLine | None
    said: str
    target: str
    months: tuple[Fraction | None, ...]
    limits: tuple[Fraction, ...]
    status: str
    score: Fraction | None
    contribution: Fraction | None
    most: Fraction | None


def kpi_rows(ground: Ground, wanted: Callable[[Kpi], bool]) -> list[KpiRow]:
    """The KPIs that pass, in the order's sequence."""
    shown = ground.shown
    lines = {} if shown is None else {one.kpi.id: one for one in kpi_lines(shown.run, ground.city.code)}
    values = facts.values().of(ground.city.code)
    year = Period.of(date(ground.year, 1, 1), "year")
    months = [month for month in year.parts("month") if month.last_day <= ground.as_of]
    found = []
    for kpi in ground.edition.kpis.values():
        if not wanted(kpi):
            continue
        subject, line = Subject(ground, kpi), lines.get(kpi.id)
        trend = tuple(subject.number(values.value(kpi, month, ground.as_of, extras=False)) for month in months)
        if line is None:
            live = values.value(kpi, year, ground.as_of, extras=False)
            said, status = subject.said(live), str(live.status)
        else:
            said, status = ground.words.value(line), grade(line.score)
        found.append(
            KpiRow(
                kpi,
                subject,
                line,
                said,
                ground.words.target(kpi, subject.rule),
                trend,
                subject.limits(),
                status,
                None if line is None else line.score.score,
                None if line is None else line.line.contribution,
                None if line is None else line.line.weight,
            )
        )
    return found


def section_score(ground: Ground, section: str) -> SectionScore | None:
    """The section in the run."""
    if ground.shown is None:
        return None
    score = ground.shown.run.score(ground.city.code)
    return next((one for one in score.sections if one.id == section), None)


@dataclass(frozen=True)
class FunctionLine:
    """A function of annex 3.

    Attributes:
        mark: as the order writes it for the category.
        asked: whether it is asked of the category.
        how: how the program does it.
    """

    row: FunctionRow
    mark: str
    asked: bool
    how: Done


@dataclass(frozen=True)
class Freshness:
    """A dataset of the initiative: what came last of it.

    Attributes:
        last_day: newest city-local day with rows; None for a registry.
        last_receipt: when the last delivery came, UTC.
        rows: of the city now.
    """

    id: str
    name: Text
    every: str
    last_day: date | None
    last_receipt: datetime | None
    rows: int
    kpis: tuple[str, ...]


@dataclass(frozen=True)
class InitiativeView:
    """An initiative for a city."""

    initiative: Initiative
    step: RoadmapStep | None
    stage: Stage | None
    executors: tuple[str, ...]
    functions: tuple[FunctionLine, ...]
    datasets: tuple[Freshness, ...]


def initiative_view(ground: Ground, initiative: Initiative, kpis: Sequence[Kpi]) -> InitiativeView:
    """What the order asks of the initiative, and what the city sent for it."""
    edition, category = ground.edition, ground.category
    step = initiative.roadmap.get(category)
    actors = edition.procedure.actors
    functions = [
        FunctionLine(row, row.marks.get(category, ""), row.asked_of(category), done(initiative, row))
        for row in initiative.functions
    ]
    return InitiativeView(
        initiative,
        step,
        None if step is None else edition.stages[str(step.stage)],
        tuple(ground.words.text(actors[one]) if one in actors else one for one in (step.executors if step else ())),
        tuple(functions),
        freshness(ground, kpis),
    )


def freshness(ground: Ground, kpis: Sequence[Kpi]) -> tuple[Freshness, ...]:
    """The datasets behind some KPIs, with what came last."""
    needed: dict[str, list[str]] = {}
    for kpi in kpis:
        for name in facts.values().datasets(kpi):
            needed.setdefault(name, []).append(kpi.row)
    code, lake, values = ground.city.code, facts.lake(), facts.values()
    found = []
    for name, rows in sorted(needed.items()):
        contract = lake.catalogue.contract(name)
        files = values.computer.snapshot(name).files(city=code)
        receipts = [r for r in lake.ledger.receipts(name, code) if r.kind != "undo" and r.undone_by is None]
        days = [file.last_day for file in files]
        found.append(
            Freshness(
                name,
                contract.name,
                contract.arrives.every,
                min(max(days), ground.as_of) if days and contract.kind != "registry" else None,
                max((r.received_at for r in receipts), default=None),
                sum(-file.rows if file.retractions else file.rows for file in files),
                tuple(rows),
            )
        )
    return tuple(found)
