"""Which column of a contract comes from which header of a source, by name, by mapping, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from qala.datasets import Contract
from qala.lake.border.checks import Incoming
from qala.lake.border.convert import is_text
from qala.lake.border.headers import Headers, aliases, plain
from qala.lake.border.mapping import FromHeader, LoadedMapping, exchange, header_expression
from qala.lake.border.sources import OpenSource
from qala.standard.problems import Problem, Problems


@dataclass(frozen=True)
class _Taken:
    expression: str
    headers: tuple[int, ...]


def plan(
    connection: Any,
    contract: Contract,
    source: OpenSource,
    mapping: LoadedMapping,
    where: str,
    *,
    ignore_unknown: bool,
    numbered: bool = False,
) -> tuple[Incoming, str | None]:
    """The incoming relation of a source, and SQL that counts the rows that the mapping's `where` leaves out, if any.

    Args:
        numbered: whether it has `_number`, the place of a row in the source, from 1; one thread is to read it then.

    Raises:
        Problem: a required column is not there, a header belongs to no column, or two headers to one; all at once.
    """
    headers = source.headers
    taken = _by_mapping(connection, source, mapping)
    found: list[Problem] = []
    known = aliases(contract)
    used = {at for item in taken.values() for at in item.headers}
    for at, name in enumerate(headers.names):
        target = known.get(plain(name))
        if target is None or at in used or target in mapping.says.columns:
            continue
        if target in taken:
            other = headers.names[taken[target].headers[0]]
            found.append(Problem(f"the headers {other!r} and {name!r} both mean {target}", where=where))
            continue
        taken[target] = _Taken(_trimmed(f"c{at}", source.types[at]), (at,))
        used.add(at)
    found += _missing(contract, taken, headers, where)
    if not ignore_unknown:
        found += _unknown(contract, headers, used, mapping, where)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems([_short(problem) for problem in found], _do_not_fit(contract, headers, where))
    return _incoming(connection, contract, source, mapping, taken, numbered)


def _by_mapping(connection: Any, source: OpenSource, mapping: LoadedMapping) -> dict[str, _Taken]:
    taken: dict[str, _Taken] = {}
    for target, said in mapping.says.columns.items():
        place = mapping.where("columns", target)
        entry = FromHeader(header=said) if isinstance(said, str) else said
        if entry.sql is not None:
            expression, used = header_expression(entry.sql, source.headers, place)
            _try(connection, source, expression, place)
        else:
            at = source.headers.find(entry.header or "")
            if at is None:
                raise Problem(
                    f"the source has no header {entry.header!r}",
                    where=place,
                    hint=source.headers.near(entry.header or ""),
                )
            expression, used = _trimmed(f"c{at}", source.types[at]), [at]
            if (entry.map or entry.default_for_empty is not None) and not is_text(source.types[at]):
                expression = f"{expression}::VARCHAR"
        taken[target] = _Taken(exchange(expression, entry.map, entry.default_for_empty), tuple(used))
    return taken


def _do_not_fit(contract: Contract, headers: Headers, where: str) -> str:
    return (
        f"the headers of {where} do not fit {contract.id}\n"
        f"  its headers: {', '.join(headers.names)}\n"
        f"  mend:  a mapping file says which header is which column and which to ignore: "
        "see docs/howto/connect-an-existing-export.md; --ignore-unknown leaves unknown headers out"
    )


def _short(problem: Problem) -> Problem:
    """One of many: the file and all that it has are said once, above them."""
    nearest = problem.hint.partition(";")[0]
    said = f"{problem.message} ({nearest})" if nearest.startswith("nearest: ") else problem.message
    return Problem(said)


def _missing(contract: Contract, taken: dict[str, _Taken], headers: Headers, where: str) -> list[Problem]:
    return [
        Problem(f"there is no column {name}, which every row must have", where=where, hint=headers.near(name))
        for name, column in contract.all_columns.items()
        if name not in taken and (not column.optional or name in contract.key)
    ]


def _unknown(contract: Contract, headers: Headers, used: set[int], mapping: LoadedMapping, where: str) -> list[Problem]:
    ignored = {plain(name) for name in mapping.says.ignore}
    columns = Headers(list(contract.all_columns))
    return [
        Problem(
            f"the header {name!r} belongs to no column of {contract.id}",
            where=where,
            hint=f"{columns.near(name)}; or list it under `ignore` in a mapping, or give --ignore-unknown",
        )
        for at, name in enumerate(headers.names)
        if at not in used and plain(name) and plain(name) not in ignored
    ]


def _incoming(
    connection: Any,
    contract: Contract,
    source: OpenSource,
    mapping: LoadedMapping,
    taken: dict[str, _Taken],
    numbered: bool,
) -> tuple[Incoming, str | None]:
    personal = {at for name in contract.pseudonyms if name in taken for at in taken[name].headers}
    used = sorted({at for item in taken.values() for at in item.headers})
    parts = [f"{item.expression} AS s_{name}" for name, item in taken.items()]
    parts += [f"c{at} AS k{at}" for at in range(len(source.headers.names))]
    relation, skipped = source.relation, None
    number = ["_number"] if numbered else []
    if numbered:
        relation = f"(SELECT *, row_number() OVER () AS _number FROM {relation})"
    if mapping.says.where is not None:
        condition, _ = header_expression(mapping.says.where, source.headers, mapping.where("where"))
        _try(connection, source, condition, mapping.where("where"))
        skipped = f"SELECT count(*) FROM {relation} WHERE NOT coalesce({condition}, false)"
        relation = f"{relation} WHERE {condition}"
    described = connection.execute(f"DESCRIBE SELECT {', '.join(parts)} FROM {_look_alike(source)}").fetchall()
    types = {row[0][2:]: row[1] for row in described if row[0].startswith("s_")}
    kept = {source.headers.names[at]: (f"k{at}", at in personal) for at in used}
    hidden = frozenset(name for name, item in taken.items() if personal & set(item.headers))
    beside = {name: f"k{at}" for at, name in enumerate(source.headers.names) if at not in used and plain(name)}
    return Incoming(f"(SELECT {', '.join([*parts, *number])} FROM {relation})", types, kept, hidden, beside), skipped


def _look_alike(source: OpenSource) -> str:
    """One empty row of the source's types; the source itself may be a pipe, which must not be opened twice."""
    return "(SELECT " + ", ".join(f"NULL::{kind} AS c{at}" for at, kind in enumerate(source.types)) + ")"


def _try(connection: Any, source: OpenSource, expression: str, where: str) -> None:
    """Refuse an expression of the mapping that parses but that the engine does not understand: a misspelt function, say."""
    try:
        connection.execute(f"DESCRIBE SELECT {expression} FROM {_look_alike(source)}")
    except duckdb.Error as error:
        said = str(error).split("\n\n")[0].partition("Candidate functions")[0]
        raise Problem("this expression cannot be computed", where=where, hint=" ".join(said.split())) from None


def _trimmed(column: str, sql_type: str) -> str:
    if sql_type != "VARCHAR":
        return column
    blank = f"{column} <= '!' OR ends_with({column}, ' ')"  # empty or with a blank around; cheaper than to trim all
    return f"CASE WHEN {blank} THEN nullif(trim({column}), '') ELSE {column} END"
