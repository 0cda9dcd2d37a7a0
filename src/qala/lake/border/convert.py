"""From what is written to what it means: SQL that reads a text (or a typed value) as a contract's type, or as NULL.

NULL where there was a value means "this cannot be read"; the checks turn that into a reason. Texts are trimmed before.
"""

from __future__ import annotations

from dataclasses import dataclass

from qala.datasets import Column
from qala.lake.border.mapping import Format, quoted

_TIMES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M:%S", "%d.%m.%Y, %H:%M", "%d.%m.%Y %H:%M:%S.%f")
_OFFSET = r":\d{2}[0-9.,:]*\s*(Z|z|[+-]\d{2}(:?\d{2})?)$"
_YES = ("1", "true", "t", "yes", "y", "да", "иә", "ия", "истина", "+")
_NO = ("0", "false", "f", "no", "n", "нет", "жоқ", "жок", "ложь", "-")
_WHOLE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT"}
)
_TEXT = ("VARCHAR", "ENUM")


@dataclass(frozen=True)
class Reading:
    """SQL for a value; for a time also SQL that says whether it is UTC already (it had an offset)."""

    value: str
    is_utc: str | None = None


def is_text(sql_type: str) -> bool:
    return sql_type.startswith(_TEXT)


def read_as(column: Column, raw: str, sql_type: str, how: Format, *, naive_is_utc: bool) -> Reading:
    """The reading of one column.

    Args:
        column: what the contract wants.
        raw: an SQL identifier: the value as it came.
        sql_type: its DuckDB type.
        how: what the mapping says about writing.
        naive_is_utc: whether a typed time without a zone is UTC (tables in memory) or the city's (files).
    """
    if is_text(sql_type):
        return _from_text(column, raw, how)
    kind = column.type
    if kind == "time":
        if sql_type.startswith("TIMESTAMP WITH TIME ZONE"):
            return Reading(f"make_timestamp(epoch_us({raw}))", "true")
        if sql_type.startswith("TIMESTAMP"):
            return Reading(f"{raw}::TIMESTAMP", "true" if naive_is_utc else "false")
        return Reading("NULL::TIMESTAMP", "false")
    if kind == "day":
        if sql_type == "DATE":
            return Reading(raw)
        if sql_type.startswith("TIMESTAMP") and "ZONE" not in sql_type:
            return Reading(f"CASE WHEN {raw} = date_trunc('day', {raw}) THEN {raw}::DATE END")
        return Reading("NULL::DATE")
    if kind == "whole":
        if sql_type in _WHOLE or sql_type == "BOOLEAN":
            return Reading(f"try_cast({raw} AS BIGINT)")
        return Reading(f"CASE WHEN {raw} = trunc({raw}) THEN try_cast({raw} AS BIGINT) END")
    if kind == "decimal":
        return Reading(f"try_cast({raw} AS {column.sql_type})")
    if kind == "yes_no":
        if sql_type == "BOOLEAN":
            return Reading(raw)
        return Reading(f"CASE WHEN {raw} = 1 THEN true WHEN {raw} = 0 THEN false END")
    return Reading(f"nullif(trim({raw}::VARCHAR), '')")


