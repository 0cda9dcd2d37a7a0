"""Days, ISO weeks, months, quarters and years of a city's calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from qala.standard.problems import Problem
from qala.standard.values import Every

GRAINS: tuple[Every, ...] = ("day", "week", "month", "quarter", "year")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """A stretch of whole city-local days: `2026`, `2026-Q1`, `2026-03`, `2026-W09`, `2026-03-05`.

    Attributes:
        first_day, last_day: both belong to it.
    """

    first_day: date
    last_day: date
    grain: Every

    @staticmethod
    def parse(text: str) -> Period:
        """Read a period as it is written.

        Raises:
            Problem: it is not written like one.
        """
        try:
            if found := re.fullmatch(r"(\d{4})", text):
                return Period.of(date(int(found[1]), 1, 1), "year")
            if found := re.fullmatch(r"(\d{4})-[Qq]([1-4])", text):
                return Period.of(date(int(found[1]), 3 * int(found[2]) - 2, 1), "quarter")
            if found := re.fullmatch(r"(\d{4})-(\d{2})", text):
                return Period.of(date(int(found[1]), int(found[2]), 1), "month")
            if found := re.fullmatch(r"(\d{4})-[Ww](\d{2})", text):
                return Period.of(date.fromisocalendar(int(found[1]), int(found[2]), 1), "week")
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                return Period.of(date.fromisoformat(text), "day")
        except ValueError:
            pass
        raise Problem(f"'{text}' is not a period.", hint="Write 2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-05.")

    @staticmethod
    def of(day: date, grain: Every) -> Period:
        """The period of a grain that holds a day."""
        if grain == "day":
            return Period(day, day, grain)
        if grain == "week":
            first = day - timedelta(days=day.weekday())
            return Period(first, first + timedelta(days=6), grain)
        if grain == "month":
            first = day.replace(day=1)
            return Period(first, (first + timedelta(days=31)).replace(day=1) - _ONE_DAY, grain)
        if grain == "quarter":
            first = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
            return Period(first, (first + timedelta(days=95)).replace(day=1) - _ONE_DAY, grain)
        return Period(date(day.year, 1, 1), date(day.year, 12, 31), grain)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_day - self.first_day).days + 1

    def parts(self, grain: Every) -> Iterator[Period]:
        """The periods of a smaller grain whose last day lies in this one, in order."""
        part = Period.of(self.first_day, grain)
        while part.last_day <= self.last_day:
            yield part
            part = part.next()

    def next(self) -> Period:
        """The period that follows."""
        return Period.of(self.last_day + _ONE_DAY, self.grain)

    def year_before(self) -> Period:
        """The same period of the previous year (reading R4b); 29 February becomes 28."""
        year = self.first_day.year - 1
        if self.grain == "week":
            number = min(self.first_day.isocalendar().week, date(year, 12, 28).isocalendar().week)
            iso_year = self.first_day.isocalendar().year - 1
            return Period.of(date.fromisocalendar(iso_year, number, 1), "week")
        month, day = self.first_day.month, self.first_day.day
        leap = (month, day) == (2, 29)
        return Period.of(date(year, month, 28 if leap else day), self.grain)

    def until(self, day: date) -> Period:
        """The part of it that lies up to and with a day; itself if it is over by then."""
        return self if day >= self.last_day else Period(self.first_day, max(day, self.first_day), self.grain)

    def __str__(self) -> str:
        first = self.first_day
        if self.grain == "year":
            return f"{first.year}"
        if self.grain == "quarter":
            return f"{first.year}-Q{(first.month + 2) // 3}"
        if self.grain == "month":
            return f"{first:%Y-%m}"
        if self.grain == "week":
            iso = first.isocalendar()
            return f"{iso.year}-W{iso.week:02d}"
        return first.isoformat()
