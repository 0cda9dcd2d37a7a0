"""Objects of layers: found by number, name or address; one with all that is recorded of it through time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from shapely.geometry import shape

from qala.datasets import Contract
from qala.lake import Lake
from qala.places.layers import ColourBy, Layer
from qala.places.relations import columns_of, connection, dictionaries, geometry_sql, relation, snapshot

LINKED_ROWS = 20
_OWN = ("object", "first_day", "last_day", "geometry", "outline")
_BORDER = (
    "city",
    "year",
    "day",
    "hour",
    "received_at_platform",
    "way",
    "simulated",
    "_key",
    "_row",
    "_sign",
    "_receipt",
)


@dataclass(frozen=True)
class Found:
    """An object that was searched for, and where it is (degrees; None where it has no place)."""

    layer: str
    object: str
    title: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class State:
    """What a layer's row says of an object from a day to a day (None: still)."""

    first_day: date
    last_day: date | None
    values: dict[str, Any]


@dataclass(frozen=True)
class LinkedRows:
    """The latest rows of another dataset that name the object, and how many there are in all."""

    contract: Contract
    rows: list[dict[str, Any]]
    total: int


@dataclass(frozen=True)
class Card:
    """All that is recorded of an object; states run from the newest to the oldest."""

    layer: Layer
    object: str
    title: dict[str, str]
    geometry: dict[str, Any] | None
    states: list[State]
    linked: list[LinkedRows]
    simulated: bool

    @property
    def place(self) -> tuple[float, float] | None:
        """Longitude and latitude of a point in it."""
        if self.geometry is None:
            return None
        point = shape(self.geometry).representative_point()
        return round(point.x, 6), round(point.y, 6)


def search(lake: Lake, city: str, layers: Sequence[Layer], text: str, limit: int = 20) -> list[Found]:
    """Objects whose number, name or address holds the text: exact first, then by beginning, then the rest.

    Args:
        layers: where to look; who may not see a guarded layer's rows must not pass it.
    """
    text = text.strip()
    if not text:
        return []
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found: list[tuple[int, Found]] = []
    with contextlib.closing(connection(lake)) as con:
        for layer in layers:
            if not layer.search or not snapshot(lake, layer.dataset).files(city):
                continue
            source = relation(lake, layer, city)
            columns = columns_of(con, source)
            title = _title_sql(layer)
            any_of = " OR ".join(f"CAST(\"{name}\" AS VARCHAR) ILIKE $1 ESCAPE '\\'" for name in layer.search)
            rank = " ".join(f'WHEN lower(CAST("{name}" AS VARCHAR)) = lower($2) THEN 0' for name in layer.search)
            starts = " OR ".join(f'starts_with(lower(CAST("{name}" AS VARCHAR)), lower($2))' for name in layer.search)
            rows = dictionaries(
                con,
                f"""SELECT object, {title} AS title, {geometry_sql(layer, columns)} AS place,
                      CASE {rank} WHEN {starts} THEN 1 ELSE 2 END AS rank
                    FROM {source} WHERE {any_of}
                    QUALIFY row_number() OVER (PARTITION BY object ORDER BY first_day DESC) = 1
                    ORDER BY rank, object LIMIT {int(limit)}""",
                [pattern, text],
            )
            for row in rows:
                lon, lat = _middle(row["place"])
                found.append(
                    (row["rank"], Found(layer.id, row["object"], str(row["title"] or row["object"]), lon, lat))
                )
    return [one for _, one in sorted(found, key=lambda pair: pair[0])[:limit]]


def card(lake: Lake, layer: Layer, city: str, key: str) -> Card | None:
    """An object with its states in time and the rows that name it; None if the layer has no such object."""
    with contextlib.closing(connection(lake)) as con:
        source = relation(lake, layer, city)
        columns = columns_of(con, source)
        shown = f"SELECT *, {geometry_sql(layer, columns)} AS _place FROM {source} WHERE object = $1"
        rows = dictionaries(con, f"{shown} ORDER BY first_day DESC LIMIT 200", [key])
        if not rows:
            return None
        newest = rows[0]
        linked = [
            _linked(lake, con, city, link.dataset, link.by, newest.get(link.own or link.by)) for link in layer.linked
        ]
    own = [name for name in columns if name not in (*_OWN, *_BORDER, layer.geometry)]
    return Card(
        layer=layer,
        object=key,
        title={lang: _title(layer, newest, lang) for lang in ("kk", "ru", "en")},
        geometry=json.loads(newest["_place"]) if newest["_place"] else None,
        states=[State(row["first_day"], row["last_day"], {name: row[name] for name in own}) for row in rows],
        linked=[one for one in linked if one.total],
        simulated=bool(newest.get("simulated", False)),
    )


