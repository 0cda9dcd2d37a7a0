"""What the platform really offers in a city, as rows of the situation centre's registries (KPIs 1.3, 1.5 and 1.6).

Visualisations are items of boards that everybody sees and that have something to draw. Layers are those of the map page and
those that departments published. Objects on the map are those of the city's register of critical objects that the map draws,
with live data where the object's card shows rows that another dataset sent in its own cadence (`linked` in places/layers.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser

from qala import facts
from qala.datasets import Contract
from qala.lake import City
from qala.measures.indicators import Indicator
from qala.places import counts
from qala.places.layers import layers
from qala.portal.board import queries as boards
from qala.portal.board.layout import Item
from qala.portal.data.sources import days_late
from qala.portal.map.models import Layer as OwnLayer

Row = Mapping[str, str | None]

VISUALISATIONS = "situation_centre.visualisations"
LAYERS = "situation_centre.layers"
ON_MAP = "situation_centre.map_objects"
REGISTER = "situation_centre.critical_objects"
MARK = "platform"
"""What ids of our own rows begin with, so that rows of other systems of the city are left alone."""

TYPES: Mapping[str, str] = {
    "chart": "chart", "radar": "chart", "timeline": "timeline", "gauge": "gauge", "table": "table", "heat": "heatmap",
    "map": "map", "mnemonic": "mnemonic_scheme",
}  # fmt: skip
"""Kind of a board's item -> type of the registry. Counters, cards, lists and texts are no type of their own."""

_HOURS: Mapping[str, int] = {
    "minute": 1,
    "hour": 1,
    "day": 24,
    "week": 168,
    "month": 744,
    "quarter": 2208,
    "year": 8784,
}
_OWN_LAYER_HOURS = _HOURS["year"]  # a department's layer names no cadence: once a year it must be looked at


def visualisations(city: City, day: date) -> list[Row]:
    """Items of the boards that everybody sees, where they have rows to draw from."""
    return [
        {
            "visualisation_id": f"{MARK}:{board.name}:{item.id}",
            "visual_type": TYPES[item.kind],
            "board": board.name,
            "published": "true",
            "on_published_board": "true",
        }
        for board in boards.boards(AnonymousUser(), city.code)
        for item in board.items
        if item.kind in TYPES and _draws(item, city, day)
    ]


def _draws(item: Item, city: City, day: date) -> bool:
    if item.kind == "mnemonic":
        return bool(boards.elements(city.code, item.network, day))
    if item.layer and not item.kpis:
        layer = layers().get(item.layer)
        return layer is not None and bool(counts.in_all(facts.lake(), layer, city.code))
    if item.dataset:
        return _has_rows(item.dataset, city)
    named = boards.kpis_of(item, city, day)
    values = facts.values()
    return any(
        _has_rows(dataset, city) for kpi in named if not isinstance(kpi, Indicator) for dataset in values.datasets(kpi)
    )


def _has_rows(dataset: str, city: City) -> bool:
    return bool(facts.values().computer.snapshot(dataset).files(city=city.code))


def map_layers(city: City, day: date) -> list[Row]:
    """Layers of the map that everybody may open, with how many objects each has and whether it is kept in its cadence."""
    lake = facts.lake()
    found: list[Row] = []
    for layer in layers().values():
        contract = facts.catalogue().contract(layer.dataset)
        features = counts.in_all(lake, layer, city.code)
        found.append(
            _layer(
                f"{MARK}:{layer.id}",
                layer.name.ru,
                features,
                _HOURS[contract.arrives.every],
                _kept(contract, city, day),
            )
        )
    for own in OwnLayer.objects.filter(city=city.code, shown_to=OwnLayer.Audience.PUBLIC):
        if own.state == "published":
            version = own.versions.filter(number=own.version).first()
            kept = (day - own.changed_at.date()).days * 24 <= _OWN_LAYER_HOURS
            features = version.objects_count if version else 0
            found.append(_layer(f"{MARK}:own-{own.pk}", own.title_ru, features, _OWN_LAYER_HOURS, kept))
    return found


def _layer(number: str, title: str, features: int, hours: int, kept: bool) -> Row:
    return {
        "layer_id": number,
        "title": title,
        "features": str(features),
        "cadence_hours": str(hours),
        "within_cadence": "true" if kept and features else "false",
        "published": "true",
    }


def _kept(contract: Contract, city: City, day: date) -> bool:
    """Whether the dataset's last delivery is not older than its own cadence, and a day to deliver it."""
    receipts = [
        r
        for r in facts.lake().ledger.receipts(contract.id, city.code)
        if r.kind != "undo" and r.undone_by is None
    ]  # fmt: skip
    if not receipts:
        return False
    last = max(receipts, key=lambda receipt: receipt.received_at)
    if contract.kind == "registry":  # its rows hold for long: it is refreshed by being sent again
        return (day - last.received_at.date()).days * 24 <= _HOURS[contract.arrives.every] + 24
    days = [file.last_day for file in facts.values().computer.snapshot(contract.id).files(city=city.code)]
    return bool(days) and not days_late(contract, min(max(days), day), last, day)


