"""What leads to the next stage: our own catalogue of actions, each tied to initiatives and KPIs of the order.

actions = load_actions(load_maturity())
actions["open_data"][3].text.en
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from qala.standard.loader import digest, law_folder
from qala.standard.maturity import MaturityModel
from qala.standard.values import Strict, Text
from qala.standard.yaml_file import read_yaml


class Action(Strict):
    """One action; `initiatives` are numbers of the order, `kpis` rows of annex 4 that show whether it works."""

    text: Text
    initiatives: tuple[int, ...]
    kpis: tuple[str, ...]


Actions = Mapping[str, Mapping[int, Action]]
"""Sub-dimension -> the stage that an action leads to -> the action."""


def load_actions(model: MaturityModel, folder: Path | None = None) -> Actions:
    """The catalogue (default: `maturity/actions/` beside the editions).

    Raises:
        Problem: a sub-dimension or a stage lacks its action, or has one too many.
    """
    found = (folder or law_folder() / "maturity" / "actions").resolve()
    return _load(found, digest(found), tuple((id_, tuple(one.sub_dimensions)) for id_, one in model.dimensions.items()),
                 tuple(model.about.scale.steps)[1:])  # fmt: skip


@lru_cache(maxsize=4)
def _load(
    folder: Path,
    content: str,  # noqa: ARG001  a changed file is read anew
    wanted: tuple[tuple[str, tuple[str, ...]], ...],
    stages: tuple[int, ...],
) -> Actions:
    catalogue: dict[str, Mapping[int, Action]] = {}
    for dimension, subs in wanted:
        file = read_yaml(folder / f"{dimension}.yaml")
        if list(file.mapping()) != list(subs):
            raise file.problem(f"The sub-dimensions {', '.join(subs)} are wanted here, in this order.")
        for name, by_stage in file.mapping().items():
            if not isinstance(by_stage, dict) or [str(one) for one in by_stage] != [str(stage) for stage in stages]:
                raise file.problem(f"An action is wanted for each of the stages {stages[0]} to {stages[-1]}.", name)
            catalogue[name] = {
                int(stage): file.check(Action, action, name, str(stage)) for stage, action in by_stage.items()
            }
    return catalogue
