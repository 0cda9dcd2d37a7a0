"""The database server that the program brings: it ends with the last process that holds it, whatever became of the others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from qala.config.database import forget_the_dead

HOLD = "import sys; from qala.config.database import database_url; print(database_url(), flush=True); sys.stdin.read()"


def _holder(home: Path) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "QALA_HOME": str(home)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


def test_the_server_does_not_outlive_a_clean_stop_after_a_kill(tmp_path: Path) -> None:
    home = tmp_path / "site"
    killed = _holder(home)
    server = psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    assert server.is_running()
    again = _holder(home)
    again.communicate(timeout=30)  # its input ends, and it stops as it should
    deadline = time.monotonic() + 20
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_a_number_that_went_to_another_process_holds_nothing(tmp_path: Path) -> None:
    holders = tmp_path / "holders.json"
    holders.write_text(json.dumps([os.getpid(), 2**22 + 1]))
    long_ago = psutil.Process().create_time() - 100
    forget_the_dead(holders)
    assert json.loads(holders.read_text()) == [os.getpid()]
    os.utime(holders, (long_ago, long_ago))  # the list is older than the process of that number
    forget_the_dead(holders)
    assert json.loads(holders.read_text()) == []
