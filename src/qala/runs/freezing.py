"""The data freeze of a rating year: the table versions that its runs are computed from, whatever comes later.

A freeze is a file of the lake, `freezes/<year>_<category>.json`. Of a city whose objection was accepted the newest rows
of the datasets concerned hold; of all others, and of all other datasets, those of the freeze.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from qala.lake import Lake
from qala.lake.durable import write_whole
from qala.lake.upkeep import FREEZES
from qala.standard import Problem


@dataclass(frozen=True)
class Freeze:
    """What holds for a year and category.

    Attributes:
        at: UTC, ISO 8601.
        versions: dataset -> version of its table.
        corrected: city -> datasets whose newest rows hold all the same.
    """

    year: int
    category: str
    at: str
    versions: Mapping[str, int]
    corrected: Mapping[str, list[str]] = field(default_factory=dict)

    def versions_of_cities(self, lake: Lake) -> dict[str, dict[str, int]]:
        """City -> dataset -> its version now, for what was corrected; nothing where none came after the freeze."""
        found: dict[str, dict[str, int]] = {}
        for city, names in self.corrected.items():
            now = {name: lake.table(name).snapshot().version for name in names}
            own = {name: version for name, version in now.items() if version > self.versions.get(name, -1)}
            if own:
                found[city] = own
        return found


def freeze(lake: Lake, year: int, category: str) -> Freeze:
    """Pin the tables as they are now; a freeze that is there already stays."""
    known = frozen(lake, year, category)
    if known is not None:
        return known
    versions = {name: lake.table(name).snapshot().version for name in lake.catalogue.contracts}
    pinned = {name: version for name, version in sorted(versions.items()) if version >= 0}
    made = Freeze(year, category, datetime.now(UTC).isoformat(timespec="seconds"), pinned)
    _write(lake, made)
    return made


def frozen(lake: Lake, year: int, category: str) -> Freeze | None:
    """The freeze of a year and category; None while there is none.

    Raises:
        Problem: its file is damaged: a run must not be computed as if there were none.
    """
    file = _file(lake, year, category)
    try:
        return Freeze(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise Problem("The file of the data freeze cannot be read.", where=f"{file}: {error}") from error


def correct(lake: Lake, year: int, category: str, city: str, datasets: Iterable[str]) -> None:
    """Let a city's newest rows of some datasets hold in spite of the freeze: an objection was accepted."""
    known = frozen(lake, year, category)
    if known is not None:
        own = sorted({*known.corrected.get(city, ()), *datasets})
        _write(lake, Freeze(**{**asdict(known), "corrected": {**known.corrected, city: own}}))


def thaw(lake: Lake, year: int, category: str) -> None:
    """Take a freeze back: runs see what is there when they are computed."""
    _file(lake, year, category).unlink(missing_ok=True)


def _file(lake: Lake, year: int, category: str) -> Path:
    return lake.folder / FREEZES / f"{int(year)}_{category}.json"


def _write(lake: Lake, one: Freeze) -> None:
    write_whole(_file(lake, one.year, one.category), json.dumps(asdict(one), ensure_ascii=False, indent=1).encode())
