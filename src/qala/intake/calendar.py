"""The delivery calendar: what the order's «Периодичность выгрузки» makes due, what came when, what is overdue.

A period counts as delivered by the same judgement as coverage (reading C1): what is overdue here is what coverage lacks there.
The order names no day by which a period's data have to be there; a day after its end is given, as for any source. Days are the
city's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from qala import facts
from qala.intake.incidents import Wrong, follow
from qala.intake.models import Incident, Source
from qala.lake import City
from qala.standard.period import Period
from qala.standard.types import Kpi

State = Literal["overdue", "late", "came", "coming"]
STATES: tuple[State, ...] = ("overdue", "late", "came", "coming")
"""The worst first."""
GRACE = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """A period of a KPI whose data are due.

    Attributes:
        due_by: the last day on which they are in time.
        came_at: UTC, when all datasets of the KPI had something of the period; None where that is not known.
        state: `late` came after `due_by`.
    """

    period: Period
    due_by: date
    came_at: datetime | None
    state: State


@dataclass(frozen=True)
class Line:
    """A KPI of a city in a year: its periods in order."""

    kpi: Kpi
    datasets: Sequence[str]
    cells: Sequence[Due]

    def within(self, month: int) -> list[Due]:
        """The periods that end in a month."""
        return [one for one in self.cells if one.period.last_day.month == month]

    def count(self, state: State) -> int:
        """How many periods are so."""
        return sum(one.state == state for one in self.cells)

    @property
    def delivered(self) -> int:
        """Periods that count for coverage."""
        return self.count("came") + self.count("late")


def calendar(city: City, year: int, today: date | None = None) -> list[Line]:
    """Every KPI that is due for a city in a year, with its periods; in the order's sequence."""
    today = today or facts.today(city.zone)
    category = city.category_on(date(year, 12, 31)) or (city.categories[-1].category if city.categories else None)
    if category is None:
        return []
    values, whole = facts.values(), Period.of(date(year, 1, 1), "year")
    came = _Came(city, year)
    found = []
    for kpi in facts.edition().due_kpis(year, category):
        datasets = list(values.datasets(kpi))
        cells = [
            _due(part, there, came.of(datasets, part), today, city)
            for part, there in values.delivered_parts(city.code, kpi, whole)
        ]
        found.append(Line(kpi, datasets, cells))
    return found


def _due(part: Period, there: bool, came: datetime | None, today: date, city: City) -> Due:
    due_by = part.last_day + GRACE
    if there:
        late = came is not None and came.astimezone(ZoneInfo(city.zone)).date() > due_by
        return Due(part, due_by, came, "late" if late else "came")
    return Due(part, due_by, None, "overdue" if today > due_by else "coming")


class _Came:
    """When the first delivery came that holds a day, by dataset."""

    def __init__(self, city: City, year: int) -> None:
        self._city, self._first, self._last = city.code, date(year, 1, 1), date(year, 12, 31)
        self._known: dict[str, Mapping[date, datetime]] = {}

    def of(self, datasets: Iterable[str], part: Period) -> datetime | None:
        """When every dataset had something of a period; None where one had nothing that a receipt dates."""
        found = []
        for dataset in datasets:
            if dataset not in self._known:
                self._known[dataset] = self._read(dataset)
            days = self._known[dataset]
            of = [days[day] for at in range(part.days) if (day := part.first_day + timedelta(days=at)) in days]
            if not of:
                return None
            found.append(min(of))
        return max(found, default=None)

    def _read(self, dataset: str) -> Mapping[date, datetime]:
        days: dict[date, datetime] = {}
        for one in facts.lake().ledger.receipts(dataset, self._city):
            if one.undone_by is not None or one.kind == "undo":
                continue
            first, last = one.zero_period or (one.first_day, one.last_day)
            if first is None or last is None:
                continue
            moment = one.received_at if one.received_at.tzinfo else one.received_at.replace(tzinfo=UTC)
            day = max(first, self._first)
            while day <= min(last, self._last):
                if day not in days or moment < days[day]:
                    days[day] = moment
                day += timedelta(days=1)
        return days


def overdue(city: City, year: int, today: date | None = None) -> dict[str, list[Period]]:
    """Dataset → periods for which it is overdue, in order; of KPIs that are due."""
    found: dict[str, set[Period]] = {}
    for line in calendar(city, year, today):
        for cell in line.cells:
            if cell.state == "overdue":
                for dataset in line.datasets:
                    found.setdefault(dataset, set()).add(cell.period)
    return {dataset: sorted(periods) for dataset, periods in found.items()}


def alarm() -> None:
    """Tell the owners of sources for which periods their dataset is overdue: one incident a source while it lasts."""
    found = []
    for city in facts.lake().cities.all():
        own = list(Source.objects.filter(city=city.code, removed_at=None, paused_at=None))
        if not own:
            continue
        late = overdue(city, facts.today(city.zone).year)
        found += [
            Wrong(
                one.name,
                {"periods": [str(one) for one in periods[-12:]], "count": len(periods)},
                one,
            )
            for one in own
            if (periods := late.get(one.dataset))
        ]
    follow(Incident.Kind.OVERDUE, found)