def _from_text(column: Column, raw: str, how: Format) -> Reading:
    if column.type == "time":
        return _time(raw, how)
    if column.type == "day":
        formats = how.day or ("%d.%m.%Y",)
        tried = f"try_strptime({raw}, {_texts(formats)})::DATE"
        iso = f"CASE WHEN length({raw}) = 10 THEN try_cast({raw} AS DATE) END"
        midnight = f"CASE WHEN regexp_matches({raw}, '[ T]0?0:00(:00(\\.0+)?)?$') THEN "
        midnight += f"coalesce(try_cast({raw} AS TIMESTAMP)::DATE, try_strptime({raw}, {_texts(_TIMES)})::DATE) END"
        return Reading(_unless_empty(raw, tried if how.day else f"coalesce({iso}, {tried}, {midnight})"))
    if column.type == "whole":
        plain = _digits(raw, how)
        checked = f"CASE WHEN regexp_full_match({plain}, '[+-]?[0-9]+([.]0*)?') THEN "
        checked += f"try_cast(split_part({plain}, '.', 1) AS BIGINT) END"
        # the cast alone would round 1.5 to 2: it stands only where it gives back the very digits
        quick = f"CASE WHEN try_cast({raw} AS BIGINT)::VARCHAR = {raw} THEN try_cast({raw} AS BIGINT) END"
        return Reading(f"coalesce({quick}, {_unless_empty(raw, checked)})")
    if column.type == "decimal":
        plain = _digits(raw, how)
        checked = f"CASE WHEN regexp_full_match({plain}, '[+-]?[0-9]*[.]?[0-9]*([eE][+-]?[0-9]+)?') THEN "
        checked += f"try_cast({plain} AS {column.sql_type}) END"
        if how.decimal == ",":
            return Reading(_unless_empty(raw, checked))
        return Reading(f"coalesce(try_cast({raw} AS {column.sql_type}), {_unless_empty(raw, checked)})")
    if column.type == "yes_no":
        said = f"lower({raw})"
        quick = f"CASE {raw} WHEN 'true' THEN true WHEN 'false' THEN false WHEN '1' THEN true WHEN '0' THEN false"
        return Reading(
            f"{quick} ELSE CASE WHEN {said} IN {_tuple(_YES)} THEN true WHEN {said} IN {_tuple(_NO)} THEN false END END"
        )
    return Reading(raw)


def _time(raw: str, how: Format) -> Reading:
    if how.time:
        with_zone = [shape for shape in how.time if "%z" in shape.lower()]
        without = [shape for shape in how.time if "%z" not in shape.lower()]
        tries = [f"try_strptime({raw}, {_texts(without)})"] if without else []
        tries += [f"make_timestamp(epoch_us(try_strptime({raw}, {quoted(shape)})))" for shape in with_zone]
        both = f"try_strptime({raw}, {_texts(without)}) IS NULL" if without else "true"
        return Reading(_unless_empty(raw, f"coalesce({', '.join(tries)})"), both if with_zone else "false")
    usual = f"length({raw}) = 19 AND {raw}[17] = ':'"  # 2026-03-01 09:05:00 with a blank or a T
    quick = f"CASE WHEN {usual} THEN try_cast({raw} AS TIMESTAMP) END"
    iso = f"CASE WHEN length({raw}) > 10 THEN try_cast(replace({raw}, ',', '.') AS TIMESTAMP) END"
    local = f"coalesce({iso}, try_strptime({raw}, {_texts(_TIMES)}))"
    # a cast to TIMESTAMP would drop the offset: the cast with a zone applies it
    zoned = f"make_timestamp(epoch_us(try_cast(replace({raw}, ',', '.') AS TIMESTAMPTZ)))"
    offset = f"regexp_matches({raw}, {quoted(_OFFSET)})"
    slow = _unless_empty(raw, f"CASE WHEN {offset} THEN {zoned} ELSE {local} END")
    is_utc = f"CASE WHEN {usual} THEN false ELSE {offset} END"
    return Reading(f"coalesce({quick}, {slow})", is_utc)


def _digits(raw: str, how: Format) -> str:
    """A number's text with a point, without blanks between thousands. A comma is the decimal sign unless said."""
    bare = f"translate({raw}, ' \u00a0\u202f''', '')"
    if how.decimal == ".":
        return f"replace({bare}, ',', '')"
    if how.decimal == ",":
        return f"replace(replace({bare}, '.', ''), ',', '.')"
    return f"replace({bare}, ',', '.')"


def _unless_empty(raw: str, expression: str) -> str:
    return f"CASE WHEN {raw} IS NOT NULL THEN {expression} END"


def _texts(items: tuple[str, ...] | list[str]) -> str:
    return "[" + ", ".join(quoted(item) for item in items) + "]"


def _tuple(items: tuple[str, ...]) -> str:
    return "(" + ", ".join(quoted(item) for item in items) + ")"
