"""Every command explains itself: a sentence, examples, a format for what prints rows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from qala.cli import app

# What these print are sentences, files, or the one line of what was done.
WITHOUT_FORMAT = {
    "qala check", "qala standard check-examples", "qala city add", "qala city add-region", "qala city outlines",
    "qala city import", "qala lake check", "qala lake vacuum", "qala report", "qala indicator check",
    "qala lake share", "qala lake follow",
    "qala exchange key", "qala exchange agree", "qala exchange admit", "qala exchange receipt",
    "qala serve", "qala tiles", "qala people add-admin", "qala people demo", "qala backup", "qala restore", "qala upgrade",
}  # fmt: skip


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {word}")
        else:
            yield f"{path} {word}", command


COMMANDS = dict(_commands(typer.main.get_command(app), "qala"))


def test_the_commands_of_the_main_job_are_there() -> None:
    words = {path.split()[1] for path in COMMANDS}
    wanted = {
        "standard",
        "check",
        "find",
        "city",
        "what-to-send",
        "ingest",
        "lake",
        "simulate",
        "compute",
        "value",
        "rows",
    }
    assert wanted | {"score", "rank", "explain", "verify", "run", "report"} <= words


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_has_a_sentence_and_an_example(path: str) -> None:
    text = inspect.cleandoc(COMMANDS[path].help or "")
    first = text.split("\n\n")[0]
    assert first.rstrip().endswith((".", "!", "?", ":")), "the first sentence says what it does"
    examples = [line.strip() for line in text.partition("Example")[2].splitlines() if line.strip().startswith("qala ")]
    assert any(example.startswith(path) for example in examples), "an example can be copied"


@pytest.mark.parametrize("path", COMMANDS)
def test_options_are_explained(path: str) -> None:
    silent = [one.name for one in COMMANDS[path].params if not one.help]
    assert not silent


def test_what_prints_rows_has_a_format() -> None:
    without = {path for path, one in COMMANDS.items() if not any("--format" in option.opts for option in one.params)}
    assert without <= WITHOUT_FORMAT
