"""What overwhelms or leaves the doors: a flood, a full disk, a broker or a database that is gone and comes back.

    python tests/faults/overload.py --seconds 300      (make faults)

Doors and committer run as processes of their own. In each trial two sources of readings send all the time: one steadily and
little, whose answers are timed, one as the trial wants. Afterwards everything that was acknowledged must be there once, the
ledger must balance, every process must still be the one that was started, and what came after the trouble must be taken without
anybody's help.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import results
from kill_intake import CITY, DATASET, SECRET, Sender, Site

TIMES = 10
"""An overload is so many times what the door takes in when it is asked by one sender who waits for each answer."""
ROWS, BODIES, CONNECTIONS = 500, 40, 240
QUIET_S = 0.1
TMPFS_MB = 900


@dataclass
class Found:
    """What a trial found; lost, doubled, ended and wrong must be empty."""

    trouble: str
    seconds: float
    acknowledged: int = 0
    asked_to_wait: int = 0
    offered_times: float = 0.0
    quiet_p95_ms: tuple[float, float] = (0.0, 0.0)
    quiet_stored_s: tuple[float, float] = (0.0, 0.0)
    quiet_refused: int = 0
    recovered_s: float = 0.0
    lost: int = 0
    doubled: int = 0
    ended: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.ended or self.wrong)


class Quiet:
    """A source, in a process of its own, that sends a reading now and then and tells how long each answer took."""

    def __init__(self, site: Site) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("quiet_source.py")), str(site.port), str(QUIET_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.answers: list[tuple[float, float, bool]] = []
        self.acknowledged: set[str] = set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            began, spent, taken, meter = json.loads(line)
            self.answers.append((began, spent, taken))
            if taken:
                self.acknowledged.add(meter)

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._reader.join()

    def p95_ms(self, since: float, until: float) -> float:
        times = sorted(spent for began, spent, _ in self.answers if since <= began < until)
        return round(1000 * times[int(len(times) * 0.95)], 1) if times else 0.0

    def refused(self, since: float, until: float) -> int:
        return sum(not taken for began, _, taken in self.answers if since <= began < until)


class Flood:
    """The other source: the same readings over and over, from many connections, whatever the door says."""

    def __init__(self, port: int) -> None:
        head = (
            f"POST /api/v1/intake/{DATASET} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}0\r\n"
            "Content-Type: application/json\r\n"
        )
        bodies = [json.dumps([Sender.row(f"flood-{n}-{k}") for k in range(ROWS)]).encode() for n in range(BODIES)]
        self._requests = [f"{head}Content-Length: {len(one)}\r\n\r\n".encode() + one for one in bodies]
        self._port = port
        self.sent: set[int] = set()
        self.rows = {202: 0, 429: 0}
        self.unasked = 0
        self.without_time = 0

    async def _connection(self, number: int, every: float, until: float) -> None:
        loop, n = asyncio.get_running_loop(), number
        due = loop.time() + every * number / CONNECTIONS
        while loop.time() < until:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, IndexError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                while (now := loop.time()) < until:
                    if due > now:
                        await asyncio.sleep(due - now)
                    due = max(due + every, now - 1)
                    writer.write(self._requests[n % BODIES])
                    await self._answer(reader, n % BODIES)
                    n += CONNECTIONS
                writer.close()
            await asyncio.sleep(0.05)

    async def _answer(self, reader: asyncio.StreamReader, body: int) -> None:
        status, length, when = int((await reader.readline()).split()[1]), 0, False
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.lower().partition(b":")
            length = int(value) if name == b"content-length" else length
            when = when or name == b"retry-after"
        await reader.readexactly(length)
        self.rows[status] = self.rows.get(status, 0) + ROWS
        if status == 202:
            self.sent.add(body)
        elif status == 429 and not when:
            self.without_time += 1

    async def _all(self, rows_per_second: float, seconds: float) -> None:
        every, until = CONNECTIONS * ROWS / rows_per_second, asyncio.get_running_loop().time() + seconds
        await asyncio.gather(*(self._connection(n, every, until) for n in range(CONNECTIONS)))

    def run(self, rows_per_second: float, seconds: float) -> None:
        asyncio.run(self._all(rows_per_second, seconds))

    def one_that_waits(self, seconds: float) -> float:
        """Rows a second that the door takes from a sender who waits for each answer."""
        before, began = self.rows[202], time.monotonic()

        async def alone() -> None:
            await self._connection(0, 0, asyncio.get_running_loop().time() + seconds)

        asyncio.run(alone())
        return (self.rows[202] - before) / (time.monotonic() - began)


def flood(folder: Path, seconds: float) -> Found:
    """Ten times as much as one sender gets through, from one source, while another sends a reading now and then."""
    site = Site(folder)
    with running(site) as (quiet, ended):
        storm = Flood(site.port)
        alone = storm.one_that_waits(max(2.0, seconds / 20))
        _settled(site)
        calm, calm_at = time.monotonic(), datetime.now(UTC)
        time.sleep(max(3.0, seconds / 10))
        began, began_at = time.monotonic(), datetime.now(UTC)
        counted = dict(storm.rows)
        storm.run(TIMES * alone, seconds)
        over, over_at = time.monotonic(), datetime.now(UTC)
        tried = sum(storm.rows.values()) - sum(counted.values())
        found = Found("10 × overload from one source", round(over - began, 1), asked_to_wait=storm.rows[429] // ROWS)
        found.offered_times = round(tried / (over - began) / alone, 1)
        found.quiet_p95_ms = (quiet.p95_ms(calm, began), quiet.p95_ms(began, over))
        found.quiet_refused = quiet.refused(began, over)
        found.recovered_s = _settled(site)
        found.quiet_stored_s = (
            _stored_p95_s(site, "meters-1", calm_at, began_at),
            _stored_p95_s(site, "meters-1", began_at, over_at),
        )
        found.acknowledged = storm.rows[202] + len(quiet.acknowledged)
        found.wrong += [f"{storm.without_time} times no time to wait"] if storm.without_time else []
        others = {status: rows for status, rows in storm.rows.items() if status not in (202, 429) and rows}
        if others:
            found.wrong.append(f"other answers: {others}; {(folder / 'door.log').read_text()[-1500:]}")
    found.ended = ended
    wanted = quiet.acknowledged | {f"flood-{n}-{k}" for n in storm.sent for k in range(ROWS)}
    return compared(site, found, wanted, received=found.acknowledged)


def full_disk(folder: Path, seconds: float) -> Found:
    """The disk of lake and landing is full to the last byte for a while (a tmpfs of its own; needs the right to mount).

    Raises:
        PermissionError: it may not be mounted.
    """
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        raise PermissionError(done.stderr.decode().strip())
    try:
        return _full_disk(folder, seconds)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def _full_disk(folder: Path, seconds: float) -> Found:
    site = Site(folder)
    with running(site) as (quiet, ended):
        calm = time.monotonic()
        time.sleep(max(3.0, seconds / 4))
        full = time.monotonic()
        ballast = folder / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 20))
        time.sleep(seconds)
        free = time.monotonic()
        ballast.unlink()
        found = Found("disk full", round(free - full, 1), asked_to_wait=quiet.refused(full + 0.5, free))
        if found.asked_to_wait == 0:
            found.wrong.append("nobody was told to wait")
        found.recovered_s = _first_taken(quiet, free)
        time.sleep(2)
        found.quiet_p95_ms = (quiet.p95_ms(calm, full), quiet.p95_ms(free + found.recovered_s, time.monotonic()))
        _settled(site)
    found.ended, found.acknowledged = ended, len(quiet.acknowledged)
    return compared(site, found, quiet.acknowledged, received=None)


@contextlib.contextmanager
def running(site: Site) -> Iterator[tuple[Quiet, list[str]]]:
    """The processes, and the quiet source; the names of processes that did not live through it."""
    site.start()
    quiet, ended = Quiet(site), []
    _first_taken(quiet, 0)
    try:
        yield quiet, ended
    finally:
        quiet.stop()
        ended += [name for name, process in site.running.items() if process.poll() is not None]
        _settled(site)
        site.stop()


def _first_taken(quiet: Quiet, since: float) -> float:
    """Seconds from a moment until the quiet source's next reading was acknowledged."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for began, spent, taken in list(quiet.answers):
            if taken and began >= since:
                return round(began + spent - since, 1)
        time.sleep(0.1)
    raise AssertionError("nothing is taken any more")


