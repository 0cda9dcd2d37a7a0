"""How a playing system hands over what it has: by HTTP, MQTT or a file; and what it counts of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

_WITHIN_S = 20


@dataclass
class Sent:
    """What one source sent.

    Attributes:
        rows: what the doors count as rows, messages that cannot be read included.
        again: rows that were sent twice; broken: rows that must be refused.
        unread: messages by HTTP that are refused as a whole, so that nothing of them is kept.
        waited: times a door said that it is full, or was not there.
    """

    rows: int = 0
    again: int = 0
    broken: int = 0
    unread: int = 0
    waited: int = 0


class Sender(Protocol):
    """Hands rows over; False where the door does not take them now, and they are to be sent again."""

    def send(self, rows: Sequence[dict[str, Any]]) -> bool: ...
    def garbage(self) -> bool: ...


class HttpSender:
    """Posts JSON, now and then packed."""

    def __init__(self, address: str, dataset: str, secret: str, counted: Sent) -> None:
        self._url, self._secret, self._counted, self._sent = f"{address}/api/v1/intake/{dataset}", secret, counted, 0

    def send(self, rows: Sequence[dict[str, Any]]) -> bool:
        self._sent += 1
        body = json.dumps(rows, ensure_ascii=False).encode()
        packed = {"Content-Encoding": "gzip"} if self._sent % 5 == 0 else {}
        return self._post(gzip.compress(body) if packed else body, packed) == 202

    def garbage(self) -> bool:
        """A message that is cut off: it is refused, and nothing is kept of it."""
        status = self._post(b'[{"half": "a mess', {})
        self._counted.unread += status == 422
        return status == 422

    def _post(self, body: bytes, more: dict[str, str]) -> int:
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json", **more}
        try:
            with urllib.request.urlopen(urllib.request.Request(self._url, body, headers), timeout=_WITHIN_S) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


class MqttSender:
    """Publishes JSON at QoS 1 below the source's topic."""

    def __init__(self, line: Any, source: str, counted: Sent) -> None:
        self._topic, self._counted = f"qala/{source}/readings", counted
        self._up = threading.Event()
        self._client = line.client(
            source, published=lambda _: None, up=lambda _: self._up.set(), down=lambda _: self._up.clear(), session_s=0
        )
        self._client.start()

    def send(self, rows: Sequence[dict[str, Any]]) -> bool:
        return self._publish(json.dumps(rows, ensure_ascii=False).encode())

    def garbage(self) -> bool:
        """A message that cannot be read: it is acknowledged and lies in quarantine, as one row."""
        if not self._publish(b"\x00\x01 no JSON"):
            return False
        self._counted.rows += 1
        self._counted.broken += 1
        return True

    def _publish(self, body: bytes) -> bool:
        from awscrt import mqtt5

        if not self._up.wait(_WITHIN_S):
            return False
        try:
            packet = mqtt5.PublishPacket(topic=self._topic, payload=body, qos=mqtt5.QoS.AT_LEAST_ONCE)
            done = self._client.publish(packet).result(_WITHIN_S)
        except Exception:  # noqa: BLE001  whatever the connection died of, it is sent again
            return False
        # "nobody listens" is a success of MQTT and none of ours: the door has not subscribed yet
        return done.puback is not None and done.puback.reason_code == mqtt5.PubackReasonCode.SUCCESS

    def close(self) -> None:
        self._client.stop()


class FileSender:
    """Drops CSV files: written under another name, and renamed when they are whole."""

    def __init__(self, folder: Path, columns: Sequence[str], counted: Sent) -> None:
        self._folder, self._columns, self._counted, self._number = folder, columns, counted, 0
        folder.mkdir(parents=True, exist_ok=True)

    def send(self, rows: Sequence[dict[str, Any]]) -> bool:
        text = io.StringIO()
        table = csv.DictWriter(text, self._columns)
        table.writeheader()
        table.writerows(rows)
        return self._drop(text.getvalue().encode(), rows[0])

    def garbage(self) -> bool:
        """A file that is still being written is left alone."""
        (self._folder / ".half.csv.part").write_bytes(b"never, fini")
        return True

    def _drop(self, content: bytes, first: dict[str, Any]) -> bool:
        self._number += 1
        name = f"{next(iter(first.values()))}-{self._number}.csv"
        half = self._folder / f"{name}.part"
        try:
            half.write_bytes(content)
            half.rename(self._folder / name)
        except OSError:
            return False
        return True
