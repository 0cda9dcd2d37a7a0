"""A KPI's computation told to a person: what is counted, over which rows, divided by what; and what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import Contract
from qala.datasets.computation import Computation, Figure
from qala.standard import Kpi, Text

_WORD = re.compile(r"(?<![:\w'])[a-z][a-z0-9_]*")
_TEXT = re.compile(r"'[^']*'")
_BOUND = re.compile(r":([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Fact:
    """One line of the description.

    Attributes:
        label: what it is, in the page's language.
        code: an expression over the contract's columns.
        dataset: the contract that it speaks of, if it names one.
        text: words instead of an expression.
    """

    label: str
    code: str = ""
    dataset: Contract | None = None
    text: str = ""


@dataclass(frozen=True)
class Column:
    """A column that the expressions name."""

    dataset: str
    name: str
    meaning: Text


@dataclass(frozen=True)
class Told:
    """A computation in words.

    Attributes:
        facts: what is counted and how, in reading order.
        columns: the columns that are named, with their meaning.
        bound: ids of the limits and open terms that fill in `:names`.
        variants, beside: names of the variants of the uncertainty analysis, and of figures shown beside and not scored.
    """

    facts: Sequence[Fact]
    columns: Sequence[Column]
    bound: Sequence[str]
    variants: Sequence[str]
    beside: Sequence[str]


@dataclass(frozen=True)
class Brief:
    """A computation in a cell of a table: what kind of number it is, over which contracts; nothing if none computes it."""

    kind: str
    contracts: Sequence[Contract]


def brief(kpi: Kpi) -> Brief:
    """How the program computes a KPI, in a word."""
    catalogue = facts.catalogue()
    if kpi.id not in catalogue.computations:
        return Brief("", ())
    computation = catalogue.computations[kpi.id]
    kinds = {
        "share": _("share of rows"),
        "part": _("share of a sum"),
        "mean": _("mean"),
        "count": _("number of rows"),
        "sum": _("sum"),
        "distinct": _("number of different values"),
    }
    kind = kinds[computation.kind]
    if computation.per is not None:
        kind = _("%(what)s, divided") % {"what": kind}
    return Brief(kind, [catalogue.contract(name) for name in computation.datasets])


def told(kpi: Kpi) -> Told | None:
    """How the program computes a KPI; None if no system computes it."""
    catalogue = facts.catalogue()
    if kpi.id not in catalogue.computations:
        return None
    computation = catalogue.computations[kpi.id]
    said = list(_facts(computation))
    expressions = " ".join([*(fact.code for fact in said), *_variants(computation.variants)])
    named = set(_WORD.findall(_TEXT.sub("", expressions)))
    columns = [
        Column(dataset, name, column.meaning)
        for dataset in computation.datasets
        for name, column in catalogue.contract(dataset).all_columns.items()
        if name in named
    ]
    bound = list(dict.fromkeys(_BOUND.findall(expressions)))
    if computation.alive is not None and "alive_share" in kpi.open_terms:
        bound.append("alive_share")
    return Told(said, columns, bound, list(computation.variants), list(computation.beside))


def _variants(variants: Any) -> Iterator[str]:
    for variant in variants.values():
        yield from (str(value) for value in variant.values())


def _facts(computation: Computation) -> Iterator[Fact]:
    contract = facts.catalogue().contract(computation.of)
    yield from _figure(computation, contract)
    if computation.where:
        yield Fact(_("Only rows for which"), computation.where)
    if computation.carried:
        yield Fact(_("The source has reported only if it sends"), computation.carried)
    yield Fact(_("A row belongs to the day of"), computation.on or contract.counted_on)
    if computation.within is not None:
        yield Fact(_("First within a day, grouped by"), ", ".join(computation.within.by))
        for name, expression in computation.within.let.items():
            yield Fact(_("of each group: %(name)s") % {"name": name}, expression)
    if computation.by_component:
        yield Fact(_("Apart for each value of"), computation.by_component)
    if computation.since_previous is not None:
        groups = "; ".join(", ".join(group) for group in computation.since_previous.by)
        yield Fact(_("since_previous: time since the previous row with the same"), groups)
        yield Fact(_("looking back for"), computation.since_previous.look_back)
    if computation.alive is not None:
        alive = facts.catalogue().contract(computation.alive.of)
        yield Fact(_("An object counts only if it worked, minutes of work"), computation.alive.minutes, alive)
    if computation.matched is not None:
        matched = facts.catalogue().contract(computation.matched.of)
        conditions = " and ".join(part for part in (computation.matched.on, computation.matched.where) if part)
        yield Fact(_("An object counts only if it has a row here, joined by"), conditions, matched)
        if computation.matched.within:
            yield Fact(_("in the last"), computation.matched.within)
    if computation.per is not None:
        other = facts.catalogue().contract(computation.per.of)
        for fact in _figure(computation.per, other):
            yield Fact(_("Divided by: %(what)s") % {"what": fact.label}, fact.code, fact.dataset, fact.text)
        if computation.per.where:
            yield Fact(_("Divided by only the rows for which"), computation.per.where)
        if other.kind == "registry":
            yield Fact(_("Divided by the stock"), text=_when(computation.per.at))


def _figure(figure: Figure, contract: Contract) -> Iterator[Fact]:
    kind = figure.kind
    if kind == "part":
        yield Fact(_("Sum of"), figure.part or "", contract)
        if figure.part_where:
            yield Fact(_("of rows for which"), figure.part_where)
        yield Fact(_("out of the sum of"), figure.whole or "")
        return
    expression = str(getattr(figure, kind))
    labels = {
        "share": _("Share of rows for which"),
        "mean": _("Mean of"),
        "count": _("Number of rows for which"),
        "sum": _("Sum of"),
        "distinct": _("Number of different values of"),
    }
    if kind == "count" and expression in ("all", "true"):
        yield Fact(_("Number of all rows"), "", contract)
    else:
        yield Fact(labels[kind], expression, contract)


def _when(at: str) -> str:
    return {
        "period_end": _("at the end of the period"),
        "month_end": _("at the end of the month"),
        "year_start": _("on 1 January"),
    }[at]