def _settled(site: Site) -> float:
    """Seconds until nothing waits for the committer of what had come by now; a source goes on sending meanwhile."""
    from qala.lake.committing import waiting

    began, now = time.monotonic(), datetime.now(UTC)
    while any(head.received <= now for head in waiting(site.folder / "lake" / "landing")):
        if time.monotonic() - began > 600:
            raise AssertionError("the committer does not come to an end")
        time.sleep(0.2)
    return round(time.monotonic() - began, 1)


def _stored_p95_s(site: Site, source: str, since: datetime, until: datetime) -> float:
    """Seconds from the coming of a receipt's first row until it was in the table, of the rows that came meanwhile."""
    table, times = site.lake.table(DATASET), []
    for receipt in site.lake.ledger.receipts(DATASET):
        came = datetime.strptime(receipt.id[:22], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
        if receipt.source == source and receipt.version is not None and since <= came < until:
            (said,) = (one["commitInfo"] for one in table.actions(receipt.version) or () if "commitInfo" in one)
            times.append(said["timestamp"] / 1000 - came.timestamp())
    return round(sorted(times)[int(len(times) * 0.95)], 1) if times else 0.0


def compared(site: Site, found: Found, wanted: set[str], received: int | None) -> Found:
    """Held against the lake: what was acknowledged is there, nothing twice, and the ledger balances."""
    from qala.lake.audit import audit

    snapshot = site.lake.table(DATASET).snapshot()
    with site.lake.connection() as con:
        rows = con.execute(f"SELECT meter_id FROM {snapshot.current_sql(snapshot.files(city=CITY))}").fetchall()
    stored = [row[0] for row in rows]
    found.lost, found.doubled = len(wanted - set(stored)), len(stored) - len(set(stored))
    found.wrong += [str(one) for one in audit(site.lake)]
    receipts = site.lake.ledger.receipts(DATASET)
    found.wrong += [f"{one.id} does not balance" for one in receipts if not one.balances]
    read = sum(one.read for one in receipts)
    if received is not None and read < received:
        found.wrong.append(f"{received} rows were acknowledged, the ledger has received {read}")
    return found


def trials() -> Mapping[str, Callable[[Path, float], Found]]:
    """Every trial by name."""
    from gone import broker_gone, database_gone

    return {"flood": flood, "disk": full_disk, "broker": broker_gone, "database": database_gone}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300, help="of the flood; the other troubles last a tenth")
    parser.add_argument("--only", action="append", choices=list(trials()))
    parser.add_argument("--to", type=Path, help="write what was found there, as JSON")
    asked = parser.parse_args()
    well = True
    for name in asked.only or trials():
        load = results.load()
        with tempfile.TemporaryDirectory(prefix=f"qala-{name}-") as folder:
            found = trials()[name](
                Path(folder) / "site", asked.seconds if name == "flood" else max(10, asked.seconds / 10)
            )
        print(json.dumps(asdict(found) | {"well": found.well}), flush=True)
        well = well and found.well
        if asked.to:
            results.keep(asked.to, name, asdict(found), load, trials())
    return 0 if well else 1


if __name__ == "__main__":
    sys.modules["overload"] = sys.modules["__main__"]  # one module, whoever imports it
    sys.exit(main())
