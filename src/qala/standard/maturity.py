"""The maturity model as data: five stages, five dimensions, 19 sub-dimensions, their ladders, questions, references.

Source: IDC's Smart City MaturityScape as published in the assessment of Almaty, 2021. The descriptors are in our own
words; every choice that IDC does not publish is marked `ours`. Scores run from 1 to 5 and are exact (`Fraction`).

from qala.standard.maturity import load_maturity
model = load_maturity()
model.sub_dimension("strategy").at(3).en
model.nearest_stage(Fraction("2.68"))   # 3
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel

from qala.standard.loader import digest, law_folder
from qala.standard.maturity_types import (
    About,
    Dimension,
    MaturityStage,
    Questions,
    Reference,
    Scale,
    SubDimension,
    VignetteScheme,
)
from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES, Frozen, Strict, Text
from qala.standard.yaml_file import YamlFile, read_yaml


class MaturityModel(Strict):
    """The whole model; mappings keep the order of the files."""

    digest: str
    about: About
    stages: Frozen[MaturityStage]
    dimensions: Frozen[Dimension]
    questions: Questions
    vignettes: VignetteScheme
    references: Frozen[Reference]

    @property
    def sub_dimensions(self) -> Mapping[str, SubDimension]:
        """All sub-dimensions by id, in the model's order."""
        return MappingProxyType(
            {id_: sub for one in self.dimensions.values() for id_, sub in one.sub_dimensions.items()}
        )

    def sub_dimension(self, name: str) -> SubDimension:
        """A sub-dimension by its id.

        Raises:
            Problem: there is none of that id.
        """
        found = self.sub_dimensions.get(name)
        if found is None:
            raise Problem(f"There is no sub-dimension '{name}'.", hint=f"One of: {', '.join(self.sub_dimensions)}.")
        return found

    def weight(self, name: str) -> Fraction:
        """The share of a sub-dimension in the overall score: equal dimensions, equal parts within each."""
        inside = self.dimensions[self.sub_dimension(name).dimension].sub_dimensions
        return Fraction(1, len(self.dimensions) * len(inside))

    def nearest_stage(self, score: Fraction) -> int:
        """The stage whose threshold a score has reached (`rules.nearest_stage`).

        Raises:
            Problem: the score lies outside the scale.
        """
        self._on_scale(score)
        return max(stage.number for stage in self.stages.values() if score >= stage.nearest_from)

    def completed_stage(self, score: Fraction) -> int:
        """The last stage that lies behind a score (`rules.completed_stage`).

        Raises:
            Problem: the score lies outside the scale.
        """
        self._on_scale(score)
        return max(stage.number for stage in self.stages.values() if score >= stage.completed_from)

    def vignette(self, dimension: str, level: int) -> Text:
        """An imagined city at a level of a dimension: the descriptors of that level, one after the other.

        Raises:
            Problem: there is no such dimension or level.
        """
        if dimension not in self.dimensions:
            raise Problem(f"There is no dimension '{dimension}'.", hint=f"One of: {', '.join(self.dimensions)}.")
        if level not in self.about.scale.steps:
            raise Problem(f"There is no level {level}.", hint="A level is a step of the scale.")
        told = [sub.at(level) for sub in self.dimensions[dimension].sub_dimensions.values()]
        return Text(**{tongue: " ".join(text.say(tongue) for text in told) for tongue in LANGUAGES})

    def _on_scale(self, score: Fraction) -> None:
        scale = self.about.scale
        if not scale.lowest <= score <= scale.highest:
            raise Problem(
                f"A score of {float(score):g} lies outside the scale.",
                hint=f"Scores run from {scale.lowest} to {scale.highest}.",
            )


def load_maturity(folder: Path | None = None) -> MaturityModel:
    """Read the maturity model (default: `maturity/` beside the editions); an unchanged folder is read once.

    Raises:
        Problem: a file is missing or wrong, with file, line and YAML path.
    """
    found = (folder or law_folder() / "maturity").resolve()
    if not (found / "model.yaml").is_file():
        raise Problem("There is no maturity model in this folder.", where=str(found / "model.yaml"))
    return _load(found, digest(found))


