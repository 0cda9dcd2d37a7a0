"""Runs what a page of the documentation shows, and compares what came out with what the page says.

A fenced block ```console holds commands after `$ `, each followed by what it prints (or by nothing, which is compared with
nothing). A here-document goes on to its end word. In the expected lines `…` stands for any text, a line of `…` alone for any
lines; runs of blanks and of ruling lines count as one. All blocks of a page run in one shell, in the page's sequence.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "\x1e"
EDITED_MEANWHILE = "Notice: the program has changed since"  # by whoever works on it while the tests run


@dataclass(frozen=True)
class Command:
    """One command of a page: its text, the line that it stands on, and the lines that should come out."""

    line: int
    text: str
    expected: tuple[str, ...]


def commands_of(page: Path) -> list[Command]:
    """The commands of a page's console blocks."""
    found: list[Command] = []
    text, start, expected = "", 0, [""]
    inside, until = False, ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            if text:
                found.append(Command(start, text, tuple(expected)))
                text = ""
            inside = line.strip() == "```console"
        elif inside and until:
            text += f"\n{line}"
            until = "" if line == until else until
        elif inside and line.startswith("$ "):
            if text:
                found.append(Command(start, text, tuple(expected)))
            text, start, expected = line[2:], number, []
            heredoc = re.search(r"<<'?(\w+)'?", line)
            until = heredoc.group(1) if heredoc else ""
        elif inside and text.endswith("\\") and not expected:
            text += f"\n{line}"
        elif inside and text:
            expected.append(line)
    return found


def run_page(page: Path, folder: Path) -> list[str]:
    """Run a page's commands in a folder; what differs, as sentences (none: the page is true)."""
    commands = commands_of(page)
    script = "".join(f"{one.text}\nprintf '\\n{MARK}%s{MARK}\\n' $?\n" for one in commands)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QALA_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        ["bash"], input=script, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=600, check=False,
    )  # fmt: skip
    parts = re.split(f"\n{MARK}(\\d+){MARK}\n", done.stdout)
    wrong = []
    for one, (came, code) in zip(commands, zip(parts[0::2], parts[1::2], strict=False), strict=False):
        fails = any("(exit code 1)" in line for line in one.expected)
        expected = [line for line in one.expected if line != "(exit code 1)"]
        if int(code) != (1 if fails else 0):
            wrong.append(f"{page.name}:{one.line}: {one.text}\nexit code {code}\n{came}")
        elif any(line.strip() for line in expected) and not matches(expected, came.splitlines()):
            said = "\n".join(expected)
            wrong.append(f"{page.name}:{one.line}: {one.text}\n--- the page says\n{said}\n--- it came out\n{came}")
    if len(parts) // 2 < len(commands):
        wrong.append(f"{page.name}: the shell stopped before all commands had run\n{parts[-1]}")
    return wrong


def matches(expected: list[str], came: list[str]) -> bool:
    """Whether lines are as expected, `…` being anything."""
    pattern = ""
    for line in expected:
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += re.escape(_plain(line)).replace("…", ".*").rstrip() + r"\n"
    text = "".join(_plain(line) + "\n" for line in came if not line.startswith(EDITED_MEANWHILE))
    return re.fullmatch(r"\n*" + pattern + r"\n*", text) is not None


def _plain(line: str) -> str:
    """A line without what depends on the width of columns."""
    return re.sub(r"\s+", " ", re.sub(r"[━─]+", "━", line)).strip()
