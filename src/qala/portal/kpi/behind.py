"""The very rows behind a number, a page at a time, and the proof that they are all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import Contract
from qala.datasets.types import BORDER_COLUMNS
from qala.measures.rows import COUNTED_IN, RECEIPT, SIDES, Choice, Rows, rows_behind, rows_query
from qala.measures.sums import Sum
from qala.people import audit
from qala.people.access import may
from qala.portal.data.columns import MASK, Cell, Head, cell_of, heads_of
from qala.portal.data.guard import masked_columns, personal_columns
from qala.portal.kpi.subject import Subject
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.ui.sent import whole

PAGE = 50
MOST_PAGES = 100_000
_BATCH = 10_000
_WITHOUT = frozenset({"city", "year", "hour", "simulated", "_key", "_row", "_sign", RECEIPT})


@dataclass(frozen=True)
class Asked:
    """Which rows an address asks for.

    Attributes:
        personal: personal columns are to be shown (and may be).
        maybe_personal: they could be, if asked.
    """

    period: Period
    side: str
    page: int
    sort: str
    descending: bool
    district: str | None
    component: str | None
    way: str | None
    personal: bool
    maybe_personal: bool

    def choice(self, subject: Subject, **more: Any) -> Choice:
        """The same for the measuring side; of a run that was asked for by name, the tables that it cites and its days."""
        shown = subject.ground.shown if subject.ground.pinned else None
        return Choice(
            sort=self.sort or None,
            descending=self.descending,
            district=self.district,
            as_of=subject.ground.as_of if shown is None else shown.run.as_of,
            versions={} if shown is None else dict(shown.run.head.versions),
            receipt=True,
            component=self.component,
            way=self.way,
            **more,
        )


def asked(request: HttpRequest, subject: Subject) -> Asked:
    """The filters of an address.

    Raises:
        Problem: one of them cannot be understood.
    """
    get = request.GET
    period = Period.parse(get["period"]) if get.get("period") else subject.year
    side = get.get("side") or "numerator"
    if side not in SIDES:
        raise Problem(_("The side is neither numerator nor denominator."), hint="side=numerator, side=denominator")
    page = whole(get.get("page") or "1", 1, MOST_PAGES)
    if page is None:
        raise Problem(_("There is no such page of rows."))
    district = get.get("district") or None
    if district is not None and district not in {one.code for one in subject.city.districts}:
        raise Problem(_("The city has no district “%(district)s”.") % {"district": district[:40]})
    sort = get.get("sort", "")
    allowed = may(request.user, "personal.see", city=subject.city.code)
    return Asked(
        period,
        side,
        page,
        sort.removeprefix("-"),
        sort.startswith("-"),
        district,
        get.get("component") or None,
        get.get("way") or None,
        allowed and get.get("personal") == "1",
        allowed,
    )


@dataclass(frozen=True)
class Behind:
    """A page of rows.

    Attributes:
        number: the side's number as the KPI's page says it; None where it has none.
        counted: whether the number is a count of these very rows.
        agrees: whether adding the rows up again gives it; None where there is nothing to compare.
    """

    contract: Contract
    heads: tuple[Head, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    total: int
    number: Fraction | None
    added: Fraction | None
    counted: bool
    agrees: bool | None
    distinct: str | None
    masked: tuple[str, ...]

    @property
    def masked_names(self) -> list[str]:
        """What is masked, as the columns are headed."""
        return [head.short for head in self.heads if head.name in self.masked]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


def behind(request: HttpRequest, subject: Subject, wanted: Asked) -> Behind:
    """A page of the rows; a read of personal columns is written into the audit log."""
    values, code = facts.values(), subject.city.code
    contract = _contract(subject, wanted)
    masked = masked_columns(contract, request.user, code, personal=wanted.personal)
    if wanted.sort in masked:
        raise Problem(_("Rows cannot be sorted by a masked column."), where="sort")
    choice = wanted.choice(subject, offset=(wanted.page - 1) * PAGE)
    found = rows_behind(values, code, subject.kpi, wanted.period, wanted.side, PAGE, choice)
    number, counted = _number(subject, wanted)
    shown = columns(contract, found)
    if wanted.personal and found.rows and personal_columns(contract):
        audit.read(
            request,
            f"dataset:{contract.id}",
            city=code,
            rows=len(found.rows),
            columns=sorted(personal_columns(contract)),
        )
    return Behind(
        contract,
        heads_of(contract, shown),
        tuple(
            (
                row[RECEIPT] or "",
                tuple(
                    Cell(MASK, True) if name in masked and row[name] is not None else cell_of(contract, name, row[name])
                    for name in shown
                ),
            )
            for row in found.rows
        ),
        found.total,
        number,
        found.added,
        counted,
        None if number is None or found.added is None else found.added == number,
        found.distinct,
        tuple(name for name in shown if name in masked),
    )


def _contract(subject: Subject, wanted: Asked) -> Contract:
    figure = facts.values().of(subject.city.code).planner.figures(subject.kpi.id)[0]
    side = figure.numerator if wanted.side == "numerator" else figure.denominator
    if side is None:
        raise Problem(_("This KPI has no denominator: its numerator is its value."), hint="side=numerator")
    return facts.catalogue().contract(side.shape.dataset)


def _number(subject: Subject, wanted: Asked) -> tuple[Fraction | None, bool]:
    """The number that the rows should add up to, and whether it is simply how many they are."""
    if wanted.component is not None or wanted.way is not None:
        return None, False
    if subject.ground.pinned:
        return _recorded(subject, wanted)
    of = facts.values().of(subject.city.code, wanted.district)
    value = of.value(subject.kpi, wanted.period, subject.ground.as_of, extras=False)
    figure = of.planner.figures(subject.kpi.id)[0]
    side = figure.numerator if wanted.side == "numerator" else figure.denominator
    number = value.numerator if wanted.side == "numerator" else value.denominator
    return number, _counts(side)


def _counts(side: Sum | None) -> bool:
    """Whether a sum is simply how many rows there are."""
    return side is not None and side.amount is None and side.distinct is None and side.shape.grouping is None


def _recorded(subject: Subject, wanted: Asked) -> tuple[Fraction | None, bool]:
    """The same as a run recorded it: of its whole year and city only."""
    if subject.line is None or wanted.period != subject.year or wanted.district is not None:
        return None, False
    recorded = subject.line.score.observation
    figure = facts.values().of(subject.city.code).planner.figures(subject.kpi.id)[0]
    if wanted.side == "numerator":
        return recorded.numerator, _counts(figure.numerator)
    return recorded.denominator, _counts(figure.denominator)


def columns(contract: Contract, found: Rows) -> tuple[str, ...]:
    """The columns shown: the contract's own, and of the border's what a reader asks about."""
    names = [name for name in contract.stored_types() if name not in _WITHOUT and not _made(contract, name)]
    return (*([COUNTED_IN] if found.several else []), *names)


def _made(contract: Contract, name: str) -> bool:
    """Local days that the border made of a time are left to the files."""
    return name.endswith("_day") and name not in contract.all_columns and name not in BORDER_COLUMNS


def all_rows(request: HttpRequest, subject: Subject, wanted: Asked) -> tuple[Sequence[str], Iterator[list[Any]], str]:
    """Column names and every row, read as it is sent; and the dataset's id.

    A file is asked for with `data.download`; its personal columns are masked as on the page, and audited.
    """
    choice = wanted.choice(subject)
    contract, sql = rows_query(facts.values(), subject.city.code, subject.kpi, wanted.period, wanted.side, choice)
    hidden = personal_columns(contract)
    masked = masked_columns(contract, request.user, subject.city.code, personal=wanted.personal)
    names = [name for name in contract.stored_types() if name not in _WITHOUT] + [RECEIPT]
    if wanted.personal and hidden:
        audit.read(request, f"dataset:{contract.id}", city=subject.city.code, columns=sorted(hidden))

    def rows() -> Iterator[list[Any]]:
        if sql is None:
            return
        connection = facts.lake().connection()  # the request's own cursor is gone when the file is still being sent
        try:
            listed = ", ".join(f"'{MASK}' AS \"{name}\"" if name in masked else f'"{name}"' for name in names)
            key = ", ".join(f'"{name}"' for name in contract.key)
            reader = connection.sql(f"SELECT {listed} FROM {sql} ORDER BY {key}").to_arrow_reader(_BATCH)
            for batch in reader:
                yield from (list(row.values()) for row in batch.to_pylist())
        finally:
            connection.close()

    return [name.lstrip("_") for name in names], rows(), contract.id


__all__ = ["Asked", "Behind", "all_rows", "asked", "behind", "columns"]
