"""Vehicles on their routes, told as a GTFS Realtime feed that a pull fetches."""

from __future__ import annotations

import math
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.transit import gtfs_realtime_pb2 as realtime

from qala.intake.playing.senders import Sent
from qala.lake import Lake

FAULTS = {"nowhere": 0.04, "repeated": 0.04, "cut": 0.015, "page": 0.015, "gone": 0.01}
"""Shares of feeds in which a vehicle is nowhere, that come a second time, end in the middle, are a page of a tired server, or do
not come."""
_MOST = 80
_METRES = 111_320.0
_CRUISE_MS = 6.0
"""Metres a second, stops included."""

_FROM = {"boardings": "transport.boardings", "stops": "stops.stops", "routes": "transport.routes"}
_ROUTES = """
WITH seen AS (SELECT DISTINCT route_id, stop_id FROM {boardings} WHERE stop_id IS NOT NULL),
place AS (SELECT stop_id, any_value(lon)::DOUBLE AS x, any_value(lat)::DOUBLE AS y
          FROM {stops} WHERE lat IS NOT NULL GROUP BY ALL),
turned AS (SELECT route_id, 0.5 * atan2(2 * covar_pop(x, y), var_pop(x) - var_pop(y)) AS angle
           FROM seen JOIN place USING (stop_id) GROUP BY ALL HAVING count(*) > 1)
SELECT route_id, any_value(mode), array_agg([x, y] ORDER BY x * cos(angle) + y * sin(angle))
FROM seen JOIN place USING (stop_id) JOIN turned USING (route_id)
JOIN (SELECT DISTINCT route_id, mode FROM {routes}) USING (route_id)
GROUP BY route_id ORDER BY route_id
"""
"""A route as the stops at which somebody boarded, along its longer axis: the contracts hold no path."""

Point = tuple[float, float]


class Fleet:
    """Vehicles of a city going to and fro on their routes.

    Args:
        speed: how many times as fast as in life.
    """

    def __init__(self, lake: Lake, city: str, speed: float) -> None:
        with lake.connection() as con:
            routes = con.execute(
                _ROUTES.format(**{name: _rows(lake, dataset, city) for name, dataset in _FROM.items()})
            )
            lines = [
                (route, mode, [(float(x), float(y)) for x, y in points]) for route, mode, points in routes.fetchall()
            ]
            fleet = con.execute(
                f"SELECT DISTINCT vehicle_id, mode FROM {_rows(lake, 'transport.vehicles', city)} ORDER BY 1 LIMIT {_MOST}"
            ).fetchall()
        self._vehicles: list[tuple[str, str, list[Point], list[float], float]] = []
        for number, (vehicle, mode) in enumerate(fleet):
            same = [one for one in lines if one[1] == mode] or lines
            if same:
                route, _, points = same[number % len(same)]
                if len(points) > 1:
                    self._vehicles.append((vehicle, route, points, _distances(points), number * 0.618 % 1))
        self._speed, self._begun = speed, time.time()

    def __len__(self) -> int:
        return len(self._vehicles)

    def feed(self, now: float, drift: float = 0.0, *, nowhere: bool = False) -> bytes:
        """Where they are at a moment (seconds of the epoch), by a clock that is wrong by `drift` seconds.

        Args:
            nowhere: the first of them is at a latitude that there is not.
        """
        message = realtime.FeedMessage()
        message.header.gtfs_realtime_version = "2.0"
        message.header.timestamp = int(now + drift)
        for vehicle, route, points, distances, start in self._vehicles:
            whole = distances[-1]
            gone = (start * 2 * whole + (now - self._begun) * _CRUISE_MS * self._speed) % (2 * whole)
            back = gone > whole
            (lon, lat), bearing = _at(points, distances, 2 * whole - gone if back else gone)
            entity = message.entity.add(id=vehicle)
            told = entity.vehicle
            told.vehicle.id, told.trip.route_id, told.timestamp = vehicle, route, int(now + drift)
            told.position.latitude, told.position.longitude = lat, lon
            told.position.bearing = round((bearing + (180 if back else 0)) % 360, 1)
            told.position.speed = _CRUISE_MS
        if nowhere:
            message.entity[0].vehicle.position.latitude = 200
        return bytes(message.SerializeToString())


def _rows(lake: Lake, dataset: str, city: str) -> str:
    table = lake.table(dataset).snapshot()
    return table.current_sql(table.files(city=city))


def _distances(points: list[Point]) -> list[float]:
    found = [0.0]
    for (x, y), (u, v) in zip(points, points[1:], strict=False):
        east = (u - x) * _METRES * math.cos(math.radians(y))
        found.append(found[-1] + max(1.0, math.hypot(east, (v - y) * _METRES)))
    return found


def _at(points: list[Point], distances: list[float], gone: float) -> tuple[Point, float]:
    at = next((n for n in range(1, len(points)) if distances[n] >= gone), len(points) - 1)
    part = (gone - distances[at - 1]) / (distances[at] - distances[at - 1])
    (x, y), (u, v) = points[at - 1], points[at]
    bearing = math.degrees(math.atan2((u - x) * math.cos(math.radians(y)), v - y)) % 360
    return (x + (u - x) * part, y + (v - y) * part), bearing


class FeedServer:
    """Gives out feeds on this machine, `/<city>`; some of them as broken as feeds are in life (`FAULTS`)."""

    def __init__(self) -> None:
        self.feeds: dict[str, Fleet] = {}
        self.drifts: dict[str, float] = {}
        self.sent: dict[str, Sent] = {}
        self._last: dict[str, bytes] = {}
        self._chance = random.Random("feeds")
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                city = self.path.strip("/")
                if city not in server.feeds:
                    self.send_error(404)
                    return
                status, body = server.answer(city, time.time())
                self.send_response(status)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing is said of each request."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._http.server_address[1])
        threading.Thread(target=self._http.serve_forever, name="feeds", daemon=True).start()

    def answer(self, city: str, now: float, fault: str | None = None) -> tuple[int, bytes]:
        """What whoever asks gets at a moment, and what the doors must make of it is counted.

        Args:
            fault: one of `FAULTS`; by chance if it is not said.
        """
        sent, fleet = self.sent.setdefault(city, Sent()), self.feeds[city]
        if fault is None:
            fault = next((name for name, share in FAULTS.items() if self._chance.random() < share), "")
        if fault == "gone":
            sent.waited += 1
            return 503, b"come again"
        if fault == "repeated" and city in self._last:  # it is known by its content, and not read twice
            sent.again += len(fleet)
            return 200, self._last[city]
        body = fleet.feed(now, self.drifts.get(city, 0.0), nowhere=fault == "nowhere")
        if fault in ("cut", "page"):  # lies in quarantine as one row, since nobody can tell how many it had
            sent.rows += 1
            sent.broken += 1
            return 200, body[:-3] if fault == "cut" else f"<html>{now} is not a feed</html>".encode()
        self._last[city] = body
        sent.rows += len(fleet)
        sent.broken += fault == "nowhere"
        return 200, body

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
