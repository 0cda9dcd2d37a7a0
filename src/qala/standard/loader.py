"""Reading an edition from its folder, and proving that its parts agree.

A folder holds `edition.yaml`, `categories.yaml`, `spheres.yaml`, `stages.yaml`, `units.yaml`,
`scoring.yaml` and
`initiatives/NN_system/{roadmap,functions,kpis}.yaml`; `open_terms`, `readings`, `slips`, `norms`,
`procedure`,
`international`, `glossary` and `crosswalk` may be absent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel

from qala.standard.edition import Edition, Norms
from qala.standard.open_terms import OpenTerm
from qala.standard.papers import Act, Crossing, International, Procedure, Term
from qala.standard.problems import Problem, Problems
from qala.standard.types import (
    Category,
    FunctionRow,
    Initiative,
    Kpi,
    Norm,
    Reading,
    RoadmapStep,
    Slip,
    Sphere,
    Stage,
    Unit,
)
from qala.standard.values import Text
from qala.standard.yaml_file import YamlFile, read_yaml

Model = TypeVar("Model", bound=BaseModel)

_FOLDER = re.compile(r"^(\d\d)_([a-z][a-z0-9_]*)$")


def law_folder() -> Path:
    """Where the editions lie: `standard/` of a checkout, or the copy packed into the installed program.

    Raises:
        Problem: neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent.parent / "standard", package / "_law"):
        if any(folder.glob("*/edition.yaml")):
            return folder
    raise Problem(
        "The law is not there: no folder with an edition.yaml was found.",
        where=str(package.parent.parent / "standard"),
        hint="Run from a checkout, or install the package again.",
    )


def editions(folder: Path | None = None) -> dict[str, Edition]:
    """Every edition under a folder (default: `law_folder()`), by id, the oldest first."""
    found = [load_edition(path.parent) for path in sorted((folder or law_folder()).glob("*/edition.yaml"))]
    return {edition.id: edition for edition in sorted(found, key=lambda edition: edition.from_day)}


def load_edition(folder: Path) -> Edition:
    """Read one edition; the same unchanged folder is read once in a process.

    Raises:
        Problem: a file is missing or wrong, with file, line and YAML path; `Problems` where parts disagree.
    """
    folder = folder.resolve()
    if not (folder / "edition.yaml").is_file():
        raise Problem("There is no edition in this folder.", where=str(folder / "edition.yaml"))
    return _load(folder, digest(folder))


