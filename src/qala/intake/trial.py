"""A message tried out before its source sends it for real: decoded, mapped, checked by the border; nothing is kept.

The border is the one that receives, so what passes here passes there.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import difflib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from qala.datasets import Contract
from qala.intake.payloads import Undecodable, decode
from qala.lake.border.headers import aliases, plain
from qala.lake.border.live import LiveBorder, Row
from qala.lake.border.mapping import LoadedMapping, load_mapping
from qala.lake.pseudonyms import Pseudonyms
from qala.standard.problems import Problem
from qala.standard.yaml_file import parse_yaml

MOST_BYTES = 512 * 1024
MOST_ROWS = 200
"""Rows of a sample that are looked at."""
BINARY = frozenset({"sparkplug_b", "gtfs_rt"})
"""Kinds of payload that nobody can paste as text: they come as a file, or in Base64."""
_NEAR = 0.55


@dataclass(frozen=True)
class Unplaced:
    """A header that no column takes.

    Args:
        values: rows of the sample with a value there.
        nearest: the column that it may be meant for; empty where none is like it.
    """

    header: str
    values: int
    nearest: str = ""


@dataclass(frozen=True)
class Refused:
    """A row that would be refused: its number in the sample (from 1), the rules that it breaks, a sentence in English."""

    row: int
    rules: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Trial:
    """What would become of a message.

    Args:
        decoded: rows as they were decoded, headers in the order of their first appearance.
        mapped: number of the row in the sample → values by column of the contract; good rows only.
        refused: the others.
        skipped: rows that the mapping's `where` leaves out.
        unplaced: headers that no column takes and that the mapping does not ignore.
        absent: headers that the mapping names and no row of the sample has.
        lacking: columns that every row must have and that come from no header of the sample.
        beyond: rows of the sample that were not looked at.
        problem: why nothing could be tried; then all else is empty, or what was decoded up to there.
    """

    headers: Sequence[str] = ()
    decoded: Sequence[Row] = ()
    mapped: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    refused: Sequence[Refused] = ()
    skipped: int = 0
    unplaced: Sequence[Unplaced] = ()
    absent: Sequence[str] = ()
    lacking: Sequence[str] = ()
    beyond: int = 0
    problem: Problem | None = None

    @property
    def good(self) -> int:
        return len(self.mapped)


def mapping_of(text: str, contract: Contract) -> LoadedMapping:
    """A mapping as a person writes it: YAML; the dataset need not be named. Nothing at all is no mapping.

    Raises:
        Problem: with line and path in the text.
    """
    if not text.strip():
        return load_mapping(None, contract)
    file = parse_yaml(text, Path("mapping"))
    if file.data is None:
        return load_mapping(None, contract)
    file.mapping().setdefault("dataset", contract.id)
    return load_mapping(file, contract)


def content_of(mapping: LoadedMapping) -> dict[str, Any]:
    """What is kept of a mapping: plain JSON, as `load_mapping` reads it again; empty where it says nothing."""
    said = mapping.says.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return said if set(said) - {"dataset"} else {}


def sample_of(text: str, kind: str) -> bytes:
    """The bytes of a pasted sample.

    Raises:
        Problem: it is too long, or of a kind that is no text and not in Base64.
    """
    if kind not in BINARY:
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Problem(
            "messages of this kind are no text", where="sample", hint="bring one as a file, or paste it in Base64"
        ) from None


def try_out(
    contract: Contract,
    mapping_text: str,
    kind: str,
    sample: bytes,
    *,
    rows_at: str = "",
    topic: str = "",
    zone: str,
    pseudonyms: Pseudonyms,
    received: datetime,
) -> Trial:
    """Try a message out.

    Args:
        mapping_text: YAML, or nothing.
        kind: of `payloads`.
        zone: the city's; the mapping's own wins.
        received: UTC.
    """
    if len(sample) > MOST_BYTES:
        return Trial(problem=Problem(f"the sample has more than {MOST_BYTES // 1024} KB", hint="some rows are enough"))
    try:
        rows = decode(kind, sample, rows_at=rows_at, topic=topic, received=received)
    except Undecodable as problem:
        return Trial(problem=problem)
    headers = list(dict.fromkeys(header for row in rows for header in row))
    looked, beyond = rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS)
    decoded = Trial(headers=headers, decoded=looked, beyond=beyond)
    try:
        mapping = mapping_of(mapping_text, contract)
        with contextlib.closing(LiveBorder(contract, mapping, mapping.says.zone or zone, pseudonyms)) as border:
            return _checked(contract, mapping, border, decoded)
    except Problem as problem:
        return Trial(headers=headers, decoded=looked, beyond=beyond, problem=problem)


def try_rows(
    contract: Contract, mapping: LoadedMapping, rows: Sequence[Row], zone: str, pseudonyms: Pseudonyms
) -> Trial:
    """Try rows out that are decoded already; see `try_out`.

    Raises:
        Problem: the mapping does not fit.
    """
    decoded = Trial(headers=list(dict.fromkeys(header for row in rows for header in row)), decoded=rows)
    with contextlib.closing(LiveBorder(contract, mapping, mapping.says.zone or zone, pseudonyms)) as border:
        return _checked(contract, mapping, border, decoded)


def _checked(contract: Contract, mapping: LoadedMapping, border: LiveBorder, decoded: Trial) -> Trial:
    checked = border.check(decoded.decoded)
    faulty = {fault.at for fault in checked.faults}
    names = list(contract.all_columns)
    good = {
        place + 1: {name: row[name] for name in names}
        for place, row in zip(checked.places, checked.rows.to_pylist(), strict=True)
        if place not in faulty
    }
    refused = [Refused(fault.at + 1, tuple(fault.rules.split()), fault.reason) for fault in checked.faults]
    there = {plain(header) for header in decoded.headers}
    takes = border.named
    absent = [header for header in takes if plain(header) not in there]
    mapped = set(mapping.says.columns)
    known = {column for word, column in aliases(contract).items() if word in there} | mapped
    lacking = [
        name
        for name, column in contract.all_columns.items()
        if name not in known and (not column.optional or name in contract.key)
    ]
    open_columns = [name for name in contract.all_columns if name not in known]
    return Trial(
        headers=decoded.headers,
        decoded=decoded.decoded,
        mapped=good,
        refused=sorted(refused, key=lambda one: one.row),
        skipped=checked.skipped,
        unplaced=unplaced(contract, checked.dropped, open_columns),
        absent=absent,
        lacking=lacking,
        beyond=decoded.beyond,
    )


def unplaced(contract: Contract, dropped: Mapping[str, int], columns: Sequence[str]) -> list[Unplaced]:
    """Headers that no column takes, each with the free column whose name or meaning is most like it; one header a column."""
    words = {word: column for word, column in aliases(contract).items() if column in set(columns)}
    pairs: list[tuple[float, str, str]] = []
    for header in dropped:
        spellings = {plain(header), plain(header.rpartition(".")[2])}
        for word, column in words.items():
            like = max(difflib.SequenceMatcher(None, word, one).ratio() for one in spellings)
            if like >= _NEAR:
                pairs.append((like, header, column))
    nearest: dict[str, str] = {}
    for _, header, column in sorted(pairs, key=lambda one: (-one[0], one[1], one[2])):
        if header not in nearest and column not in nearest.values():
            nearest[header] = column
    return [Unplaced(header, values, nearest.get(header, "")) for header, values in Counter(dropped).most_common()]


def proposal(trial: Trial, mapping_text: str) -> str:
    """The mapping with more in it: every unplaced header goes to the column most like it, or is ignored. A person goes over it.

    What is written stays as it is written, comments included. Empty where there is nothing to propose.
    """
    takes = [f"  {one.nearest}: {_word(one.header)}" for one in trial.unplaced if one.nearest]
    ignores = [_word(one.header) for one in trial.unplaced if not one.nearest]
    lines = mapping_text.rstrip().splitlines()
    if takes:
        lines = _under(lines, "columns", takes)
    if ignores:
        at = next((at for at, line in enumerate(lines) if _FLOW.match(line)), None)
        if at is None:
            lines = _under(lines, "ignore", [f"  - {one}" for one in ignores])
        else:
            found = _FLOW.match(lines[at])
            assert found is not None
            before = [found[1].strip()] if found[1].strip() else []
            lines[at] = f"ignore: [{', '.join([*before, *ignores])}]{found[2]}"
    return "\n".join(lines) + "\n" if takes or ignores else ""


_FLOW = re.compile(r"ignore:\s*\[(.*)\](\s*(?:#.*)?)$")
_SIMPLE = re.compile(r"[A-Za-zА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі_][\w.]*$")
_NO_TEXT = frozenset({"true", "false", "null"})


def _word(header: str) -> str:
    """A header as YAML writes it."""
    if _SIMPLE.match(header) and header.lower() not in _NO_TEXT:
        return header
    return json.dumps(header, ensure_ascii=False)


def _under(lines: Sequence[str], key: str, more: Sequence[str]) -> list[str]:
    """Lines put below a key; the key is added where it is not there."""
    at = next((at for at, line in enumerate(lines) if re.match(rf"{key}:\s*(?:#.*)?$", line)), None)
    if at is None:
        return [*lines, f"{key}:", *more]
    return [*lines[: at + 1], *more, *lines[at + 1 :]]
