"""Where something is written: the file and line of a law's entry or a computation's, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qala import facts, standard
from qala.standard import Edition, Kpi, law_folder


@dataclass(frozen=True)
class Entry:
    """An entry of a YAML file.

    Attributes:
        place: file within the repository, and line (from 1).
        text: the entry with its remarks, as it is written.
    """

    place: str
    text: str


def computation(kpi: Kpi) -> Entry | None:
    """How the program computes a KPI, in its own words."""
    catalogue = facts.catalogue()
    if kpi.id not in catalogue.computed_in:
        return None
    return entry(catalogue.files[catalogue.computed_in[kpi.id]].path, kpi.id.split(".", 1)[1])


def law(edition: Edition, kpi: Kpi) -> Entry | None:
    """What the edition says of a KPI."""
    folder = edition.folder / "initiatives" / f"{kpi.initiative:02d}_{kpi.system}"
    return entry(folder / "kpis.yaml", kpi.id.split(".", 1)[1])


def contract(dataset: str) -> str:
    """The file of a dataset's contract."""
    files = facts.catalogue().files
    return within(files[dataset].path) if dataset in files else ""


@lru_cache(maxsize=4096)
def entry(path: Path, name: str) -> Entry | None:
    """A top-level entry of a YAML file; None if it has none of that name."""
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith((f"{name}:", f'"{name}":'))), None)
    if start is None:
        return None
    end = next((n for n in range(start + 1, len(lines)) if lines[n][:1] not in ("", " ")), len(lines))
    return Entry(f"{within(path)}:{start + 1}", "\n".join(lines[start:end]).rstrip())


def within(path: Path) -> str:
    """A file as it lies in the repository."""
    resolved = path.resolve()
    for root in (law_folder().parent, Path(standard.__file__).resolve().parents[3]):
        if resolved.is_relative_to(root):
            return resolved.relative_to(root).as_posix()
    return path.name
