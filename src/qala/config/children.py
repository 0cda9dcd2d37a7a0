"""Processes that one process keeps alive: started together, started again when they end, stopped together.

Each has a group of its own, so that what it started ends with it; and each ends with the one that keeps it, even where that
one is killed. Those that are Python modules are copies of the process that keeps them: what it has loaded stands in memory
once for all of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from setproctitle import getproctitle, setproctitle

from qala.standard.problems import Problem

_PATIENCE_S = 20.0
"""How long a process may take to stop before it is killed."""
_TRIES = 5
"""How often a process may end by itself within a minute before all is stopped."""
_MINUTE_S = 60.0
_END_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_SPARING = {-8: 2, -1: 128 * 1024}
"""M_ARENA_MAX and M_TRIM_THRESHOLD of mallopt(3): threads share heaps, and what is free goes back to the system."""
_FORK = multiprocessing.get_context("fork")
getproctitle()  # it has to find its place before the environment is another


class _Copy:
    """A Python module that runs in a copy of this process, with the part of `subprocess.Popen` that is used here."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self._process = _FORK.Process(target=_become, args=(command, log, environment))
        self._process.start()
        self.pid: int = self._process.pid or 0

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> None:
        """Wait so many seconds until it has ended."""
        self._process.join(timeout)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | _Copy | None = None
    ended: list[float] = field(default_factory=list)


class Children:
    """The processes.

    Args:
        commands: name of each -> its command line; `PYTHON -m MODULE …` with this Python becomes a copy of this process,
            which must have one thread then.
        logs: the folder in which each has a log of its name.
        environment: of all of them.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]], logs: Path, environment: Mapping[str, str]) -> None:
        self._children = [_Child(name, command) for name, command in commands.items()]
        self._logs, self._environment = logs, dict(environment)
        logs.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start all of them."""
        for child in self._children:
            self._start(child)

    def watch(self) -> None:
        """Start again what has ended.

        Raises:
            Problem: one keeps ending.
        """
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._again(child)

    def stop(self, first: Sequence[str] = ()) -> None:
        """Ask all to end, those named `first` before the others, and kill what does not; with whatever they started."""
        self._stop([one for one in self._children if one.name in first], _PATIENCE_S / 2)
        self._stop(self._children, _PATIENCE_S)

    def _stop(self, children: Sequence[_Child], patience: float) -> None:
        alive = [child.process for child in children if child.process is not None and child.process.poll() is None]
        for process in alive:
            process.terminate()
        until = time.monotonic() + patience
        for process in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
            _kill_group(process)

    def _start(self, child: _Child) -> None:
        file = self._logs / f"{child.name}.log"
        if tuple(child.command[:2]) == (sys.executable, "-m"):
            child.process = _Copy(child.command, file, self._environment)
            return
        with file.open("ab") as log:
            child.process = subprocess.Popen(
                child.command, stdout=log, stderr=log, env=self._environment, start_new_session=True,
                preexec_fn=_end_with_parent,
            )  # fmt: skip

    def _again(self, child: _Child) -> None:
        if child.process is not None:
            _kill_group(child.process)  # workers that outlived it would go on beside the new ones
        now = time.monotonic()
        child.ended = [*(then for then in child.ended if now - then < _MINUTE_S), now]
        if len(child.ended) >= _TRIES:
            log = self._logs / f"{child.name}.log"
            last = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            raise Problem(f"The process '{child.name}' ended {_TRIES} times in a minute:\n{last}", where=str(log))
        time.sleep(min(0.5 * len(child.ended), 5))
        self._start(child)


def _become(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
    """In a new copy: become the module that the command names, as if Python had been started with it."""
    os.setsid()
    _end_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115  (as long as it lives)
    os.environ.clear()
    os.environ.update(environment)
    if _LIBC is not None and hasattr(_LIBC, "mallopt"):
        for option, value in _SPARING.items():
            _LIBC.mallopt(option, value)
    setproctitle(" ".join(command))
    sys.argv = list(command[2:])
    sys.meta_path.insert(0, _NoPandas())
    runpy.run_module(command[2], run_name="__main__", alter_sys=True)


class _NoPandas:
    """Where development's pandas is installed beside the program, PyArrow would load its 31 MB into each process."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("no process of the site needs it", name=name)


def _kill_group(process: subprocess.Popen[bytes] | _Copy) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _load_prctl() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


_LIBC = _load_prctl()


def _end_with_parent() -> None:
    """In the new process, before its program begins: SIGTERM when the process that keeps it dies (Linux)."""
    if _LIBC is not None:
        _LIBC.prctl(_END_WITH_PARENT, signal.SIGTERM)
