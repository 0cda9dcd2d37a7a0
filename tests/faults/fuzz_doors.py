"""Malformed frames, bombs and bodies without end at a real server: `python tests/faults/fuzz_doors.py` (in `make fuzz`).

The server is the one that `qala serve` starts. Meanwhile another source sends as soon as it is answered. No answer may be a
5xx, no process may end, the door's memory may not grow beyond its bounds, and the other source's readings are all taken.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from kill_intake import DATASET, SECRET, Sender, Site

PATH = f"/api/v1/intake/{DATASET}"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}0\r\n"
MOST_MB = 900
"""Of the door's processes: all bodies together (768 MB) and what the door is without any."""


def heads() -> Iterator[tuple[str, bytes, bytes, int]]:
    """What is sent: a name, what comes once, what comes again and again after it, and how many bytes of that."""
    yield "10 GB announced", f"{HEAD}Content-Length: 10000000000\r\n\r\n".encode(), bytes(1 << 16), 4 << 20
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    for kind in ("application/json", "application/x-ndjson", "text/csv"):
        head = f"{HEAD}Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
        yield f"10 GB streamed, {kind}", head.encode(), chunk, 10 << 30
    for name, kind, how, body in (
        ("600 MB of zeros in gzip", "json", "gzip", gzip.compress(bytes(600 << 20), 6)),
        ("deep JSON", "json", "identity", b"[" * 3_000_000),
        ("deep JSON lines", "x-ndjson", "identity", b'{"a":' * 500_000),
    ):
        head = (
            f"{HEAD}Content-Type: application/{kind}\r\nContent-Encoding: {how}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield name, head.encode() + body, b"", 0
    yield "no such method", b"BREW / HTTP/1.1\r\n\r\n", b"", 0
    yield "no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300), b"", 0
    yield "a header without end", f"{HEAD}X: ".encode(), b"a" * 65536, 64 << 20
    yield "headers without end", HEAD.encode(), b"X: a\r\n" * 1000, 64 << 20
    yield "two lengths", f"{HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}".encode(), b"", 0
    yield "a negative length", f"{HEAD}Content-Length: -1\r\n\r\n".encode(), b"", 0
    yield "a broken chunk", f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(), b"", 0
    yield (
        "a path of noise",
        b"POST /api/v1/intake/%00%ff%2e%2e/counts HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"",
        0,
    )
    yield "half a body", f"{HEAD}Content-Length: 100\r\n\r\n{{".encode(), b"", 0


def noise(random_: random.Random) -> bytes:
    """A request of which some bytes are wrong."""
    body = json.dumps(Sender.row("noise")).encode()
    whole = bytearray(f"{HEAD}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    for _ in range(random_.randint(1, 8)):
        whole[random_.randrange(len(whole))] = random_.randrange(256)
    return bytes(whole)


def ask(port: int, once: bytes, again: bytes, size: int, wait_s: float) -> str:
    """The first line of the answer; `closed` where there is none."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as line:
        try:
            line.sendall(once)
            sent = 0
            while sent < size:
                line.sendall(again)
                sent += len(again)
                line.setblocking(False)
                try:
                    if line.recv(1, socket.MSG_PEEK) is not None:
                        break
                except BlockingIOError:
                    pass
                finally:
                    line.settimeout(wait_s)
        except OSError:
            pass
        try:
            return line.recv(65536).split(b"\r\n", 1)[0].decode("latin-1") or "closed"
        except OSError:
            return "closed"


def memory_mb(process: int) -> float:
    """Proportional share of a process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    total = 0.0
    for one in (process, *map(int, children)):
        text = Path(f"/proc/{one}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noise", type=int, default=3000, help="requests with wrong bytes")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="qala-fuzz-") as folder:
        site = Site(Path(folder))
        site.start()
        door = site.running["door"].pid
        most, ended = [memory_mb(door)], threading.Event()
        before = most[0]

        def watch() -> None:
            while not ended.wait(0.2):
                most.append(memory_mb(door))

        other = Sender(site, 1, ended)
        threads = [threading.Thread(target=watch, daemon=True), other]
        for one in threads:
            one.start()
        try:
            for name, once, again, size in heads():
                said = ask(site.port, once, again, size, 5 if name == "half a body" else 60)
                print(f"{name}: {said}", flush=True)
                if " 5" in said[:13]:
                    wrong.append(f"{name}: {said}")
            random_ = random.Random(asked.seed)
            for _ in range(asked.noise):
                bytes_ = noise(random_)
                said = ask(site.port, bytes_, b"", 0, 2)
                if " 5" in said[:13]:
                    wrong.append(f"{bytes_!r}: {said}")
            site.wait()
        finally:
            ended.set()
            for one in threads:
                one.join(30)
            after = memory_mb(door) if Path(f"/proc/{door}").exists() else float("nan")
            if site.running["door"].pid != door or site.running["door"].poll() is not None:
                wrong.append("the door ended")
            site.stop()
        if "Traceback" in (log := (Path(folder) / "door.log").read_text()):
            wrong.append(log[-1500:])
    print(f"memory of the door: {before:.0f} MB before, at most {max(most):.0f} MB, {after:.0f} MB after")
    print(
        f"another source meanwhile: {len(other.acknowledged):,} rows acknowledged, {other.unanswered} requests without an answer"
    )
    if max(most) > MOST_MB or after > before + 250 or other.unanswered or not other.acknowledged:
        wrong.append("memory or the other source suffered")
    print("\n".join(wrong) or "nothing answered 5xx, nothing ended")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
