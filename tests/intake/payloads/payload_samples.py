"""One real message of each kind, as its protocol writes it."""

from __future__ import annotations

import json
from typing import Any

from google.transit import gtfs_realtime_pb2 as realtime

from qala.intake.payloads import sparkplug_schema as schema

NOW_MS = 1_772_424_306_250  # 2026-03-02T04:05:06.25Z


def sparkplug(*metrics: dict[str, Any], seq: int | None = 0, timestamp: int | None = NOW_MS) -> bytes:
    """A Sparkplug B payload, written by protobuf itself."""
    payload = schema.Payload()
    if timestamp is not None:
        payload.timestamp = timestamp
    if seq is not None:
        payload.seq = seq
    for one in metrics:
        payload.metrics.add(**one)
    return bytes(payload.SerializeToString())


def feed(timestamp: int = 1_772_424_306) -> Any:
    """A GTFS Realtime feed with a header."""
    message = realtime.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.incrementality = realtime.FeedHeader.FULL_DATASET
    message.header.timestamp = timestamp
    return message


def bus_feed() -> bytes:
    """A position, a trip update of two stops and an alert in two languages."""
    message = feed()
    entity = message.entity.add(id="veh-17")
    entity.vehicle.trip.trip_id, entity.vehicle.trip.route_id = "92-a-0815", "92"
    entity.vehicle.trip.direction_id, entity.vehicle.trip.start_date = 1, "20260302"
    entity.vehicle.vehicle.id, entity.vehicle.vehicle.license_plate = "B0017", "123ABC02"
    entity.vehicle.position.latitude, entity.vehicle.position.longitude = 43.238949, 76.889709
    entity.vehicle.position.speed, entity.vehicle.position.odometer = 8.25, 104_233.5
    entity.vehicle.timestamp = 1_772_424_300
    entity.vehicle.current_status = realtime.VehiclePosition.STOPPED_AT
    entity.vehicle.occupancy_status = realtime.VehiclePosition.STANDING_ROOM_ONLY
    entity = message.entity.add(id="trip-92")
    entity.trip_update.trip.trip_id, entity.trip_update.delay = "92-a-0815", 65
    for number, (stop, delay) in enumerate((("S1", 65), ("S2", 20)), 1):
        one = entity.trip_update.stop_time_update.add(stop_sequence=number, stop_id=stop)
        one.arrival.delay, one.arrival.time = delay, 1_772_424_400 + number
    entity = message.entity.add(id="alert-3")
    entity.alert.active_period.add(start=1_772_424_000, end=1_772_430_000)
    entity.alert.cause, entity.alert.effect = realtime.Alert.CONSTRUCTION, realtime.Alert.DETOUR
    for language, text in (("kk", "Айналма жол"), ("ru", "Объезд")):
        entity.alert.header_text.translation.add(text=text, language=language)
    entity.alert.informed_entity.add(route_id="92")
    entity.alert.informed_entity.add(route_id="32", stop_id="S9")
    return bytes(message.SerializeToString())


CHIRPSTACK = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "time": "2026-03-02T04:05:06.250123456+00:00",
    "deviceInfo": {
        "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
        "tenantName": "water",
        "applicationId": "17c82e96-be03-4f38-aef3-f83d48582d97",
        "applicationName": "meters",
        "deviceProfileId": "14855bf7-d10d-4aee-b618-ebfcb64dc7ad",
        "deviceProfileName": "pulse",
        "deviceName": "meter 12",
        "devEui": "0101010101010101",
        "tags": {"district": "751210000"},
    },
    "devAddr": "00189440",
    "adr": True,
    "dr": 1,
    "fCnt": 10,
    "fPort": 2,
    "confirmed": False,
    "data": "qg==",
    "object": {"volume": 1234.5670, "battery": 97, "leak": False, "readings": [{"ago": 60, "v": 1.25}, {"ago": 0, "v": 1.5}]},
    "rxInfo": [
        {"gatewayId": "0016c001ff10d3f6", "uplinkId": 4217106255, "rssi": -110, "snr": 2.2,
         "location": {"latitude": 43.25, "longitude": 76.9}},
        {"gatewayId": "0016c001ff10d3f7", "uplinkId": 4217106256, "rssi": -36, "snr": 10.5,
         "location": {"latitude": 43.26, "longitude": 76.95}},
    ],
    "txInfo": {"frequency": 868300000, "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 11}}},
}  # fmt: skip

OPEN311_JSON = [
    {
        "service_request_id": "638344",
        "status": "closed",
        "status_notes": None,
        "service_name": "Pothole",
        "service_code": "006",
        "requested_datetime": "2026-03-01T06:37:38-08:00",
        "updated_datetime": "2026-03-02T06:37:38-08:00",
        "expected_datetime": "2026-03-05T06:37:38-08:00",
        "address": "8TH AVE and JUDAH ST",
        "lat": 37.762221815,
        "long": -122.4651145,
    },
    {"service_request_id": "638349", "status": "open", "service_code": "024", "lat": 37.76, "long": -122.41},
]

