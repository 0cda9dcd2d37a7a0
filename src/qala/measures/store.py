"""Where partial sums are kept: a folder for each city with a few files, a log of additions.

A computation appends what changed (new − old) as one file; reading adds up. How far each sum has read each dataset
stands in the same file, so that a crash can never separate a sum from its progress. Folding writes several files as one;
it changes no number. Sums are no facts: whoever removes the folder has them computed again.

Nothing waits for the disk. After a power cut the last files may be gone, which is an older state, or torn, which their
checksums show.

A file's name tells which additions are in it, `FIRST-LAST-CHECKSUM-…`: what holds are the files that follow each other from 1 on,
the longest first. So a file that a killed folding left beside the folded one counts for nothing.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import numpy as np

from qala.lake.durable import held
from qala.measures.amounts import CitySums
from qala.measures.blocks import Amount, Block, folded, packed, unpacked
from qala.standard.problems import Problem

_FORM = "blocks-3"  # files of another form are not read; they are removed when the first of this form are written
_NAME = re.compile(r"(\d+)-(\d+)-([0-9a-f]{8})-\w+\.sums")
_EPOCH = date(1970, 1, 1)
_TRIES = 8  # as often is a folder read again whose files were folded meanwhile
FOLD_AT_FILES = 64  # files of a city before they are folded
_LARGER = 4  # a file so many times larger than all after it is left as it is


class SumStore:
    """The sums of a lake.

    Args:
        folder: where they live; made on the first addition.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, city: str) -> list[Path]:
        """The files of a city that hold, in order."""
        return self._look(city)[0]

    def progress(self, city: str) -> dict[str, int]:
        """`key:dataset` -> version of the dataset's table that the sum has read up to, and `key:year` for the years
        that it has periods of; absent means never.
        """

        return self._reading(city, lambda files: _progress_of(files[-1]) if files else {})

    def blocks(self, city: str, keys: Sequence[str] | None = None, days: Sequence[date] | None = None) -> list[Block]:
        """What is stored for some sums (all), for some days (all); a sum, day and place may be in several."""
        found = self._reading(city, _all_blocks)
        if keys is not None:
            wanted = set(keys)
            found = [block.only(wanted) for block in found if not wanted.isdisjoint(block.keys)]
        if days is not None:
            numbers = np.array([(day - _EPOCH).days for day in days], dtype=np.int32)
            found = [block.where(np.isin(block.days, numbers)) for block in found]
        return [block for block in found if block.days.size]

    def amounts(self, city: str, keys: Sequence[str]) -> list[Amount]:
        """What is stored for some sums, one by one."""
        return [amount for block in folded(self.blocks(city, keys)) for amount in block.rows()]

    def load(self, city: str, district: str | None = None) -> CitySums:
        """All sums of a city, or of one of its districts."""
        return self._reading(
            city, lambda files: CitySums.of(city, _all_blocks(files), district, [file.name for file in files])
        )

    def followed(self, known: CitySums) -> CitySums:
        """Sums as they are now, out of what they were: only files that are new are read. The same if there is none."""

        def follow(files: Sequence[Path]) -> CitySums:
            names = [file.name for file in files]
            if tuple(names[: len(known.files)]) != known.files:  # folded since, or computed anew
                return CitySums.of(known.city, _all_blocks(files), known.district, names)
            more = files[len(known.files) :]
            return known.plus(_all_blocks(more), [file.name for file in more]) if more else known

        return self._reading(known.city, follow)

    def append(self, city: str, blocks: Sequence[Block], progress: Mapping[str, int]) -> None:
        """Add amounts, and say how far they have read now, in one file: both or neither."""
        self._remove_other_forms()
        files, others = self._look(city)
        for left in others:  # by a killed process; nobody else writes while this one has the city
            left.unlink(missing_ok=True)
        number = _span(files[-1])[1] + 1 if files else 1
        self._write(city, number, number, [block for block in blocks if block.days.size], progress)

    def fold(self, city: str) -> None:
        """Write a city's files as one, where there are many: all but the oldest that are far larger than the rest."""
        files = self.files(city)
        if len(files) <= FOLD_AT_FILES:
            return
        sizes = [file.stat().st_size for file in files]
        kept = next(n for n in range(len(files)) if n == len(files) - 2 or sizes[n] <= _LARGER * sum(sizes[n + 1 :]))
        many = files[kept:]
        self._write(city, _span(many[0])[0], _span(many[-1])[1], folded(_all_blocks(many)), self.progress(city))
        for file in many:
            file.unlink(missing_ok=True)

    def forget(self, city: str) -> None:
        """Have a city's sums computed anew; whoever calls it is `alone` with the city."""
        shutil.rmtree(self._of(city), ignore_errors=True)

    @contextmanager
    def alone(self, city: str) -> Iterator[None]:
        """Only one computation of a city at a time on this machine: two would add the same news twice."""
        with held(self.folder.parent / "locks" / f"sums-{city}.lock"):
            yield

    def _write(self, city: str, first: int, last: int, blocks: Sequence[Block], progress: Mapping[str, int]) -> None:
        said = zlib.compress(json.dumps(progress, separators=(",", ":")).encode(), 1)
        content = b"".join([len(said).to_bytes(4), said, *packed(blocks)])
        name = f"{first:010d}-{last:010d}-{zlib.crc32(content):08x}-{uuid4().hex}.sums"
        folder = self._of(city)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f".{name}").write_bytes(content)
        (folder / f".{name}").rename(folder / name)

    def _of(self, city: str) -> Path:
        return self.folder / _FORM / city

    def _look(self, city: str) -> tuple[list[Path], list[Path]]:
        """The files that hold, and those that do not."""
        found: dict[int, dict[int, Path]] = {}
        every: list[Path] = []
        with contextlib.suppress(FileNotFoundError):
            every = list(self._of(city).iterdir())
        for file in every:
            if _NAME.fullmatch(file.name):
                first, last = _span(file)
                found.setdefault(first, {})[last] = file
        holding: list[Path] = []
        upto = 0
        while upto + 1 in found:
            runs = found[upto + 1]
            upto = max(runs)
            holding.append(runs[upto])
        return holding, [file for file in every if file not in set(holding)]

    def _reading[T](self, city: str, read: Callable[[Sequence[Path]], T]) -> T:
        """What is read of the files that hold; once more where one was folded away before it was opened."""
        for _ in range(_TRIES - 1):
            with contextlib.suppress(FileNotFoundError):
                return read(self.files(city))
        return read(self.files(city))

    def _remove_other_forms(self) -> None:
        """The sums that an earlier version of the program kept; they are computed again."""
        with contextlib.suppress(FileNotFoundError):
            for other in self.folder.iterdir():
                if other.name != _FORM:
                    shutil.rmtree(other, ignore_errors=True)


def _span(file: Path) -> tuple[int, int]:
    first, last, *_ = file.name.split("-")
    return int(first), int(last)


def _blocks_of(file: Path) -> list[Block]:
    content = file.read_bytes()
    if f"{zlib.crc32(content):08x}" != file.name.split("-")[2]:
        raise _damaged(file)
    return unpacked(memoryview(content)[4 + int.from_bytes(content[:4]) :])


def _all_blocks(files: Sequence[Path]) -> list[Block]:
    return [block for file in files for block in _blocks_of(file)]


def _progress_of(file: Path) -> dict[str, int]:
    """What a file says besides its blocks; it has a checksum of its own, for which it need not be read as a whole."""
    try:
        with file.open("rb") as content:
            told = content.read(int.from_bytes(content.read(4)))
        said: dict[str, int] = json.loads(zlib.decompress(told))
        return said
    except (ValueError, zlib.error):
        raise _damaged(file) from None


def _damaged(file: Path) -> Problem:
    return Problem(
        f"a file of sums is damaged: {file}", hint=f"remove {file.parents[2]}; sums are computed again from the tables"
    )
