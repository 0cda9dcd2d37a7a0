"""The processes of the site, started together and stopped together: pages, jobs, and the probe that watches from outside.

In production each runs as a unit of its own (deploy/); here one process keeps the others alive, with their words in
`QALA_HOME/log/`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from qala.config.database import database_url, home
from qala.standard.problems import Problem

_PATIENCE_S = 20.0
"""How long a process may take to stop before it is killed."""
_TRIES = 5
"""How often a process may end by itself within a minute before all is stopped."""
_MINUTE_S = 60.0


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    ended: list[float] = field(default_factory=list)


def prepare(said: Callable[[str], None]) -> None:
    """Database, its tables and the static files, brought to what the program needs; quick when nothing changed."""
    said("Starting PostgreSQL")
    database_url()
    said("Bringing the database up to date")
    _django(["migrate", "--no-input", "--verbosity", "0"])
    stamp = home() / "static.stamp"
    now = _static_sources()
    if not stamp.exists() or stamp.read_text() != now:
        said("Building static files")
        _django(["collectstatic", "--no-input", "--clear", "--verbosity", "0"])
        stamp.write_text(now)


def serve(host: str, port: int, workers: int, said: Callable[[str], None], ready: Callable[[str], None]) -> int:
    """Run the site until SIGINT or SIGTERM; returns the exit code.

    Args:
        ready: is called once with the address, when the first page answers.

    Raises:
        Problem: the port is taken, `QALA_MQTT_URL` is no address, or a process keeps ending.
    """
    _free(host, port)
    _free(host, intake_port(port))
    if broker := os.environ.get("QALA_MQTT_URL"):
        from qala.intake.doors.mqtt.broker import Broker

        Broker.parse(broker)
    prepare(said)
    address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "qala.config.settings", "QALA_ADDRESS": address}
    if not os.environ.get("QALA_PUBLIC_URL"):  # no proxy makes both one address
        environment.setdefault("QALA_LIVE_URL", f"{address.rpartition(':')[0]}:{intake_port(port)}")
    children = [_Child(name, command) for name, command in commands(host, port, workers).items()]
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    logs = home() / "log"
    logs.mkdir(parents=True, exist_ok=True)
    try:
        for child in children:
            _start(child, logs, environment)
        told = False
        while not stopping:
            if not told and _answers(host, port):
                told = True
                ready(address)
            for child in children:
                if child.process is not None and child.process.poll() is not None:
                    _again(child, logs, environment)
            time.sleep(0.2)
    finally:
        _stop(children)
    return 0


def commands(host: str, port: int, workers: int) -> Mapping[str, Sequence[str]]:
    """Name of each process -> its command line."""
    python = sys.executable
    found = {
        "pages": [
            *(python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
            *("--workers", str(workers), "--blocking-threads", "2", "--no-ws", "--respawn-failed-workers"),
            *("--log-level", "warning", "--workers-kill-timeout", "10", "qala.config.wsgi:application"),
        ],
        "intake": [
            *(python, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(intake_port(port))),
            *("--workers", "1", "--no-ws", "--respawn-failed-workers", "--log-level", "warning"),
            *("--workers-kill-timeout", "10", "qala.config.intake:application"),
        ],
        "committer": [python, "-m", "qala.intake.work"],
        "jobs": [python, "-m", "django", "procrastinate", "worker", "--concurrency", "1"],
    }
    if os.environ.get("QALA_MQTT_URL"):
        found["mqtt"] = [python, "-m", "qala.intake.doors.mqtt"]
    if find_spec("qala.portal.status.probe"):
        found["probe"] = [python, "-m", "qala.portal.status.probe"]
    return found


def intake_port(port: int) -> int:
    """Where the intake listens when pages listen at `port`; a proxy before both makes them one address."""
    return int(os.environ.get("QALA_INTAKE_PORT") or port + 1)


def _django(arguments: list[str]) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "qala.config.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        log = home() / "log" / f"{arguments[0]}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stderr)
        raise Problem(f"`{arguments[0]}` failed: {done.stderr.strip().splitlines()[-1]}", where=str(log))


def _static_sources() -> str:
    root = Path(__file__).resolve().parents[3]
    digest = hashlib.sha256()
    places = [*root.glob("src/qala/**/static/**/*"), root / "package-lock.json", root / "src/qala/ui/static_files.py"]
    for file in sorted(places):
        if file.is_file():
            digest.update(f"{file}:{file.stat().st_mtime_ns}:{file.stat().st_size}\n".encode())
    digest.update(str((root / "node_modules").exists()).encode())
    return digest.hexdigest()


def _free(host: str, port: int) -> None:
    with contextlib.closing(socket.socket()) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise Problem(
                f"Port {port} of {host} cannot be used: {error.strerror}.", hint="Choose another: --port."
            ) from None


def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1) as to:
        to.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return to.recv(12) == b"HTTP/1.1 200"
    return False


def _start(child: _Child, logs: Path, environment: Mapping[str, str]) -> None:
    with (logs / f"{child.name}.log").open("ab") as log:
        child.process = subprocess.Popen(
            child.command, stdout=log, stderr=log, env=dict(environment), start_new_session=True
        )


def _again(child: _Child, logs: Path, environment: Mapping[str, str]) -> None:
    now = time.monotonic()
    child.ended = [*(then for then in child.ended if now - then < _MINUTE_S), now]
    if len(child.ended) >= _TRIES:
        log = logs / f"{child.name}.log"
        last = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise Problem(f"The process '{child.name}' ended {_TRIES} times in a minute:\n{last}", where=str(log))
    time.sleep(min(0.5 * len(child.ended), 5))
    _start(child, logs, environment)


def _stop(children: Sequence[_Child]) -> None:
    alive = [child.process for child in children if child.process is not None and child.process.poll() is None]
    for process in alive:
        process.terminate()
    until = time.monotonic() + _PATIENCE_S
    for process in alive:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
