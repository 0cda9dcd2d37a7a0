"""What a KPI's number stands on: the order's text, readings, open terms, slips, its computation, tables and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from qala import facts
from qala.measures.describe import open_terms
from qala.measures.expressions import write
from qala.measures.plan import FigurePlan
from qala.measures.sums import Sum
from qala.portal.kpi.subject import Subject
from qala.reports.sheet import TermUsed
from qala.standard import Text
from qala.standard.types import Reading, Slip


@dataclass(frozen=True)
class TableUsed:
    """A dataset behind the number.

    Attributes:
        version: of its table that the run cites; now: the one that live values come from.
    """

    id: str
    name: Text
    version: int | None
    now: int


@dataclass(frozen=True)
class Side:
    """One side of the figure, in words of the contract: rows of a dataset, and which of them count.

    Attributes:
        sums: the expression that is added up; empty where rows are counted.
        where: the condition, terms filled in; empty for all rows.
        on: the column that dates them.
        form: flow, stock, objects or distinct: see `qala.measures.sums`.
    """

    dataset: str
    name: Text
    sums: str
    where: str
    on: str
    form: str
    distinct: str
    seen: str


@dataclass(frozen=True)
class Footing:
    """All of it."""

    readings: tuple[Reading, ...]
    terms: tuple[tuple[str, str], ...]
    slips: tuple[Slip, ...]
    tables: tuple[TableUsed, ...]
    numerator: Side
    denominator: Side | None
    by_component: bool
    yaml: str
    written_in: str


def footing(subject: Subject) -> Footing:
    """What the number stands on, in the rated year."""
    values, edition, kpi = facts.values(), subject.ground.edition, subject.kpi
    figure = values.of(subject.city.code).planner.figures(kpi.id)[0]
    shown = subject.ground.shown
    cited: Mapping[str, int] = {} if shown is None else shown.run.head.versions
    used = open_terms(kpi, values, subject.city.code, subject.year)
    terms = tuple(
        subject.words.term(TermUsed(name, said["value"], said["unit"], said["set_by"], name in kpi.limits))
        for name, said in used.items()
    )
    catalogue = values.catalogue
    yaml, written_in = _computation(catalogue, kpi.id)
    return Footing(
        tuple(edition.readings[one] for one in kpi.readings if one in edition.readings),
        terms,
        tuple(one for one in edition.slips.values() if kpi.row in one.kpis),
        tuple(
            TableUsed(name, catalogue.contract(name).name, cited.get(name), values.computer.snapshot(name).version)
            for name in figure.datasets
        ),
        _side(figure, figure.numerator),
        None if figure.denominator is None else _side(figure, figure.denominator),
        figure.by_component,
        yaml,
        written_in,
    )


def _side(figure: FigurePlan, wanted: Sum) -> Side:
    shape = wanted.shape
    contract = facts.catalogue().contract(shape.dataset)
    tree = wanted.condition if shape.grouping is None else shape.grouping.where_tree
    seen = ""
    if wanted.seen and shape.seen is not None:
        seen = f"{shape.seen.of} · {shape.seen.on}"
        if shape.seen.where_tree is not None:
            seen += f" · {_sql(shape.seen.where_tree)}"
    amount = wanted.amount
    if amount is None and shape.grouping is not None:
        amount = figure.rows.amount
    return Side(
        contract.id,
        contract.name,
        "" if amount is None else _sql(amount),
        "" if tree is None else _sql(tree),
        "valid_from, valid_to" if shape.dated == "valid" else shape.dated,
        shape.form,
        wanted.distinct or "",
        seen,
    )


def _sql(tree: exp.Expr) -> str:
    return write(tree, "duckdb")


def _computation(catalogue: Any, kpi: str) -> tuple[str, str]:
    """The lines of the YAML file in which the KPI is computed, as they are written, and the file's name."""
    place = catalogue.computed_in.get(kpi)
    if place is None:
        return "", ""
    path = catalogue.files[place].path
    name = kpi.split(".", 1)[1]
    lines: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if lines and line[:1] not in (" ", "\t", "") and not line.startswith("#"):
            break
        if lines or line.startswith(f"{name}:"):
            lines.append(line)
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join(lines), f"{path.parent.name}/{path.name}"
