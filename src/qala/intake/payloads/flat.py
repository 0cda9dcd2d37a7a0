"""Nested documents as rows: dotted headers, one row for each element of the array that holds the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qala.intake.payloads.json_text import Digits, written
from qala.intake.payloads.limits import Counted, Limits, Row, Undecodable, keys_of, shown

_GEOMETRIES = frozenset({"MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})
AROUND = "around."


def rows_of(document: Any, rows_at: str, limits: Limits) -> list[Row]:
    """The rows of a parsed document.

    Without `rows_at`, an array gives one row an element, anything else one row. With it (a dotted path; arrays on the
    way are entered), each element of what is found there is a row, with the fields around it repeated under their own
    dotted headers. A field around that has the header of a field of the element is called `around.<header>`.

    Objects give dotted headers (`object.temperature`), arrays of up to `limits.listed` elements numbered ones
    (`coordinates.0`), longer ones their JSON text; a GeoJSON geometry other than a point is one cell of JSON text.
    Booleans are `true` and `false`; null, `{}` and `[]` are None.

    Raises:
        Undecodable: nothing at `rows_at`, too many rows or fields, nested too deep, two values for one header.
    """
    steps = rows_at.split(".") if rows_at else []
    found = Counted(limits)
    walk = _Walk(steps, found, limits)
    walk.into(document, 0, {}, "", 0)
    if not found.rows and not walk.arrived:
        raise Undecodable(
            f"there is nothing at {shown(rows_at)}", where=f"rows at {shown(rows_at)}", hint=_hint(document, steps)
        )
    return found.rows


def row_of(value: Any, limits: Limits, prefix: str = "", deep: int = 0) -> Row:
    """One object, array or value as one row."""
    row: Row = {}
    if isinstance(value, dict):
        _object(row, prefix, value, deep, limits)
    else:
        _put(row, prefix.rstrip(".") or "value", value, deep, limits)
    return row


def put(row: Row, header: str, value: Any, limits: Limits) -> None:
    """Put a parsed value under a header, flattened.

    Raises:
        Undecodable: the header is taken, or the value is nested too deep.
    """
    _put(row, header, value, 0, limits)


class _Walk:
    def __init__(self, steps: list[str], found: Counted, limits: Limits) -> None:
        self.steps, self.found, self.limits = steps, found, limits
        self.arrived = not steps

    def into(self, value: Any, at: int, around: Row, path: str, deep: int) -> None:
        if deep > self.limits.depth:
            raise _too_deep(self.limits)
        if isinstance(value, list):
            if at == len(self.steps):
                self.arrived = True
                for element in value:
                    self._row(element, around, deep + 1)
            else:
                self.arrived = self.arrived or not value
                for element in value:
                    self.into(element, at, around, path, deep + 1)
        elif at == len(self.steps):
            self.arrived = True
            if value is not None or not self.steps:
                self._row(value, around, deep + 1)
        elif isinstance(value, dict) and self.steps[at] in value:
            step = self.steps[at]
            beside = dict(around)
            for key, inner in value.items():
                if key != step:
                    _put(beside, path + key, inner, deep + 1, self.limits)
            self.into(value[step], at + 1, beside, f"{path}{step}.", deep + 1)

    def _row(self, element: Any, around: Row, deep: int) -> None:
        prefix = "" if isinstance(element, (dict, list)) else self.steps[-1] if self.steps else "value"
        if isinstance(element, list):
            own: Row = {}
            for number, inner in enumerate(element):
                _put(own, str(number), inner, deep, self.limits)
        else:
            own = row_of(element, self.limits, prefix, deep)
        if not around:
            self.found.add(own)
        elif around.keys().isdisjoint(own):
            self.found.add(around | own)
        else:
            renamed = {f"{AROUND}{header}" if header in own else header: cell for header, cell in around.items()}
            if len(renamed) < len(around) or not renamed.keys().isdisjoint(own):
                raise Undecodable(f"two values for one header beginning with {AROUND}")
            self.found.add(renamed | own)


def _object(row: Row, prefix: str, value: Mapping[str, Any], deep: int, limits: Limits) -> None:
    if deep > limits.depth:
        raise _too_deep(limits)
    for key, inner in value.items():
        header = prefix + key
        kind = type(inner)
        if kind is str and header not in row:
            row[header] = inner
        elif kind is Digits and header not in row:
            row[header] = str(inner)
        else:
            _put(row, header, inner, deep, limits)


def _put(row: Row, header: str, value: Any, deep: int, limits: Limits) -> None:
    if isinstance(value, dict) and value:
        kind = value.get("type")
        if isinstance(kind, str) and kind in _GEOMETRIES and "coordinates" in value:
            _cell(row, header, written(value, limits.depth - deep))
        else:
            _object(row, f"{header}.", value, deep + 1, limits)
    elif isinstance(value, list) and value:
        if len(value) > limits.listed:
            _cell(row, header, written(value, limits.depth - deep))
            return
        if deep > limits.depth:
            raise _too_deep(limits)
        for at, inner in enumerate(value):
            _put(row, f"{header}.{at}", inner, deep + 1, limits)
    elif isinstance(value, bool):
        _cell(row, header, "true" if value else "false")
    elif isinstance(value, str):
        _cell(row, header, str(value))
    else:
        _cell(row, header, None)
    if len(row) > limits.columns:
        raise Undecodable(
            f"a row has more than {limits.columns} fields",
            hint="if an array inside it holds the rows, name it: rows at",
        )


def _cell(row: Row, header: str, value: str | None) -> None:
    if header in row:
        raise Undecodable(f"two values for the header {shown(header)}", hint="a key holds a dot; rename it")
    row[header] = value


def _too_deep(limits: Limits) -> Undecodable:
    return Undecodable(
        "the message is nested too deep", hint=f"at most {limits.depth} objects and arrays inside one another"
    )


def _hint(document: Any, steps: list[str]) -> str:
    value, done = document, 0
    for step in steps:
        while isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, dict) or step not in value:
            break
        value, done = value[step], done + 1
    while isinstance(value, list) and value:
        value = value[0]
    at = f"at {'.'.join(steps[:done])} " if done else ""
    return f"the fields {at}are: {keys_of(value)}" if isinstance(value, dict) else f"{at}there are no fields".strip()
