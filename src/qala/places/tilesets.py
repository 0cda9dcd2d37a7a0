"""Vector tiles of a layer of a city: one PMTiles file for each state of its rows, built by tippecanoe."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from qala.lake import Lake
from qala.lake.durable import held
from qala.places.counts import in_all
from qala.places.disclosure import SMALLEST
from qala.places.layers import Layer
from qala.places.relations import (
    CELL_RESOLUTION,
    columns_of,
    connection,
    geometry_sql,
    relation,
    snapshot,
    version,
)
from qala.standard.problems import Problem

AT_ONCE = 60_000
"""A layer of at most so many rows is built while somebody waits for it; a larger one by a job."""
FIRST_ZOOM, LAST_ZOOM = 7, 14
_WHOLE = 25_000
"""Up to so many features, every tile of every zoom holds all of them."""
_PERCENT = re.compile(rb"(\d+(?:\.\d+)?)%")


@dataclass(frozen=True)
class Tileset:
    """The tiles of a layer of a city.

    Attributes:
        version: of the rows as they are now.
        path: of the file for that version; it need not exist yet.
        older: the newest file of an earlier version, to be shown until the new one is there.
        rows: about how many the layer has.
        percent: how far the building is, if somebody builds it.
    """

    layer: str
    city: str
    version: str
    path: Path
    older: Path | None
    rows: int
    percent: float | None

    @property
    def ready(self) -> bool:
        return self.path.exists()

    @property
    def at_once(self) -> bool:
        """Whether it may be built while somebody waits."""
        return self.rows <= AT_ONCE


def name_of(layer: Layer, *, cells: bool) -> str:
    """A guarded layer has two sets of tiles: cells for the public, and its rows for who may see persons."""
    return f"{layer.id}-cells" if cells else layer.id


def tileset(lake: Lake, home: Path, layer: Layer, city: str, *, cells: bool = False) -> Tileset:
    """Where the layer's tiles are, and whether they are there."""
    mark, name = version(lake, layer, city), name_of(layer, cells=cells)
    folder = home / "tiles" / city
    path = folder / f"{name}-{mark}.pmtiles"
    older = None
    if not path.exists():
        others = (file for file in folder.glob(f"{name}-????????????.pmtiles") if file != path)
        older = max(others, key=lambda file: file.stat().st_mtime, default=None)
    return Tileset(name, city, mark, path, older, in_all(lake, layer, city), progress_of(path))


def build(lake: Lake, home: Path, layer: Layer, city: str, *, cells: bool = False) -> Tileset:
    """Build the tiles of a layer as its rows are now, if nobody has done so yet; earlier files are removed.

    Raises:
        Problem: tippecanoe failed; with its own words.
    """
    wanted = tileset(lake, home, layer, city, cells=cells)
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    with held(wanted.path.with_suffix(".lock")):
        if not wanted.ready:
            with _features_file(wanted.path) as features:
                count = write_features(lake, layer, city, features, cells=cells)
                make_tiles(features, wanted.path, layer.id, count)
    wanted.path.with_suffix(".lock").unlink(missing_ok=True)
    for old in wanted.path.parent.glob(f"{wanted.layer}-????????????.pmtiles"):
        if old != wanted.path:
            old.unlink(missing_ok=True)
    return tileset(lake, home, layer, city, cells=cells)


