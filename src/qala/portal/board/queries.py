"""What boards read: boards themselves, values of KPIs around a day, counts of rows, incidents, networks, alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from qala import facts
from qala.intake import models as intake
from qala.lake import City
from qala.lake.receipts import Receipt
from qala.measures.indicators import Indicator
from qala.measures.value import Value
from qala.measures.values import observed
from qala.people.access import Somebody, may, region_of
from qala.people.models import Organisation
from qala.places.layers import layers
from qala.portal.board.layout import Grain, Item, read_items
from qala.portal.board.models import AlarmNote, Board, BoardVersion
from qala.scoring.kpi import score_kpi
from qala.standard.period import Period
from qala.standard.types import Kpi, Rule
from qala.standard.yaml_file import read_yaml


@dataclass(frozen=True)
class Shown:
    """A board as somebody sees it.

    Attributes:
        board: None for a board that every city has.
        version: None for such a board.
    """

    name: str
    title: Mapping[str, str]
    sphere: str
    items: tuple[Item, ...]
    board: Board | None = None
    version: BoardVersion | None = None

    @property
    def newer(self) -> int | None:
        """The number of a version that was saved after the one that is published; None where there is none."""
        if self.board is None or self.board.published is None:
            return None
        last = self.board.versions.first()
        return last.number if last is not None and last.number > self.board.published.number else None

    @property
    def draft(self) -> bool:
        """Whether the public sees another version, or none."""
        return self.board is not None and (self.version is None or self.board.published_id != self.version.pk)


@cache
def builtin() -> Mapping[str, Shown]:
    """The boards that every city has, by name."""
    raw = read_yaml(Path(__file__).with_name("builtin.yaml")).data
    found: dict[str, Shown] = {}
    for name, one in raw.items():
        sphere = str(one.get("sphere", ""))
        items = [dict(item) for item in one["items"]]
        for item in items:
            if item["kind"] in ("table", "heat") and not item.get("of"):
                item["of"] = sphere
        found[name] = Shown(name, dict(one["title"]), sphere, checked(items))
    return found


def checked(items: Sequence[Any]) -> tuple[Item, ...]:
    """A layout that names only what there is.

    Raises:
        Problem: it does not.
    """
    values = facts.values()
    kpis = {name for kpi in values.edition.kpis.values() for name in (kpi.row, kpi.id)}
    kpis |= set(values.computer.indicators.by_id)
    columns = {one.id: one.all_columns for one in facts.catalogue().contracts.values()}
    return read_items(items, kpis=kpis, datasets=columns, layers=set(layers()))


def boards(user: Somebody, city: str) -> list[Shown]:
    """Boards of a city that somebody may see: its own first, drafts for those who may edit them."""
    own = [
        shown
        for board in Board.objects.filter(city=city, archived_at=None).select_related("published")
        if (shown := _shown(user, board, None)) is not None
    ]
    return own + [one for name, one in builtin().items() if name not in {b.name for b in own}]


def board(user: Somebody, city: str, name: str, version: int | None = None) -> Shown | None:
    """One board; a certain version for those who may edit it. None if it is not there for them."""
    own = Board.objects.filter(city=city, name=name, archived_at=None).select_related("published").first()
    if own is None:
        return builtin().get(name)
    return _shown(user, own, version)


def may_edit(user: Somebody, city: str, organisation: int | None = None) -> bool:
    """Whether somebody may lay out boards of a city (or of one organisation in it)."""
    return may(user, "boards.edit", city=city, organisation=organisation)


def owners(user: Somebody, city: str) -> list[Organisation]:
    """The organisations of a city whose boards somebody may lay out."""
    found = Organisation.objects.filter(Q(city=city) | Q(city="", region=region_of(city) or "-"), is_active=True)
    return [one for one in found if may_edit(user, city, one.pk)]


def newest(user: Somebody, city: str, name: str) -> Shown | None:
    """A board as it is laid out further: the newest version, published or not; None if it is not theirs to lay out."""
    own = Board.objects.filter(city=city, name=name, archived_at=None).select_related("published").first()
    if own is None:
        return builtin().get(name)
    last = own.versions.first()
    return _shown(user, own, last.number if last else None)


def _shown(user: Somebody, own: Board, number: int | None) -> Shown | None:
    editor = may_edit(user, own.city, own.organisation)
    if number is not None:
        version = own.versions.filter(number=number).first() if editor else None
    else:
        version = own.published or (own.versions.first() if editor else None)
    if version is None and not (editor and number is None):
        return None
    items = tuple(Item.model_validate(one) for one in version.items) if version else ()
    return Shown(own.name, own.title, own.sphere, items, own, version)


def day_of(city: City, asked: str = "") -> date:
    """The day that a board stands at: the one asked for, else today in the city, else the last with data before it."""
    if asked:
        return Period.parse(asked).last_day
    today = facts.today(city.zone)
    snapshot = facts.lake().table("contact_centre.appeals").snapshot()
    years = {file.year for file in snapshot.files(city=city.code)}
    return today if not years or today.year in years else min(today, date(max(years), 12, 31))


def periods(day: date, grain: Grain, span: int) -> list[Period]:
    """The last periods of a grain that are over by a day, the earliest first; of a day, the day itself."""
    period = Period.of(day, grain)
    if period.last_day > day:
        period = _before(period)
    found = [period]
    while len(found) < span:
        found.append(_before(found[-1]))
    return found[::-1]


def _before(period: Period) -> Period:
    return Period.of(period.first_day - timedelta(days=1), period.grain)


def kpi(name: str) -> Kpi:
    """A KPI or own indicator; Problem if there is none."""
    return facts.values().kpi(name)


def value(city: str, one: Kpi, period: Period) -> Value:
    """A KPI's value in a period."""
    return facts.values().of(city).value(one, period, period.last_day, extras=False)


