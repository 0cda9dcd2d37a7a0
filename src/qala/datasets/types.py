"""What one kind of fact is: the contract between whoever records it and everything that is computed from it.

A contract is a YAML file beside the system that owns the fact. Shapes and rules stand in `docs/reference/contracts.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qala.standard.values import Text

ColumnType = Literal["text", "whole", "decimal", "time", "day", "yes_no"]
Kind = Literal["events", "readings", "registry"]
Way = Literal["integration", "file", "hand", "estimated"]

WAYS: tuple[Way, ...] = ("integration", "file", "hand", "estimated")

# Columns that the border itself adds to every stored row; a contract may not use these names.
BORDER_COLUMNS: Mapping[str, str] = {
    "city": "VARCHAR",
    "year": "SMALLINT",
    "day": "DATE",
    "hour": "SMALLINT",
    "received_at_platform": "TIMESTAMP",
    "way": "VARCHAR",
    "simulated": "BOOLEAN",
    "_key": "BIGINT",
    "_row": "BIGINT",
    "_sign": "TINYINT",
    "_receipt": "VARCHAR",
}
SQL_TYPES: Mapping[ColumnType, str] = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "time": "TIMESTAMP",
    "day": "DATE",
    "yes_no": "BOOLEAN",
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Model):
    """One column: its type, what it means, and what the border refuses."""

    type: ColumnType
    meaning: Text
    may_be_empty: bool | str = False  # a sentence says what emptiness means
    one_of: tuple[str, ...] | None = None
    privacy: Literal["pseudonym"] | None = None  # stored as a keyed hash only
    min: int | Decimal | None = None
    max: int | Decimal | None = None
    unit: str | None = None
    scale: int | None = None  # digits after the point; decimals only
    example: bool | int | Decimal | date | str | None = None
    since: int = 1  # the contract version that brought the column; older rows read as empty

    @property
    def optional(self) -> bool:
        return bool(self.may_be_empty) or self.since > 1

    @property
    def sql_type(self) -> str:
        if self.type == "decimal":
            return f"DECIMAL(18,{self.scale})"
        return SQL_TYPES[self.type]

    @model_validator(mode="after")
    def _whole_story(self) -> Column:
        if (self.type == "decimal") != (self.scale is not None):
            raise ValueError("a decimal column, and only that, has a scale")
        if self.privacy and self.type != "text":
            raise ValueError("only a text column can be a pseudonym")
        if self.one_of and self.type != "text":
            raise ValueError("one_of is for text columns")
        return self


class Place(_Model):
    """Which columns say where: a district id, or coordinates in degrees (WGS 84)."""

    district: str | None = None
    lat: str | None = None
    lon: str | None = None


class Arrives(_Model):
    every: Literal["minute", "hour", "day", "week", "month", "quarter", "year"]


class Keep(_Model):
    years: int = Field(ge=1)


class Contract(_Model):
    """One dataset. `columns` holds the contract's own columns; `all_columns` adds what every contract gets."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    kind: Kind
    name: Text
    one_row_is: Text
    owner: Text
    standard: str
    law_calls_it: tuple[str, ...] = ()
    key: tuple[str, ...] = Field(min_length=1)
    key_within: Literal["day"] | None = None
    counted_on: str
    days_of: tuple[str, ...] = ()
    arrives: Arrives
    place: Place = Place()
    keep: Keep
    columns: Mapping[str, Column]
    never: Mapping[str, str] = {}

    @cached_property
    def all_columns(self) -> Mapping[str, Column]:
        """The contract's columns and those that every contract has without writing them."""
        return {**self.columns, **(REGISTRY_COLUMNS if self.kind == "registry" else {}), **COMMON_COLUMNS}

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        return tuple(name for name, column in self.columns.items() if column.privacy)

    @property
    def dated_by(self) -> tuple[str, ...]:
        """Columns whose city-local day is fixed at landing: `counted_on` (stored as `day`), then `days_of`."""
        return (self.counted_on, *self.days_of)

    def day_column(self, column: str) -> str:
        """The stored column with the city-local day of a dated column."""
        if column == self.counted_on:
            return "day"
        if column not in self.days_of and column not in REGISTRY_COLUMNS:
            raise KeyError(column)
        return column if self.all_columns[column].type == "day" else f"{column}_day"

    def stored_types(self) -> dict[str, str]:
        """Every stored column with its SQL type, in the order in which it is written."""
        stored = {name: column.sql_type for name, column in self.all_columns.items()}
        for column in self.days_of:
            stored.setdefault(self.day_column(column), "DATE")
        return {**stored, **BORDER_COLUMNS}

    @model_validator(mode="after")
    def _names_exist(self) -> Contract:
        known = set(self.columns) | (set(REGISTRY_COLUMNS) if self.kind == "registry" else set())
        for what, names in {
            "key": self.key,
            "counted_on": (self.counted_on,),
            "days_of": self.days_of,
            "place": tuple(n for n in (self.place.district, self.place.lat, self.place.lon) if n),
        }.items():
            for name in names:
                if name not in known:
                    raise ValueError(f"{what} names {name}, which is not a column")
        for name in self.dated_by:
            if (REGISTRY_COLUMNS | dict(self.columns))[name].type not in ("time", "day"):
                raise ValueError(f"{name} is to date rows and is neither a time nor a day")
        taken = (
            set(BORDER_COLUMNS) | set(COMMON_COLUMNS) | (set(REGISTRY_COLUMNS) if self.kind == "registry" else set())
        )
        for name in self.columns:
            if name in taken and not (name == "day" and name == self.counted_on):
                raise ValueError(f"{name} is a name that every stored row has already")
        for name in self.key:
            column = (REGISTRY_COLUMNS | dict(self.columns))[name]
            if column.may_be_empty:
                raise ValueError(f"{name} is part of the key and may not be empty")
        return self


def _column(type_: ColumnType, ru: str, kk: str, en: str, empty: bool | str) -> Column:
    return Column(type=type_, meaning=Text(ru=ru, kk=kk, en=en), may_be_empty=empty)


COMMON_COLUMNS: dict[str, Column] = {
    "registered_at": _column(
        "time",
        "когда запись появилась в ведомственной системе",
        "жазба ведомстволық жүйеде қашан пайда болды",
        "when the department's own system had the row (the clock of KPI 1.1)",
        "the source does not know: the time of arrival here is taken, and that is flagged",
    ),
    "changed_at": _column(
        "time",
        "когда запись изменена в последний раз; из двух записей с одним ключом остаётся более поздняя",
        "жазба соңғы рет қашан өзгертілді; кілті бірдей екі жазбадан кейінгісі қалады",
        "when the row was last changed; of two rows with one key the later stays",
        "never changed since it was registered",
    ),
}
REGISTRY_COLUMNS: dict[str, Column] = {
    "valid_from": _column(
        "day",
        "первый день действия записи",
        "жазба күшіне енген бірінші күн",
        "first day on which the row holds",
        False,
    ),
    "valid_to": _column(
        "day",
        "последний день действия записи",
        "жазбаның күші болатын соңғы күн",
        "last day on which the row holds",
        "still holds",
    ),
}
