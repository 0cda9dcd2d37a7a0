"""Reading one tile out of a PMTiles file: the file stays mapped and its directories decoded, for all requests to come."""

from __future__ import annotations

import gzip
import mmap
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, deserialize_directory, deserialize_header, find_tile, zxy_to_tileid

_DEPTH = 4


class TileFile:
    """A PMTiles file (version 3). Safe to share between threads; it reads, and keeps what it decoded.

    Args:
        path: an empty file is a set without tiles.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else None
        self._directories: dict[tuple[int, int], Any] = {}

    @cached_property
    def header(self) -> dict[str, Any]:
        """As the specification names its fields; empty for a set without tiles."""
        return {} if self._bytes is None else dict(deserialize_header(self._bytes[:127]))

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees."""
        at = self.header
        if not at:
            return None
        return (at["min_lon_e7"] / 1e7, at["min_lat_e7"] / 1e7, at["max_lon_e7"] / 1e7, at["max_lat_e7"] / 1e7)

    @property
    def zooms(self) -> tuple[int, int]:
        """First and last zoom that the file holds."""
        return (self.header["min_zoom"], self.header["max_zoom"]) if self.header else (0, 0)

    @property
    def gzipped(self) -> bool:
        return bool(self.header) and self.header["tile_compression"] == Compression.GZIP

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The stored bytes of a tile (see `gzipped`), or None where there is none."""
        at = self.header
        if not at or not 0 <= z <= 26 or not 0 <= x < 1 << z or not 0 <= y < 1 << z:
            return None
        wanted = zxy_to_tileid(z, x, y)
        offset, length = at["root_offset"], at["root_length"]
        for _ in range(_DEPTH):
            found = find_tile(self._directory(offset, length), wanted)
            if found is None:
                return None
            if found.run_length:
                start = at["tile_data_offset"] + found.offset
                return bytes(self._bytes[start : start + found.length])
            offset, length = at["leaf_directory_offset"] + found.offset, found.length
        return None

    def plain(self, z: int, x: int, y: int) -> bytes | None:
        """The tile, decompressed."""
        stored = self.tile(z, x, y)
        return gzip.decompress(stored) if stored is not None and self.gzipped else stored

    def _directory(self, offset: int, length: int) -> Any:
        known = self._directories.get((offset, length))
        if known is None:
            known = deserialize_directory(self._bytes[offset : offset + length])
            self._directories[offset, length] = known
        return known


@lru_cache(maxsize=256)
def open_tiles(path: Path) -> TileFile:
    """The file, opened once for each process. Its name carries its version, so it never changes."""
    return TileFile(path)
