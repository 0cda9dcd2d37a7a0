"""`qala standard check-examples`: worked examples of single scores against the program.

The file is a table with the columns id, row, category, year, profile, input, expected_score, expected_status, note.
`input` is `key=value` joined by `;`: value · numerator, denominator · previous, current · baseline, current ·
norms, concentrations (lists by `|`) · hours by category (`safety_h`) · network. Nothing at all = nothing arrived.
Sums are in the order's own units (seconds, hours, kilometres), not in those of the lake.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, get_args

from qala.scoring import KpiScore, Observation, Profile, Status, score_kpi
from qala.standard import Edition, Kpi, Problem

COLUMNS = ("id", "row", "category", "year", "profile", "input", "expected_score", "expected_status", "note")
OPTIONAL = ("note",)
TOLERANCE = Fraction(1, 10**6)
METRES_IN_A_KILOMETRE = 1000

Numbers = Mapping[str, Fraction | None]


class Example(NamedTuple):
    """One line of the file; `line` counts from 1 with the header."""

    line: int
    id: str
    row: str
    category: str
    year: int
    profile: Profile
    input: str
    score: Fraction | None
    status: str


class Mismatch(NamedTuple):
    """A field of an example that came out otherwise."""

    id: str
    field: str
    expected: str
    got: str


def check(file: Path, loaded: Mapping[str, Edition], wanted: str | None = None) -> tuple[int, int, list[Mismatch]]:
    """How many examples come out as expected, how many do not, and every field that differs.

    Raises:
        Problem: the file is not there or not such a table, with row and column.
    """
    passed = failed = 0
    found: list[Mismatch] = []
    for example in read(file):
        law = _edition(example.year, loaded, wanted)
        where = f"{file}, row {example.line}"
        differences = list(_differences(example, _score(example, law, where)))
        passed += not differences
        failed += bool(differences)
        found += differences
    return passed, failed, found


def read(file: Path) -> Iterator[Example]:
    """The examples of a file, in its order."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Problem(f"The file cannot be read: {error.strerror}.", where=str(file)) from None
    except UnicodeDecodeError:
        raise Problem("The file is not UTF-8 text.", where=str(file), hint="Save it as UTF-8 CSV.") from None
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        absent = [name for name in COLUMNS if name not in header and name not in OPTIONAL]
        if absent:
            raise Problem(
                f"The column '{absent[0]}' is missing.",
                where=f"{file}, row 1",
                hint=f"The columns are {','.join(COLUMNS)}.",
            )
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise Problem(
                    f"The row has {len(cells)} cells, the header {len(header)}.",
                    where=f"{file}, row {line}",
                    hint="A cell that holds a comma stands in double quotes.",
                )
            example = _example(dict(zip(header, (cell.strip() for cell in cells), strict=True)), line, file)
            yield example
    except csv.Error as error:
        raise Problem(f"The file is not a CSV table: {error}.", where=f"{file}, row {reader.line_num}") from None


def _example(cells: Mapping[str, str], line: int, file: Path) -> Example:
    def where(column: str) -> str:
        return f"{file}, row {line}, column {column}"

    for column in ("id", "row", "category", "year", "expected_status"):
        if not cells[column]:
            raise Problem("The cell is empty.", where=where(column))
    if not (
        cells["year"].isascii() and cells["year"].isdigit() and date.min.year <= int(cells["year"]) < date.max.year
    ):
        raise Problem(f"'{cells['year']}' is not a year.", where=where("year"), hint="For example 2026.")
    if cells["expected_status"] not in get_args(Status):
        raise Problem(
            f"There is no status '{cells['expected_status']}'.",
            where=where("expected_status"),
            hint=f"One of: {', '.join(get_args(Status))}.",
        )
    try:
        profile = Profile.parse(cells["profile"])
    except Problem as problem:
        raise Problem(problem.message, where=where("profile"), hint=problem.hint) from None
    return Example(
        line=line,
        id=cells["id"],
        row=cells["row"],
        category=cells["category"],
        year=int(cells["year"]),
        profile=profile,
        input=cells["input"],
        score=_number(cells["expected_score"], where("expected_score")),
        status=cells["expected_status"],
    )


