"""A source that sends a reading now and then: `quiet_source.py PORT SECONDS`, until its standard input ends.

A line of JSON for each: when it was sent (monotonic clock), seconds until the answer, whether it was taken, its meter.
"""

from __future__ import annotations

import json
import select
import sys
import threading
import time
from types import SimpleNamespace

from kill_intake import Sender


def main(port: int, every: float) -> None:
    sender, n = Sender(SimpleNamespace(port=port), 1, threading.Event()), 0  # type: ignore[arg-type]
    while not select.select([sys.stdin], [], [], every)[0]:
        n += 1
        row, began = Sender.row(f"quiet-{n}"), time.monotonic()
        taken = sender.post([row], f"quiet-{n}")
        print(json.dumps([began, time.monotonic() - began, taken, row["meter_id"]]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
