"""The KPIs of initiatives 1 to 3."""

from __future__ import annotations

import pandas as pd

from bench.frames.reading import (
    MONTH_ENDS,
    YEAR,
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

_LISTED = {
    "safety": ["situation_centre.incidents", "situation_centre.emergency_calls", "situation_centre.crimes", "video.incidents",
               "fire_safety.calls"],
    "housing": ["contact_centre.appeals", "power.outages", "water.outages", "heat.outages", "gas.outages"],
    "ecology": ["situation_centre.air_readings", "situation_centre.water_quality_readings", "situation_centre.noise_readings"],
    "education": ["situation_centre.school_feeds"],
}  # fmt: skip
_NORMS = {"pm2_5": 0.035, "pm10": 0.06, "no2": 0.04, "so2": 0.05, "co": 3.0, "o3": 0.03}


@kpi("situation_centre.update_delay")
def update_delay(source: Source) -> Answer:
    rows = source.of_year("situation_centre.updates", "visible_at", "registered_at", "row_count")
    rows = rows[rows.registered_at.notna()]
    return part(
        rows, (rows.visible_at - rows.registered_at).dt.total_seconds() * rows.row_count / 60, rows.row_count, 1
    )


@kpi("situation_centre.dashboard_availability")
def dashboard_availability(source: Source) -> Answer:
    probes = source.of_year("situation_centre.probes", "failures_in_row")
    return share(probes, probes.failures_in_row < 2)


@kpi("situation_centre.visualisation_types")
def visualisation_types(source: Source) -> Answer:
    found = source.read(
        "situation_centre.visualisations", "visual_type", "on_published_board", "valid_from", "valid_to"
    )
    found = found[found.on_published_board]
    months = {n: float(held(found, day).visual_type.nunique()) for n, day in enumerate(MONTH_ENDS, 1)}
    return {**months, 0: months[12]}


@kpi("situation_centre.update_interval")
def update_interval(source: Source) -> Answer:
    rows = source.of_year(
        "situation_centre.dataset_updates", "category", "dataset_id", "updated_at", "previous_at", "new_rows"
    )
    listed = pd.Series(False, index=rows.index)
    for category, datasets in _LISTED.items():
        listed |= (rows.category == category) & rows.dataset_id.isin(datasets)
    rows = rows[listed & (rows.new_rows > 0)]
    hours = (rows.updated_at - rows.previous_at).dt.total_seconds() / 3600
    months = hours.groupby([rows.month, rows.category]).mean().groupby(level=0).mean()
    return {**{int(n): float(v) for n, v in months.items()}, 0: float(hours.groupby(rows.category).mean().mean())}


@kpi("situation_centre.objects_on_map_share")
def objects_on_map_share(source: Source) -> Answer:
    objects = source.read("situation_centre.critical_objects", "object_id", "object_kind", "valid_from", "valid_to")
    kinds = ["health", "school", "fire_station", "heat", "water", "power", "bridge", "vulnerable_site"]
    objects = objects[objects.object_kind.isin(kinds)]
    shown = source.read(
        "situation_centre.map_objects", "object_id", "has_geometry", "has_live_data", "valid_from", "valid_to"
    )
    shown = shown[shown.has_geometry & shown.has_live_data]
    return at_quarters(lambda day: 100 * held(objects, day).object_id.isin(held(shown, day).object_id).mean())


@kpi("situation_centre.map_layers")
def map_layers(source: Source) -> Answer:
    layers = source.read("situation_centre.layers", "features", "within_cadence", "valid_from", "valid_to")
    now = held(layers, MONTH_ENDS[-1])
    return {0: float(((now.features > 0) & now.within_cadence).sum())}


@kpi("situation_centre.automatic_incident_share")
def automatic_incident_share(source: Source) -> Answer:
    closed = source.of_year("situation_centre.incidents", "human_acts", "reopened", on="closed_at_day")
    return share(closed, (closed.human_acts == 0) & ~closed.reopened.astype(bool))


@kpi("situation_centre.answered_in_time_share")
def answered_in_time_share(source: Source) -> Answer:
    calls = source.of_year("contact_centre.calls", "queued_at", "answered_at", "abandoned_at", "bot")
    waited = (calls.abandoned_at - calls.queued_at).dt.total_seconds()
    calls = calls[~calls.bot & (calls.answered_at.notna() | calls.abandoned_at.isna() | (waited > 5))]
    return share(calls, (calls.answered_at - calls.queued_at).dt.total_seconds() <= 30)


@kpi("situation_centre.emergency_arrival_share")
def emergency_arrival_share(source: Source) -> Answer:
    columns = ("service", "urgency_class", "cancelled", "received_at", "arrived_at")
    calls = source.of_year("situation_centre.emergency_calls", *columns)
    urgent = calls.urgency_class.isin(["fire", "rescue", "urgency_1"])
    calls = calls[calls.service.isin(["fire", "ambulance"]) & urgent & ~calls.cancelled]
    return share(calls, (calls.arrived_at - calls.received_at).dt.total_seconds() <= 360)


def _change(rows: pd.DataFrame) -> Answer:
    """Per cent against the same month, and the whole year, before."""
    found = rows.groupby([rows.day.dt.year, rows.day.dt.month]).size()
    months = {}
    for n in range(1, 13):
        before, now = found.get((YEAR - 1, n), 0), found.get((YEAR, n), 0)
        if before:
            months[n] = 100 * (now - before) / before
    years = rows.groupby(rows.day.dt.year).size()
    before, now = years.get(YEAR - 1, 0), years.get(YEAR, 0)
    return {**months, **({0: 100 * (now - before) / before} if before else {})}


@kpi("situation_centre.major_incident_change")
def major_incident_change(source: Source) -> Answer:
    rows = source.read("situation_centre.incidents", "day", "severity")
    return _change(rows[rows.severity.isin(["major", "critical"])])


@kpi("situation_centre.grave_crime_change")
def grave_crime_change(source: Source) -> Answer:
    rows = source.read("situation_centre.crimes", "day", "gravity")
    return _change(rows[rows.gravity.isin(["grave", "especially_grave"])])


@kpi("situation_centre.transit_time_change")
def transit_time_change(source: Source) -> Answer:
    trips = source.of_year("transport.od_trips", "minutes")
    filed = source.read("city.baselines", "kpi", "component", "base_value", "filed_on")
    filed = filed[(filed.kpi == "situation_centre.transit_time_change") & (filed.component == "all")]
    base = filed.sort_values("filed_on").base_value.iloc[-1]
    return {0: 100 * (trips.minutes.astype(float).mean() - base) / base}


@kpi("situation_centre.air_compliance")
def air_compliance(source: Source) -> Answer:
    air = source.of_year("situation_centre.air_readings", "station", "pollutant", "concentration")
    air = air[air.pollutant.isin(list(_NORMS))]
    days = air.groupby(["month", "day", "station", "pollutant"], as_index=False).concentration.mean()
    days["kept"] = (days.pollutant.map(_NORMS) / days.concentration).clip(upper=1)
    months = days.groupby(["month", "pollutant"]).kept.mean().groupby(level=0).mean()
    return {**{int(n): float(v) for n, v in months.items()}, 0: float(days.groupby("pollutant").kept.mean().mean())}


@kpi("situation_centre.waste_recycled_share")
@kpi("waste.recycled_share")
def recycled_share(source: Source) -> Answer:
    weighed = source.of_year("waste.weighings", "mass_kg", "destination")
    return part(weighed, weighed.mass_kg.where(weighed.destination == "recycled", 0), weighed.mass_kg)


@kpi("situation_centre.green_area_change")
def green_area_change(source: Source) -> Answer:
    areas = source.read("greenery.areas", "area_m2", "valid_from", "valid_to")
    now = held(areas, MONTH_ENDS[-1]).area_m2.sum()
    before = held(areas, pd.Timestamp(YEAR - 1, 12, 31)).area_m2.sum()
    return {0: 100 * (now - before) / before} if before else {}


@kpi("situation_centre.building_energy_change")
def building_energy_change(source: Source) -> Answer:
    used = source.read("situation_centre.building_energy", "day", "kwh", "carrier", "same_set")
    used = used[used.same_set & used.carrier.isin(["electricity", "heat", "gas", "solid_fuel", "liquid_fuel"])]
    years = used.kwh.astype(float).groupby(used.day.dt.year).sum()
    return {0: 100 * (years[YEAR] - years[YEAR - 1]) / years[YEAR - 1]}


@kpi("contact_centre.mean_wait")
def mean_wait(source: Source) -> Answer:
    calls = source.of_year("contact_centre.calls", "queued_at", "answered_at", "bot")
    return mean_time(calls[~calls.bot], "queued_at", "answered_at", 1)


@kpi("contact_centre.first_contact_share")
def first_contact_share(source: Source) -> Answer:
    appeals = source.of_year("contact_centre.appeals", "contacts", "status", "spam")
    appeals = appeals[~appeals.spam & appeals.contacts.notna()]
    return share(appeals, (appeals.contacts == 1) & (appeals.status == "resolved"))


@kpi("contact_centre.appeals_per_month")
def appeals_per_month(source: Source) -> Answer:
    appeals = source.of_year("contact_centre.appeals", "spam")
    return mean_of_months(counts(appeals[~appeals.spam]))


@kpi("contact_centre.forwarded_share")
def forwarded_share(source: Source) -> Answer:
    appeals = source.of_year("contact_centre.appeals", "forwarded", "spam")
    appeals = appeals[~appeals.spam & appeals.forwarded.notna()]
    return share(appeals, appeals.forwarded.astype(bool))


@kpi("contact_centre.mean_resolution_time")
def mean_resolution_time(source: Source) -> Answer:
    appeals = source.of_year("contact_centre.appeals", "received_at", "closed_at", "status", "spam", on="closed_at_day")
    return mean_time(appeals[~appeals.spam & (appeals.status == "resolved")], "received_at", "closed_at", 3600)


@kpi("contact_centre.repeat_share")
def repeat_share(source: Source) -> Answer:
    appeals = source.of_year("contact_centre.appeals", "received_at", "citizen", "address", "topic", "spam")
    appeals = appeals[~appeals.spam].sort_values("received_at")
    again = pd.Series(False, index=appeals.index)
    for who in ("citizen", "address"):
        since = appeals.groupby([who, "topic"]).received_at.diff()
        again = again | (since <= pd.Timedelta(days=30))
    return share(appeals, again)


@kpi("settlement_centre.paid_on_time_share")
def paid_on_time_share(source: Source) -> Answer:
    bills = source.of_year("settlement_centre.bills", "paid_on", on="due_on")
    return share(bills, bills.paid_on <= bills.due_on)


@kpi("settlement_centre.overdue_share")
def overdue_share(source: Source) -> Answer:
    bills = source.of_year("settlement_centre.bills", "paid_on", on="due_on")
    return share(bills, bills.paid_on.isna() | (bills.paid_on > bills.due_on))


@kpi("settlement_centre.payments_per_month")
def payments_per_month(source: Source) -> Answer:
    return mean_of_months(counts(source.of_year("settlement_centre.payments")))


@kpi("settlement_centre.mean_processing_time")
def mean_processing_time(source: Source) -> Answer:
    return mean_time(
        source.of_year("settlement_centre.payments", "paid_at", "credited_at"), "paid_at", "credited_at", 3600
    )


@kpi("settlement_centre.automated_share")
def automated_share(source: Source) -> Answer:
    journal = source.of_year("settlement_centre.operations", "manual_entries")
    return share(journal, journal.manual_entries == 0, "quarter")


@kpi("settlement_centre.wrong_charge_share")
def wrong_charge_share(source: Source) -> Answer:
    bills = source.of_year("settlement_centre.bills", "wrong_confirmed_at")
    return share(bills, bills.wrong_confirmed_at.notna())
