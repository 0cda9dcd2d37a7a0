"""ChirpStack, Open311, SensorThings and NGSI-LD."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from payload_samples import CHIRPSTACK, NGSI_LD, NGSI_LD_SIMPLIFIED, OPEN311_JSON, OPEN311_XML, SENSORTHINGS

from qala.intake.payloads import Undecodable, decode
from qala.intake.payloads.limits import Row

RECEIVED = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)
UPLINK = "application/17c8/device/0101010101010101/event/up"


def read(kind: str, document: Any, rows_at: str = "", topic: str = "") -> list[Row]:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return decode(kind, body, rows_at=rows_at, topic=topic, received=RECEIVED)


def test_an_uplink_is_a_row_with_its_loudest_gateway() -> None:
    (row,) = read("chirpstack", CHIRPSTACK, topic=UPLINK)
    assert (row["deviceInfo.devEui"], row["object.volume"], row["object.leak"]) == (
        "0101010101010101",
        "1234.567",
        "false",
    )
    assert (row["rx.gateways"], row["rx.gatewayId"], row["rx.rssi"], row["rx.snr"]) == (
        "2",
        "0016c001ff10d3f7",
        "-36",
        "10.5",
    )
    assert row["deviceInfo.tags.district"] == "751210000"
    assert row["txInfo.modulation.lora.spreadingFactor"] == "11"


def test_an_uplink_with_several_readings_is_several_rows() -> None:
    rows = read("chirpstack", CHIRPSTACK, "object.readings", UPLINK)
    assert [(row["deviceInfo.devEui"], row["ago"], row["v"]) for row in rows] == [
        ("0101010101010101", "60", "1.25"),
        ("0101010101010101", "0", "1.5"),
    ]


def test_other_events_give_no_rows() -> None:
    status = {"deviceInfo": CHIRPSTACK["deviceInfo"], "margin": 7, "batteryLevel": 75.5}
    assert read("chirpstack", status, topic=UPLINK.replace("/up", "/status")) == []
    assert read("chirpstack", status) == []


@pytest.mark.parametrize(
    ("document", "message", "hint"),
    [
        ({"applicationID": "1", "devEUI": "AQE=", "objectJSON": "{}"}, "ChirpStack 3", "plain JSON"),
        ({"a": 1}, "no deviceInfo", ""),
        (b"\n$3ac7e3c4", "not JSON", "protobuf"),
        ({**CHIRPSTACK, "rxInfo": [{"rssi": "loud"}, {"rssi": 1}]}, "signal loud", ""),
    ],
)
def test_what_is_no_uplink_is_told(document: Any, message: str, hint: str) -> None:
    with pytest.raises(Undecodable, match=message) as refusal:
        read("chirpstack", document)
    assert hint in refusal.value.hint


def test_service_requests_are_the_same_in_json_and_xml() -> None:
    names = ("service_request_id", "status", "status_notes", "requested_datetime", "lat", "long")
    as_json = [tuple(row.get(name) for name in names) for row in read("open311", OPEN311_JSON)]
    as_xml = [tuple(row.get(name) for name in names) for row in read("open311", OPEN311_XML)]
    assert as_json == as_xml
    assert as_json[0] == ("638344", "closed", None, "2026-03-01T06:37:38-08:00", "37.762221815", "-122.4651145")


@pytest.mark.parametrize("body", [b"[]", b"<service_requests></service_requests>", b"<service_requests/>"])
def test_no_service_requests_are_no_rows(body: bytes) -> None:
    assert read("open311", body) == []


def test_one_service_request_is_one_row() -> None:
    one = b"<service_requests><request><service_request_id>5</service_request_id></request></service_requests>"
    assert read("open311", one) == [{"service_request_id": "5"}]
    assert read("open311", {"service_requests": OPEN311_JSON})[1]["service_code"] == "024"


@pytest.mark.parametrize(
    "body",
    [
        b'[{"code": 403, "description": "jurisdiction_id was not provided"}]',
        b"<errors><error><code>403</code><description>jurisdiction_id was not provided</description></error></errors>",
    ],
)
def test_the_words_of_an_open311_server_are_told(body: bytes) -> None:
    with pytest.raises(Undecodable, match="403 jurisdiction_id was not provided"):
        read("open311", body)


def test_observations_are_rows_with_what_was_expanded() -> None:
    first, second = read("sensorthings", SENSORTHINGS)
    assert (first["@iot.id"], first["phenomenonTime"], first["result"]) == ("71", "2026-03-02T04:00:00Z", "21.5")
    assert (first["Datastream.@iot.id"], first["Datastream.unitOfMeasurement.symbol"]) == ("5", "°C")
    assert first["Datastream.Thing.Locations.0.location.coordinates.0"] == "76.9"
    assert (second["phenomenonTime.start"], second["phenomenonTime.end"]) == (
        "2026-03-02T04:00:00Z",
        "2026-03-02T05:00:00Z",
    )
    assert second["resultTime"] is None


def test_an_observation_over_mqtt_knows_its_datastream_by_the_topic() -> None:
    (row,) = read("sensorthings", SENSORTHINGS["value"][1], topic="v1.1/Datastreams(5)/Observations")  # type: ignore[index]
    assert (row["Datastream.@iot.id"], row["result"]) == ("5", "22")


def test_data_arrays_and_expanded_datastreams_give_the_same_rows() -> None:
    array = {"value": [{"Datastream@iot.navigationLink": "http://localhost/v1.1/Datastreams(5)",
                        "components": ["@iot.id", "phenomenonTime", "result"], "dataArray@iot.count": 2,
                        "dataArray": [[71, "2026-03-02T04:00:00Z", 21.5], [72, "2026-03-02T04:05:00Z", None]]}]}  # fmt: skip
    expanded = {"value": [{"@iot.id": 5, "Observations": [
        {"@iot.id": 71, "phenomenonTime": "2026-03-02T04:00:00Z", "result": 21.5},
        {"@iot.id": 72, "phenomenonTime": "2026-03-02T04:05:00Z", "result": None}], "Observations@iot.count": 2}]}  # fmt: skip
    wanted = [
        {"@iot.id": "71", "phenomenonTime": "2026-03-02T04:00:00Z", "result": "21.5", "Datastream.@iot.id": "5"},
        {"@iot.id": "72", "phenomenonTime": "2026-03-02T04:05:00Z", "result": None, "Datastream.@iot.id": "5"},
    ]
    assert read("sensorthings", array) == wanted
    assert read("sensorthings", expanded) == wanted
    array["value"][0]["dataArray"][0].append(1)  # type: ignore[index,attr-defined]
    with pytest.raises(Undecodable) as refusal:
        read("sensorthings", array)
    assert refusal.value.where == "element 1, row 1"


@pytest.mark.parametrize(
    "document", [{"value": [{"name": "a thing"}]}, {"name": "x"}, {"code": 404, "message": "no"}, [1]]
)
def test_what_is_no_observation_is_told(document: Any) -> None:
    with pytest.raises(Undecodable):
        read("sensorthings", document)


def test_normalized_and_simplified_entities_have_the_same_values() -> None:
    (normalized,), (simplified,) = read("ngsi_ld", NGSI_LD), read("ngsi_ld", NGSI_LD_SIMPLIFIED)
    assert simplified.items() <= normalized.items()
    assert normalized["pm25"] == "41.1"
    assert (normalized["pm25.unitCode"], normalized["pm25.observedAt"]) == ("GQ", "2026-03-02T04:00:00Z")
    assert normalized["pm25.accuracy"] == "0.5"
    assert (normalized["location.coordinates.0"], normalized["refDevice"]) == ("76.9", "urn:ngsi-ld:Device:3")
    assert (normalized["name.kk"], normalized["dateObserved"]) == ("Орталық", "2026-03-02T04:00:00Z")
    assert not any(header.startswith("@") for header in normalized)


def test_a_concise_entity_and_one_of_ngsi_v2_have_them_too() -> None:
    concise = {"id": "a", "type": "T", "pm25": {"value": 41.1, "unitCode": "GQ"}, "ref": {"object": "urn:x"}, "n": 5}
    assert read("ngsi_ld", concise) == [
        {"id": "a", "type": "T", "pm25": "41.1", "pm25.unitCode": "GQ", "ref": "urn:x", "n": "5"}
    ]
    at = {"type": "DateTime", "value": "2026-03-02T04:00:00Z"}
    second = {"id": "a", "type": "T", "pm25": {"type": "Number", "value": 41.1, "metadata": {"TimeInstant": at}},
              "empty": {"type": "Text", "value": "", "metadata": {}}}  # fmt: skip
    assert read("ngsi_ld", second) == [
        {"id": "a", "type": "T", "pm25": "41.1", "pm25.TimeInstant": "2026-03-02T04:00:00Z", "empty": ""}
    ]


def test_several_instances_of_an_attribute_are_told_apart() -> None:
    entity = {"id": "a", "type": "T", "speed": [
        {"type": "Property", "value": 54}, {"type": "Property", "value": 55, "datasetId": "urn:gps"}]}  # fmt: skip
    (row,) = read("ngsi_ld", entity)
    assert (row["speed"], row["speed[urn:gps]"]) == ("54", "55")


def test_a_notification_gives_its_entities() -> None:
    note = {"id": "urn:n", "type": "Notification", "subscriptionId": "urn:s", "notifiedAt": "2026-03-02T04:00:01Z",
            "data": NGSI_LD}  # fmt: skip
    (row,) = read("ngsi_ld", note)
    assert (row["subscriptionId"], row["notifiedAt"], row["pm25"]) == ("urn:s", "2026-03-02T04:00:01Z", "41.1")


def test_the_words_of_a_broker_are_told() -> None:
    problem = {
        "type": "https://uri.etsi.org/ngsi-ld/errors/BadRequestData",
        "title": "Invalid request",
        "detail": "no type",
    }
    with pytest.raises(Undecodable, match="Invalid request no type"):
        read("ngsi_ld", problem)
