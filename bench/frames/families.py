"""KPIs that many initiatives have alike: marks of surveys, complaints, appeals in time, networks."""

from __future__ import annotations

import pandas as pd

from bench.frames.reading import (
    KPIS,
    MONTH_ENDS,
    QUARTER_ENDS,
    Answer,
    Kpi,
    Source,
    at_quarters,
    counts,
    held,
    mean,
    mean_of_months,
    mean_time,
    part,
    share,
)  # fmt: skip

_MARKS = {
    "settlement_centre": "settlement", "transport": "transport", "parking": "parking", "traffic": "traffic", "roads": "roads",
    "stops": "stops", "fire_safety": "fire_safety", "greenery": "greenery", "waste": "waste", "power": "power", "water": "water",
    "heat": "heat", "gas": "gas",
}  # fmt: skip


def _satisfaction(topic: str, by: str) -> Kpi:
    def satisfaction(source: Source) -> Answer:
        answers = source.of_year("contact_centre.survey_answers", "topic", "mark")
        answers = answers[answers.topic == topic]
        return mean(answers, answers.mark, by)

    return satisfaction


for _system, _topic in _MARKS.items():
    KPIS[f"{_system}.satisfaction"] = _satisfaction(_topic, "quarter")
KPIS["contact_centre.satisfaction"] = _satisfaction("contact_centre", "month")
KPIS["situation_centre.satisfaction_after_closing"] = _satisfaction("appeal_closing", "month")


def complaints(source: Source, *topics: str) -> pd.Series:
    """Appeals of each month about some topics."""
    appeals = source.of_year("contact_centre.appeals", "topic", "spam")
    return counts(appeals[appeals.topic.isin(topics) & ~appeals.spam])


def at_month_ends(source: Source, dataset: str, column: str) -> pd.Series:
    """The sum of a registry's column on the last day of each month."""
    frame = source.read(dataset, column, "valid_from", "valid_to")
    return pd.Series({n: held(frame, day)[column].sum() for n, day in enumerate(MONTH_ENDS, 1)})


def _complaint_rate(*topics: str) -> Kpi:
    return lambda source: mean_of_months(
        1000 * complaints(source, *topics) / at_month_ends(source, "city.profile", "population")
    )


for _system, _topics in {
    "roads": ("roads", "potholes"), "greenery": ("greenery",), "waste": ("waste",), "power": ("power",), "water": ("water",),
    "heat": ("heat",), "gas": ("gas",),
}.items():  # fmt: skip
    KPIS[f"{_system}.complaint_rate"] = _complaint_rate(*_topics)


def _on_time(*topics: str) -> Kpi:
    def on_time(source: Source) -> Answer:
        columns = ("topic", "spam", "status", "closed_at", "deadline_at")
        appeals = source.of_year("contact_centre.appeals", *columns, on="deadline_at_day")
        appeals = appeals[~appeals.spam]
        if topics:
            appeals = appeals[appeals.topic.isin(topics)]
        return share(appeals, (appeals.status == "resolved") & (appeals.closed_at <= appeals.deadline_at))

    return on_time


KPIS["situation_centre.appeals_on_time_share"] = _on_time()
KPIS["situation_centre.road_repair_on_time_share"] = _on_time("roads", "potholes")
KPIS["situation_centre.lighting_repair_on_time_share"] = _on_time("lighting")
KPIS["situation_centre.cleaning_on_time_share"] = _on_time("waste", "sanitation")


def _smart_meter_share(system: str) -> Kpi:
    def smart_meter_share(source: Source) -> Answer:
        buildings = source.read(f"{system}.buildings", "building_id", "house_meter", "valid_from", "valid_to")
        readings = source.read(f"{system}.readings", "building_id", "day", "automatic")

        def value(day: pd.Timestamp) -> float:
            late = readings[(readings.day > day - pd.Timedelta(days=7)) & (readings.day <= day) & readings.automatic]
            now = held(buildings, day)
            return float(100 * ((now.house_meter == "smart") & now.building_id.isin(late.building_id)).mean())

        return at_quarters(value)

    return smart_meter_share


def _mean_restoration_time(system: str) -> Kpi:
    def mean_restoration_time(source: Source) -> Answer:
        outages = source.of_year(f"{system}.outages", "started_at", "restored_at", "planned", on="restored_at_day")
        return mean_time(outages[~outages.planned], "started_at", "restored_at", 60)

    return mean_restoration_time


def _automatic_metering_share(system: str) -> Kpi:
    def automatic_metering_share(source: Source) -> Answer:
        billed = source.of_year(f"{system}.consumption", "basis", "volume")
        return part(billed, billed.volume.where(billed.basis == "automatic", 0), billed.volume)

    return automatic_metering_share


for _system in ("power", "water", "heat", "gas"):
    KPIS[f"{_system}.smart_meter_share"] = _smart_meter_share(_system)
    KPIS[f"{_system}.mean_restoration_time"] = _mean_restoration_time(_system)
    KPIS[f"{_system}.automatic_metering_share"] = _automatic_metering_share(_system)


def alive(source: Source, dataset: str, key: str) -> pd.DataFrame:
    """Objects and quarters in which their devices worked for 90 % of the minutes."""
    days = source.of_year(dataset, key, "minutes_alive")
    minutes = days.groupby([key, "quarter"], as_index=False).minutes_alive.sum()
    length = minutes.quarter.map({n: (day - (day - pd.offsets.QuarterBegin(startingMonth=1))).days + 1
                                  for n, day in enumerate(QUARTER_ENDS, 1)})  # fmt: skip
    return minutes[minutes.minutes_alive >= 0.9 * 1440 * length]


def share_alive(source: Source, registry: str, key: str, days: str, *needed: str, of: str | None = None) -> Answer:
    """Per cent of objects (or of their `of`) that meet all that is needed and were alive."""
    objects = source.read(registry, key, *needed, *([of] if of else []), "valid_from", "valid_to")
    working = alive(source, days, key)

    def value(day: pd.Timestamp) -> float:
        now = held(objects, day)
        ok = now[key].isin(working[working.quarter == day.quarter][key])
        for column in needed:
            ok &= now[column]
        weight = now[of] if of else pd.Series(1, index=now.index)
        return float(100 * weight[ok].sum() / weight.sum())

    return at_quarters(value)


def share_held(source: Source, registry: str, column: str) -> Answer:
    """Per cent of objects that have something, at the ends of quarters."""
    objects = source.read(registry, column, "valid_from", "valid_to")
    return at_quarters(lambda day: 100 * held(objects, day)[column].mean())
