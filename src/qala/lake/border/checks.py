"""From a source's columns to checked rows: the one SQL query that every batch passes, whatever it came in.

Four layers, each a projection over the one below: what came (`s_`, with the source's own type) → what it means (typed) →
UTC and pseudonyms → the reasons for which a row is refused, the city-local days and the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from qala.datasets import Column, Contract
from qala.lake.border.convert import is_text, read_as
from qala.lake.border.mapping import Format, named, quoted
from qala.lake.border.zones import FIRST, LAST, to_local, to_utc
from qala.lake.pseudonyms import Pseudonyms
from qala.standard.problems import Problem

_KIND = {
    "text": "a text",
    "whole": "a whole number",
    "decimal": "a number",
    "time": "a time (2026-03-01 09:05, 01.03.2026 09:05, or with an offset)",
    "day": "a day (2026-03-01 or 01.03.2026)",
    "yes_no": "yes or no",
}


FAULT_MARK = "chr(30)"
"""SQL of the record separator of ASCII, which stands between the parts of `_fault`."""


@dataclass(frozen=True)
class Incoming:
    """What comes in, as SQL.

    Args:
        select: a FROM-able query with a column `s_<column>` for each contract column that the source has.
        types: DuckDB type of each of these.
        kept: source header → (SQL identifier in `select`, whether it is personal): what quarantine shows.
        beside: source header → SQL identifier: headers that no column takes. Of a refused row they are sealed with the rest,
            so that a mended mapping finds them; nothing else keeps them.
        hidden: contract columns made of personal headers: a reason never shows their value.
    """

    select: str
    types: Mapping[str, str]
    kept: Mapping[str, tuple[str, bool]]
    hidden: frozenset[str] = frozenset()
    beside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """One way to be refused: a short code, the SQL condition, and SQL for the sentence."""

    rule: str
    condition: str
    says: str


def checked_rows(
    contract: Contract,
    incoming: Incoming,
    how: Format,
    zone: str,
    pseudonyms: Pseudonyms,
    *,
    naive_is_utc: bool,
    told: bool = True,
    numbered: bool = False,
) -> str:
    """A query of every incoming row: the contract's columns typed, and what the border adds.

    That is `day`, `hour`, `<col>_day`, `_key` and `_fault`. `_fault` is NULL for a good row; for a bad one it has three parts
    with `FAULT_MARK` between them: the rules that it breaks, a sentence for each, and a JSON text of the values as they came,
    personal ones hashed; where there are personal ones, or ones that no column takes, a fourth, the whole row in the clear,
    which is sealed before it is written. (One column and not three: each costs every good row 16 bytes.)

    Args:
        told: whether the faults are told; if not, `_fault` is empty text for every bad row. Of a query over few rows the
            sentences are most of what has to be planned.
        numbered: whether `_number` comes in and is to go out.
    """
    columns = contract.all_columns
    number = ["_number"] if numbered else []
    originals = [*(expression for expression, _ in incoming.kept.values()), *incoming.beside.values()] if told else []
    keep = [*(f"s_{name} AS raw_{name}" for name in incoming.types), *originals, *number]
    first, second = [], []
    for name, column in columns.items():
        if name not in incoming.types:
            first.append(f"NULL::{column.sql_type} AS {named(name)}")
            second.append(named(name))
            continue
        raw, sql_type = f"raw_{name}", incoming.types[name]
        reading = read_as(column, raw, sql_type, how, naive_is_utc=naive_is_utc)
        first.append(f"{reading.value} AS {named(name)}")
        if reading.is_utc == "true":
            second.append(named(name))
        elif reading.is_utc is not None:
            first.append(f"{reading.is_utc} AS utc_{name}")
            local = to_utc(named(name), zone)
            mixed = f"CASE WHEN utc_{name} THEN {named(name)} ELSE {local} END"
            second.append(f"{local if reading.is_utc == 'false' else mixed} AS {named(name)}")
        elif column.privacy:
            second.append(f"{pseudonyms.sql(named(name))} AS {named(name)}")
        else:
            second.append(named(name))
    refusals = list(_refusals(contract, incoming))
    carried = [*[f"raw_{name}" for name in incoming.types], *originals, *number]
    faults = " OR ".join(f"coalesce({refusal.condition}, false)" for refusal in refusals) or "false"
    dated = named(contract.counted_on)
    third = [*[named(name) for name in columns], *carried, f"{faults} AS _bad"]
    if columns[contract.counted_on].type == "time":
        third.append(f"{to_local(dated, zone)} AS _local")
    return f"""
SELECT {", ".join(named(name) for name in columns)},
  {_days(contract, zone)},
  {_key(contract)} AS _key,
  {_fault(refusals, incoming, pseudonyms) if told else "CASE WHEN _bad THEN '' END"} AS _fault{", _number" if numbered else ""}
