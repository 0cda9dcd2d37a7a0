"""The processes of the site, started together and stopped together: pages, jobs, and the probe that watches from outside.

In production each runs as a unit of its own (deploy/); here one process keeps the others alive, with their words in
`QALA_HOME/log/`.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import hashlib
import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from qala.config.children import Children
from qala.config.database import home, owner_url, revive
from qala.config.site_role import site_url
from qala.standard.problems import Problem

_OWN_BROKER = "QALA_OWN_BROKER"
"""Command line of the broker that this site runs for itself, its words by lines."""
_LOOK_S = 1.0
"""Between two looks at our own database server."""


def prepare(said: Callable[[str], None]) -> None:
    """Database, its tables and the static files, brought to what the program needs; quick when nothing changed."""
    said("Starting PostgreSQL")
    owner = owner_url()
    said("Bringing the database up to date")
    _django(["migrate", "--no-input", "--verbosity", "0"], DATABASE_URL=owner)
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
    with _alone(host, port):
        _free(host, port)
        _free(host, intake_port(port))
        if broker := os.environ.get("QALA_MQTT_URL"):
            from qala.intake.doors.mqtt.broker import Broker

            Broker.parse(broker)
        elif os.environ.get("QALA_PLAY"):
            _own_broker(said)
        prepare(said)
        address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "qala.config.settings",
            "QALA_ADDRESS": address,
            "DATABASE_URL": site_url(),
        }
        if not os.environ.get("QALA_PUBLIC_URL"):  # no proxy makes both one address
            environment.setdefault("QALA_LIVE_URL", f"{address.rpartition(':')[0]}:{intake_port(port)}")
        environment.setdefault("QALA_PLAY_DOOR", f"http://{_reached(host)}:{intake_port(port)}")
        said("Loading the program")
        _load(environment)
        children = Children(commands(host, port, workers), home() / "log", environment)
        stopping = False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        try:
            children.start()
            told, look = False, time.monotonic() + _LOOK_S
            while not stopping:
                if not told and _answers(host, port):
                    told = True
                    ready(address)
                if time.monotonic() > look:
                    look = time.monotonic() + _LOOK_S
                    if revive():
                        said("PostgreSQL had ended and was started again")
                children.watch()
                time.sleep(0.2)
        finally:
            children.stop(first=("play",))  # while the others still work off what it sent
            gc.unfreeze()  # or DuckDB would say at the end that what it made was never let go
    return 0


def _load(environment: Mapping[str, str]) -> None:
    """Load what the processes need into this one, whose copies they are: it then stands in memory once for all."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        importlib.import_module("qala.config.wsgi")
        importlib.import_module("qala.intake.doors.http")
    finally:
        os.environ.clear()
        os.environ.update(before)
    gc.collect()
    gc.freeze()  # or the copies' collectors would touch, and so copy, every page of it


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
        "collector": [python, "-m", "qala.intake.doors.collecting"],
        "jobs": [python, "-m", "django", "procrastinate", "worker", "--concurrency", "1"],
    }
    if os.environ.get("QALA_MQTT_URL"):
        found["mqtt"] = [python, "-m", "qala.intake.doors.mqtt"]
    if os.environ.get(_OWN_BROKER):
        found["broker"] = os.environ[_OWN_BROKER].split("\n")
    if os.environ.get("QALA_PLAY"):
        found["play"] = [python, "-m", "qala.intake.playing"]
    if (probe := find_spec("qala.portal.status.probe")) and probe.origin:
        found["probe"] = [python, "-P", probe.origin]  # by its file, no copy: it needs nothing of what it watches
    return found


def _own_broker(said: Callable[[str], None]) -> None:
    """A broker for a playing city where none is named: Mosquitto, if the machine has it, for this machine alone."""
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        said("No MQTT broker: QALA_MQTT_URL names none, and Mosquitto is not installed")
        return
    with contextlib.closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    file = home() / "broker.conf"
    lines = ("allow_anonymous true", "max_queued_messages 0", "max_queued_bytes 0", "max_inflight_messages 0")
    file.write_text("\n".join((f"listener {port} 127.0.0.1", *lines, "max_packet_size 1048576", "")))
    os.environ |= {"QALA_MQTT_URL": f"mqtt://127.0.0.1:{port}", _OWN_BROKER: f"{program}\n-c\n{file}"}


def _reached(host: str) -> str:
    """Where a process of this machine reaches what listens there."""
    return "127.0.0.1" if host == "0.0.0.0" else host


def intake_port(port: int) -> int:
    """Where the intake listens when pages listen at `port`; a proxy before both makes them one address."""
    return int(os.environ.get("QALA_INTAKE_PORT") or port + 1)


def _django(arguments: list[str], **more: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "qala.config.settings", **more}
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


def stopped() -> None:
    """Pass if nothing serves this site's folder.

    Raises:
        Problem: something does.
    """
    with _alone("", 0):
        pass


@contextlib.contextmanager
def _alone(host: str, port: int) -> Iterator[None]:
    """Hold the site's folder: two sites over one database and one lake would do every job twice.

    Raises:
        Problem: another process holds it; it says which, and where it serves.
    """
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "serving").open("a+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # of this process alone, not of its copies
        except OSError:
            file.seek(0)
            raise Problem(
                f"The site in {home()} is running already: {file.read().strip()}.",
                hint="Stop it first, or name another folder: --home.",
            ) from None
        file.truncate(0)
        if port:
            file.write(f"process {os.getpid()}, port {port} of {host}\n")
            file.flush()
        yield


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
