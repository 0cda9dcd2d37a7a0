"""`qala standard check-examples` for the rows of level `maturity`: stage, weight, blend, corrections, too few answers.

The table has the columns id, level, kpi, rule, input, expected, alternative and more; rows of other levels are not looked at.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

from qala.cli.check_examples import TOLERANCE, Mismatch
from qala.scoring.maturity import Scores, blended, sheet
from qala.scoring.maturity_corrections import calibrated, rank_among, shifted
from qala.standard import Problem
from qala.standard.maturity import MaturityModel, load_maturity

LEVEL = "maturity"
COLUMNS = ("id", "level", "kpi", "rule", "input", "expected", "expected_status", "alternative")

Row = Mapping[str, str]


def is_of_levels(file: Path) -> bool:
    """Whether a table names levels: then its rows of maturity are meant."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return "level" in next(csv.reader(text), [])
    except (OSError, UnicodeDecodeError):
        return False  # told by who reads it whole


def check(file: Path) -> tuple[int, int, list[Mismatch], int]:
    """How many rows of maturity come out as expected, how many do not, what differs, and how many rows are of other levels.

    Raises:
        Problem: a column or a rule that is not known, with its row.
    """
    model = load_maturity()
    passed = others = 0
    found: list[Mismatch] = []
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        if absent := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise Problem(f"The column '{absent[0]}' is missing.", where=f"{file}, row 1")
        for row in reader:
            if row["level"] != LEVEL:
                others += 1
                continue
            got = _outcome(row, model, f"{file}, row {reader.line_num}")
            expected = row["expected"] or row["expected_status"]
            if _same(got, expected):
                passed += 1
            else:
                found.append(Mismatch(row["id"], "expected", expected, got))
    return passed, len(found), found, others


def _outcome(row: Row, model: MaturityModel, where: str) -> str:
    try:
        rule = _RULES[row["kpi"]]
    except KeyError:
        raise Problem(
            f"There is no rule '{row['kpi']}' of maturity.",
            where=f"{where}, column kpi",
            hint=f"One of: {', '.join(_RULES)}.",
        ) from None
    try:
        return rule(row, model)
    except (KeyError, ValueError, IndexError, StopIteration):
        raise Problem(f"'{row['input']}' cannot be read for '{row['kpi']}'.", where=f"{where}, column input") from None


def _stage(row: Row, model: MaturityModel) -> str:
    score = Fraction(row["input"].removeprefix("score="))
    if wanted := re.fullmatch(r"completed stage.*: (\d)", row["alternative"]):
        completed = model.completed_stage(score)
        if completed != int(wanted[1]):
            return f"completed stage {completed}"
    nearest = model.nearest_stage(score)
    return f"{nearest} {model.stages[str(nearest)].name.ru}"


def _weight(row: Row, model: MaturityModel) -> str:
    name = row["rule"].partition(" of ")[2].split()[0]
    one = next(one for one in model.dimensions.values() if one.name.en == name)
    return _said(model.weight(next(iter(one.sub_dimensions))))


def _overall(row: Row, model: MaturityModel) -> str:
    given = _pairs(row["input"])
    panel, people = (Scores({}, {}, Fraction(given[name])) for name in ("expert", "self"))
    return _said(blended(model, panel, people).overall)


def _control(row: Row, model: MaturityModel) -> str:
    given = _pairs(row["input"])
    return _said(shifted(model, Fraction(given["answer"]), int(given["C1"]), int(given["C2"])))


def _vignette(row: Row, model: MaturityModel) -> str:
    if ratings := {int(level): int(rating) for level, rating in re.findall(r"rated V(\d) as (\d)", row["input"])}:
        return _said(calibrated(model, Fraction(row["input"].rpartition("=")[2]), ratings))
    given = _pairs(row["input"])
    low, high = rank_among(int(given["y"]), [int(one) for one in given["z"].split(",")])
    return str(low) if low == high else f"[{low},{high}]"


def _dimension(row: Row, model: MaturityModel) -> str:
    name, _, said = row["input"].partition(":")
    id_, one = next((id_, one) for id_, one in model.dimensions.items() if one.name.en == name)
    marks = (mark.strip() for mark in said.split(","))
    answers = {
        sub: None if mark == "missing" else Fraction(mark) for sub, mark in zip(one.sub_dimensions, marks, strict=True)
    }
    return _said(sheet(model, answers).dimensions[id_])


_RULES: Mapping[str, Callable[[Row, MaturityModel], str]] = {
    "stage": _stage,
    "weight": _weight,
    "overall": _overall,
    "control": _control,
    "vignette": _vignette,
    "dimension": _dimension,
}


def _pairs(text: str) -> dict[str, str]:
    return {key.strip(): value.strip() for key, _, value in (part.partition("=") for part in text.split(";"))}


def _said(value: Fraction | None) -> str:
    return "missing" if value is None else f"{float(value):.6f}".rstrip("0").rstrip(".")


def _same(got: str, expected: str) -> bool:
    try:
        return abs(Fraction(got) - Fraction(expected)) <= TOLERANCE
    except ValueError:
        return got == expected