def objects_on_map(city: City, day: date) -> list[Row]:
    """Critical objects of the register that holds on a day, as the map shows them."""
    lake = facts.lake()
    snapshot = lake.table(REGISTER).snapshot()
    files = snapshot.files(city=city.code)
    if not files:
        return []
    with lake.connection() as con:
        objects = con.execute(
            f"""SELECT object_id, lat::VARCHAR, lon::VARCHAR FROM {snapshot.current_sql(files)}
                WHERE valid_from <= $1 AND coalesce(valid_to, $1) >= $1 ORDER BY object_id""",
            [day],
        ).fetchall()
    live = _live(city, day)
    return [
        {
            "object_id": number,
            "layer_id": f"{MARK}:critical_objects",
            "has_geometry": "true" if lat is not None and lon is not None else "false",
            "has_live_data": "true" if number in live else "false",
            "lat": lat,
            "lon": lon,
        }
        for number, lat, lon in objects
    ]


def _live(city: City, day: date) -> set[str]:
    """Numbers of objects of which a linked dataset has a row within its own cadence, and a day to deliver it."""
    lake = facts.lake()
    found: set[str] = set()
    for link in layers()["critical_objects"].linked:
        every = facts.catalogue().contract(link.dataset).arrives.every
        first = day - timedelta(days=1 + -(-_HOURS[every] // 24))
        snapshot = lake.table(link.dataset).snapshot()
        files = snapshot.files(city=city.code, first_day=first, last_day=day)
        if not files:
            continue
        with lake.connection() as con:
            rows = con.execute(
                f'SELECT DISTINCT "{link.by}" FROM {snapshot.current_sql(files)} WHERE day BETWEEN $1 AND $2',
                [first, day],
            ).fetchall()
        found.update(str(number) for (number,) in rows)
    return found


def changes(dataset: str, city: City, offered: list[Row], day: date) -> list[Row]:
    """What must be sent so that the registry says what is offered: rows from today on, and ends of those that held.

    Rows of other systems are left alone, and an object that another system already has on the map is theirs.
    """
    contract = facts.catalogue().contract(dataset)
    number = contract.key[0]
    names = [name for name in contract.columns if name not in ("valid_from", "valid_to")]
    held, others = _held(dataset, city, number, names, day)
    sent: list[Row] = []
    now = {str(row[number]): row for row in offered if str(row[number]) not in others}
    for key, row in now.items():
        known = held.get(key)
        if known is not None and all(_same(known[name], row.get(name)) for name in names):
            continue
        if known is not None and known["valid_from"] != str(day):
            sent.append({**known, "valid_to": str(day - timedelta(days=1))})
        sent.append({**dict.fromkeys(names), **row, "valid_from": str(day), "valid_to": None})
    for key, known in held.items():
        if key not in now:  # what came and went on one day is kept as a row of that day
            sent.append({**known, "valid_to": max(str(day - timedelta(days=1)), str(known["valid_from"]))})
    return sent


def _held(
    dataset: str, city: City, number: str, names: list[str], day: date
) -> tuple[dict[str, dict[str, str | None]], set[str]]:
    """Our rows that hold, as texts, and the ids of rows of others that hold."""
    lake = facts.lake()
    snapshot = lake.table(dataset).snapshot()
    files = snapshot.files(city=city.code)
    if not files:
        return {}, set()
    wanted = [*names, "valid_from"]
    with lake.connection() as con:
        rows = con.execute(
            f"""SELECT {", ".join(f'"{name}"::VARCHAR' for name in wanted)} FROM {snapshot.current_sql(files)}
                WHERE valid_from <= $1 AND coalesce(valid_to, DATE '9999-12-31') > $1""",
            [day],
        ).fetchall()
    held: dict[str, dict[str, str | None]] = {}
    others: set[str] = set()
    for values in rows:
        row = dict(zip(wanted, values, strict=True))
        if str(row.get("layer_id" if dataset == ON_MAP else number)).startswith(f"{MARK}:"):
            held[str(row[number])] = row
        else:
            others.add(str(row[number]))
    return held, others


def _same(known: str | None, offered: str | None) -> bool:
    return known == offered or (known is None and not offered)


def offered(city: City, day: date) -> dict[str, list[Row]]:
    """Dataset -> what the platform offers on a city-local day."""
    return {
        VISUALISATIONS: visualisations(city, day),
        LAYERS: map_layers(city, day),
        ON_MAP: objects_on_map(city, day),
    }
