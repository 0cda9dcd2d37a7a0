"""Memory of everything that `make demo` starts, when no reader does anything: database, pages, intake, jobs, probe, broker.

Two cities go on living meanwhile, sixty times as fast, as `make demo` has it: this goes into a copy of the lake.

Counted is the proportional share of every process (`Pss` of /proc/PID/smaps_rollup): what several share is counted once.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.figure import Figure, megabytes
from bench.serving import get

TO_REACH = 1e9
IDLE_S = 30.0


def measure(port: int) -> list[Figure]:
    """Once right after it has started, once after readers have looked at the public pages; the greater one counts."""
    home = Path(os.environ["QALA_HOME"])
    qala = Path(sys.executable).with_name("qala")
    lake = home / "lake"
    shutil.copytree(os.environ["QALA_LAKE"], lake)
    command = [
        str(qala),
        "serve",
        "--demo",
        "--play",
        "60",
        "--lake",
        str(lake),
        "--home",
        str(home),
        "--port",
        str(port),
    ]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "administrator" in line:
                break
        else:
            raise SystemExit("bench: the site did not start")
        time.sleep(IDLE_S)
        fresh = _shares(process.pid, home)
        from bench.web_pages import pages  # reads the database that runs now

        for _ in range(20):
            for path in pages().values():
                get(f"http://127.0.0.1:{port}{path}")
                get(f"http://127.0.0.1:{port}{path}", {"HX-Request": "true"})
        time.sleep(IDLE_S)
        read = _shares(process.pid, home)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(40)
    most = max(sum(fresh.values()), sum(read.values()))
    return [
        Figure(
            "web_memory",
            f"memory of all {len(read)} processes that `make demo` starts, its cities living on, after its pages were read",
            f"{megabytes(sum(read.values()))} ({megabytes(sum(fresh.values()))} before)",
            to_reach="≤ 1 GB",
            reached=most <= TO_REACH,
            raw={"fresh": fresh, "read": read},
        )
    ]


def _shares(root: int, home: Path) -> dict[str, int]:
    """Process -> bytes, of a process, all beneath it, and the database server of the site's folder with all beneath it."""
    parents, told = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text()
            told[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    roots = {root, int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])}
    found = {}
    for pid in parents:
        above = pid
        while above not in roots and above in parents:
            above = parents[above]
        if above in roots:
            found[f"{pid} {re.sub(r'/[^ ]*/', '', told[pid])[:90]}"] = _share(pid)  # without this machine's folders
    return found


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
