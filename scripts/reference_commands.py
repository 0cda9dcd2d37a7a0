"""The page of commands, out of what `qala --help` itself is made of."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from qala.cli import app

EXIT_CODES = (
    "Exit codes: 0 done; 1 done, and something did not pass (a check, an example, a run that comes out otherwise); "
    "2 the user must mend something; 130 stopped by the user."
)


def commands_page() -> str:
    """Every command with its arguments, options and examples."""
    root: Any = typer.main.get_command(app)
    found = list(_commands(root, "qala"))
    page = [
        "# Commands",
        "",
        "The answer goes to standard output, notices and progress to standard error; `--format json` and `--format csv` are for "
        "programs. `QALA_LAKE` and `QALA_EDITION` stand in for `--lake` and `--edition`.",
        "",
        EXIT_CODES,
        "",
        *(f"- [`{path}`](#{path.replace(' ', '-')}): {_first_sentence(command)}" for path, command in found),
        "",
    ]
    for path, command in found:
        page += _command(path, command)
    return "\n".join(page)


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _command(path: str, command: Any) -> list[str]:
    words = [path]
    arguments, options = [], []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            name = parameter.metavar or parameter.name.upper()
            words.append((name if parameter.required else f"[{name}]") + ("…" if parameter.nargs != 1 else ""))
            arguments.append((f"`{name}`", _said(parameter.help)))
        elif "--help" not in parameter.opts:
            options.append((_names(parameter), _said(parameter.help) + _default(parameter)))
    words.append("[OPTIONS]")
    text, examples = _help(command)
    page = [f"## {path}", "", "```", " ".join(words), "```", "", *text, ""]
    for title, rows in (("argument", arguments), ("option", options)):
        if rows:
            page += [f"| {title} | |", "| --- | --- |", *(f"| {name} | {said} |" for name, said in rows), ""]
    if examples:
        page += ["Examples:", "", "```", *examples, "```", ""]
    return page


def _help(command: Any) -> tuple[list[str], list[str]]:
    """The text of a command, and its examples."""
    text = inspect.cleandoc(command.help or "").replace("\f", "")
    before, _, after = re.sub(r"(?m)^Examples?:$", "\0", text).partition("\0")
    examples = [line.strip() for line in after.splitlines() if line.strip()]
    return before.strip().splitlines(), examples


def _first_sentence(command: Any) -> str:
    text = " ".join(" ".join(_help(command)[0]).split())
    return re.split(r"(?<=[.:]) ", text)[0].rstrip(":")


def _names(parameter: Any) -> str:
    names = [*parameter.opts, *parameter.secondary_opts]
    annotation = parameter.type_descriptor.annotation
    kind = parameter.metavar or ""
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        kind = " or ".join(str(choice.value) for choice in annotation)
    return ", ".join(f"`{name}`" for name in names) + (f" {kind}" if kind else "")


def _said(text: str | None) -> str:
    """Help without its markup, safe inside a table."""
    return re.sub(r"\[/?(bold|dim|italic)\]", "", text or "").replace("|", "\\|")


def _default(parameter: Any) -> str:
    """The default, where there is one that tells something."""
    value = parameter.default
    if parameter.required:
        return " **Must be given.**"
    if value is None or value is False or value == () or callable(value) or parameter.show_default is False:
        return ""
    if value is True:
        return f" Default: `{parameter.opts[0]}`."
    shown = value.as_posix() if isinstance(value, Path) else str(getattr(value, "value", value))
    return f" Default: `{shown}`." if shown else ""
