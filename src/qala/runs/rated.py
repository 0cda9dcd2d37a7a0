"""Who takes part in a rating: cities of the lake's registry with their category and the initiatives that they claim."""

from __future__ import annotations

from datetime import date

from qala.lake import Lake
from qala.measures import filings
from qala.measures.values import Values
from qala.runs.record import RatedCity
from qala.scoring.profile import Level


def rated_city(lake: Lake, values: Values, code: str, year: int) -> RatedCity:
    """A city as it is rated for a year: its category is that of 31 December.

    Raises:
        Problem: the city is not registered, or has no category on that day.
    """
    city = lake.cities.get(code)
    computer = values.computer
    filed = filings.rows_of(computer.connection, computer.snapshot(filings.INITIATIVES), code)
    return RatedCity(
        code=code,
        category=lake.cities.category_on(code, date(year, 12, 31)),
        claims=filings.claims(filed, year),
        simulated=city.simulated,
    )


def rated_in(lake: Lake, category: str, year: int, level: Level = "settlements") -> tuple[str, ...]:
    """Codes of the cities that are of a category on 31 December of a year.

    Args:
        level: `settlements` leaves out villages, which item 7 does not name among the third category (reading S2);
            `all_centres` counts every district centre. A place of unknown kind counts.
    """
    day = date(year, 12, 31)
    found = (city for city in lake.cities.all() if city.category_on(day) == category)
    return tuple(city.code for city in found if level == "all_centres" or city.settlement != "village")
