"""The rules, read from `rules.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from qala.standard.values import LANGUAGES
from qala.standard.yaml_file import read_yaml


class Rule(BaseModel):
    """One rule; which of the numbers it has depends on its id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["series", "deliveries", "rows"]
    name: Mapping[str, str]
    reason: Mapping[str, str]
    months: int = 3
    times: float = 0
    within: float = 0
    least: float = 0
    share: float = 0
    worse: float = 0
    below: float = 0
    days: int = 0
    dataset: str = ""
    kpis: tuple[str, ...] = ()
    of: str = ""
    query: str = ""

    def said(self, **numbers: Any) -> dict[str, str]:
        """The reason with its numbers, by language; a decimal comma where the language writes one."""
        return {
            lang: self.reason[lang].format(**{name: _number(value, lang) for name, value in numbers.items()})
            for lang in LANGUAGES
        }


@cache
def rules() -> Mapping[str, Rule]:
    """Id -> rule, in the order of the file."""
    data = read_yaml(Path(__file__).with_name("rules.yaml")).data
    return {name: Rule.model_validate(said) for name, said in data.items()}


def _number(value: Any, lang: str) -> str:
    if not isinstance(value, float):
        return str(value)
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return text if lang == "en" else text.replace(".", ",")
