"""The KPIs of initiatives 9 to 12."""

from __future__ import annotations

import pandas as pd

from bench.frames.families import at_month_ends, share_alive
from bench.frames.reading import (
    QUARTER_ENDS,
    Answer,
    Source,
    at_quarters,
    counts,
    held,
    kpi,
    mean_of_months,
    mean_time,
    part,
    share,
)  # fmt: skip

_KINDS = ["fight", "crowd", "left_object", "fire_or_smoke", "intrusion", "vandalism", "wanted_person", "wanted_vehicle",
          "road_accident", "person_down", "traffic_violation"]  # fmt: skip


@kpi("video.covered_road_share")
def covered_road_share(source: Source) -> Answer:
    covered, roads = (
        at_month_ends(source, "video.camera_zones", "covered_m"),
        at_month_ends(source, "roads.segments", "length_m"),
    )
    return at_quarters(lambda day: 100 * covered[day.month] / roads[day.month])


@kpi("video.violation_rate")
def violation_rate(source: Source) -> Answer:
    return mean_of_months(
        1000 * counts(source.of_year("video.violations")) / at_month_ends(source, "city.profile", "vehicles")
    )


@kpi("video.automatic_violation_share")
def automatic_violation_share(source: Source) -> Answer:
    rows = source.of_year("video.violations", "automatic")
    return share(rows, rows.automatic)


@kpi("video.mean_notice_time")
def mean_notice_time(source: Source) -> Answer:
    return mean_time(source.of_year("video.violations", "detected_at", "notified_at"), "detected_at", "notified_at", 60)


@kpi("video.paid_fine_share")
def paid_fine_share(source: Source) -> Answer:
    fines = source.of_year("video.fines", "paid_on", on="term_ends_on")
    return share(fines, fines.paid_on.notna())


def _true_incidents(source: Source, *columns: str) -> pd.DataFrame:
    rows = source.of_year("video.incidents", "system", "verdict", *columns)
    return rows[(rows.system == "video") & (rows.verdict.isna() | (rows.verdict != "false_alarm"))]


@kpi("video.incidents_per_month")
def incidents_per_month(source: Source) -> Answer:
    rows = _true_incidents(source, "automatic", "kind")
    return mean_of_months(counts(rows[rows.automatic & rows.kind.isin(_KINDS)]))


@kpi("video.analysed_video_share")
def analysed_video_share(source: Source) -> Answer:
    days = source.of_year("video.camera_days", "analysed_minutes", "recorded_minutes")
    return part(days, days.analysed_minutes, days.recorded_minutes)


@kpi("video.mean_response_time")
def mean_response_time(source: Source) -> Answer:
    return mean_time(_true_incidents(source, "detected_at", "responded_at"), "detected_at", "responded_at", 60)


@kpi("video.false_alarm_share")
def video_false_alarm_share(source: Source) -> Answer:
    rows = source.of_year("video.incidents", "verdict")
    rows = rows[rows.verdict.notna()]
    return share(rows, rows.verdict == "false_alarm")


@kpi("fire_safety.mean_departure_time")
def mean_departure_time(source: Source) -> Answer:
    return mean_time(
        source.of_year("fire_safety.calls", "received_at", "departed_at"), "received_at", "departed_at", 60
    )


@kpi("fire_safety.on_time_share")
def on_time_share(source: Source) -> Answer:
    calls = source.of_year("fire_safety.calls", "due_at", "departed_at", on="due_at_day")
    return share(calls, calls.departed_at <= calls.due_at)


@kpi("fire_safety.false_alarm_share")
def fire_false_alarm_share(source: Source) -> Answer:
    calls = source.of_year("fire_safety.calls", "false_alarm")
    calls = calls[calls.false_alarm.notna()]
    return share(calls, calls.false_alarm.astype(bool))


@kpi("fire_safety.automatic_alert_share")
def automatic_alert_share(source: Source) -> Answer:
    alerts = source.of_year("fire_safety.alerts", "automatic")
    return share(alerts, alerts.automatic)


@kpi("fire_safety.repeat_call_share")
def repeat_call_share(source: Source) -> Answer:
    calls = source.of_year("fire_safety.calls", "received_at", "object_id").sort_values("received_at")
    return share(calls, calls.groupby("object_id").received_at.diff() <= pd.Timedelta(days=30))


@kpi("fire_safety.equipped_share")
def equipped_share(source: Source) -> Answer:
    objects = source.read("fire_safety.objects", "objects", "equipped", "valid_from", "valid_to")
    return at_quarters(lambda day: 100 * held(objects, day).equipped.sum() / held(objects, day).objects.sum())


@kpi("greenery.green_area_share")
def green_area_share(source: Source) -> Answer:
    areas = source.read("greenery.areas", "area_m2", "valid_from", "valid_to")
    return {0: 100 * held(areas, QUARTER_ENDS[-1]).area_m2.sum() / at_month_ends(source, "city.profile", "area_m2")[12]}


@kpi("greenery.trees_planted")
def trees_planted(source: Source) -> Answer:
    return {0: float(source.of_year("greenery.plantings", "trees").trees.sum())}


@kpi("greenery.survival_share")
def survival_share(source: Source) -> Answer:
    checks = source.of_year("greenery.survival_checks", "years_since", "planted", "alive")
    checks = checks[checks.years_since == 1]
    return {0: 100 * checks.alive.fillna(0).sum() / checks.planted.sum()}


@kpi("greenery.irrigated_share")
def irrigated_share(source: Source) -> Answer:
    areas = source.read("greenery.areas", "area_m2", "irrigation", "valid_from", "valid_to")

    def value(day: pd.Timestamp) -> float:
        now = held(areas, day)
        return float(100 * now.area_m2[now.irrigation == "automatic"].sum() / now.area_m2.sum())

    return at_quarters(value)


@kpi("waste.separate_share")
def separate_share(source: Source) -> Answer:
    weighed = source.of_year("waste.weighings", "mass_kg", "stream")
    return part(weighed, weighed.mass_kg.where(weighed.stream == "separate", 0), weighed.mass_kg)


@kpi("waste.monitored_site_share")
def monitored_site_share(source: Source) -> Answer:
    return share_alive(source, "waste.sites", "site_id", "waste.site_device_days", "monitored")


@kpi("waste.mean_emptying_time")
def mean_emptying_time(source: Source) -> Answer:
    rows = source.of_year("waste.emptyings", "full_at", "emptied_at", "fill")
    return mean_time(rows[rows.fill >= 0.8], "full_at", "emptied_at", 3600)