def write_features(lake: Lake, layer: Layer, city: str, path: Path, *, cells: bool = False) -> int:
    """Write a layer's features as lines of GeoJSON.

    Properties: `id`, `f` and `t` (first and last day as days since 1970-01-01, `t` absent while it holds), the columns
    that the layer shows. For cells: `n` rows in the month from `f` to `t`; small ones are
    left out, with as many of the next ones of the month (and
    district) as `disclosure.guarded` would hide.

    Returns:
        How many features.
    """
    with contextlib.closing(connection(lake)) as con:
        source = relation(lake, layer, city)
        columns = columns_of(con, source)
        if cells:
            district = "district" if "district" in columns else "''"
            end = max((file.last_day for file in snapshot(lake, layer.dataset).files(city)), default=date.min)
            inner = f"""
                SELECT cell_outline(cell) AS geometry, {{'id': cell, 'n': n, 'f': month - DATE '1970-01-01',
                  't': (month + INTERVAL 1 MONTH)::DATE - 1 - DATE '1970-01-01'}} AS properties
                FROM (SELECT *, min(n) OVER part AS least, row_number() OVER before - 1 AS smaller,
                             sum(n) OVER before - n AS with_n
                      FROM (SELECT cell_of(lat::DOUBLE, lon::DOUBLE, {CELL_RESOLUTION}) AS cell, mode({district}) AS district,
                                   date_trunc('month', first_day)::DATE AS month, count(*) AS n
                            FROM {source} WHERE lat IS NOT NULL AND lon IS NOT NULL GROUP BY cell, month)
                      WINDOW part AS (PARTITION BY month, district),
                             before AS (PARTITION BY month, district ORDER BY n, cell ROWS UNBOUNDED PRECEDING))
                WHERE n >= {SMALLEST}
                  AND (least >= {SMALLEST} OR (smaller > 1 AND with_n - smaller >= {SMALLEST - 1}))
                  AND month + INTERVAL 1 MONTH <= greatest(current_date + 1, DATE '{end}' + 1)"""
        else:
            shown = "".join(f", '{name}': \"{name}\"" for name in layer.show if name in columns)
            inner = f"""
                SELECT {geometry_sql(layer, columns)} AS geometry, {{'id': object, 'f': first_day - DATE '1970-01-01',
                  't': last_day - DATE '1970-01-01'{shown}}} AS properties FROM {source}"""
        answer = con.execute(
            f"COPY (SELECT 'Feature' AS type, geometry::JSON AS geometry, properties FROM ({inner}) "
            f"WHERE geometry IS NOT NULL) TO '{path}' (FORMAT json)"
        ).fetchone()
        return int(answer[0]) if answer else 0


def make_tiles(features: Path, path: Path, layer: str, count: int) -> None:
    """Turn lines of GeoJSON into a PMTiles file; `<path>.progress` tells how far it is."""
    whole = ["-r1", "--no-feature-limit", "--no-tile-size-limit"]
    many = ["--drop-densest-as-needed", "--maximum-tile-bytes=400000", "-P"]
    making, said = path.with_suffix(".making.pmtiles"), path.with_suffix(".progress")
    if count == 0:
        path.write_bytes(b"")
        return
    command = [
        str(Path(sysconfig.get_path("scripts")) / "tippecanoe"),
        *("-o", str(making), "--force", "-l", layer, f"-Z{FIRST_ZOOM}", f"-z{LAST_ZOOM}"),
        *("--temporary-directory", str(path.parent), "--no-progress-indicator" if count <= AT_ONCE else "-pt"),
        *(whole if count <= _WHOLE else many),
        str(features),
    ]
    try:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
            last = _follow(running, lambda percent: said.write_text(json.dumps(percent)))
        if running.returncode:
            raise Problem(f"tippecanoe could not make tiles: {last.strip()[-400:]}", where=str(path))
        making.replace(path)
    finally:
        for left in (making, said, making.with_name(making.name + "-journal")):
            left.unlink(missing_ok=True)


def progress_of(path: Path) -> float | None:
    """Percent of a building that is going on, or None."""
    try:
        return float(json.loads(path.with_suffix(".progress").read_text()))
    except (FileNotFoundError, ValueError):
        return None


def _follow(running: subprocess.Popen[bytes], tell: Callable[[float], Any]) -> str:
    assert running.stderr is not None
    last, told = b"", -1.0
    while piece := running.stderr.read1(4096):  # type: ignore[attr-defined]  # a BufferedReader
        last = (last + piece)[-2000:]
        found = _PERCENT.findall(piece)
        if found and float(found[-1]) != told:
            told = float(found[-1])
            tell(told)
    return last.decode(errors="replace")


@contextlib.contextmanager
def _features_file(beside: Path) -> Iterator[Path]:
    path = beside.with_suffix(".geojsonl")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