FROM (SELECT {", ".join(third)}
FROM (SELECT {", ".join([*second, *carried])}
FROM (SELECT {", ".join([*first, *carried])}
FROM (SELECT {", ".join(keep) or "1"} FROM {incoming.select}))))"""


def _days(contract: Contract, zone: str) -> str:
    columns = contract.all_columns
    if columns[contract.counted_on].type == "time":
        parts = ["_local::DATE AS day", "hour(_local)::SMALLINT AS hour"]
    else:
        parts = [] if contract.counted_on == "day" else [f"{named(contract.counted_on)} AS day"]
        parts.append("NULL::SMALLINT AS hour")
    for name in contract.days_of:
        stored = contract.day_column(name)
        if stored not in columns:
            parts.append(f"{to_local(named(name), zone)}::DATE AS {named(stored)}")
    return ", ".join(parts)


def _key(contract: Contract) -> str:
    texts = [f"{named(name)}::VARCHAR" for name in contract.key]
    text = texts[0] if len(texts) == 1 else f"concat_ws(chr(31), {', '.join(texts)})"
    # 63 bits of MD5: stable between versions and engines, unlike hash(); a clash is found by comparing the key itself
    return f"(md5_number({text}) >> 65)::BIGINT"


def _refusals(contract: Contract, incoming: Incoming) -> Sequence[Refusal]:
    found: list[Refusal] = []
    must = {*contract.key, contract.counted_on}
    for name, column in contract.all_columns.items():
        value, raw = named(name), f"raw_{name}" if name in incoming.types else "NULL"
        here = name in incoming.types
        shown = "'(personal, not shown)'" if column.privacy or name in incoming.hidden else f"left({raw}::VARCHAR, 80)"
        if not column.optional or name in must:
            told = quoted(f"{name} is empty, which it may not be")
            found.append(Refusal(f"{name}:empty", f"{value} IS NULL AND {raw} IS NULL", told))
        if not here:
            continue
        says = f"'{name}: ''' || {shown} || ''' is not {_expected(column)}'"
        if column.type != "text" or not is_text(incoming.types[name]):
            found.append(Refusal(f"{name}:unreadable", f"{value} IS NULL AND {raw} IS NOT NULL", says))
        if column.one_of:
            # CASE and not IN, which DuckDB turns into a join per mention
            words = " ".join(f"WHEN {quoted(word)} THEN false" for word in column.one_of)
            found.append(
                Refusal(f"{name}:not_listed", f"{value} IS NOT NULL AND CASE {value} {words} ELSE true END", says)
            )
        if column.min is not None:
            told = f"'{name}: ' || {shown} || ' is below {column.min}'"
            found.append(Refusal(f"{name}:below", f"{value} < {column.min}", told))
        if column.max is not None:
            told = f"'{name}: ' || {shown} || ' is above {column.max}'"
            found.append(Refusal(f"{name}:above", f"{value} > {column.max}", told))
        if column.type in ("time", "day"):
            bounds = f"{value} < DATE '{FIRST.date()}' OR {value} >= DATE '{LAST.date()}'"
            told = f"'{name}: ' || {shown} || ' is outside of {FIRST.year}-{LAST.year - 1}'"
            found.append(Refusal(f"{name}:far_away", bounds, told))
    for rule, condition in contract.never.items():
        found.append(Refusal(rule, f"({rule_sql(contract, rule, condition)})", quoted(f"{rule}: {condition}")))
    return found


def rule_sql(contract: Contract, rule: str, condition: str) -> str:
    """A `never` rule as DuckDB's SQL.

    Raises:
        Problem: it does not parse or names a column that the contract does not have.
    """
    where = f"{contract.id}: never.{rule}"
    try:
        tree = sqlglot.parse_one(condition, dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        raise Problem(f"this is not a condition: {condition}", where=where, hint=str(error).splitlines()[0]) from None
    for node in tree.find_all(exp.Column):
        if node.name not in contract.all_columns:
            raise Problem(f"{contract.id} has no column {node.name}", where=where)
    return tree.sql(dialect="duckdb")


def _expected(column: Column) -> str:
    if column.one_of:
        return "one of " + ", ".join(word.replace("'", "''") for word in column.one_of)
    return _KIND[column.type]


def _fault(refusals: Sequence[Refusal], incoming: Incoming, pseudonyms: Pseudonyms) -> str:
    """SQL for all faults of a row; worked out for bad rows only."""
    rules = _joined(" ", [(refusal.condition, quoted(refusal.rule)) for refusal in refusals])
    says = _joined(
        "; ", [(refusal.condition, f"coalesce({refusal.says}, {quoted(refusal.rule)})") for refusal in refusals]
    )
    sealed = incoming.beside or any(personal for _, personal in incoming.kept.values())
    clear = f", {_original(incoming, None)}" if sealed else ""
    return f"CASE WHEN _bad THEN concat_ws({FAULT_MARK}, {rules}, {says}, {_original(incoming, pseudonyms)}{clear}) END"


def _joined(between: str, cases: Sequence[tuple[str, str]]) -> str:
    told = ", ".join(f"CASE WHEN {condition} THEN {text} END" for condition, text in cases)
    return f"concat_ws({quoted(between)}, {told or 'NULL'})"


def _original(incoming: Incoming, pseudonyms: Pseudonyms | None) -> str:
    """SQL for what came, as JSON: what may be seen, personal values hashed; or, without `pseudonyms`, all of it in the clear."""
    parts = []
    for header, (expression, personal) in incoming.kept.items():
        text = f"{expression}::VARCHAR"
        parts.append(f"{quoted(header)}, {pseudonyms.sql(text) if personal and pseudonyms else text}")
    if pseudonyms is None:
        parts += [f"{quoted(header)}, {expression}::VARCHAR" for header, expression in incoming.beside.items()]
    return f"json_object({', '.join(parts)})::VARCHAR" if parts else "'{}'"