def digest(folder: Path) -> str:
    """sha256 over the names and bytes of all YAML files of an edition."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@lru_cache(maxsize=8)
def _load(folder: Path, content: str) -> Edition:
    act = _one(folder / "edition.yaml", Act)
    categories = _many(folder / "categories.yaml", Category)
    spheres = _many(folder / "spheres.yaml", Sphere)
    complaints: list[Problem] = []
    initiatives: dict[int, Initiative] = {}
    kpis: dict[str, Kpi] = {}
    places: dict[str, tuple[YamlFile, str]] = {}
    for path in _initiative_folders(folder):
        initiative = _initiative(path, categories, spheres)
        initiatives[initiative.no] = initiative
        for kpi, file, key in _kpis(path / "kpis.yaml", initiative):
            kpis[kpi.id] = kpi
            places[kpi.id] = (file, key)
    edition = Edition(
        id=folder.name,
        folder=folder,
        digest=content,
        act=act,
        categories=_frozen(categories),
        spheres=_frozen(spheres),
        stages=_frozen(_many(folder / "stages.yaml", Stage)),
        units=_frozen(_many(folder / "units.yaml", Unit)),
        kpis=_frozen(dict(sorted(kpis.items(), key=lambda item: row_order(item[1].row)))),
        initiatives=_frozen(initiatives),
        open_terms=_frozen(_many(folder / "open_terms.yaml", OpenTerm, optional=True)),
        readings=_frozen(_many(folder / "readings.yaml", Reading, optional=True)),
        slips=_frozen(_many(folder / "slips.yaml", Slip, optional=True)),
        scoring=_raw(folder / "scoring.yaml"),
        norms=Norms(_many(folder / "norms.yaml", Norm, optional=True)),
        procedure=_maybe(folder / "procedure.yaml", Procedure) or Procedure(actors={}, steps=()),
        international=_maybe(folder / "international.yaml", International),
        glossary=_frozen(_many(folder / "glossary.yaml", Term, optional=True)),
        crosswalk=_crosswalk(folder / "crosswalk.yaml"),
        _rows=_frozen({kpi.row: kpi.id for kpi in kpis.values()}),
    )
    complaints += disagreements(edition, places)
    if complaints:
        raise Problems(complaints, f"{len(complaints)} things in the edition {folder.name} do not fit together.")
    return edition


def row_order(row: str) -> tuple[int, ...]:
    """Sorts "1.10" after "1.9"."""
    return tuple(int(part) for part in row.split("."))


def _frozen(found: dict[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(found)


def _one[Model: BaseModel](path: Path, model: type[Model]) -> Model:
    file = read_yaml(path)
    return file.check(model, file.mapping())


def _maybe[Model: BaseModel](path: Path, model: type[Model]) -> Model | None:
    return _one(path, model) if path.is_file() else None


def _raw(path: Path) -> Mapping[str, Any]:
    return MappingProxyType(read_yaml(path).mapping()) if path.is_file() else MappingProxyType({})


def _many[Model: BaseModel](path: Path, model: type[Model], *, optional: bool = False) -> dict[str, Model]:
    """A file that maps ids to entries; the id is given to the model."""
    if optional and not path.is_file():
        return {}
    file = read_yaml(path)
    return {key: _entry(file, model, key, value, id=key) for key, value in file.mapping().items()}


def _entry[Model: BaseModel](file: YamlFile, model: type[Model], key: str, value: Any, **more: Any) -> Model:
    if not isinstance(value, dict):
        raise file.problem(f"'{key}' must be a mapping of fields.", key)
    written = [name for name in more if name in value]
    if written:
        raise file.problem(f"The field '{written[0]}' is not known here.", key, written[0], hint="The key says it.")
    return file.check(model, {**value, **more}, key)


def _initiative_folders(folder: Path) -> Iterator[Path]:
    for path in sorted((folder / "initiatives").iterdir() if (folder / "initiatives").is_dir() else ()):
        if path.is_dir():
            if not _FOLDER.match(path.name):
                raise Problem("The folder of an initiative is called NN_system.", where=str(path))
            yield path


def _initiative(path: Path, categories: Mapping[str, Category], spheres: Mapping[str, Sphere]) -> Initiative:
    number, system = int(path.name[:2]), path.name[3:]
    roadmap = read_yaml(path / "roadmap.yaml")
    found = dict(roadmap.mapping())
    levels = found.pop("levels", None)
    if not isinstance(levels, dict):
        raise roadmap.problem("'levels' must map categories to their step of annex 2.", "levels")
    for category in levels:
        if category not in categories:
            raise roadmap.problem(f"There is no category '{category}'.", "levels", category)
    steps = {key: roadmap.check(RoadmapStep, value, "levels", key) for key, value in levels.items()}
    functions = read_yaml(path / "functions.yaml")
    rows = functions.mapping().get("functions")
    if not isinstance(rows, list):
        raise functions.problem("'functions' must be a list.", "functions")
    listed = []
    for index, row in enumerate(rows):
        given = {**row, "initiative": number, "no": index + 1} if isinstance(row, dict) else row
        one = functions.check(FunctionRow, given, "functions", index)
        if set(one.marks) != set(categories):
            raise functions.problem("Every category wants its mark, and no other.", "functions", index, "marks")
        listed.append(one)
    note = functions.mapping().get("note")
    extra = set(functions.mapping()) - {"functions", "note"}
    if extra:
        raise functions.problem(f"The field '{min(extra)}' is not known here.", min(extra))
    if found.get("sphere") not in spheres:
        raise roadmap.problem(f"There is no sphere '{found.get('sphere')}'.", "sphere")
    return roadmap.check(
        Initiative,
        {
            **found,
            "no": number,
            "system": system,
            "roadmap": steps,
            "functions": listed,
            "note": functions.check(Text, note, "note") if note is not None else None,
        },
    )


def _kpis(path: Path, initiative: Initiative) -> Iterator[tuple[Kpi, YamlFile, str]]:
    file = read_yaml(path)
    for key, value in file.mapping().items():
        kpi = _entry(
            file,
            Kpi,
            key,
            value,
            id=f"{initiative.system}.{key}",
            initiative=initiative.no,
            system=initiative.system,
            section=initiative.sphere,
        )
        yield kpi, file, key


def _crosswalk(path: Path) -> tuple[Crossing, ...]:
    if not path.is_file():
        return ()
    file = read_yaml(path)
    rows = file.mapping().get("crossings")
    if not isinstance(rows, list):
        raise file.problem("'crossings' must be a list.", "crossings")
    return tuple(file.check(Crossing, row, "crossings", index) for index, row in enumerate(rows))


def disagreements(edition: Edition, places: Mapping[str, tuple[YamlFile, str]]) -> list[Problem]:
    """Everything in one edition that names something which is not there, or is named twice."""
    found: list[Problem] = []
    rows: dict[str, str] = {}

    def wanted(kpi: Kpi, names: tuple[str, ...], known: Callable[[str], bool], what: str, *steps: str | int) -> None:
        file, key = places[kpi.id]
        found.extend(
            file.problem(f"There is no {what} '{name}' in this edition.", key, *steps)
            for name in names
            if not known(name)
        )

    for kpi in edition.kpis.values():
        file, key = places[kpi.id]
        if kpi.row in rows:
            found.append(file.problem(f"The row {kpi.row} is already {rows[kpi.row]}.", key, "row"))
        rows[kpi.row] = kpi.id
        if not re.fullmatch(rf"{kpi.initiative}\.[1-9]\d*", kpi.row):
            found.append(file.problem(f"The row '{kpi.row}' is not a row of initiative {kpi.initiative}.", key, "row"))
        if set(kpi.target) != set(edition.categories):
            said = ", ".join(edition.categories)
            found.append(file.problem(f"A target wants exactly these categories: {said}.", key, "target"))
        wanted(kpi, (kpi.unit,), edition.units.__contains__, "unit", "unit")
        wanted(
            kpi,
            tuple(limit.unit for limit in kpi.limits.values()),
            edition.units.__contains__,
            "unit",
            "limits",
        )
        wanted(kpi, kpi.readings, edition.readings.__contains__, "reading", "readings")
        wanted(kpi, kpi.open_terms, edition.open_terms.__contains__, "open term", "open_terms")
        wanted(kpi, kpi.slips, edition.slips.__contains__, "slip", "slips")

    def named(rows_of: tuple[str, ...], where: str) -> None:
        found.extend(
            Problem(f"There is no KPI row '{row}' in this edition.", where=f"{edition.folder / where}")
            for row in rows_of
            if row not in rows
        )

    for term in edition.open_terms.values():
        named(term.kpis, f"open_terms.yaml: {term.id}.kpis")
    for slip in edition.slips.values():
        named(slip.kpis, f"slips.yaml: {slip.id}.kpis")
    named(tuple(crossing.kpi for crossing in edition.crosswalk), "crosswalk.yaml: crossings")
    for name, scope in edition.act.scopes.items():
        named(scope.adds, f"edition.yaml: scopes.{name}.adds")
    weighed = {name for name, sphere in edition.spheres.items() if sphere.section}
    if weighed != set(edition.sections):
        found.append(
            Problem("The weights are not of the spheres that are sections.", where=f"{edition.folder / 'scoring.yaml'}")
        )
    for initiative in edition.initiatives.values():
        for category, step in initiative.roadmap.items():
            if str(step.stage) not in edition.stages:
                name = f"{initiative.no:02d}_{initiative.system}"
                where = f"initiatives/{name}/roadmap.yaml: levels.{category}.stage"
                found.append(Problem(f"There is no stage {step.stage}.", where=str(edition.folder / where)))
    return found
