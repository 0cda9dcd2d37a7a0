"""A server while it is measured, and readers of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@contextmanager
def serving(command: Sequence[str], port: int, path: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server, while it is needed; it has answered `path` once."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        until = time.monotonic() + 120
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    get(f"http://127.0.0.1:{port}{path}")
                    break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("bench: the server ended by itself (see above)") from None
                if time.monotonic() > until:
                    raise SystemExit(f"bench: nothing answers on port {port}") from None
                time.sleep(0.25)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def get(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    """What an address answers, as it came (compressed)."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip", **(headers or {})})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: bytes = answer.read()
        return found


def read(url: str, readers: int, seconds: float) -> dict[str, Any]:
    """So many readers, each on a connection of its own, ask again as soon as they are answered (Debian's `wrk`, one thread).

    The first second is not counted.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("bench: the readers are Debian's wrk: apt-get install wrk")
    command = [wrk, "-t1", f"-c{readers}", "-s", str(HERE / "readers.lua"), "-H", "Accept-Encoding: gzip"]
    subprocess.run([*command, "-d1s", url], stdout=subprocess.DEVNULL, check=True)
    done = subprocess.run([*command, f"-d{seconds:.0f}s", url], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if found["not_200"] or found["broken"]:
        raise SystemExit(f"bench: {url}: {found['not_200']} answers were no page, {found['broken']} connections broke")
    return {"url": url, "readers": readers, "per_second": found["requests"] / found["seconds"], **found}