def _number(text: str, where: str) -> Fraction | None:
    """An exact number; an empty cell (or the word `missing`) is None."""
    if text in ("", "missing"):
        return None
    try:
        return Fraction(text.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        raise Problem(f"'{text}' is not a number.", where=where, hint="Write it like 99.5.") from None


def _edition(year: int, loaded: Mapping[str, Edition], wanted: str | None) -> Edition:
    """The wanted edition, or the latest that began by the end of the year (examples look ahead of the law)."""
    if wanted is not None:
        if wanted not in loaded:
            raise Problem(f"The edition '{wanted}' is not loaded.", hint=f"Loaded: {', '.join(loaded)}.")
        return loaded[wanted]
    begun = [edition for edition in loaded.values() if edition.from_day <= date(year, 12, 31)]
    if not begun:
        raise Problem(f"No edition is loaded that began by {year}.", hint="Name one with --edition.")
    return max(begun, key=lambda edition: edition.from_day)


def _score(example: Example, law: Edition, where: str) -> KpiScore:
    try:
        kpi = law.kpi(example.row)
    except Problem as problem:
        raise Problem(problem.message, where=f"{where}, column row", hint=problem.hint) from None
    try:
        law.category(example.category)
    except Problem as problem:
        raise Problem(problem.message, where=f"{where}, column category", hint=problem.hint) from None
    observation = observed(example.input, kpi, example.category, law, f"{where}, column input")
    return score_kpi(kpi, example.category, example.year, observation, law, example.profile)


def observed(text: str, kpi: Kpi, category: str, law: Edition, where: str) -> Observation:
    """The `input` of an example as an observation.

    Raises:
        Problem: a key that is not known, given twice, or not to be had together with another; not a number.
    """
    words: dict[str, str] = {}
    for part in (piece.strip() for piece in text.split(";")):
        if not part:
            continue
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or key in words:
            said = "stands twice" if key in words else "is not key=value"
            raise Problem(f"'{part}' {said}.", where=where, hint="Write key=value; key=value.")
        words[key] = value
    network = words.pop("network", None)
    if network is not None and network not in ("none", "yes"):
        raise Problem(f"network={network} is not known.", where=where, hint="network=none or network=yes.")
    if network == "none":
        if kpi.network is None:
            raise Problem(f"KPI {kpi.row} does not depend on a network.", where=where, hint="Take network=none out.")
        return Observation(row=kpi.row, status="not_applicable")
    if not words:
        return Observation(row=kpi.row, status="missing")
    if set(words) <= {"norms", "concentrations"}:
        return _pollutants(words, kpi, where)
    vector = next((rule.each_at_most for rule in kpi.target.values() if rule.each_at_most is not None), None)
    if vector is not None and all(key.endswith("_h") for key in words):
        return _hours(words, kpi, vector, where)
    return _plain(words, kpi, category, law, where)


def _plain(words: Mapping[str, str], kpi: Kpi, category: str, law: Edition, where: str) -> Observation:
    numbers: Numbers = {key: _number(value, where) for key, value in words.items()}
    keys = set(numbers)
    if keys == {"value"}:
        return _value(numbers["value"], kpi, category)
    if keys <= {"numerator", "denominator"}:
        return _share(numbers.get("numerator"), numbers.get("denominator"), kpi, law)
    for base in ("previous", "baseline"):
        if keys <= {base, "current"}:
            current = numbers.get("current")
            return Observation(
                row=kpi.row,
                status="ok" if current is not None else "missing",
                value=current,
                base=numbers.get(base),
            )
    hint = "value · numerator;denominator · previous;current · baseline;current · norms;concentrations · safety_h;… · network"
    raise Problem(f"KPI {kpi.row} cannot be read from '{';'.join(words)}'.", where=where, hint=f"Known: {hint}.")


def _value(value: Fraction | None, kpi: Kpi, category: str) -> Observation:
    """A value as it stands; of a target that is a change, the change itself in percent, as the formula counts it."""
    if value is None:
        return Observation(row=kpi.row, status="missing")
    rule = kpi.target.get(category)
    if rule is None or not (rule.kind in ("fall", "grow", "save") or rule.minimal in ("fall", "save")):
        return Observation(row=kpi.row, value=value)
    whole = Fraction(100)
    return Observation(row=kpi.row, value=whole + value if rule.kind == "grow" else whole - value, base=whole)


def _share(numerator: Fraction | None, denominator: Fraction | None, kpi: Kpi, law: Edition) -> Observation:
    """Two sums; a denominator of 0 that was reported is `no_events` (N2)."""
    if numerator is None or denominator is None:
        return Observation(row=kpi.row, status="missing")
    if denominator < 0:
        return Observation(row=kpi.row, status="invalid", numerator=numerator, denominator=denominator)
    if not denominator:
        return Observation(row=kpi.row, status="no_events", numerator=numerator, denominator=denominator)
    value = numerator / denominator * _factor(kpi, law)
    return Observation(row=kpi.row, value=value, numerator=numerator, denominator=denominator)


def _factor(kpi: Kpi, law: Edition) -> Fraction:
    """From sums in the order's units to the KPI's unit: the lake's own keeps microseconds and metres."""
    factor = law.units[kpi.unit].factor
    if factor < 1:
        return Fraction(1)
    return factor / METRES_IN_A_KILOMETRE if kpi.unit == "per_100_km" else factor


def _pollutants(words: Mapping[str, str], kpi: Kpi, where: str) -> Observation:
    norms, found = (
        [_number(item.strip(), where) for item in words.get(key, "").split("|")] if words.get(key) else []
        for key in ("norms", "concentrations")
    )
    if not found:
        return Observation(row=kpi.row, status="missing")
    if len(norms) != len(found):
        raise Problem(f"{len(norms)} norms and {len(found)} concentrations.", where=where, hint="One norm for each.")
    given = [norm for norm in norms if norm is not None and norm > 0]
    if len(given) != len(norms):
        raise Problem("A norm is empty or not above 0.", where=where)
    names = [f"pollutant_{number}" for number in range(1, len(found) + 1)]
    return Observation(
        row=kpi.row,
        components=dict(zip(names, found, strict=True)),
        norms=dict(zip(names, given, strict=True)),
    )


def _hours(words: Mapping[str, str], kpi: Kpi, targets: Mapping[str, Fraction], where: str) -> Observation:
    found = {key.removesuffix("_h"): _number(value, where) for key, value in words.items()}
    unknown = [name for name in found if name not in targets]
    if unknown:
        raise Problem(
            f"KPI {kpi.row} has no part '{unknown[0]}'.",
            where=where,
            hint=f"Its parts: {', '.join(f'{name}_h' for name in targets)}.",
        )
    return Observation(row=kpi.row, components=found)


def _differences(example: Example, got: KpiScore) -> Iterator[Mismatch]:
    if got.status != example.status:
        yield Mismatch(example.id, "expected_status", example.status, got.status)
    if (got.score is None) != (example.score is None) or (
        got.score is not None and example.score is not None and abs(got.score - example.score) > TOLERANCE
    ):
        yield Mismatch(example.id, "expected_score", _said(example.score), _said(got.score))


def _said(score: Fraction | None) -> str:
    return "no score" if score is None else f"{float(score):.6f}".rstrip("0").rstrip(".")
