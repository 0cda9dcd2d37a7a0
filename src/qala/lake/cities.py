"""The registry of rated cities and of the regions that watch them: dated, append-only, a file of the lake.

A later line about the same city adds to the history; nothing is rewritten, so that a rating of last year still finds the
category of last year with its reason and act.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from qala.lake.border.zones import to_local
from qala.lake.durable import append_line, whole_lines
from qala.standard.problems import Problem
from qala.standard.yaml_file import read_yaml

CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class CityDistrict(_Model):
    """A part of a city; its population and area live in the dataset `city.districts`."""

    code: str = Field(pattern=CODE)
    names: Mapping[str, str]


class CategoryPeriod(_Model):
    """The category of a city for a time: from a day, to a day (inclusive; open if not said), why, and by which act."""

    since: date = Field(validation_alias="from", serialization_alias="from")
    until: date | None = Field(default=None, validation_alias="to", serialization_alias="to")
    category: str
    reason: str
    act: str | None = None


class City(_Model):
    """A rated city.

    Args:
        code: nine-character KATO text, or any short code for a trial city elsewhere.
        names: kk, ru, en.
        region: code of the region that watches it (its own code for a city of republican significance).
        zone: IANA time zone; days and hours of its rows are of this zone.
        lat, lon: degrees, WGS 84.
        categories: history of its category, periods that do not overlap.
        settlement: what a district centre is (profile `settlements` rates cities and посёлки only): city, settlement
            (посёлок) or village.
        outline: name of the city's own GeoJSON file beside the registry.
        simulated: whether the city is invented; everything about it is marked so.
    """

    code: str = Field(pattern=CODE)
    names: Mapping[str, str]
    region: str | None = None
    zone: str
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    districts: tuple[CityDistrict, ...] = ()
    categories: tuple[CategoryPeriod, ...] = ()
    simulated: bool = False
    settlement: Literal["city", "settlement", "village"] = "city"
    outline: str | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            to_local("t", zone)
        except Problem as problem:
            raise ValueError(problem.message) from None
        return zone

    @model_validator(mode="after")
    def _no_overlap(self) -> City:
        periods = sorted(self.categories, key=lambda period: period.since)
        for earlier, later in zip(periods, periods[1:], strict=False):
            if earlier.until is None or earlier.until >= later.since:
                raise ValueError(
                    f"city {self.code} has two categories on {later.since}: close the earlier period first"
                )
        return self

    def category_on(self, day: date) -> str | None:
        """The category on a day, or None where none is in force."""
        for period in self.categories:
            if period.since <= day and (period.until is None or day <= period.until):
                return period.category
        return None


class Region(_Model):
    """A region, or a city of republican significance as one: it watches its cities.

    Args:
        code: nine-character KATO text, or any short code for a trial region.
        iso: ISO 3166-2 code.
        simulated: whether it is invented.
    """

    code: str = Field(pattern=CODE)
    names: Mapping[str, str]
    iso: str = ""
    simulated: bool = False


class CityRegistry:
    """Cities of a lake.

    Args:
        folder: `cities/` of the lake.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "cities.jsonl"
        self._regions_file = folder / "regions.jsonl"
        self._added: tuple[int, dict[str, Region]] = (-1, {})
        self._seen: tuple[int, dict[str, City]] = (-1, {})

    def add(self, city: City) -> None:
        """Add a city, or a later state of one; on the disk when this returns."""
        if self._cities().get(city.code) == city:
            return
        line = {"recorded_at": datetime.now(UTC).isoformat(), "city": city.model_dump(mode="json", by_alias=True)}
        append_line(self._file, json.dumps(line, ensure_ascii=False))

    def get(self, code: str) -> City:
        """A city by its code; a `Problem` if it is not registered."""
        found = self._cities().get(code)
        if found is None:
            raise Problem(
                f"city {code!r} is not in the registry",
                hint="`qala city list` shows the registered ones, `qala city add` and `qala city import` register more",
            )
        return found

    def __contains__(self, code: object) -> bool:
        return code in self._cities()

    def all(self) -> list[City]:
        """Every city as it is registered now, by code."""
        return [city for _, city in sorted(self._cities().items())]

    def add_region(self, region: Region) -> None:
        """Add a region beside those that come with the program, or a later state of one; on the disk on return."""
        if self.regions().get(region.code) == region:
            return
        line = {"recorded_at": datetime.now(UTC).isoformat(), "region": region.model_dump(mode="json")}
        append_line(self._regions_file, json.dumps(line, ensure_ascii=False))

    def regions(self) -> dict[str, Region]:
        """The regions of the country, those added, and those that only a city names (as its own region), by code."""
        cities, size = self._cities(), self._regions_file.stat().st_size if self._regions_file.exists() else 0
        if size != self._added[0]:
            said = [json.loads(line)["region"] for line in whole_lines(self._regions_file)[0]]
            self._added = (size, {region.code: region for region in map(Region.model_validate, said)})
        found = {region.code: region for region in regions()} | self._added[1]
        for city in cities.values():
            if city.region and city.region not in found:
                itself = cities.get(city.region)
                names = dict.fromkeys(city.names, city.region) if itself is None else itself.names
                found[city.region] = Region(
                    code=city.region, names=names, simulated=itself.simulated if itself else city.simulated
                )
        return dict(sorted(found.items()))

    def of_region(self, region: str) -> list[City]:
        return [city for city in self.all() if city.region == region]

    def category_on(self, code: str, day: date) -> str:
        """The category of a city on a day.

        Raises:
            Problem: unknown city, or no category on that day.
        """
        category = self.get(code).category_on(day)
        if category is None:
            raise Problem(
                f"city {code} has no category on {day.isoformat()}",
                hint="`qala city add` with --category and --since records one, with its reason and act",
            )
        return category

    def set_category(
        self, code: str, category: str, since: date, reason: str, act: str | None = None, until: date | None = None
    ) -> City:
        """Record a category from a day on; the one before it ends on the eve."""
        city = self.get(code)
        periods: list[CategoryPeriod] = []
        for period in city.categories:
            if period.since >= since:
                continue
            ends = period.until is None or period.until >= since
            eve = date.fromordinal(since.toordinal() - 1)
            periods.append(period.model_copy(update={"until": eve}) if ends else period)
        periods.append(CategoryPeriod(since=since, until=until, category=category, reason=reason, act=act))
        changed = City.model_validate({**city.model_dump(), "categories": tuple(periods)})
        self.add(changed)
        return changed

    def _cities(self) -> dict[str, City]:
        size = self._file.stat().st_size if self._file.exists() else 0
        if size != self._seen[0]:
            found: dict[str, City] = {}
            for line in whole_lines(self._file)[0]:
                city = City.model_validate(json.loads(line)["city"])
                found[city.code] = city
            self._seen = (size, found)
        return self._seen[1]


@cache
def shipped() -> tuple[tuple[Region, ...], tuple[City, ...]]:
    """The 20 regions, and the cities of republican and oblast significance, as facts that come with the program."""
    said: Any = read_yaml(Path(__file__).parent / "data" / "cities.yaml").data
    since: date = said["since"]
    regions = tuple(
        Region(code=str(item["code"]), names=item["names"], iso=item.get("iso", "")) for item in said["regions"]
    )
    cities = tuple(
        City(
            code=str(item["code"]),
            names=item["names"],
            region=str(item["region"]),
            zone=item["zone"],
            lat=item.get("lat"),
            lon=item.get("lon"),
            districts=tuple(CityDistrict(code=str(d["code"]), names=d["names"]) for d in item.get("districts", ())),
            categories=(
                CategoryPeriod(
                    since=since, category=item["category"], reason=said["reasons"][item["category"]], act=said["act"]
                ),
            ),
        )
        for item in said["cities"]
    )
    return regions, cities


def regions() -> tuple[Region, ...]:
    """The 20 regions of the first level."""
    return shipped()[0]
