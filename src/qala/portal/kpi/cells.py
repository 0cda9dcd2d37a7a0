"""Where in the city the rows of a number lie: counts by H3 cell."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from qala import facts
from qala.measures.plan import FigurePlan
from qala.measures.rows import Choice, rows_query
from qala.places.disclosure import guarded
from qala.places.relations import CELL_RESOLUTION, connection
from qala.portal.data.guard import restricted_columns
from qala.portal.kpi.subject import Subject
from qala.portal.kpi.told import tells_of_persons
from qala.standard.period import Period


@dataclass(frozen=True)
class CellCount:
    """One cell.

    Attributes:
        whole: rows counted in it; part: those of the numerator, where the number is a share of rows.
    """

    cell: str
    whole: int
    part: int | None

    @property
    def share(self) -> Fraction | None:
        """Part of the whole, per cent."""
        return None if self.part is None or not self.whole else Fraction(100 * self.part, self.whole)


@dataclass(frozen=True)
class Cells:
    """All of them; `hidden` were too small to tell, `without` rows have no place."""

    cells: tuple[CellCount, ...]
    hidden: int
    without: int


def has_places(subject: Subject) -> bool:
    """Whether the rows of the figure's main side have coordinates."""
    figure = _figure(subject)
    contract = facts.catalogue().contract((figure.denominator or figure.numerator).shape.dataset)
    return bool(contract.place.lat and contract.place.lon) and not restricted_columns(contract)


def cells(subject: Subject, period: Period, district: str | None, *, everything: bool) -> Cells:
    """Counts of a period by H3 cell (resolution 8, about 0.7 km²).

    Args:
        period: for the public, of rows about persons, a month that is over.
        district: only the rows of this one; for the public only the cells most of whose rows are.
        everything: small counts too, for who may see rows.
    """
    figure = _figure(subject)
    main = "numerator" if figure.denominator is None else "denominator"
    share = _is_share(figure)
    public = tells_of_persons(subject.kpi) and not everything
    choice = Choice(as_of=subject.ground.as_of, district=None if public else district)
    with contextlib.closing(connection(facts.lake())) as con:
        whole, districts = _counted(con, subject, period, main, choice)
        part = _counted(con, subject, period, "numerator", choice)[0] if share else {}
    without = whole.pop("", 0)
    told: dict[str, int | None] = dict(whole)
    parts: dict[str, int | None] = {cell: part.get(cell, 0) for cell in whole} if share else {}
    if public:
        told = guarded(whole, group=districts.get)
        if share:  # a part that is small, or all but a few, tells as much
            few = {cell: min(part.get(cell, 0), whole[cell] - part.get(cell, 0)) for cell in whole}
            kept = guarded(few, group=districts.get)
            parts = {cell: None if kept[cell] is None else count for cell, count in parts.items()}
        if district is not None:
            told = {cell: count for cell, count in told.items() if districts[cell] == district}
    found = tuple(CellCount(cell, count, parts.get(cell)) for cell, count in sorted(told.items()) if count is not None)
    return Cells(found, sum(count is None for count in told.values()), without)


def _figure(subject: Subject) -> FigurePlan:
    return facts.values().of(subject.city.code).planner.figures(subject.kpi.id)[0]


def _is_share(figure: FigurePlan) -> bool:
    top, bottom = figure.numerator, figure.denominator
    return (
        bottom is not None
        and top.shape == bottom.shape
        and top.amount is None
        and bottom.amount is None
        and top.shape.grouping is None
        and figure.unit == "percent"
    )


def _counted(
    con: Any, subject: Subject, period: Period, side: str, choice: Choice
) -> tuple[dict[str, int], dict[str, str]]:
    """Cell -> rows, and the district of most of them."""
    contract, sql = rows_query(facts.values(), subject.city.code, subject.kpi, period, side, choice)
    lat, lon = contract.place.lat, contract.place.lon
    if sql is None or lat is None or lon is None:
        return {}, {}
    district = f"coalesce({contract.place.district}, '')" if contract.place.district else "''"
    rows = con.execute(
        f"""SELECT CASE WHEN {lat} IS NULL OR {lon} IS NULL THEN ''
                   ELSE cell_of({lat}::DOUBLE, {lon}::DOUBLE, {CELL_RESOLUTION}) END, sum(n)::BIGINT, arg_max(district, n)
            FROM (SELECT {lat}, {lon}, {district} AS district, count(*) AS n FROM {sql} GROUP BY ALL) GROUP BY 1"""
    ).fetchall()
    return {str(cell): int(n) for cell, n, _ in rows}, {str(cell): str(district) for cell, _, district in rows}