def number_of(found: Value) -> Fraction | None:
    """The number that is shown: the change of a KPI that compares, else the value."""
    return found.change if found.change is not None else found.value


def series(city: str, one: Kpi, day: date, grain: Grain, span: int) -> list[tuple[Period, Fraction | None]]:
    """A KPI through the last periods."""
    return [(period, number_of(value(city, one, period))) for period in periods(day, grain, span)]


def kpis_of(item: Item, city: City, day: date) -> list[Kpi]:
    """The KPIs of a table or heat map: those named, or those of its section or initiative that are due for the city."""
    if item.kpis:
        return [kpi(name) for name in item.kpis]
    edition = facts.edition(day)
    category = city.category_on(day)
    due = edition.due_kpis(day.year, category) if category else tuple(edition.kpis.values())
    if not item.of:
        return list(due)
    return [one for one in due if item.of in (one.section, str(one.initiative))]


def rule_of(one: Kpi, category: str | None) -> Rule | None:
    """What a KPI is to reach in a city of a category; an own indicator asks the same of all."""
    if isinstance(one, Indicator):
        return next(iter(one.target.values()), None)
    return one.target.get(category or "")


def met(one: Kpi, category: str | None, found: Value) -> bool | None:
    """Whether a value reaches its target, by the rule that scores it; None where there is nothing to compare."""
    if isinstance(one, Indicator):
        return one.met(number_of(found))
    if category is None or found.status != "ok":
        return None
    year = int(found.period[:4])
    score = score_kpi(one, category, year, observed(found), facts.edition(Period.parse(found.period).last_day)).score
    return None if score is None else score == 1


def held(city: str, dataset: str, day: date) -> int:
    """Rows of a registry that hold on a day."""
    lake = facts.lake()
    snapshot = lake.table(dataset).snapshot()
    files = snapshot.files(city=city)
    if not files:
        return 0
    where = f"valid_from <= DATE '{day}' AND coalesce(valid_to, DATE '{day}') >= DATE '{day}'"
    with lake.connection() as con:
        found = con.execute(f"SELECT count(*) FROM {snapshot.current_sql(files)} WHERE {where}").fetchone()
    return int(found[0])


@dataclass(frozen=True)
class Incident:
    """A line of the feed; times are UTC."""

    id: str
    kind: str
    severity: str
    district: str
    created_at: datetime
    closed_at: datetime | None


def incidents(city: str, day: date, most: int) -> list[Incident]:
    """The latest incidents up to the end of a day, open ones first."""
    rows = _rows(
        city, "situation_centre.incidents", day - timedelta(days=90), day,
        "incident_id, incident_kind, severity, coalesce(district, ''), created_at, "
        f"CASE WHEN closed_at_day <= DATE '{day}' THEN closed_at END AS closed_at",
        f"ORDER BY (closed_at IS NULL) DESC, created_at DESC LIMIT {int(most)}",
    )  # fmt: skip
    return [
        Incident(number, kind, severity, district, created_at.replace(tzinfo=UTC), _utc(closed_at))
        for number, kind, severity, district, created_at, closed_at in rows
    ]


def outages(city: str, network: str, day: date) -> list[dict[str, Any]]:
    """Outages of a network that began in the week up to a day; `open` those that were not over at its end."""
    dataset = f"{network}.outages"
    if dataset not in facts.catalogue().contracts:
        return []
    rows = _rows(
        city, dataset, day - timedelta(days=6), day,
        "outage_id, coalesce(district, ''), planned, cause, buildings_off, started_at, restored_at, "
        f"(restored_at_day IS NULL OR restored_at_day > DATE '{day}') AS open, lat, lon",
        "ORDER BY open DESC, started_at DESC LIMIT 200",
    )  # fmt: skip
    names = ("id", "district", "planned", "cause", "buildings", "started_at", "restored_at", "open", "lat", "lon")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for one in found:
        one["started_at"], one["restored_at"] = _utc(one["started_at"]), _utc(one["restored_at"])
    return found


