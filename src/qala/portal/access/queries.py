"""What the page of walking access is asked for, and what it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import h3
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.places.walking import Walks, district_names, facilities_on, walks
from qala.places.walking_norms import Kind, walking_norms
from qala.places.walking_shares import Reached, Underserved, reached

MINUTES = (Fraction(1), Fraction(120))
SPEED_KMH = (Fraction(1), Fraction(10))
FEWEST_SHOWN = 5
"""Cells with fewer residents are counted and not shown one by one: so few people can be known by their address."""


@dataclass(frozen=True)
class Asked:
    """The question that an address asks.

    Attributes:
        kind: of facility.
        minutes: the limit; by default the kind's norm at the speed.
        speed: km/h.
        on: the city's own day.
        bands: the minutes that are shown besides, ascending.
        remarks: what the address asks for that cannot be, in words.
    """

    kind: Kind
    minutes: Fraction
    speed: Fraction
    on: date
    bands: Sequence[Fraction]
    remarks: Sequence[str] = ()


def asked_of(request: HttpRequest, city: City) -> Asked:
    """Reads `kind`, `minutes`, `speed` and `on`; what cannot be used is said and replaced by the default."""
    norms = walking_norms()
    remarks: list[str] = []
    name = request.GET.get("kind", "")
    if name and name not in norms.kinds:
        remarks.append(_("There is no kind “%(kind)s” here.") % {"kind": name})
    kind = norms.kinds.get(name) or next(iter(norms.kinds.values()))
    speed = _number(request, "speed", norms.speed_kmh.value, SPEED_KMH, remarks)
    minutes = _number(request, "minutes", kind.norm.minutes_at(speed), MINUTES, remarks)
    today = facts.today(city.zone)
    on, text = today, request.GET.get("on", "")
    if text:
        try:
            on = date.fromisoformat(text)
        except ValueError:
            remarks.append(
                _("“%(day)s” is no day; write it as %(example)s.") % {"day": text, "example": f"{today:%Y-%m-%d}"}
            )
    return Asked(kind, minutes, speed, on, [Fraction(band) for band in norms.bands_minutes], remarks)


def _number(
    request: HttpRequest, name: str, default: Fraction, ends: tuple[Fraction, Fraction], remarks: list[str]
) -> Fraction:
    text = request.GET.get(name, "").strip().replace(",", ".")
    if not text:
        return default
    try:
        found = Fraction(text) if len(text) < 12 else ends[1] + 1
    except (ValueError, ZeroDivisionError):
        found = ends[1] + 1
    if not ends[0] <= found <= ends[1]:
        values = {"value": text, "least": int(ends[0]), "most": int(ends[1])}
        remarks.append(_("“%(value)s” cannot be used: a number from %(least)d to %(most)d is wanted.") % values)
        return default
    return found


def walks_of(city: City, on: date) -> Walks:
    """The distances of a city on a day, computed or read again."""
    return walks(facts.lake(), city.code, on, settings.HOME / "walking")


def tiles(
    found: Walks, asked: Asked
) -> list[tuple[Kind, list[tuple[Fraction, Reached | None]], Fraction, Reached | None]]:
    """For each kind: who reaches it within each band, its norm in minutes, and who reaches it within the norm."""
    rows = []
    for kind in walking_norms().kinds.values():
        bands = [(band, reached(found, kind.id, band, asked.speed)) for band in asked.bands]
        norm = kind.norm.minutes_at(asked.speed)
        rows.append((kind, bands, norm, reached(found, kind.id, norm, asked.speed)))
    return rows


def names_of_districts(city: City, on: date) -> Mapping[str, Mapping[str, str]]:
    """Code -> names of the city's districts."""
    known = {district.code: dict(district.names) for district in city.districts}
    return known | district_names(facts.lake(), city.code, on)


def cells_as_features(found: Walks, asked: Asked) -> list[dict[str, Any]]:
    """Populated cells as GeoJSON: `class` 0 is within the first band, the last beyond all, -1 cannot be reached."""
    limits = [float(band * asked.speed * 1000 / 60) for band in asked.bands]
    rows = found.cells.to_pylist()
    features = []
    for row in rows:
        metres = row[f"{asked.kind.id}_m"]
        level = -1 if metres is None else sum(metres > limit for limit in limits)
        properties = {
            "cell": row["cell"],
            "class": level,
            "metres": metres and round(metres),
            "place": row[f"{asked.kind.id}_place"],
        }
        if row["residents"] >= FEWEST_SHOWN:
            properties["residents"] = row["residents"]
        if h3.is_valid_cell(row["cell"]):
            features.append(_feature(_outline(row["cell"]), properties))
    return features


def underserved_as_features(cells: Sequence[Underserved]) -> list[dict[str, Any]]:
    """Underserved cells as GeoJSON polygons with all that is known of them."""
    return [
        _feature(
            _outline(one.cell),
            {
                "cell": one.cell,
                "district": one.district,
                "residents": one.residents,
                "nearest": one.place,
                "metres": one.metres and round(one.metres),
                "minutes": one.minutes and round(one.minutes, 1),
            },
        )
        for one in cells
        if h3.is_valid_cell(one.cell)
    ]


def facilities_as_features(city: City, asked: Asked) -> list[dict[str, Any]]:
    """The facilities of the kind, as GeoJSON points."""
    rows = facilities_on(facts.lake(), city.code, asked.on, asked.kind).table.to_pylist()
    return [
        _feature({"type": "Point", "coordinates": [row["lon"], row["lat"]]}, {"place": row["place"]})
        for row in rows
        if row["lon"] is not None and row["lat"] is not None
    ]


def _outline(cell: str) -> dict[str, Any]:
    ring = [[round(lon, 6), round(lat, 6)] for lat, lon in h3.cell_to_boundary(cell)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