@lru_cache(maxsize=4)
def _load(folder: Path, content: str) -> MaturityModel:
    about = _one(folder / "model.yaml", About)
    stages = _stages(folder / "stages.yaml", about.scale)
    dimensions = _dimensions(folder, about.scale)
    questions = read_yaml(folder / "questions.yaml")
    asked = questions.check(Questions, questions.mapping())
    _full(questions, asked.plain_scale, about.scale, "plain_scale")
    for key, question in asked.control.items():
        if not isinstance(question.answers, str):
            _full(questions, question.answers, about.scale, "control", key, "answers")
    vignettes = read_yaml(folder / "vignettes.yaml")
    scheme = vignettes.check(VignetteScheme, vignettes.mapping())
    for name, levels in (("levels", scheme.levels), ("levels_short", scheme.levels_short)):
        if list(levels) != sorted(set(levels)) or not set(levels) <= set(about.scale.steps):
            raise vignettes.problem("Levels are steps of the scale, rising.", name)
        if len(levels) > len(scheme.cities):
            raise vignettes.problem("There are more levels than names of cities.", name)
    references = read_yaml(folder / "references.yaml")
    published = {
        key: references.check(Reference, _with(references, key, value, id=key), key)
        for key, value in references.mapping().items()
    }
    for key, reference in published.items():
        if set(reference.scores) != set(dimensions):
            raise references.problem("Every dimension wants its score, or ~.", key, "scores")
    return MaturityModel(
        digest=content,
        about=about,
        stages=stages,
        dimensions=dimensions,
        questions=asked,
        vignettes=scheme,
        references=published,
    )


def _one[Model: BaseModel](path: Path, model: type[Model]) -> Model:
    file = read_yaml(path)
    return file.check(model, file.mapping())


def _with(file: YamlFile, key: str, value: object, **more: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise file.problem(f"'{key}' must be a mapping of fields.", key)
    written = [name for name in more if name in value]
    if written:
        raise file.problem(f"The field '{written[0]}' is not known here.", key, written[0], hint="The key says it.")
    return {**value, **more}


def _full(file: YamlFile, found: Mapping[str, object], scale: Scale, *steps: str) -> None:
    if list(found) != [str(step) for step in scale.steps]:
        raise file.problem(f"The steps {scale.lowest} to {scale.highest} are wanted here, in this order.", *steps)


def _stages(path: Path, scale: Scale) -> dict[str, MaturityStage]:
    file = read_yaml(path)
    _full(file, file.mapping(), scale)
    found = {
        key: file.check(MaturityStage, _with(file, key, value, number=int(key)), key)
        for key, value in file.mapping().items()
    }
    for name in ("nearest_from", "completed_from"):
        marks = [getattr(stage, name) for stage in found.values()]
        if marks != sorted(set(marks)) or marks[0] != scale.lowest or marks[-1] > scale.highest:
            raise file.problem(
                f"'{name}' must rise from the lowest end of the scale, stage by stage.", str(scale.lowest), name
            )
    return found


def _dimensions(folder: Path, scale: Scale) -> dict[str, Dimension]:
    listed = read_yaml(folder / "dimensions.yaml")
    found: dict[str, Dimension] = {}
    owner: dict[str, str] = {}
    for id_, entry in listed.mapping().items():
        file = read_yaml(folder / "dimensions" / f"{id_}.yaml")
        inside: dict[str, SubDimension] = {}
        for key, value in file.mapping().items():
            sub = file.check(SubDimension, _with(file, key, value, id=key, dimension=id_), key)
            _full(file, sub.ladder, scale, key, "ladder")
            if key in owner:
                raise file.problem(f"The sub-dimension '{key}' is already one of {owner[key]}.", key)
            owner[key] = id_
            inside[key] = sub
        fields = _with(listed, id_, entry, id=id_)
        if "sub_dimensions" in fields:
            raise listed.problem("The field 'sub_dimensions' is not known here.", id_, "sub_dimensions")
        found[id_] = listed.check(Dimension, {**fields, "sub_dimensions": inside}, id_)
    return found
