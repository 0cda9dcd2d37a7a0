"""Upkeep of tables: folding retracted pairs into fewer, larger files; keeping only as long as contracts say; freeing space.

None of it changes what a reader sees: compaction commits with `dataChange = false`, so `Table.changes` passes it over.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qala.lake.reading import rows_sql
from qala.lake.receipts import new_receipt_id
from qala.lake.shared import OutrunError
from qala.lake.table import DataFile, Table
from qala.lake.writing import ROWS_IN_A_FILE, Piece, pieces, planned_files, write_files
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.lake.folder import Lake

_ORDER = "ORDER BY day, _row"
FREEZES = "freezes"
"""Folder of the data freezes of rating years, whose versions are needed as those of runs are."""


@dataclass(frozen=True)
class Compacted:
    """What compaction did to one city and year of a table."""

    dataset: str
    city: str
    year: int
    files_before: int
    files_after: int
    pairs_folded: int


def compact(lake: Lake, dataset: str, *, rows_in_a_file: int = ROWS_IN_A_FILE) -> list[Compacted]:
    """Fold retracted pairs away and join small files, city-year by city-year.

    A city-year that has one small file or none and no retraction is left alone. Readers of older versions keep their
    files until `vacuum`.
    """
    table = lake.table(dataset)
    done: list[Compacted] = []
    for city, year in sorted({(file.city, file.year) for file in table.snapshot().all_files}):
        with table.lock(city):
            found = _compact_one(lake, table, city, year, rows_in_a_file)
        if found is not None:
            done.append(found)
    return done


def _compact_one(lake: Lake, table: Table, city: str, year: int, rows_in_a_file: int) -> Compacted | None:
    snapshot = table.snapshot()
    files = snapshot.files(city, [year])
    minus = [file for file in files if file.retractions]
    plus = [
        file
        for file in files
        if not file.retractions and (file.rows < rows_in_a_file // 2 or any(_overlap(file, gone) for gone in minus))
    ]
    if len(plus) <= 1 and not minus:
        return None
    name = f"compaction-{new_receipt_id()}"
    connection = lake.connection()
    planned: list[tuple[Piece, Path]] = []
    try:
        rows = snapshot.current_sql([*plus, *minus])
        days = connection.execute(f"SELECT day, count(*) FROM {rows} GROUP BY day").fetchall()
        folded = sum(file.rows for file in minus)
        if sum(count for _, count in days) != sum(file.rows for file in plus) - folded:
            raise RuntimeError(
                f"{table.contract.id} {city} {year}: a retraction without its row; run `qala lake check`"
            )
        planned = planned_files(table, city, pieces(days, rows_in_a_file), name, minus=False)
        columns = ", ".join(f'"{column}"' for column in table.contract.stored_types() if column not in ("city", "year"))
        written = write_files(
            connection, table, city, planned, f"SELECT {columns} FROM {rows}", minus=False, order=_ORDER
        )
        table.commit(
            name,
            written,
            [*plus, *minus],
            data_change=False,
            metadata={"compaction": f"{city} {year}"},
            since=snapshot.version,
        )
    except BaseException:
        if table.version_of(name) is None:
            for _, path in planned:
                path.unlink(missing_ok=True)
        raise
    finally:
        connection.close()
    return Compacted(table.contract.id, city, year, len(plus) + len(minus), len(written), folded)


TIERS = (4_000, 128_000, 4_000_000)
"""A file with at most so many rows is of that tier."""
FILES_IN_A_TIER = 16


def join_small(lake: Lake, dataset: str, city: str) -> int:
    """Join the small files that live commits have left, tier by tier; returns how many files were joined.

    Where a tier of a year has sixteen files of one sign they become one of a higher tier, so that a row is written again
    once a tier and not at every turn. Nothing is folded: rows that are taken back stay beside what takes them back.
    """
    table = lake.table(dataset)
    joined = 0
    with table.lock(city):
        snapshot = table.snapshot()
        for year in sorted({file.year for file in snapshot.files(city)}):
            for sign in (False, True):
                files = [file for file in snapshot.files(city, [year]) if bool(file.retractions) is sign]
                floor = 0
                for most in TIERS:
                    tier = [file for file in files if floor < file.rows <= most]
                    floor = most
                    if len(tier) >= FILES_IN_A_TIER:
                        try:
                            _join(lake, table, tier, minus=sign)
                        except OutrunError:  # another machine was here; there is another time
                            return joined
                        joined += len(tier)
    return joined


def _join(lake: Lake, table: Table, files: list[DataFile], *, minus: bool) -> None:
    snapshot = table.snapshot()
    if not set(files) <= set(snapshot.all_files):
        raise OutrunError(table.contract.id)
    name = f"joining-{new_receipt_id()}"
    city, year = files[0].city, files[0].year
    rows = rows_sql(table.contract, files)
    columns = ", ".join(f'"{column}"' for column in table.contract.stored_types() if column not in ("city", "year"))
    connection = lake.connection()
    planned: list[tuple[Piece, Path]] = []
    try:
        days = connection.execute(f"SELECT day, count(*) FROM {rows} GROUP BY day").fetchall()
        planned = planned_files(table, city, pieces(days), name, minus=minus)
        written = write_files(
            connection, table, city, planned, f"SELECT {columns} FROM {rows}", minus=minus, order=_ORDER
        )
        table.commit(
            name, written, files, data_change=False, metadata={"joining": f"{city} {year}"}, since=snapshot.version
        )
    except BaseException:
        if table.version_of(name) is None:
            for _, path in planned:
                path.unlink(missing_ok=True)
        raise
    finally:
        connection.close()


def _overlap(one: DataFile, other: DataFile) -> bool:
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def retire(lake: Lake, dataset: str, today: date) -> list[tuple[str, int]]:
    """Take years out of a table that are older than its contract keeps; returns (city, year) of each.

    A year is kept while it is among the last `keep.years` whole years before this one. The files go with `vacuum`.
    """
    table = lake.table(dataset)
    first = today.year - table.contract.keep.years
    old = sorted({(file.city, file.year) for file in table.snapshot().all_files if file.year < first})
    for city, year in old:
        with table.lock(city):
            files = table.snapshot().files(city, [year])
            if files:
                name = f"retention-{new_receipt_id()}"
                table.commit(name, [], files, metadata={"retention": f"{city} {year}"})
    return old


def vacuum(lake: Lake, dataset: str, *, older_than_days: float = 30) -> list[Path]:
    """Remove files that no version in use needs: not the current one, not one that a run cites, not a delivery under way.

    Args:
        older_than_days: younger files stay, for readers under way and so that a delivery can be undone.

    Raises:
        Problem: a run's file cannot be read; then nothing is removed.
    """
    table = lake.table(dataset)
    needed = {file.path for file in table.snapshot().all_files}
    for version in sorted(pinned_versions(lake, dataset)):
        needed |= {file.path for file in table.snapshot(version).all_files}
    root = table.folder.resolve()
    for intent in lake.ledger.intents.glob("*.json"):
        needed |= {str(root / name) for name in json.loads(intent.read_text()).get("files", ())}
    before = time.time() - older_than_days * 86_400
    removed = []
    for path in sorted(root.glob("city=*/year=*/*.parquet")):
        if str(path) not in needed and path.stat().st_mtime < before:
            path.unlink()
            removed.append(path)
    return removed


def pinned_versions(lake: Lake, dataset: str) -> set[int]:
    """Versions of a table that some run cites (`versions`, and `corrected` of single cities), or a data freeze."""
    return {versions[dataset] for versions in _cited(lake) if versions.get(dataset, -1) >= 0}


def _cited(lake: Lake) -> Iterator[dict[str, int]]:
    folders = [one for one in sorted((lake.folder / "runs").iterdir()) if one.is_dir() and not one.name.startswith(".")]
    runs = [one / "head.json" if (one / "head.json").exists() else one / "run.json" for one in folders]
    for file in [*runs, *sorted((lake.folder / FREEZES).glob("[!.]*.json"))]:
        try:
            said: Any = json.loads(file.read_text())
            own = said.get("corrected", {}).values() if file.parent.name != FREEZES else ()
            for versions in (said["versions"], *own):
                yield {str(name): int(version) for name, version in dict(versions).items()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Problem(
                f"the table versions of a run cannot be read ({error}), so nothing may be removed", where=str(file)
            ) from None
