"""`qala check`: what must hold between the law, the contracts and the computations, proved before anything runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from qala.datasets import Catalogue
from qala.datasets.catalogue import ALLOWED_IN_A_SYSTEM, REQUIRED_IN_A_SYSTEM, system_folder
from qala.measures import expressions as ex
from qala.measures.bindings import Context, Stretch
from qala.measures.plan import Planner
from qala.standard.edition import Edition
from qala.standard.problems import Problem, Problems
from qala.standard.yaml_file import read_yaml

# Python that decides numbers; elsewhere (layout of a report, sizes of buffers) literals are no matter of law.
WHERE_NO_NUMBER_OF_THE_LAW = ("scoring", "measures", "runs")
# Counts of the calendar and of the machine: days of a month, minutes, microseconds, digits of a type.
HARMLESS = frozenset({*range(11), 12, 16, 18, 24, 31, 38, 60, 64, 100, 1000, 1_000_000})


def check(edition: Edition, catalogue: Catalogue) -> Iterator[Problem]:
    """Everything that is wrong, each with file and path."""
    yield from _computed_once(edition, catalogue)
    yield from _expressions(edition, catalogue)
    yield from _never(catalogue)
    yield from _systems(edition, catalogue)
    yield from _no_number_of_the_law(edition)


def _computed_once(edition: Edition, catalogue: Catalogue) -> Iterator[Problem]:
    for kpi in edition.kpis.values():
        if kpi.id not in catalogue.computations:
            yield Problem(
                f"{kpi.row} {kpi.id} is not computed",
                where=f"src/qala/systems/{kpi.system}/kpis.yaml",
                hint="add its entry",
            )
    for name in catalogue.computations:
        if name not in edition.kpis:
            yield Problem(f"{name} computes a KPI that {edition.id} does not have", where=catalogue.where(name))


def _expressions(edition: Edition, catalogue: Catalogue) -> Iterator[Problem]:
    """Conditions name only contract columns and parameters that exist; sums are exact; the engine accepts them."""
    for category in edition.categories:
        planner = Planner(catalogue, Context(edition, (Stretch(None, category),)))
        for kpi in edition.kpis.values():
            if kpi.id not in catalogue.computations:
                continue
            try:
                planner.figures(kpi.id)
            except Problem as problem:
                yield (
                    problem
                    if problem.where
                    else Problem(problem.message, where=catalogue.where(kpi.id), hint=problem.hint)
                )


def _never(catalogue: Catalogue) -> Iterator[Problem]:
    for contract in catalogue.contracts.values():
        for name, text in contract.never.items():
            try:
                ex.parse(text, ex.Scope(contract, None, catalogue.where(contract.id, "never", name)))
            except Problem as problem:
                yield problem


def _systems(edition: Edition, catalogue: Catalogue) -> Iterator[Problem]:
    """One shape for all sixteen; every function of annex 3 has a line in its system's manifest."""
    by_system = {initiative.system: initiative for initiative in edition.initiatives.values()}
    for folder in sorted(p for p in system_folder().iterdir() if p.is_dir() and p.name != "__pycache__"):
        if folder.name not in by_system:
            yield Problem(f"{folder.name} is no system of {edition.id}", where=str(folder))
            continue
        for found in folder.iterdir():
            if found.name not in ALLOWED_IN_A_SYSTEM:
                yield Problem(f"{found.name} has no place in a system's folder", where=str(found))
        for name in REQUIRED_IN_A_SYSTEM:
            if not (folder / name).exists():
                yield Problem(f"{folder.name} has no {name}", where=str(folder / name))
        manifest = catalogue.manifests.get(folder.name)
        if manifest is None:
            continue
        initiative = by_system[folder.name]
        where = str(folder / "manifest.yaml")
        if manifest.initiative != initiative.no:
            yield Problem(f"{folder.name} is initiative {initiative.no}, not {manifest.initiative}", where=where)
        asked = {function.no for function in initiative.functions}
        for number in sorted(asked ^ set(manifest.functions)):
            said = "has no line" if number in asked else "is not in annex 3"
            yield Problem(f"function {number} of initiative {initiative.no} {said}", where=f"{where}: functions")


def _law_numbers(edition: Edition) -> set[Fraction]:
    """Targets, limits, open terms, norms, weights, bands and thresholds of an edition."""
    found: set[Fraction] = set()
    for path in edition.folder.rglob("*.yaml"):
        for part in ("kpis", "open_terms", "norms", "scoring"):
            if path.stem == part:
                found |= set(_numbers(read_yaml(path).data))
    return found


def _numbers(data: object) -> Iterator[Fraction]:
    if isinstance(data, bool):
        return
    if isinstance(data, int | Decimal) or (isinstance(data, str) and re.fullmatch(r"\d+/\d+", data)):
        yield Fraction(data)
    elif isinstance(data, dict):
        for value in data.values():
            yield from _numbers(value)
    elif isinstance(data, list):
        for value in data:
            yield from _numbers(value)


def _no_number_of_the_law(edition: Edition) -> Iterator[Problem]:
    """A literal of a deciding module, or of a computation, that equals a number of the law is refused."""
    law = _law_numbers(edition) - {Fraction(n) for n in HARMLESS}
    package = Path(__file__).parent.parent
    for part in WHERE_NO_NUMBER_OF_THE_LAW:
        for path in sorted((package / part).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                    if path == Path(__file__) and node.value in HARMLESS:
                        continue
                    if Fraction(str(node.value)) in law:
                        yield Problem(
                            f"{node.value!r} is a number of the law; it belongs into standard/",
                            where=f"{path}:{node.lineno}",
                            hint="read it from the edition",
                        )
    allowed = {"0", "1", "2", "1000000"}
    for path in sorted((package / "systems").glob("*/kpis.yaml")):
        for line_number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = re.sub(r"'[^']*'|:[a-z_0-9]+|per_\d+_\w+|\b[a-z_]+\d+\b", "", line.split("#")[0])
            for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", code):
                if number not in allowed:
                    yield Problem(
                        f"{number} stands in a computation", where=f"{path}:{line_number}", hint="make it an open term"
                    )


def prove(edition: Edition, catalogue: Catalogue) -> None:
    """Raise `Problems` if anything is wrong."""
    found = list(check(edition, catalogue))
    if found:
        raise Problems(found, f"{len(found)} things are wrong.")