def elements(city: str, network: str, day: date) -> list[dict[str, Any]]:
    """Elements of a network that hold on a day: id, kind, from, to, state, district, lat, lon, geometry (GeoJSON text)."""
    lake = facts.lake()
    snapshot = lake.table("city.utility_networks").snapshot()
    files = snapshot.files(city=city)
    if not files:
        return []
    names = ("element_id", "element_kind", "from_element", "to_element", "state", "district", "lat", "lon", "geometry")
    with lake.connection() as con:
        found = con.execute(
            f"SELECT {', '.join(names)} FROM {snapshot.current_sql(files)} WHERE network = ? AND valid_from <= ? "
            "AND coalesce(valid_to, ?) >= ? ORDER BY element_id",
            [network, day, day, day],
        ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


def meters_read(city: str, network: str, day: date) -> dict[str, tuple[int, int]]:
    """District -> buildings whose meter was read by itself on the day or the day before, and buildings with such a meter."""
    known = facts.catalogue().contracts
    if not {f"{network}.buildings", f"{network}.readings"} <= known.keys():
        return {}
    lake, before = facts.lake(), day - timedelta(days=1)
    buildings, readings = lake.table(f"{network}.buildings").snapshot(), lake.table(f"{network}.readings").snapshot()
    files, read = buildings.files(city=city), readings.files(city=city, first_day=before, last_day=day)
    if not files:
        return {}
    came = "SELECT NULL::VARCHAR AS building_id WHERE false"
    if read:
        came = (
            f"SELECT DISTINCT building_id FROM {readings.current_sql(read)} "
            f"WHERE automatic AND day BETWEEN DATE '{before}' AND DATE '{day}'"
        )
    with lake.connection() as con:
        found = con.execute(
            f"SELECT coalesce(district, ''), count(came.building_id), count(*) FROM {buildings.current_sql(files)} own "
            f"LEFT JOIN ({came}) came USING (building_id) WHERE house_meter = 'smart' AND valid_from <= ? "
            "AND coalesce(valid_to, ?) >= ? GROUP BY 1",
            [day, day, day],
        ).fetchall()
    return {district: (int(some), int(every)) for district, some, every in found}


def _rows(city: str, dataset: str, first: date, last: date, columns: str, tail: str) -> list[tuple[Any, ...]]:
    lake = facts.lake()
    snapshot = lake.table(dataset).snapshot()
    files = snapshot.files(city=city, first_day=first, last_day=last)
    if not files:
        return []
    with lake.connection() as con:
        sql = f"SELECT {columns} FROM {snapshot.current_sql(files)} WHERE day BETWEEN DATE '{first}' AND DATE '{last}' {tail}"
        found: list[tuple[Any, ...]] = con.execute(sql).fetchall()
    return found


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Alarm:
    """A KPI that misses its target in the last period that is over.

    Attributes:
        since: how many periods in a row it has missed it.
        note: the last that somebody wrote about this period; None if nobody took note.
    """

    kpi: Kpi
    period: Period
    value: Fraction
    since: int
    note: AlarmNote | None


def alarms(city: City, day: date) -> list[Alarm]:
    """Breached targets of KPIs that are due, those with the most points first."""
    notes = {(one.row, one.period): one for one in reversed(AlarmNote.objects.filter(city=city.code)[:1000])}
    category = city.category_on(day)
    found = []
    for one in kpis_of(Item(id="a", kind="alarms", x=1, y=1, w=1, h=1), city, day):
        grain: Grain = one.every if one.every in ("month", "quarter", "year") else "month"
        missed = list(_missed(city.code, one, category, periods(day, grain, 6)[::-1]))
        if missed:
            period, number = missed[0]
            found.append(Alarm(one, period, number, len(missed), notes.get((one.row, str(period)))))
    return sorted(found, key=lambda alarm: (alarm.note is not None, -alarm.kpi.points, alarm.kpi.row))


def _missed(
    city: str, one: Kpi, category: str | None, latest_first: Sequence[Period]
) -> Iterator[tuple[Period, Fraction]]:
    for period in latest_first:
        found = value(city, one, period)
        number = number_of(found)
        if number is None or met(one, category, found) is not False:
            return
        yield period, number


def latest(city: City, day: date, most: int) -> list[Receipt]:
    """The last deliveries of a city up to the end of a day there, the newest first."""
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(city.zone))
    found = [one for one in facts.lake().ledger.receipts(city=city.code) if one.received_at < end]
    return sorted(found, key=lambda one: one.received_at, reverse=True)[:most]


def silent_sources(city: str) -> int:
    """How many sources of a city missed their cadence and are silent now."""
    return intake.Incident.objects.filter(kind=intake.Incident.Kind.SILENT, city=city, closed_at=None).count()


def may_note(user: Somebody, city: str) -> bool:
    """Whether somebody may take note of alarms."""
    return may(user, "boards.edit", city=city) or may(user, "alarms.note", city=city)
