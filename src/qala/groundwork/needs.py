"""What a city's people need (item 19): appeals by topic and incidents by kind, of a year against the year before, by district.

Appeals of the national platform count by the same topics, by what a person said its categories are. Counted from the lake's
rows: without spam and duplicates, by the city's own days. Numbers under five are not told by district.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from qala import facts
from qala.groundwork.topics import TOPICS, oldest_platform_day, platform_topics, systems_of
from qala.lake import Lake
from qala.places.disclosure import SMALLEST
from qala.places.layers import word

DAYS = 365
SOURCES: Mapping[str, tuple[str, str, str]] = {
    "appeals": ("contact_centre.appeals", "topic", "not spam and duplicate_of is null"),
    "incidents": ("situation_centre.incidents", "incident_kind", "true"),
}
"""Source of needs -> its dataset, the column of topics, the rows that count."""
PLATFORM = "platform"
"""The national platform's appeals, which are no rows of the lake."""


@dataclass(frozen=True)
class Need:
    """One topic.

    Attributes:
        source: `appeals`, `platform` or `incidents`; topic: a value of the list of appeals, or of incidents.
        now, before: rows of the year and of the year before; `before` is None where the lake does not reach back so far.
        per_1000: residents, of the year; None where their number is not known.
        districts: code -> rows of the year; None where they are under five.
    """

    source: str
    topic: str
    now: int
    before: int | None
    per_1000: Fraction | None
    districts: Mapping[str, int | None]

    @property
    def dataset(self) -> str:
        """Of the lake; empty for what is not in it."""
        return SOURCES[self.source][0] if self.source in SOURCES else ""

    @property
    def trend(self) -> Fraction | None:
        """Change against the year before in percent; None where there was none."""
        return Fraction(100 * (self.now - self.before), self.before) if self.before else None


def needs(city: str, last: date) -> list[Need]:
    """Topics of the year that ends on a day, the most frequent first.

    Args:
        last: the last day of the year, the city's own.
    """
    lake = facts.lake()
    people = residents(lake, city)
    found = [one for source in SOURCES for one in _of(lake, city, source, last, people)]
    found += _of_the_platform(city, last, people)
    return sorted(found, key=lambda one: (-one.now, one.source, one.topic))


def topic_words(source: str, topic: str, language: str) -> str:
    """A topic in words."""
    dataset, column, _counts = SOURCES[TOPICS if source == PLATFORM else source]
    return word(topic, language, f"{dataset}.{column}")


def residents(lake: Lake, city: str) -> int | None:
    """The city's residents by `city.profile`; None where it was not sent."""
    found = _rows(lake, "city.profile", city, "select population from {rows} order by valid_from desc limit 1")
    return int(found[0][0]) if found and found[0][0] else None


def district_names(city: str) -> dict[str, dict[str, str]]:
    """Code of a district -> its names in kk, ru and en, and residents under `population` as text."""
    sql = """select district_id, name_kk, name_ru, coalesce(name_en, name_kk), coalesce(population::varchar, '') from {rows}
             qualify row_number() over (partition by district_id order by valid_from desc) = 1 order by district_id"""
    names = ("kk", "ru", "en", "population")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in _rows(facts.lake(), "city.districts", city, sql)}


def shares(found: Sequence[Need]) -> dict[str, Fraction]:
    """System -> its part of all needs that speak for one; 0 to 1."""
    counted: dict[str, Fraction] = {}
    for one in found:
        systems = systems_of()[TOPICS if one.source == PLATFORM else one.source].get(one.topic, [])
        for system in systems:
            counted[system] = counted.get(system, Fraction(0)) + Fraction(one.now, len(systems))
    total = sum(counted.values(), Fraction(0))
    return {system: part / total for system, part in counted.items()} if total else {}


def _of(lake: Lake, city: str, source: str, last: date, people: int | None) -> list[Need]:
    dataset, column, counts = SOURCES[source]
    first = last - timedelta(days=DAYS - 1)
    earlier = first - timedelta(days=DAYS)
    sql = f"""select {column}, coalesce(district, ''), count(*) filter (day >= $first), count(*) filter (day < $first)
              from {{rows}} where {counts} and day between $earlier and $last group by all"""
    rows = _rows(lake, dataset, city, sql, {"first": first, "earlier": earlier, "last": last})
    oldest = _rows(lake, dataset, city, "select min(day) from {rows}")
    reaches_back = bool(oldest and oldest[0][0] and oldest[0][0] <= earlier)
    found = []
    for topic in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == topic]
        now, before = sum(row[2] for row in own), sum(row[3] for row in own)
        if not now and not (before and reaches_back):
            continue
        by_district = {row[1]: row[2] if row[2] >= SMALLEST else None for row in own if row[1] and row[2]}
        per = Fraction(1000 * now, people) if people else None
        found.append(Need(source, topic, now, before if reaches_back else None, per, by_district))
    return found


def _of_the_platform(city: str, last: date, people: int | None) -> list[Need]:
    first = last - timedelta(days=DAYS - 1)
    oldest = oldest_platform_day(city)
    reaches_back = oldest is not None and oldest <= first - timedelta(days=DAYS)
    return [
        Need(
            PLATFORM, topic, now, before if reaches_back else None, Fraction(1000 * now, people) if people else None,
            {code: count if count >= SMALLEST else None for code, count in districts.items()},
        )
        for topic, (now, before, districts) in platform_topics(city, first, last).items()
        if now or (before and reaches_back)
    ]  # fmt: skip


def _rows(
    lake: Lake, dataset: str, city: str, sql: str, given: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    snapshot = lake.table(dataset).snapshot()
    files = snapshot.files(city) if snapshot.version >= 0 else []
    if not files:
        return []
    connection = lake.connection()
    try:
        found: list[tuple[Any, ...]] = connection.execute(
            sql.format(rows=snapshot.current_sql(files)), dict(given or {})
        ).fetchall()
        return found
    finally:
        connection.close()
