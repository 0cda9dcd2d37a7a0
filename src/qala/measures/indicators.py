"""Own indicators: what a city or the ministry wants to know beside the law, in the law's own grammar. Never scored.

They stand in the lake's folder `indicators/*.yaml`, as mappings of a name to an indicator; the id is `own.<name>`,
whoever owns it, so that it can be told from any KPI of an edition. The rules are in `docs/howto/own-indicators.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from qala.datasets import Catalogue, KpiComputation
from qala.lake import Lake
from qala.lake.durable import write_whole
from qala.measures.bindings import Context, Stretch
from qala.measures.plan import Planner
from qala.standard.edition import Edition
from qala.standard.problems import Problem, Problems
from qala.standard.types import Kpi, LawText, Rule
from qala.standard.values import Every, Strict, Text
from qala.standard.yaml_file import YamlFile, read_yaml

FOLDER = "indicators"
PREFIX = "own"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NO_LAW = LawText(description="", formula="", source="", system="", every="", target="", points="", influence="")


class Declared(Strict):
    """An indicator as its file says it.

    Attributes:
        owner: who answers for it.
        sphere: id of a sphere of the edition.
        cities: codes of the cities concerned, or `all`.
        unit: id in the edition's units.yaml.
        every: the period of its values; year: how they become a year.
        target: at_least, at_most or none, in the unit, for all categories.
        measure: the same words as in `systems/*/kpis.yaml`.
    """

    name: Text
    note: Text | None = None
    owner: Text
    sphere: str
    cities: Literal["all"] | tuple[str, ...]
    unit: str
    every: Every
    year: Literal["pool", "last", "mean_of_months"] = "pool"
    target: Rule
    measure: KpiComputation

    @field_validator("target")
    @classmethod
    def _plain_target(cls, rule: Rule) -> Rule:
        if rule.kind not in ("at_least", "at_most", "none") or rule.strict is not None:
            raise ValueError("the target of an own indicator is at_least, at_most or none")
        return rule

    @field_validator("measure")
    @classmethod
    def _no_vector(cls, measure: KpiComputation) -> KpiComputation:
        if measure.by_component is not None:
            raise ValueError("by_component belongs to the vectors of the law; declare one indicator for each part")
        return measure


class Indicator(Kpi):
    """An own indicator: it has all that a KPI is measured by, and no row, no points and no score."""

    owner: Text
    note: Text | None = None
    cities: tuple[str, ...] | None  # None: all

    def concerns(self, city: str) -> bool:
        return self.cities is None or city in self.cities

    def met(self, value: object) -> bool | None:
        """Whether a value meets the target; None without a target or a value."""
        rule = next(iter(self.target.values()))
        if value is None or rule.threshold is None:
            return None
        return bool(value >= rule.threshold if rule.kind == "at_least" else value <= rule.threshold)  # type: ignore[operator]


@dataclass(frozen=True)
class Indicators:
    """Indicators by id, and the catalogue that computes them together with the KPIs."""

    catalogue: Catalogue
    by_id: Mapping[str, Indicator] = field(default_factory=dict)

    def of(self, city: str) -> tuple[Indicator, ...]:
        """Those that concern a city."""
        return tuple(one for one in self.by_id.values() if one.concerns(city))


def load_indicators(
    folder: Path, edition: Edition, catalogue: Catalogue, without: str = "", and_: Path | None = None
) -> Indicators:
    """Every indicator of a folder.

    Args:
        without: name of a file to leave out; and_: one more file: how a file that is to be added is tried.

    Raises:
        Problems: all that is wrong, with file, line and path.
    """
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.name != without]
    found: dict[str, Indicator] = {}
    computations, files, computed_in = dict(catalogue.computations), dict(catalogue.files), dict(catalogue.computed_in)
    wrong: list[Problem] = []
    for path in [*paths, *([and_] if and_ else [])]:
        try:
            file = read_yaml(path)
            entries = file.mapping()
        except Problem as problem:
            wrong.append(problem)
            continue
        files[f"{PREFIX}/{path.name}"] = file
        for name in entries:
            try:
                declared = file.check(Declared, entries[name], name)
                wrong.extend(_unknown(file, name, declared, edition, found))
                one = _indicator(name, declared, edition)
            except Problems as problems:
                wrong.extend(problems.problems)
            except Problem as problem:
                wrong.append(problem)
            else:
                found[one.id], computations[one.id] = one, declared.measure
                computed_in[one.id] = f"{PREFIX}/{path.name}"
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Problems(wrong, f"{len(wrong)} things are wrong in own indicators.")
    if not found:
        return Indicators(catalogue)
    return Indicators(replace(catalogue, computations=computations, files=files, computed_in=computed_in), found)


def _unknown(
    file: YamlFile, name: str, declared: Declared, edition: Edition, found: Mapping[str, Indicator]
) -> Iterator[Problem]:
    """Names that nothing has: unit, sphere; and a name that is taken or is none."""
    if not _NAME.fullmatch(name):
        yield file.problem(f"'{name}' is no name for an indicator.", name, hint="Small Latin letters, digits and _.")
    if f"{PREFIX}.{name}" in found:
        yield file.problem(f"{PREFIX}.{name} is declared twice in the lake.", name, hint="Give it another name.")
    for what, given, known in (("unit", declared.unit, edition.units), ("sphere", declared.sphere, edition.spheres)):
        if given not in known:
            yield file.problem(
                f"{edition.id} has no {what} '{given}'.", name, what, hint=f"One of: {', '.join(map(str, known))}."
            )


def _indicator(name: str, declared: Declared, edition: Edition) -> Indicator:
    named = set(re.findall(r"(?<!:):([a-z][a-z0-9_]*)", declared.measure.model_dump_json(exclude_unset=True)))
    return Indicator(
        id=f"{PREFIX}.{name}",
        row=f"{PREFIX}.{name}",
        initiative=0,
        system=PREFIX,
        section=declared.sphere,
        name=declared.name,
        note=declared.note,
        law=_NO_LAW,
        unit=declared.unit,
        every=declared.every,
        points=0,
        target=dict.fromkeys(edition.categories, declared.target),
        year=declared.year,
        open_terms=tuple(term for term in edition.open_terms if term in named),
        owner=declared.owner,
        cities=None if declared.cities == "all" else declared.cities,
    )


def prove(lake: Lake, edition: Edition, file: Path | None = None) -> Indicators:
    """Load the lake's indicators, and a file that is to be added; compile each for every category.

    Raises:
        Problems: what is wrong, expressions and codes of cities included.
    """
    replaced = "" if file is None else file.name
    own = load_indicators(lake.folder / FOLDER, edition, lake.catalogue, replaced, file)
    wrong: list[Problem] = []
    for one in own.by_id.values():
        where = own.catalogue.where(one.id)
        for code in one.cities or ():
            if code not in lake.cities:
                at = own.catalogue.where(one.id, "cities")
                wrong.append(Problem(f"City {code} is not in the registry.", where=at, hint="`qala city list`"))
        for category in edition.categories:
            planner = Planner(own.catalogue, Context(edition, (Stretch(None, category),), own.by_id))
            try:
                planner.figures(one.id)
            except Problem as problem:
                wrong.append(Problem(problem.message, where=problem.where or where, hint=problem.hint))
                break
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Problems(wrong, f"{len(wrong)} things are wrong in own indicators.")
    return own


def add(lake: Lake, edition: Edition, file: Path) -> tuple[Indicator, ...]:
    """Take a file of indicators into the lake, in the place of one of the same name; it is proved before."""
    if file.suffix != ".yaml":
        raise Problem("A file of indicators is YAML.", where=str(file), hint=f"Call it {file.stem}.yaml.")
    own = prove(lake, edition, file)
    folder = lake.folder / FOLDER
    folder.mkdir(exist_ok=True)
    write_whole(folder / file.name, file.read_bytes())
    return tuple(one for one in own.by_id.values() if own.catalogue.computed_in[one.id] == f"{PREFIX}/{file.name}")