OPEN311_XML = """<?xml version="1.0" encoding="utf-8"?>
<service_requests>
  <request>
    <service_request_id>638344</service_request_id>
    <status>closed</status>
    <status_notes />
    <service_name>Яма на дороге</service_name>
    <requested_datetime>2026-03-01T06:37:38-08:00</requested_datetime>
    <lat>37.762221815</lat>
    <long>-122.4651145</long>
  </request>
  <request>
    <service_request_id>638349</service_request_id>
    <status>open</status>
    <lat>37.76</lat>
    <long>-122.41</long>
  </request>
</service_requests>
""".encode()

SENSORTHINGS = {
    "@iot.nextLink": "http://localhost/v1.1/Observations?$skip=2",
    "value": [
        {
            "@iot.id": 71,
            "@iot.selfLink": "http://localhost/v1.1/Observations(71)",
            "phenomenonTime": "2026-03-02T04:00:00Z",
            "resultTime": "2026-03-02T04:00:05Z",
            "result": 21.50,
            "Datastream": {
                "@iot.id": 5,
                "name": "temperature in the main",
                "unitOfMeasurement": {"name": "degree Celsius", "symbol": "°C"},
                "ObservedProperty": {"name": "temperature"},
                "Thing": {
                    "name": "boiler 7",
                    "Locations": [{"location": {"type": "Point", "coordinates": [76.9, 43.25]}}],
                },
            },
        },
        {
            "@iot.id": 72,
            "phenomenonTime": "2026-03-02T04:00:00Z/2026-03-02T05:00:00Z",
            "resultTime": None,
            "result": 22,
        },
    ],
}

NGSI_LD = [
    {
        "id": "urn:ngsi-ld:AirQualityObserved:almaty-3",
        "type": "AirQualityObserved",
        "pm25": {"type": "Property", "value": 41.10, "unitCode": "GQ", "observedAt": "2026-03-02T04:00:00Z",
                 "accuracy": {"type": "Property", "value": 0.5}},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [76.9, 43.25]}},
        "refDevice": {"type": "Relationship", "object": "urn:ngsi-ld:Device:3"},
        "name": {"type": "LanguageProperty", "languageMap": {"kk": "Орталық", "ru": "Центр"}},
        "dateObserved": {"type": "Property", "value": {"@type": "DateTime", "@value": "2026-03-02T04:00:00Z"}},
        "@context": ["https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"],
    }
]  # fmt: skip

NGSI_LD_SIMPLIFIED = [
    {
        "id": "urn:ngsi-ld:AirQualityObserved:almaty-3",
        "type": "AirQualityObserved",
        "pm25": 41.10,
        "location": {"type": "Point", "coordinates": [76.9, 43.25]},
        "refDevice": "urn:ngsi-ld:Device:3",
        "name": {"kk": "Орталық", "ru": "Центр"},
        "dateObserved": "2026-03-02T04:00:00Z",
    }
]

# RFC 8428, 5.1.4: a moving sensor
SENML = """[
  {"bn": "urn:dev:ow:10e2073a01080063", "bt": 1.320067464e+09, "bu": "%RH", "v": 20},
  {"u": "lon", "v": 24.30621}, {"u": "lat", "v": 60.07965},
  {"t": 60, "v": 20.3}, {"u": "lon", "t": 60, "v": 24.30622}, {"u": "lat", "t": 60, "v": 60.07965},
  {"t": 120, "v": 20.7}, {"u": "lon", "t": 120, "v": 24.30623}, {"u": "lat", "t": 120, "v": 60.07966},
  {"u": "%EL", "t": 150, "v": 98}, {"t": 180, "v": 21.2},
  {"u": "lon", "t": 180, "v": 24.30628}, {"u": "lat", "t": 180, "v": 60.07967}
]"""

SAMPLES: dict[str, tuple[str, str, bytes]] = {
    "json": ("json", "", b'{"station": {"id": "A1"}, "readings": [{"t": "2026-03-02T04:00:00Z", "v": 1.50}, {"v": null}]}'),
    "jsonl": ("jsonl", "", b'{"id": 1, "v": 1.50}\n\n{"id": 2, "v": true}\n'),
    "csv": ("csv", "", "id;значение;примечание\n1;2,50;\"a;\nb\"\n2;;x\n".encode()),
    "xml": ("xml", "", '<?xml version="1.0"?><rows><row id="1"><v>1.50</v></row><row id="2"><v>да</v></row></rows>'.encode()),
    "senml": ("senml", "", SENML.encode()),
    "sparkplug_b": (
        "sparkplug_b",
        "spBv1.0/heat/NDATA/boiler-7",
        sparkplug({"name": "T1", "datatype": 9, "float_value": 71.3, "timestamp": NOW_MS},
                  {"name": "P", "datatype": 3, "int_value": 2**32 - 5}, seq=4),
    ),
    "chirpstack": ("chirpstack", "application/17c8/device/0101010101010101/event/up", json.dumps(CHIRPSTACK).encode()),
    "gtfs_rt": ("gtfs_rt", "", bus_feed()),
    "open311": ("open311", "", json.dumps(OPEN311_JSON).encode()),
    "open311 in XML": ("open311", "", OPEN311_XML),
    "sensorthings": ("sensorthings", "", json.dumps(SENSORTHINGS).encode()),
    "ngsi_ld": ("ngsi_ld", "", json.dumps(NGSI_LD).encode()),
    "ngsi_ld simplified": ("ngsi_ld", "", json.dumps(NGSI_LD_SIMPLIFIED).encode()),
}  # fmt: skip
