"""What the API answers with. Numbers come as a JSON number and, where they are exact fractions, as text beside it."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from ninja import Schema
from pydantic import Field


class Words(Schema):
    """A text in the three languages."""

    kk: str
    ru: str
    en: str


class Trouble(Schema):
    """An error (RFC 9457, `application/problem+json`)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    where: str = ""
    hint: str = ""


class Page[Item](Schema):
    """A stretch of a list; `next` is the address of the following one, None at the end."""

    items: list[Item]
    count: int = Field(description="how many there are in all")
    next: str | None = None


class EditionOut(Schema):
    id: str
    number: str
    name: Words
    from_day: date = Field(description="first day in force")
    to_day: date | None = Field(description="last day in force; null while it has no end")
    in_force_today: bool
    notice: Words | None = Field(description="why it is not in force; null if it is")
    sha256: str = Field(description="over all files of the edition")
    categories: list[str]
    sections: list[str]


class KpiLaw(Schema):
    """A KPI as the order has it (annex 4)."""

    id: str
    row: str
    initiative: int
    system: str
    section: str
    name: Words
    unit: str
    every: str
    points: float
    target: dict[str, str] = Field(description="category -> rule, in signs")
    formula_ru: str
    description_ru: str
    source_ru: str
    article: str
    readings: list[str]
    open_terms: list[str]


class FunctionLaw(Schema):
    """A function of annex 3, with the marks as written."""

    initiative: int
    number: int
    name: Words
    marks: dict[str, str]
    need: Words


class CityOut(Schema):
    code: str = Field(description="KATO, 9 characters; another short code for a trial city")
    names: dict[str, str]
    region: str | None
    category: str | None = Field(description="today's")
    time_zone: str
    lat: float | None
    lon: float | None
    simulated: bool
    districts: list[str]


class RegionOut(Schema):
    code: str
    names: dict[str, str]
    simulated: bool
    cities: list[str]


class RunOut(Schema):
    """A run without its results."""

    id: str
    sha256: str
    previous: str | None
    year: int
    as_of: date
    edition: str
    profile: str
    categories: list[str]
    published: list[str] = Field(description="categories of which it was published as the rating")
    cities: list[str]
    made_at: datetime
    published_at: datetime | None


class KpiResult(Schema):
    row: str
    status: str
    score: float | None = Field(description="0 … 1")
    score_exact: str | None
    value: float | None
    value_exact: str | None
    readings: list[str]
    flags: list[str]


class CityResult(Schema):
    """A city in a run: its index with bounds, sections, and each KPI."""

    city: str
    category: str
    place: int | None
    index: float | None
    low: float | None
    high: float | None
    coverage: float | None = Field(description="0 … 1")
    bonus: float | None
    final: float | None
    band: str | None
    standing: str
    sections: dict[str, float | None]
    simulated: bool
    kpis: list[KpiResult] = Field(default_factory=list)


class ValueOut(Schema):
    """A KPI in a period, with the sums that it was made of."""

    period: str
    first_day: date
    last_day: date
    status: str = Field(description="`hidden`: so few rows would point at persons")
    value: float | None
    exact: str | None
    numerator: str | None
    denominator: str | None
    change_percent: float | None
    components: dict[str, float | None]
    rows: int | None = Field(description="rows counted")
    delivered: int | None
    due: int | None


class SeriesOut(Schema):
    """Values of one KPI over a time."""

    city: str
    kpi: str
    row: str
    name: Words
    unit: str
    grain: str
    district: str | None
    simulated: bool
    edition: str
    notice: Words | None
    table_versions: dict[str, int]
    values: list[ValueOut]


class RowsOut(Schema):
    """Rows behind a number; personal columns are masked unless the right to see them is there."""

    city: str
    row: str
    period: str
    side: str
    dataset: str
    masked: list[str] = Field(description="columns that are not shown")
    items: list[dict[str, Any]]
    count: int
    next: str | None = None


class ReadingsOut(Schema):
    """Readings of one object by hour or day, a column each: the first of `mean` is that of the first of `at`."""

    city: str
    dataset: str
    of: dict[str, str] = Field(description="column -> value: the object")
    value: str | None = Field(description="the column with the number; null where rows were counted only")
    unit: str | None
    every: str
    time_zone: str
    simulated: bool
    at: list[str] = Field(description="the day, or the hour's beginning with the offset of the city's clock")
    count: list[int] = Field(description="rows that have the number")
    mean: list[float]
    min: list[float]
    max: list[float]
    sum: list[float]


class DatasetOut(Schema):
    id: str
    name: Words
    one_row_is: Words
    owner: Words
    standard: str
    kind: str
    version: int
    key: list[str]
    arrives_every: str
    keep_years: int
    columns: dict[str, ColumnOut]
    kpis: list[str]


class ColumnOut(Schema):
    type: str
    meaning: Words
    optional: bool
    unit: str | None
    one_of: list[str]
    personal: bool


class LayerOut(Schema):
    city: str
    id: str
    name: Words
    dataset: str
    geometry: str
    rows: int
    cells: bool = Field(description="told by H3 cell only, because its rows concern persons")
    tiles: str | None = Field(description="address of its TileJSON; null without rows")


class Me(Schema):
    """Who asks."""

    guest: bool
    email: str | None
    scopes: list[str]


def number(value: Fraction | str | float | None) -> float | None:
    """A JSON number of an exact one."""
    if value is None:
        return None
    return float(Fraction(value) if isinstance(value, str) else value)


def exact(value: Fraction | None) -> str | None:
    """`4/5`; a whole number without a stroke."""
    return None if value is None else str(value)


def words(text: Any) -> Words:
    """A text of the law in three languages."""
    return Words(kk=text.kk, ru=text.ru, en=text.en)
