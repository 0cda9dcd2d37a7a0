"""The KPIs of initiatives 4 to 8."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from bench.frames.families import alive, at_month_ends, complaints, share_alive, share_held
from bench.frames.reading import (
    FIRST,
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
from qala.standard.calendar import non_working_days

_MISHAPS = [
    "collision",
    "pedestrian_hit",
    "passenger_injury",
    "fire",
    "derailment",
    "door_failure",
    "brake_failure",
    "breakdown",
]
_ACCIDENTS = [
    "collision",
    "rollover",
    "obstacle",
    "pedestrian",
    "cyclist",
    "parked_vehicle",
    "passenger_fall",
    "animal",
    "other",
]
_INCIDENTS = ["accident", "breakdown", "obstruction", "signal_failure", "flooding", "ice", "other"]


@kpi("transport.mean_wait")
@kpi("stops.mean_wait")
def mean_wait(source: Source) -> Answer:
    visits = source.of_year("transport.stop_visits", "stop_id", "hour", "headway_s", "boardings")
    visits = visits[visits.headway_s.notna()]
    visits["square"] = visits.headway_s**2
    by = ["month", "day", "stop_id", "hour"]
    groups = visits.groupby(by, as_index=False)[["headway_s", "square", "boardings"]].sum()
    waited = groups.boardings * groups.square / (2 * groups.headway_s) / 60
    return part(groups, waited, groups.boardings, 1)


@kpi("transport.on_time_share")
def on_time_share(source: Source) -> Answer:
    visits = source.of_year("transport.stop_visits", "scheduled_at", "arrived_at", "time_point")
    visits = visits[visits.time_point]
    return share(visits, (visits.arrived_at - visits.scheduled_at).dt.total_seconds().between(-60, 300))


@kpi("transport.passengers_per_month")
def passengers_per_month(source: Source) -> Answer:
    return mean_of_months(counts(source.of_year("transport.boardings")))


@kpi("transport.integrated_modes")
def integrated_modes(source: Source) -> Answer:
    rows = source.of_year("transport.mode_exchanges", "mode", "messages")
    quarters = {int(n): float(v) for n, v in rows[rows.messages > 0].groupby("quarter")["mode"].nunique().items()}
    return {**quarters, 0: quarters[4]}


@kpi("transport.cashless_share")
def cashless_share(source: Source) -> Answer:
    rides = source.of_year("transport.boardings", "payment")
    return share(rides, rides.payment != "cash")


@kpi("transport.accident_rate")
def transport_accident_rate(source: Source) -> Answer:
    mishaps = source.of_year("transport.accidents", "kind")
    months = pd.DataFrame(
        {"n": counts(mishaps[mishaps.kind.isin(_MISHAPS)]), "d": counts(source.of_year("transport.boardings"))}
    )
    months["month"] = months.index
    return part(months, months.n, months.d, 1e6)


@kpi("parking.automated_share")
def automated_share(source: Source) -> Answer:
    return share_alive(source, "parking.lots", "lot_id", "parking.device_days", "counts_spaces", "takes_online_payment")


@kpi("parking.occupancy")
def occupancy(source: Source) -> Answer:
    rows = source.of_year("parking.occupancy", "occupied", "spaces", "paid_hours")
    rows = rows[rows.paid_hours]
    return part(rows, rows.occupied, rows.spaces)


@kpi("parking.mean_search_time")
def mean_search_time(source: Source) -> Answer:
    return mean_time(
        source.of_year("parking.sessions", "entered_zone_at", "parked_at"), "entered_zone_at", "parked_at", 60
    )


@kpi("parking.online_payment_share")
def online_payment_share(source: Source) -> Answer:
    sessions = source.of_year("parking.sessions", "paid_by")
    sessions = sessions[sessions.paid_by.notna() & ~sessions.paid_by.isin(["permit", "unpaid"])]
    return share(sessions, sessions.paid_by.isin(["app", "web", "sms", "qr", "autopay"]))


@kpi("parking.complaint_share")
def complaint_share(source: Source) -> Answer:
    users = source.of_year("parking.sessions", "vehicle").groupby("month").vehicle.nunique()
    months = pd.DataFrame({"n": complaints(source, "parking"), "d": users})
    months["month"] = months.index
    return part(months, months.n, months.d)


@kpi("parking.violation_rate")
def violation_rate(source: Source) -> Answer:
    return mean_of_months(
        1000 * counts(source.of_year("parking.violations")) / at_month_ends(source, "parking.lots", "spaces")
    )


def _in_peak_hours(source: Source, *columns: str) -> pd.DataFrame:
    rows = source.of_year("traffic.corridor_speeds", "hour", "seconds", *columns)
    off = [pd.Timestamp(day) for day in non_working_days([FIRST.year]) if isinstance(day, dt.date)]
    return rows[rows.hour.isin([7, 8, 9, 17, 18, 19]) & (rows.day.dt.dayofweek < 5) & ~rows.day.isin(off)]


@kpi("traffic.peak_speed")
def peak_speed(source: Source) -> Answer:
    rows = _in_peak_hours(source, "speed_kmh")
    return part(rows, rows.speed_kmh * rows.seconds, rows.seconds, 1)


@kpi("traffic.mean_travel_time")
def mean_travel_time(source: Source) -> Answer:
    return mean_time(source.of_year("traffic.trips", "started_at", "finished_at"), "started_at", "finished_at", 60)


@kpi("traffic.jam_share")
def jam_share(source: Source) -> Answer:
    rows = _in_peak_hours(source, "speed_kmh", "free_flow_kmh")
    return part(rows, rows.seconds.where(rows.speed_kmh < 0.5 * rows.free_flow_kmh, 0), rows.seconds)


@kpi("traffic.accident_rate")
def traffic_accident_rate(source: Source) -> Answer:
    accidents = source.of_year("traffic.accidents", "kind")
    profile = source.read("city.profile", "vehicles", "valid_from", "valid_to")
    return {0: 10_000 * accidents.kind.isin(_ACCIDENTS).sum() / held(profile, FIRST).vehicles.sum()}


@kpi("traffic.automated_signal_share")
def automated_signal_share(source: Source) -> Answer:
    needed = ("networked", "adaptive", "detects_traffic")
    return share_alive(source, "traffic.signals", "signal_id", "traffic.signal_days", *needed)


@kpi("traffic.mean_clearance_time")
def mean_clearance_time(source: Source) -> Answer:
    rows = source.of_year("traffic.incidents", "kind", "detected_at", "cleared_at", on="cleared_at_day")
    return mean_time(rows[rows.kind.isin(_INCIDENTS)], "detected_at", "cleared_at", 60)


@kpi("roads.good_surface_share")
def good_surface_share(source: Source) -> Answer:
    roads = source.read("roads.segments", "length_m", "condition", "valid_from", "valid_to")

    def value(day: pd.Timestamp) -> float:
        now = held(roads, day)
        return float(100 * now.length_m[now.condition == "good"].sum() / now.length_m.sum())

    return at_quarters(value)


@kpi("roads.defect_rate")
def defect_rate(source: Source) -> Answer:
    defects = source.of_year("roads.defects", "duplicate_of")
    return mean_of_months(
        100_000 * counts(defects[defects.duplicate_of.isna()]) / at_month_ends(source, "roads.segments", "length_m")
    )


@kpi("roads.mean_repair_time")
def mean_repair_time(source: Source) -> Answer:
    defects = source.of_year("roads.defects", "found_at", "fixed_at", "duplicate_of", on="fixed_at_day")
    return mean_time(defects[defects.duplicate_of.isna()], "found_at", "fixed_at", 86_400)


@kpi("roads.monitored_share")
def monitored_share(source: Source) -> Answer:
    needed = ("has_sensors", "sends_data")
    return share_alive(source, "roads.segments", "segment_id", "roads.segment_device_days", *needed, of="length_m")


@kpi("roads.planned_repair_share")
def planned_repair_share(source: Source) -> Answer:
    plan = source.of_year("roads.repair_plan", "planned_m", "done_m")
    return {0: 100 * plan[["planned_m", "done_m"]].min(axis=1).sum() / plan.planned_m.sum()}


@kpi("stops.smart_share")
def smart_share(source: Source) -> Answer:
    columns = ("stop_id", "display", "live_arrivals", "wifi", "video", "emergency_button", "valid_from", "valid_to")
    stops = source.read("stops.stops", *columns)
    stops["smart"] = stops.display & stops.live_arrivals & (stops.wifi | stops.video | stops.emergency_button)
    working = alive(source, "stops.stop_device_days", "stop_id")

    def value(day: pd.Timestamp) -> float:
        now = held(stops, day)
        return float(100 * (now.smart & now.stop_id.isin(working[working.quarter == day.quarter].stop_id)).mean())

    return at_quarters(value)


@kpi("stops.display_share")
def display_share(source: Source) -> Answer:
    return share_held(source, "stops.stops", "display")


@kpi("stops.wifi_share")
def wifi_share(source: Source) -> Answer:
    return share_held(source, "stops.stops", "wifi")


@kpi("stops.video_share")
def video_share(source: Source) -> Answer:
    return share_held(source, "stops.stops", "video")


@kpi("stops.complaint_rate")
def stop_complaint_rate(source: Source) -> Answer:
    months = pd.DataFrame({"n": complaints(source, "stops"), "d": counts(source.of_year("transport.boardings"))})
    months["month"] = months.index
    return part(months, months.n, months.d, 1000)
