"""The true values of the 21 KPIs of initiative 1, from the order's formulas and the defaults of the open terms.

A change (1.12, 1.13, 1.16, 1.20, 1.21) is (now − base) / base in percent: a fall is negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, Truth, World
from qala.world.reckoning import (
    HOUR,
    MINUTE,
    MISSING,
    columns,
    last_day_of,
    microseconds,
    months_of,
    pooled,
    stock_share,
    valid_on,
)

Array = NDArray[Any]
FactsById = Mapping[str, list[Facts]]

ANSWER_S = {"republican": 30, "oblast": 45, "district": 90}  # «≤30/45/60-90 сек», the weaker end
ARRIVAL_MIN = {"republican": 6, "oblast": 10, "district": 15}  # «≤6/7-10/10-15 мин», the weaker end
NORMS = {"pm2_5": 350, "pm10": 600, "no2": 400, "so2": 500, "co": 30_000, "o3": 300}  # of 0.0001 mg/m³, 24-hour mean
CRITICAL = ("health", "school", "fire_station", "heat", "water", "power", "bridge", "vulnerable_site")


def books(world: World, facts: FactsById) -> dict[str, Truth]:
    """Truth for rows 1.1 to 1.21 of the rated year, by row."""
    return {
        "1.1": _delay(world, facts),
        "1.2": _availability(world, facts),
        "1.3": _types(world, facts),
        "1.4": _gaps(world, facts),
        "1.5": _on_map(world, facts),
        "1.6": _layers(world, facts),
        "1.7": _automatic(world, facts),
        "1.8": _answered(world, facts),
        "1.9": _on_time(world, facts, ()),
        "1.10": _closing_mark(world, facts),
        "1.11": _arrived(world, facts),
        "1.12": _count_change(world, facts, "incidents", "created_at", "severity", ("major", "critical")),
        "1.13": _count_change(world, facts, "crimes", "recorded_at", "gravity", ("grave", "especially_grave")),
        "1.14": _on_time(world, facts, ("roads", "potholes")),
        "1.15": _on_time(world, facts, ("lighting",)),
        "1.16": _transit(world, facts),
        "1.17": _air(world, facts),
        "1.18": _on_time(world, facts, ("waste", "sanitation")),
        "1.19": _recycled(world, facts),
        "1.20": _green(world, facts),
        "1.21": _energy(world, facts),
    }


def _last_day(world: World) -> np.datetime64:
    return np.datetime64(f"{world.rated_year}-12-31")


def _delay(world: World, facts: FactsById) -> Truth:
    """«Среднее время обновления данных»: over rows."""
    visible, registered, rows = columns(facts, "situation_centre.updates", "visible_at", "registered_at", "row_count")
    if not visible.size:
        return MISSING
    between, known = microseconds(visible, registered, np.ones(visible.size, dtype=bool))
    return pooled(world.local_day(visible), between * rows, known * rows, world.rated_year, MINUTE)


def _availability(world: World, facts: FactsById) -> Truth:
    """«Время доступности / Общее время»: two failed probes in a row are downtime."""
    probed, failures = columns(facts, "situation_centre.probes", "probed_at", "failures_in_row")
    if not probed.size:
        return MISSING
    up = (failures < 2).astype(np.int64)
    return pooled(world.local_day(probed), up, np.ones_like(up), world.rated_year, 100)


def _types(world: World, facts: FactsById) -> Truth:
    """«Подсчет доступных типов визуализаций»: on a published board on the last day of each month."""
    if not facts.get("situation_centre.visualisations"):
        return MISSING
    months: dict[str, float] = {}
    for month in months_of(world.rated_year):
        kind, shown = valid_on(
            facts, "situation_centre.visualisations", last_day_of(month), "visual_type", "on_published_board"
        )
        months[str(month)] = float(np.unique(kind[shown.astype(bool)]).size)
    return Truth(months[max(months)], months)


def _gaps(world: World, facts: FactsById) -> Truth:
    """«Среднее время между обновлениями по категориям»."""
    names = ("category", "updated_at", "previous_at", "new_rows")
    category, updated, previous, new = columns(facts, "situation_centre.dataset_updates", *names)
    if not updated.size:
        return MISSING
    between, known = microseconds(updated, previous, new > 0)
    days = world.local_day(updated)
    each: dict[str, float] = {}
    for name in np.unique(category):
        ours = category == name
        truth = pooled(days[ours], between[ours], known[ours], world.rated_year, HOUR)
        if truth.year is not None:
            each[str(name)] = truth.year
    # No single number stands for four categories: the components are compared one by one.
    return Truth(None, {}, each)


def _on_map(world: World, facts: FactsById) -> Truth:
    """«Количество визуализированных объектов / Всего объектов» on the last day of the year."""
    objects, kind = valid_on(facts, "situation_centre.critical_objects", _last_day(world), "object_id", "object_kind")
    names = ("object_id", "has_geometry", "has_live_data")
    shown, geometry, live = valid_on(facts, "situation_centre.map_objects", _last_day(world), *names)
    if not objects.size:
        return MISSING
    counted = objects[np.isin(kind, CRITICAL)]
    seen = shown[geometry.astype(bool) & live.astype(bool)] if shown.size else shown
    return stock_share(np.isin(counted, seen), np.ones(counted.size))


def _layers(world: World, facts: FactsById) -> Truth:
    """«Подсчет слоев»: not empty and refreshed in time, on the last day of the year."""
    if not facts.get("situation_centre.layers"):
        return MISSING
    features, fresh = valid_on(facts, "situation_centre.layers", _last_day(world), "features", "within_cadence")
    return Truth(float(((features > 0) & fresh.astype(bool)).sum()))


def _automatic(world: World, facts: FactsById) -> Truth:
    """«Автоматически обработанные инциденты / Общее число инцидентов»: closed in the period."""
    names = ("created_at", "closed_at", "human_acts", "reopened")
    created, closed, acts, reopened = columns(facts, "situation_centre.incidents", *names)
    if not closed.size:
        return MISSING
    done = ~np.isnat(closed)
    alone = (acts[done] == 0) & ~reopened[done].astype(bool)
    truth = pooled(world.local_day(closed[done]), alone, np.ones(alone.size), world.rated_year, 100)
    return _in_delivered_months(truth, world.local_day(created))


def _answered(world: World, facts: FactsById) -> Truth:
    """«Количество звонков ≤30/45/90 сек / Общее количество»; who hung up within 5 s is left out."""
    names = ("queued_at", "answered_at", "abandoned_at", "bot")
    queued, answered, abandoned, bot = columns(facts, "contact_centre.calls", *names)
    if not queued.size:
        return MISSING
    at_once = np.isnat(answered) & (abandoned - queued <= np.timedelta64(5, "s"))
    counted = ~bot.astype(bool) & ~at_once
    quick = counted & (answered - queued <= np.timedelta64(ANSWER_S[world.category], "s"))
    return pooled(world.local_day(queued), quick.astype(np.int64), counted.astype(np.int64), world.rated_year, 100)


def _on_time(world: World, facts: FactsById, topics: tuple[str, ...]) -> Truth:
    """«Выполнено в срок / Общее количество»: those whose deadline falls in the period, open ones included."""
    names = ("received_at", "topic", "status", "closed_at", "deadline_at", "spam")
    received, topic, status, closed, deadline, spam = columns(facts, "contact_centre.appeals", *names)
    if not deadline.size:
        return MISSING
    counted = ~spam.astype(bool) & ~np.isnat(deadline)
    if topics:
        counted &= np.isin(topic, topics)
    good = (status == "resolved") & (closed <= deadline)
    days = world.local_day(deadline[counted])
    if not counted.any():
        return Truth(None, status="no_events")
    truth = pooled(days, good[counted], np.ones(days.size), world.rated_year, 100)
    return _in_delivered_months(truth, world.local_day(received))


def _in_delivered_months(truth: Truth, days: Array) -> Truth:
    """A month in which nothing came is missing, even if rows of other months have their deadline or end in it."""
    came = {str(month) for month in np.unique(days.astype("datetime64[M]"))}
    return replace(truth, months={month: value for month, value in truth.months.items() if month in came})


def _closing_mark(world: World, facts: FactsById) -> Truth:
    """«Средний балл опросов клиентов» out of 5."""
    answered, topic, mark = columns(facts, "contact_centre.survey_answers", "answered_at", "topic", "mark")
    if not answered.size:
        return MISSING
    ours = topic == "appeal_closing"
    tenths = np.where(ours, np.rint(mark.astype(float) * 10), 0).astype(np.int64)
    return pooled(world.local_day(answered), tenths, ours.astype(np.int64), world.rated_year, 0.1)


def _arrived(world: World, facts: FactsById) -> Truth:
    """«Вызовы с прибытием ≤6/10/15 мин / Всего»: fire and ambulance together, life-threatening classes."""
    names = ("service", "urgency_class", "received_at", "arrived_at", "cancelled")
    service, urgency, received, arrived, cancelled = columns(facts, "situation_centre.emergency_calls", *names)
    if not received.size:
        return MISSING
    counted = np.isin(service, ("fire", "ambulance")) & np.isin(urgency, ("fire", "rescue", "urgency_1"))
    counted &= ~cancelled.astype(bool)
    quick = counted & (arrived - received <= np.timedelta64(ARRIVAL_MIN[world.category], "m"))
    return pooled(world.local_day(received), quick.astype(np.int64), counted.astype(np.int64), world.rated_year, 100)


def _change(now: float, base: float) -> float:
    return (now - base) / base * 100


def _count_change(world: World, facts: FactsById, name: str, at: str, column: str, wanted: tuple[str, ...]) -> Truth:
    """«Сравнение по месяцам»: a month with the same month of the year before, the year with the year before."""
    moment, kind = columns(facts, f"situation_centre.{name}", at, column)
    if not moment.size:
        return MISSING
    every_month = world.local_day(moment).astype("datetime64[M]")
    found = dict(zip(*np.unique(every_month[np.isin(kind, wanted)], return_counts=True), strict=True))
    return _months_compared(world, {month: float(found.get(month, 0)) for month in np.unique(every_month)})


def _months_compared(world: World, amounts: dict[np.datetime64, float]) -> Truth:
    """The change of each month against a year before, and of the sums over the months that both years have."""
    pairs = {
        month: (amounts.get(month), amounts.get(month - np.timedelta64(12, "M")))
        for month in months_of(world.rated_year)
    }
    months = {str(month): _change(now, base) for month, (now, base) in pairs.items() if now is not None and base}
    both = [(now, base) for now, base in pairs.values() if now is not None and base is not None]
    if all(now is None for now, _ in pairs.values()):
        return MISSING
    if not both:
        return Truth(None, months, status="no_baseline")
    now, base = (sum(amounts) for amounts in zip(*both, strict=True))
    return Truth(_change(now, base) if base else None, months)


def _transit(world: World, facts: FactsById) -> Truth:
    """«% сокращения времени по сравнению с базовым уровнем» that the city filed."""
    started, length = columns(facts, "transport.od_trips", "started_at", "minutes")
    if not started.size:
        return MISSING
    now = pooled(
        world.local_day(started), np.rint(length.astype(float) * 100), np.ones(length.size), world.rated_year, 0.01
    ).year
    kpi, base = columns(facts, "city.baselines", "kpi", "base_value")
    filed = base[kpi == "situation_centre.transit_time_change"] if base.size else base
    if now is None:
        return MISSING
    return Truth(_change(now, float(filed[0]))) if filed.size else Truth(None, status="no_baseline")


def _air(world: World, facts: FactsById) -> Truth:
    """«Сравнение значений загрязнителей с нормами»: 24-hour means of stations, pooled over station-days."""
    names = ("station", "pollutant", "measured_at", "concentration")
    station, pollutant, measured, content = columns(facts, "situation_centre.air_readings", *names)
    if not measured.size:
        return MISSING
    day = world.local_day(measured)
    kept = (day.astype("datetime64[Y]") == np.datetime64(str(world.rated_year))) & np.isin(pollutant, list(NORMS))
    station_no = np.unique(station[kept], return_inverse=True)[1]
    found, pollutant_no = np.unique(pollutant[kept], return_inverse=True)
    key = (day[kept].astype(np.int64) * 1000 + station_no) * 100 + pollutant_no
    station_day, group = np.unique(key, return_inverse=True)
    total = np.rint(np.bincount(group, np.rint(content[kept].astype(float) * 10_000))).astype(np.int64)
    hours = np.bincount(group)
    which = station_day % 100
    norm = np.array([NORMS[str(name)] for name in found])[which]
    # The share of the norm is cut to whole millionths, as the law's readings want sums without floats.
    kept_norm = np.minimum(1_000_000, norm * hours * 1_000_000 // np.maximum(total, 1)) / 1e6
    each = {str(name): float(kept_norm[which == i].mean()) for i, name in enumerate(found)}
    return Truth(sum(each.values()) / len(each), {}, each) if each else MISSING


def _recycled(world: World, facts: FactsById) -> Truth:
    """«Утилизировано / Всего отходов» by weighed mass."""
    weighed, mass, destination = columns(facts, "waste.weighings", "weighed_at", "mass_kg", "destination")
    if not weighed.size:
        return MISSING
    return pooled(world.local_day(weighed), np.where(destination == "recycled", mass, 0), mass, world.rated_year, 100)


def _green(world: World, facts: FactsById) -> Truth:
    """«% изменения площади зеленых насаждений» between the last days of two years."""
    now, base = (
        valid_on(facts, "greenery.areas", np.datetime64(f"{year}-12-31"), "area_m2")[0]
        for year in (world.rated_year, world.rated_year - 1)
    )
    if not now.size:
        return MISSING
    return Truth(_change(float(now.sum()), float(base.sum()))) if base.size else Truth(None, status="no_baseline")


def _energy(world: World, facts: FactsById) -> Truth:
    """«% снижения потребления энергии за год» of the buildings that both years share."""
    used, kwh, same = columns(facts, "situation_centre.building_energy", "consumed_in", "kwh", "same_set")
    if not used.size:
        return MISSING
    month = used.astype("datetime64[M]")
    watts = np.rint(kwh.astype(float) * 1000) * same.astype(bool)
    return _months_compared(world, {m: float(watts[month == m].sum()) for m in np.unique(month)})