def points_on(lake: Lake, layer: Layer, city: str, on: date, most: int) -> list[tuple[float, float, Any]]:
    """Longitude, latitude and the value that colours it, of at most so many objects of a point layer on a day.

    Who may not see a guarded layer's rows must not pass it.
    """
    by = layer.colour.by if isinstance(layer.colour, ColourBy) else "NULL"
    with contextlib.closing(connection(lake)) as con:
        rows = con.execute(
            f"""SELECT lon::DOUBLE, lat::DOUBLE, {by} FROM {relation(lake, layer, city)}
                WHERE lat IS NOT NULL AND lon IS NOT NULL AND first_day <= $1 AND coalesce(last_day, $1) >= $1
                ORDER BY object LIMIT {int(most)}""",
            [on],
        ).fetchall()
    return [(lon, lat, value) for lon, lat, value in rows]


def now(lake: Lake, layer: Layer, city: str, at: datetime, most: int = 5000) -> dict[str, Any]:
    """GeoJSON of what a live layer shows at a moment (UTC): properties as its tiles would have them.

    Who may not see a guarded layer's rows must not pass it.
    """
    if not snapshot(lake, layer.dataset).files(city):
        return {"type": "FeatureCollection", "features": []}
    contract = lake.catalogue.contract(layer.dataset)
    since = at.astimezone(UTC).replace(tzinfo=None) - timedelta(minutes=layer.live or 0)
    shown = ", ".join(f'"{name}"' for name in layer.show)
    with contextlib.closing(connection(lake)) as con:
        rows = dictionaries(
            con,
            f"""SELECT object, lon::DOUBLE AS lon, lat::DOUBLE AS lat, {shown} FROM {relation(lake, layer, city)}
                WHERE day BETWEEN $1 AND $2 AND "{contract.counted_on}" BETWEEN $3 AND $4 AND lat IS NOT NULL AND lon IS NOT NULL
                QUALIFY row_number() OVER (PARTITION BY object ORDER BY "{contract.counted_on}" DESC) = 1
                ORDER BY object LIMIT {int(most)}""",
            [
                since.date() - timedelta(days=1),
                since.date() + timedelta(days=2),
                since,
                since + 2 * (at.astimezone(UTC).replace(tzinfo=None) - since),
            ],
        )
    features = []
    for row in rows:
        place = {"type": "Point", "coordinates": [row.pop("lon"), row.pop("lat")]}
        own = {"id": row.pop("object"), **{name: _plain(value) for name, value in row.items() if value is not None}}
        features.append({"type": "Feature", "geometry": place, "properties": own})
    return {"type": "FeatureCollection", "features": features}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    return float(value) if isinstance(value, Decimal) else value


def _linked(lake: Lake, con: Any, city: str, dataset: str, by: str, value: Any) -> LinkedRows:
    table = snapshot(lake, dataset)
    contract, files = lake.catalogue.contract(dataset), table.files(city)
    if value is None or not files:
        return LinkedRows(contract, [], 0)
    own = [name for name in contract.columns if name != by]
    listed = ", ".join(f'"{name}"' for name in own)
    rows = dictionaries(
        con,
        f"""SELECT {listed}, count(*) OVER () AS total FROM {table.current_sql(files)} WHERE "{by}" = $1
            ORDER BY day DESC, _key LIMIT {LINKED_ROWS}""",
        [value],
    )
    total = int(rows[0]["total"]) if rows else 0
    return LinkedRows(contract, [{name: row[name] for name in own} for row in rows], total)


def _title_sql(layer: Layer) -> str:
    if layer.title == "name":
        return "name_ru"
    return f'CAST("{layer.title}" AS VARCHAR)' if layer.title else "object"


def _title(layer: Layer, row: dict[str, Any], language: str) -> str:
    if layer.title == "name":
        return str(row[f"name_{language}"] or row["name_ru"])
    return str((row.get(layer.title) if layer.title else None) or row["object"])


def _middle(place: str | None) -> tuple[float | None, float | None]:
    if not place:
        return None, None
    point = shape(json.loads(place)).representative_point()
    return round(point.x, 6), round(point.y, 6)
