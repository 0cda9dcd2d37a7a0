"""What the generated pages share: tables, links to files of the repository, lists of codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "ru", "kk")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return [line(head), line(["---"] * len(head)), *(line(row) for row in rows)]


def codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def line_of(path: Path, kpi_id: str) -> str:
    key = kpi_id.split(".", 1)[1] + ":"
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path}:{next(number for number, line in enumerate(lines, 1) if line.startswith(key))}"


def link(where: str, up: str) -> str:
    """`file:line: path` as a link from a page that lies `up` below the root."""
    path, _, rest = where.partition(":")
    name = Path(path).relative_to(ROOT).as_posix()
    line = rest.partition(":")[0]
    return f"[{name}:{line}]({up}/{name}#L{line})" if line else f"[{name}]({up}/{name})"
