"""Reading YAML strictly, and knowing the line of every value.

Three things differ from plain PyYAML, each because a lawyer or a city engineer writes these files by hand:

- a key that is written twice is refused (the second would silently win);
- only `true` and `false` are yes and no, as in YAML 1.2 (`on`, `no`, `да` are words, and `on:` is a key of
ours);
- `99.5` is a `Decimal`, never a binary float: thresholds of the law must stay the digits that are written.
Keys are always texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from qala.standard.problems import Problem, Problems

Step = str | int
"""A key of a mapping or an index of a list."""

Model = TypeVar("Model", bound=BaseModel)

DEEPEST = 64
"""Levels that a file may have; its own tool would go on until it has no more memory for them."""
_HARMLESS = 5_000
"""So many levels the C parser's stack bears; a file with fewer characters that could begin one is not measured."""
MOST_VALUES = 1_000_000
"""Values that a file may hold once its aliases are written out."""


class _Loader(yaml.CSafeLoader):
    """The C parser with the scalars of YAML 1.2 (core) and calendar days."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))

_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:str": lambda text: text,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": Decimal,
    "tag:yaml.org,2002:timestamp": date.fromisoformat,
    "tag:yaml.org,2002:null": lambda _: None,
}


@dataclass(frozen=True)
class YamlFile:
    """What a YAML file says, and where it says it.

    Args:
        path: the file.
        data: mappings, lists, texts, ints, Decimals, days, booleans and None.
        lines: the line (from 1) of the value at each path of keys and indexes.
    """

    path: Path
    data: Any
    lines: Mapping[tuple[Step, ...], int] = field(repr=False)

    def where(self, *steps: Step) -> str:
        """`file:line: a.b[2]` of the value at `steps`, or of the nearest thing around it that exists."""
        known = tuple(steps)
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        return f"{self.path}:{line}: {dotted(steps)}" if steps else f"{self.path}:{line}"

    def problem(self, message: str, *steps: Step, hint: str = "") -> Problem:
        """A `Problem` that points at the value at `steps`."""
        return Problem(message, where=self.where(*steps), hint=hint)

    def mapping(self) -> dict[str, Any]:
        """The whole file as a mapping; a `Problem` if it is something else."""
        if not isinstance(self.data, dict):
            raise self.problem("The file must be a mapping of keys to values.")
        return self.data

    def check(self, model: type[Model], data: Any, *steps: Step) -> Model:
        """`data`, found here at `steps`, as a model; `Problems` that name every wrong line otherwise."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            problems = [self._problem_of(item, steps, data) for item in error.errors()]
            if len(problems) == 1:
                raise problems[0] from None
            raise Problems(problems, f"{len(problems)} things are wrong in {self.path}.") from None

    def _problem_of(self, item: Any, steps: tuple[Step, ...], data: Any) -> Problem:
        inner = _existing(data, item["loc"])
        name = str(item["loc"][-1]) if item["loc"] else "it"
        kind = item["type"]
        if kind == "extra_forbidden":
            message, hint = f"The field '{name}' is not known here.", "Correct its spelling or take it out."
        elif kind == "missing":
            message, hint = f"The field '{name}' is missing.", "Add it."
            inner = (*inner, name) if not inner or inner[-1] != name else inner
        else:
            text = str(item["msg"]).removeprefix("Value error, ")
            message, hint = f"{text[:1].upper()}{text[1:]}.".replace("..", "."), ""
        return self.problem(message, *steps, *inner, hint=hint)


def read_yaml(path: Path) -> YamlFile:
    """Read one YAML file.

    Raises:
        Problem: no such file, not YAML, not UTF-8, or a key that is written twice; with the line.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise Problem("There is no such file.", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise Problem("The file is not UTF-8 text.", where=f"{path}, byte {error.start}") from None
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> YamlFile:
    """YAML that is in memory already.

    Args:
        path: what problems call it.

    Raises:
        Problem: as `read_yaml`.
    """
    loader = _Loader(text)
    try:
        if sum(map(text.count, "[{-?")) > _HARMLESS:
            _measure(text, path)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error)
        line = f":{mark.line + 1}" if mark else ""
        raise Problem(f"The file is not YAML: {said}.", where=f"{path}{line}") from None
    finally:
        loader.dispose()
    lines: dict[tuple[Step, ...], int] = {}
    data = _construct(node, (), path, lines) if node is not None else None
    return YamlFile(path=path, data=data, lines=lines)


def dotted(steps: Sequence[Step]) -> str:
    """`("a", 2, "b")` as `a[2].b`."""
    said = ""
    for step in steps:
        said += f"[{step}]" if isinstance(step, int) else f".{step}" if said else str(step)
    return said


def _measure(text: str, path: Path) -> None:
    """Refuse what is nested too deeply before it is composed: the C parser would overrun its stack and end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                line = f":{event.start_mark.line + 1}" if event.start_mark else ""
                raise Problem(f"The file holds more than {DEEPEST} levels.", where=f"{path}{line}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _construct(node: Any, steps: tuple[Step, ...], path: Path, lines: dict[tuple[Step, ...], int]) -> Any:
    lines.setdefault(steps, node.start_mark.line + 1)
    if len(steps) > DEEPEST:
        raise Problem(
            f"The file holds more than {DEEPEST} levels.",
            where=f"{path}:{node.start_mark.line + 1}: {dotted(steps[:8])}",
            hint="An alias (*name) must not stand within its own anchor (&name).",
        )
    if len(lines) > MOST_VALUES:
        raise Problem(
            f"The file holds more than {MOST_VALUES} values.",
            where=f"{path}:{node.start_mark.line + 1}: {dotted(steps[:8])}",
            hint="Aliases (*name) of what holds aliases multiply: write out less.",
        )
    if isinstance(node, yaml.ScalarNode):
        try:
            return _SCALARS[node.tag](node.value)
        except (KeyError, ValueError):
            raise Problem(
                f"'{node.value}' cannot be read as {str(node.tag).rpartition(':')[2]}.",
                where=f"{path}:{node.start_mark.line + 1}: {dotted(steps)}",
            ) from None
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, (*steps, index), path, lines) for index, item in enumerate(node.value)]
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise Problem("A key must be a text.", where=f"{path}:{line}: {dotted(steps[:8])}")
        key = key_node.value
        inner = (*steps, key)
        if key in found:
            raise Problem(
                f"The key '{key}' is written twice (first in line {lines[inner]}).",
                where=f"{path}:{line}: {dotted(inner)}",
                hint="Keep one of the two.",
            )
        lines[inner] = line
        found[key] = _construct(value_node, inner, path, lines)
    return found


def _existing(data: Any, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that lead through `data`: pydantic also names members of unions, which no file has."""
    found: list[Step] = []
    for step in steps:
        is_key = isinstance(data, dict) and step in data
        if is_key or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]
            found.append(step)
    return tuple(found)
