"""A mapping file: how a foreign export becomes the rows of a contract, without code.

```yaml
dataset: contact_centre.appeals
zone: America/New_York                 # default: the city's own zone
format: {encoding: cp1251, delimiter: ";", decimal: ",", time: ["%d.%m.%Y %H:%M"]}
columns:
  appeal_id: CASE_ENQUIRY_ID           # rename
  status: {from: CASE_STATUS, map: {Open: open, Closed: resolved}}
  channel: {from: Source, default_for_empty: other}
  topic: {sql: "case when TYPE like '%Pothole%' then 'potholes' else 'other' end"}   # SQL over the source's headers
ignore: [QUEUE, ward]                  # told, so that a new column of the source is noticed
where: TYPE <> 'Test'                  # rows to leave out; they are counted as skipped
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlglot import exp

from qala.datasets import Contract
from qala.lake.border.headers import Headers
from qala.standard.problems import Problem
from qala.standard.yaml_file import YamlFile, read_yaml

_NOT_ALLOWED = (
    exp.Select,
    exp.Subquery,
    exp.Table,
    exp.Window,
    exp.AggFunc,
    exp.Parameter,
    exp.Placeholder,
    exp.Command,
)
_NOT_CALLED = (
    "read_",
    "get",
    "glob",
    "sniff_",
    "parquet_",
    "duckdb_",
    "pragma_",
    "current_setting",
    "query",
    "unnest",
    "set",
)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Format(_Model):
    """How values are written in the source; what is not said is found out."""

    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: str | None = Field(default=None, pattern=r"^[.,]$")
    time: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    sheet: str | None = None


class FromHeader(_Model):
    """A column taken from a header of the source, with values exchanged by `map`."""

    header: str | None = Field(default=None, validation_alias="from", serialization_alias="from")
    map: Mapping[str, str] | None = None
    default_for_empty: str | int | bool | None = None
    sql: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> FromHeader:
        if (self.header is None) == (self.sql is None):
            raise ValueError("say either `from` (a header) or `sql` (an expression over headers)")
        if self.sql is not None and self.map is not None:
            raise ValueError("`map` goes with `from`; in `sql` write a case expression")
        return self


class ExportMapping(_Model):
    """What a mapping file says."""

    dataset: str
    zone: str | None = None
    format: Format = Format()
    columns: Mapping[str, str | FromHeader] = {}
    ignore: tuple[str, ...] = ()
    where: str | None = None


@dataclass(frozen=True)
class LoadedMapping:
    """A checked mapping and the file that it came from, for messages."""

    says: ExportMapping
    file: YamlFile | None

    def where(self, *steps: str | int) -> str:
        return self.file.where(*steps) if self.file else "mapping: " + ".".join(map(str, steps))


def load_mapping(source: Path | YamlFile | Mapping[str, Any] | None, contract: Contract) -> LoadedMapping:
    """Read and check a mapping file, or take one that is in memory already.

    Raises:
        Problem: an unknown key, a column that the contract does not have, another dataset; with file and YAML path.
    """
    if source is None:
        return LoadedMapping(ExportMapping(dataset=contract.id), None)
    if isinstance(source, Path | YamlFile):
        file = read_yaml(source) if isinstance(source, Path) else source
        loaded = LoadedMapping(file.check(ExportMapping, file.mapping()), file)
    else:
        loaded = LoadedMapping(_checked(source), None)
    if loaded.says.dataset != contract.id:
        raise Problem(f"the mapping is for {loaded.says.dataset}, not for {contract.id}", where=loaded.where("dataset"))
    for name in loaded.says.columns:
        if name not in contract.all_columns:
            raise Problem(
                f"{contract.id} has no column {name}",
                where=loaded.where("columns", name),
                hint="its columns are " + ", ".join(contract.all_columns),
            )
    return loaded


def _checked(source: Mapping[str, Any]) -> ExportMapping:
    try:
        return ExportMapping.model_validate(source)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise Problem(
            f"the mapping is not one: {first['msg'].removeprefix('Value error, ').lower()}", where=f"mapping: {place}"
        ) from None


def header_expression(text: str, headers: Headers, where: str) -> tuple[str, list[int]]:
    """SQL over the source's headers, as SQL over `c0`, `c1`, …; and which of them it reads.

    Raises:
        Problem: it does not parse, names a header that is not there, or does what an expression over one row may not.
    """
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        raise Problem(f"this is not an SQL expression: {text}", where=where, hint=str(error).splitlines()[0]) from None
    used: list[int] = []
    for node in list(tree.walk()):
        called = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if isinstance(node, _NOT_ALLOWED) or called.startswith(_NOT_CALLED):
            raise Problem(f"an expression may only compute from one row's headers: {text}", where=where)
        if isinstance(node, exp.Column):
            at = headers.find(node.name)
            if at is None:
                raise Problem(f"the source has no header {node.name!r}", where=where, hint=headers.near(node.name))
            used.append(at)
            node.replace(exp.column(f"c{at}"))
    if isinstance(tree, exp.Column):
        return f"c{used[0]}", used
    return tree.sql(dialect="duckdb"), used


def exchange(expression: str, values: Mapping[str, str] | None, default: str | int | bool | None) -> str:
    """SQL that exchanges values and fills empty ones; a value without an exchange stays, for the contract to judge."""
    if values:
        cases = " ".join(f"WHEN {quoted(old)} THEN {quoted(str(new))}" for old, new in values.items())
        expression = f"CASE {expression} {cases} ELSE {expression} END"
    if default is not None:
        word = str(default).lower() if isinstance(default, bool) else str(default)
        expression = f"coalesce({expression}, {quoted(word)})"
    return expression


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def listed(items: Sequence[str]) -> str:
    return ", ".join(items)
