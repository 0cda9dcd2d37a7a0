"""What is measured around the city: air, water, noise, the energy of public buildings, schools and clinics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, World
from qala.world.drawing import excess, ids, places

Array = NDArray[Any]

# Typical daily contents of the air, mg/m³, where a city is just good enough.
AIR = {"pm2_5": 0.032, "pm10": 0.054, "no2": 0.037, "so2": 0.044, "co": 2.6, "o3": 0.026}


def record(world: World) -> Iterator[Facts]:
    """Readings of stations, monthly energy, daily feeds."""
    yield _air(world)
    yield from _water_and_noise(world)
    yield _building_energy(world)
    yield from _feeds(world)


def _excess(world: World, side: str, days: Array) -> Array:
    return excess(world.quality_by_day(f"situation_centre.{side}", days))


def _stations(world: World, rng: np.random.Generator) -> dict[str, Array]:
    count = world.sized({"republican": 12, "oblast": 5, "district": 2}, 1)
    return {"station": ids("station-", count), **places(world, rng, count)}


def _hours(world: World, days: Array) -> Array:
    """The start of every hour of the days, UTC."""
    return np.asarray(world.utc(np.repeat(days, 24), np.tile(np.arange(24) * 3600, days.size)))


def _air(world: World) -> Facts:
    dataset = "situation_centre.air_readings"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    stations = _stations(world, world.rng("situation_centre.stations"))
    count = stations["station"].size
    hours = _hours(world, days)
    cold = np.clip(-world.temperatures[-days.size :] / 12.0, 0.0, 1.5)
    dirt = _excess(world, "air_readings", days) * (0.8 + 0.5 * cold)
    parts: list[Array] = []
    for typical in AIR.values():
        by_day = typical * dirt * np.exp(0.25 * rng.standard_normal((count, days.size)))
        parts.append(np.repeat(by_day, 24, axis=1) * np.exp(0.3 * rng.standard_normal((count, hours.size)) - 0.045))
    content = np.round(np.concatenate([part.ravel() for part in parts]), 4)
    kept = rng.random(content.size) >= 0.01  # an hour now and then is lost
    columns = {name: np.tile(np.repeat(column, hours.size), len(AIR))[kept] for name, column in stations.items()}
    return Facts(
        dataset,
        {
            **columns,
            "pollutant": np.repeat(np.array(list(AIR)), count * hours.size)[kept],
            "measured_at": np.tile(hours, count * len(AIR))[kept],
            "concentration": content[kept],
        },
    )


def _water_and_noise(world: World) -> Iterator[Facts]:
    rng = world.rng("situation_centre.noise_readings")
    days = world.days_for("situation_centre.noise_readings")
    at = {name: column[:1] for name, column in _stations(world, world.rng("situation_centre.stations")).items()}
    hours = _hours(world, days)
    daytime = np.tile(np.array([0] * 7 + [1] * 16 + [0]), days.size)
    level = np.round(47 + 12 * daytime + 3 * rng.standard_normal(hours.size), 1)
    noise = {name: np.repeat(column, hours.size) for name, column in at.items()}
    yield Facts("situation_centre.noise_readings", {**noise, "measured_at": hours, "level_db": level})
    properties = {"ph": (7.4, 0.2, "pH"), "turbidity": (1.1, 0.4, "NTU"), "chlorine": (0.4, 0.1, "mg/l")}
    n = days.size * len(properties)
    middle, spread = (np.repeat([values[i] for values in properties.values()], days.size) for i in (0, 1))
    yield Facts(
        "situation_centre.water_quality_readings",
        {
            **{name: np.repeat(column, n) for name, column in at.items()},
            "property": np.repeat(np.array(list(properties)), days.size),
            "measured_at": np.tile(world.utc(days, 9 * 3600), len(properties)),
            "amount": np.round(np.abs(middle.astype(float) + spread.astype(float) * rng.standard_normal(n)), 4),
            "measured_in": np.repeat(np.array([values[2] for values in properties.values()]), days.size),
        },
    )


def _public_buildings(world: World, kinds: tuple[str, ...], most: int) -> Array:
    return np.flatnonzero(np.isin(world.buildings.kind, list(kinds)))[:most]


def _building_energy(world: World) -> Facts:
    dataset = "situation_centre.building_energy"
    rng = world.rng(dataset)
    chosen = _public_buildings(world, ("school", "kindergarten", "clinic", "hospital", "hall"), 400)
    months = np.arange(np.datetime64(world.first_day, "M"), np.datetime64(world.last_day, "M") + np.timedelta64(1, "M"))
    a_year = {"electricity": 45.0, "heat": 120.0, "gas": 25.0}  # kWh on a square metre
    carriers = [name for name in a_year if name == "electricity" or name in world.networks]
    day_months = world.day_array().astype("datetime64[M]")
    cold = np.array([np.clip(15 - world.temperatures[day_months == month], 0, None).mean() for month in months])
    usual = float(cold.mean()) or 1.0
    saving = {"republican": 0.055, "oblast": 0.035, "district": 0.015}[world.category]
    saving += (world.quality("situation_centre.building_energy") - 0.75) * 0.2
    last_year = months.astype("datetime64[Y]").astype(int) + 1970 - world.first_day.year
    level = (1.0 - saving) ** last_year
    parts: dict[str, list[Array]] = {"carrier": [], "kwh": [], "normal": []}
    shape = (chosen.size, months.size)
    for carrier in carriers:
        area = world.buildings.area_m2[chosen][:, None] * a_year[carrier] / 12
        noise = np.exp(0.06 * rng.standard_normal(shape))
        season = np.ones(months.size) if carrier == "electricity" else cold / usual
        parts["normal"].append((area * level * noise * np.where(carrier == "electricity", 1.0, 1.0)).ravel())
        parts["kwh"].append((area * level * noise * season).ravel())
        parts["carrier"].append(np.full(chosen.size * months.size, carrier))
    new = np.arange(chosen.size) % 25 == 24  # opened lately, so not in the set that both years share
    return Facts(
        dataset,
        {
            "building_id": np.tile(np.repeat(world.buildings.id[chosen], months.size), len(carriers)),
            "carrier": np.concatenate(parts["carrier"]),
            "consumed_in": np.tile(months.astype("datetime64[D]"), chosen.size * len(carriers)),
            "kwh": np.round(np.concatenate(parts["kwh"]), 3),
            "kwh_weather_normalised": np.round(np.concatenate(parts["normal"]), 3),
            "same_set": np.tile(np.repeat(~new, months.size), len(carriers)),
            "district": np.tile(np.repeat(world.buildings.district[chosen], months.size), len(carriers)),
        },
    )


def _feeds(world: World) -> Iterator[Facts]:
    for name, kinds in (("school", ("school",)), ("clinic", ("clinic", "hospital"))):
        dataset = f"situation_centre.{name}_feeds"
        rng = world.rng(dataset)
        days = world.days_for(dataset)
        if name == "school":
            days = days[world.working_days(days) & ~np.isin(days.astype("datetime64[M]").astype(int) % 12, (5, 6, 7))]
        chosen = _public_buildings(world, kinds, 60)
        n = chosen.size * days.size
        size = np.repeat(np.maximum(world.buildings.area_m2[chosen] // 8, 40), days.size)
        there = np.minimum(size, (size * (0.9 + 0.05 * rng.standard_normal(n))).astype(np.int64))
        columns = {
            f"{name}_id": np.repeat(world.buildings.id[chosen], days.size),
            "reported_on": np.tile(days, chosen.size),
            "district": np.repeat(world.buildings.district[chosen], days.size),
        }
        if name == "school":
            counted = {"pupils": size, "present": there}
        else:
            counted = {"visits": there, "beds": size // 3, "beds_taken": there // 4}
        yield Facts(dataset, columns | counted)
