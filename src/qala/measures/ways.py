"""Whether all rows of some files came in one way: then a scan need neither read that column nor group by it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qala.lake import DataFile

_WORTH_LOOKING = 16 * 1000  # rows; fewer are grouped sooner than a footer is read


def one_way(files: Sequence[DataFile]) -> str | None:
    """The way in of every row, by the statistics of the files; None where there are several or it is not known."""
    if sum(file.rows for file in files) < _WORTH_LOOKING:
        return None
    found: set[str | None] = set()
    for file in files:
        found.add(_way_of(file.path))
        if len(found) > 1 or None in found:
            return None
    return found.pop()


@lru_cache(maxsize=4096)
def _way_of(path: str) -> str | None:
    import pyarrow.parquet as pq  # most processes look at no file so large

    metadata = pq.read_metadata(path)
    if "way" not in metadata.schema.names:
        return None
    column = metadata.schema.names.index("way")
    ways = set()
    for group in range(metadata.num_row_groups):
        statistics = metadata.row_group(group).column(column).statistics
        if statistics is None or not statistics.has_min_max or statistics.null_count:
            return None
        ways |= {statistics.min, statistics.max}
    way = ways.pop() if len(ways) == 1 else None
    return way if isinstance(way, str) else None
