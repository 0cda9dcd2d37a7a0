"""The simulated world as the systems see it: a city, what it is like, and the shape of what a system hands
back.

A system's `simulate.py` has two functions. `record(world)` yields `Facts` (one contract's rows as numpy
columns) for the days that `world.days_for(dataset)` gives. `books(world, facts)` says the true value of each
KPI, worked out from the words of the order, apart from the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from qala.world import clock
from qala.world.character import (
    BAD_MONTH,
    IMPROVEMENT,
    Character,
    bad_months,
    fraction,
    level,
    missing_system,
)
from qala.world.clock import Days, Times
from qala.world.plan import Plan, Ring
from qala.world.registries import (
    Buildings,
    Routes,
    Sites,
    Stops,
    Streets,
    address,
    make_buildings,
    make_sites,
    make_stops,
    make_streets,
)

Category = Literal["republican", "oblast", "district"]

PREVIOUS_YEAR: Final = frozenset(
    {
        "situation_centre.incidents",
        "situation_centre.crimes",
        "situation_centre.building_energy",
        "greenery.areas",
        "greenery.plantings",
    }
)
"""Datasets that are recorded for the year before the rated one too: the KPIs 1.12, 1.13, 1.20, 1.21 and 11.3
look back.
"""


@dataclass(frozen=True)
class District:
    """A district of a city.

    Attributes:
        code: what the `district` columns hold (`SIM-R01-1`).
        name: ru, kk, en.
        population, area_m2: they sum to the city's.
        ring: closed GeoJSON ring of (lon, lat); the districts of a city tile its outline.
    """

    code: str
    name: dict[str, str]
    population: int
    area_m2: int
    ring: Ring


@dataclass(frozen=True)
class Facts:
    """Rows of one dataset, column by column.

    Times are datetime64[us] in UTC (NaT = empty), days datetime64[D], texts numpy str or object arrays
    (None = empty), whole numbers int64, decimals float64 rounded to the contract's scale (NaN = empty),
    yes/no bool. All columns have the same length. The order of rows has no meaning.
    """

    dataset: str
    columns: dict[str, Any]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0


@dataclass(frozen=True)
class Truth:
    """The true value of a KPI for a year and its months.

    Attributes:
        year: the year's value in the KPI's unit; None where there is none (`status` says why).
        months: "YYYY-MM" -> value; months without a value are absent.
        components: the year's value by component (1.4, 1.17).
        status: ok, missing, no_baseline, no_events, not_due, not_applicable, no_target or invalid, as the
            order is read.
    """

    year: float | None
    months: dict[str, float] = field(default_factory=dict)
    components: dict[str, float] = field(default_factory=dict)
    status: str = "ok"


@dataclass(frozen=True)
class World:
    """A simulated city; see `qala.world.make_world`.

    Attributes:
        code: `SIM-R01` and the like; name: ru, kk, en, invented.
        region: code of the region that watches it (a city of republican significance is its own); region_name: ru, kk, en.
        scale: 1 = a city of the size that the order implies; population, area, registries, volumes follow it.
        years: the rated years. first_day..last_day also cover the year before the first of them.
        zone: IANA name. population: residents. area_m2, vehicles (registered), road_length_m: of the whole
            city.
        networks: of power, water, heat, gas those that the city has.
        character: good, middling, poor, disconnected, withholding, late.
    """

    code: str
    name: dict[str, str]
    region: str
    region_name: dict[str, str]
    category: Category
    seed: int
    scale: float
    years: tuple[int, ...]
    first_day: date
    last_day: date
    zone: str
    population: int
    area_m2: int
    vehicles: int
    networks: frozenset[str]
    districts: tuple[District, ...]
    lat: float
    lon: float
    character: Character
    plan: Plan

    # —— chance ——

    def rng(self, name: str) -> np.random.Generator:
        """A generator of its own for every name (`contact_centre.appeals`): same seed and city, same numbers.

        Each call starts anew: keep the generator while drawing for one dataset.
        """
        return np.random.default_rng([int(fraction(self.seed, self.code, "rng", name) * 2**53), self.seed])

    def quality(self, name: str) -> float:
        """How well a system (`water`) or one side of it (`water.outages`) works, 0..1; above 0.75 it meets
        its targets.
        """
        return level(self.character, self.seed, self.code, name)

    def quality_by_day(self, name: str, days: Days) -> npt.NDArray[np.float64]:
        """`quality` on each day: a slow improvement through each year, and a city's bad months; 0.02..0.99.

        Use this, not `quality`, for what changes from day to day, or withheld months will not be bad ones.
        """
        start = days.astype("datetime64[Y]").astype("datetime64[D]")
        through = (days - start).astype(np.int64) / 365.0
        value = self.quality(name) + IMPROVEMENT * (through - 0.5)
        bad = np.isin(clock.month_of(days), sorted(self.bad_months(name.partition(".")[0])))
        return np.asarray(np.clip(np.where(bad, value - BAD_MONTH, value), 0.02, 0.99))

    def bad_months(self, system: str) -> frozenset[int]:
        """Months (1..12) in which a system of a withholding city does badly; the city does not send them."""
        return bad_months(self.character, self.seed, self.code, system)

    @property
    def missing_system(self) -> str | None:
        """The system that a disconnected city has not connected. It still works (`record` is asked), it
        sends nothing.
        """
        return missing_system(self.character, self.seed, self.code)

    # —— days ——

    @property
    def rated_year(self) -> int:
        """The last of the rated years."""
        return self.years[-1]

    def days(self, year: int | None = None) -> list[date]:
        """The days of a year, or first_day..last_day."""
        return [day for day in self.day_array(year).astype(object)]  # noqa: C416 - numpy's object days are dates

    def day_array(self, year: int | None = None) -> Days:
        """The same as datetime64[D]."""
        if year is None:
            return clock.day_range(self.first_day, self.last_day)
        return clock.day_range(date(year, 1, 1), date(year, 12, 31))

    def days_for(self, dataset: str) -> Days:
        """The days on which a dataset is recorded: the rated years, and the year before only where a KPI
        needs it.
        """
        if dataset in PREVIOUS_YEAR:
            return self.day_array()
        return clock.day_range(date(self.years[0], 1, 1), self.last_day)

    @property
    def holidays(self) -> frozenset[date]:
        """Kazakhstan's days off from first_day to last_day, moved days included."""
        return clock.holidays_of(self.first_day.year, self.last_day.year)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday and not a day off."""
        return day.weekday() < 5 and day not in self.holidays

    def working_days(self, days: Days) -> npt.NDArray[np.bool_]:
        """`is_working_day` of many days."""
        off = np.array(sorted(self.holidays), dtype="datetime64[D]")
        return np.asarray((clock.weekday_of(days) < 5) & ~np.isin(days, off))

    # —— weather ——

    @cached_property
    def temperatures(self) -> npt.NDArray[np.float64]:
        """Mean °C of each day from first_day to last_day: a continental winter, and spells that last some
        days.
        """
        days = self.day_array()
        rng = self.rng("weather")
        warmth = 7.5 - 0.9 * (self.lat - 47.0) + float(rng.uniform(-1, 1))
        day = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
        spells = np.convolve(rng.standard_normal(len(days) + 6), np.ones(7) / 7**0.5, mode="valid")
        return np.asarray(np.round(warmth - 18.5 * np.cos(2 * np.pi * (day - 18) / 365.25) + 4.2 * spells, 1))

    def temperature(self, day: date) -> float:
        """Mean °C of a day between first_day and last_day."""
        return float(self.temperatures[(day - self.first_day).days])

    # —— time ——

    def utc(self, days: Days, seconds: npt.ArrayLike) -> Times:
        """UTC times (datetime64[us]) of city-local days and seconds after local midnight."""
        return clock.to_utc(days, seconds, self.zone)

    def local(self, times: Times) -> Times:
        """Wall-clock times (datetime64[us]) of UTC times."""
        return clock.to_local(times, self.zone)

    def local_day(self, times: Times) -> Days:
        """City-local days of UTC times; NaT stays NaT."""
        return np.asarray(self.local(times).astype("datetime64[D]"))

    def local_hour(self, times: Times) -> npt.NDArray[np.int64]:
        """City-local hours 0..23 of UTC times (NaT gives nonsense)."""
        return np.asarray(self.local(times).astype("datetime64[h]").astype(np.int64) % 24)

    # —— how much ——

    def volume(
        self,
        per_month: dict[str, float] | float,
        *,
        days: Days | None = None,
        name: str = "volume",
        flat: bool = False,
    ) -> npt.NDArray[np.int64]:
        """Rows on each day, with the shape of a week, a year and its holidays.

        Args:
            per_month: rows a month at scale 1, for all or by category; every whole month gets at least scale
                × this.
            days: the days to fill; default first_day..last_day. Give `world.days_for(dataset)`.
            name: makes the daily noise of two datasets different.
            flat: without the weekly and seasonal shape, for devices.

        Turn counts into rows with `np.repeat(days, counts)`.
        """
        monthly = per_month[self.category] if isinstance(per_month, dict) else per_month
        chosen = self.day_array() if days is None else days
        noise = self.rng(f"volume.{name}").standard_normal(len(chosen))
        return clock.spread(monthly * self.scale, chosen, self.holidays, noise, flat)

    def sized(self, at_scale_1: dict[str, float] | float, least: int = 1) -> int:
        """A whole number of things, scaled, but not fewer than `least`."""
        value = at_scale_1[self.category] if isinstance(at_scale_1, dict) else at_scale_1
        return max(least, round(value * self.scale))

    # —— where ——

    def pick_district(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.str_]:
        """District codes, each as likely as its share of the population."""
        people = np.array([district.population for district in self.districts], dtype=np.float64)
        bounds = np.cumsum(people) / people.sum()
        return self._codes[np.minimum(np.searchsorted(bounds, rng.random(n), side="right"), len(people) - 1)]

    def pick_building(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.int64]:
        """Positions in `buildings`, each as likely as its number of residents: a citizen's home."""
        bounds = self._residents
        return np.asarray(np.searchsorted(bounds, rng.integers(0, bounds[-1], n), side="right"))

    def pick_citizen(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.str_]:
        """Invented personal numbers (`P0001234`), one of as many as there are residents."""
        return np.char.add("P", np.char.zfill(rng.integers(0, self.population, n).astype(str), 7))

    def addresses(self, buildings: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
        """Written addresses in Russian of positions in `buildings`."""
        return address(self.buildings.street[buildings], self.buildings.number[buildings])

    @cached_property
    def _codes(self) -> npt.NDArray[np.str_]:
        return np.array([district.code for district in self.districts])

    @cached_property
    def _residents(self) -> npt.NDArray[np.int64]:
        return np.cumsum(self.buildings.residents)

    # —— what stands there ——

    @cached_property
    def streets(self) -> Streets:
        """The street graph."""
        return make_streets(self.rng("streets"), self.plan, self._codes, self.area_m2)

    @property
    def road_length_m(self) -> int:
        """Length of all streets."""
        return int(self.streets.length_m.sum())

    @cached_property
    def _lines(self) -> tuple[Stops, Routes]:
        stops = self.sized({"republican": 2200, "oblast": 500, "district": 60}, 12)
        routes = self.sized({"republican": 140, "oblast": 45, "district": 8}, 3)
        return make_stops(self.rng("stops"), self.plan, self.streets, self._codes, stops, routes)

    @property
    def stops(self) -> Stops:
        """Stops of public transport."""
        return self._lines[0]

    @property
    def routes(self) -> Routes:
        """Routes of public transport."""
        return self._lines[1]

    @cached_property
    def buildings(self) -> Buildings:
        """Every building; the residents sum to the population."""
        flats = {"republican": 0.85, "oblast": 0.7, "district": 0.35}[self.category]
        return make_buildings(self.rng("buildings"), self.plan, self.streets, self._codes, self.population, flats)

    @cached_property
    def containers(self) -> Sites:
        """Waste container sites `C00001`…; size = containers."""
        count = max(6, round(self.population / 400))
        return make_sites(self.rng("containers"), self.plan, self.streets, self._codes, "C", count, (1, 5))

    @cached_property
    def parks(self) -> Sites:
        """Parks `G00001`…; size = m²."""
        count = max(3, round(self.population / 9000))
        return make_sites(self.rng("parks"), self.plan, self.streets, self._codes, "G", count, (8_000, 120_000))
