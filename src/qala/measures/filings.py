"""What a city filed by its own acts: values of open terms, bases of comparison, justifications, additional initiatives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qala.lake import Snapshot
from qala.scoring import Claim
from qala.standard.problems import Problem

PARAMETERS = "city.parameters"
BASELINES = "city.baselines"
JUSTIFICATIONS = "city.justifications"
INITIATIVES = "city.additional_initiatives"
FILED = (PARAMETERS, BASELINES, JUSTIFICATIONS, INITIATIVES)


@dataclass(frozen=True)
class FiledTerm:
    """A value of an open term that a city set, with the days on which it holds and the act."""

    term: str
    value: Any
    first: date
    last: date | None
    act: str


@dataclass(frozen=True)
class Base:
    """A base of comparison (reading R4b)."""

    kpi: str
    component: str
    period: str
    value: Fraction
    source: str
    act: str
    filed_on: date


def rows_of(connection: Any, snapshot: Snapshot, city: str) -> list[dict[str, Any]]:
    """The rows of a city that hold in a snapshot, as dictionaries; none when nothing was ever filed."""
    files = snapshot.files(city=city)
    if not files:
        return []
    found = connection.cursor().execute(f"SELECT * FROM {snapshot.current_sql(files)}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def filed_terms(rows: list[dict[str, Any]]) -> list[FiledTerm]:
    """Rows of `city.parameters`; the value is JSON (`[7, 8, 17, 18]`, `30`, `"word"`)."""
    found = []
    for row in rows:
        try:
            value = json.loads(row["term_value"], parse_float=Decimal)
        except json.JSONDecodeError:
            raise Problem(
                f"the value that {row['city']} filed for {row['term']} cannot be read: {row['term_value']!r}",
                where=f"{PARAMETERS}, act {row['act']}",
                hint='write JSON: 30, "word" or [7, 8, 17, 18]',
            ) from None
        if isinstance(value, list):
            value = tuple(value)
        elif isinstance(value, Decimal):
            value = Fraction(value)
        found.append(FiledTerm(row["term"], value, row["valid_from"], row["valid_to"], row["act"]))
    return sorted(found, key=lambda f: f.first)


def bases(rows: list[dict[str, Any]]) -> dict[tuple[str, str], Base]:
    """Rows of `city.baselines` by KPI and component; of several the latest filing holds (a new base only by an act)."""
    found: dict[tuple[str, str], Base] = {}
    for row in sorted(rows, key=lambda r: (r["filed_on"], str(r["base_period"]))):
        base = Base(
            row["kpi"], row["component"], str(row["base_period"]), Fraction(row["base_value"]), row["source"], row["act"],
            row["filed_on"],
        )  # fmt: skip
        found[base.kpi, base.component] = base
    return found


def excused(rows: list[dict[str, Any]], year: int) -> Mapping[str, str]:
    """Networks that a city does not have in a year (reading N3), with the reason and the act that filed it."""
    return {row["network"]: f"{row['reason']} ({row['act']})" for row in rows if row["for_year"] == year}


def claims(rows: list[dict[str, Any]], year: int) -> tuple[Claim, ...]:
    """Additional initiatives that a city claims for a year, with the facts that the criteria of annex 5 ask for."""
    return tuple(
        Claim(
            id=row["claim_id"],
            in_roadmap=bool(row["in_roadmap"]),
            report=row["report_url"] is not None or bool(row["report_signed"]),
            signed=bool(row["report_signed"]),
            indicators=int(row["indicators"]),
            in_period=row["finished_on"] is not None and row["finished_on"].year == year,
            sphere=row["sphere"] or "",
            base_initiative=row["base_initiative"],
        )
        for row in rows
        if row["for_year"] == year
    )
