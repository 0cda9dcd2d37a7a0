"""Processes that are copies of the one that keeps them: they log, come back when killed, and end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

KEEPER = """
import sys, time
from pathlib import Path
from qala.config.children import Children

folder = Path(sys.argv[1])
children = Children({"web": [sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1"]}, folder, {"KEPT": "1"})
children.start()
print("begun", flush=True)
try:
    while not (folder / "stop").exists():
        children.watch()
        time.sleep(0.05)
finally:
    children.stop()
print("stopped", flush=True)
"""


def until(found: Callable[[], int | None], seconds: float = 30) -> int:
    ends = time.monotonic() + seconds
    while (one := found()) is None:
        assert time.monotonic() < ends, "it does not come about"
        time.sleep(0.05)
    return one


def child(keeper: int, but: int | None = None) -> int | None:
    """The number of the process beneath it that has the title of its command."""
    for text in Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split():
        title = Path(f"/proc/{text}/cmdline").read_bytes().replace(b"\0", b" ")
        if b"-m http.server" in title and int(text) != but:
            return int(text)
    return None


def gone(pid: int) -> int | None:
    try:
        return pid if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z" else None
    except (FileNotFoundError, ProcessLookupError):
        return pid


def served(folder: Path, times: int) -> int | None:
    file = folder / "web.log"
    return times if file.exists() and file.read_text().count("Serving HTTP on") == times else None


def kept(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", KEEPER, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    return process


def test_a_copy_logs_comes_back_and_is_stopped(tmp_path: Path) -> None:
    keeper = kept(tmp_path)
    first = until(lambda: child(keeper.pid))
    until(lambda: served(tmp_path, 1))
    os.kill(first, signal.SIGKILL)
    second = until(lambda: child(keeper.pid, but=first))
    until(lambda: served(tmp_path, 2))
    assert os.getsid(second) == second
    (tmp_path / "stop").touch()
    assert keeper.communicate(timeout=30)[0] == "stopped\n"
    assert gone(second)


def test_a_copy_ends_with_a_keeper_that_is_killed(tmp_path: Path) -> None:
    keeper = kept(tmp_path)
    one = until(lambda: child(keeper.pid))
    keeper.kill()
    keeper.wait()
    until(lambda: gone(one))
