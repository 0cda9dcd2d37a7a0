"""A whole site as `make demo` leaves it, but smaller: simulated cities, published ratings, a sign-in for each role."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.small_demo import Demo

from qala.lake.durable import held

ROOT = Path(__file__).resolve().parents[2]
QALA = Path(sys.executable).with_name("qala")
CHROMIUM = shutil.which("chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    "--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync "
    "--use-angle=swiftshader --enable-unsafe-swiftshader"
)


@dataclass
class Site:
    """A running site; `accounts` is role -> email, `more` goes to `qala serve`."""

    folder: Path
    port: int
    more: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    password: str = ""
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("QALA_", "DJANGO_", "DATABASE_"))}
        self.process = subprocess.Popen(
            [
                *(str(QALA), "serve", "--demo", "--lake", str(self.folder / "lake"), "--home", str(self.folder / "site")),
                *("--edition", "order_469", "--port", str(self.port), "--workers", "1", *self.more),
            ],
            env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("Traceback"):  # the processes run on, and no line would ever come
                break
            if found := re.search(r"password for all: ([\w-]+)", line):
                self.password = found[1]
            elif found := re.match(r"\s+(\S.*?)\s{2,}(\S+@\S+)", line):
                self.accounts[found[1]] = found[2]
                if found[1] == "administrator":
                    return
        raise AssertionError(f"the site did not start:\n{said}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(40)
            self.process = None

    def process_of(self, command: str) -> int | None:
        """The number of the process that the site keeps with these words in its command line."""
        assert self.process is not None
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", command], capture_output=True, text=True, check=False
        )
        return int(found.stdout.split()[0]) if found.stdout else None

    def credential(self, name: str, city: str, dataset: str) -> str:
        """The secret of a source that is registered with it, by the services that the pages call."""
        code = f"""
import os, django
from qala.config.database import owner_url
os.environ["DATABASE_URL"] = owner_url()
django.setup()
from qala.intake import services
from qala.intake.models import Source
source = services.register(None, Source(name="{name}", title="Trial", city="{city}", dataset="{dataset}"))
print(services.issue_credential(None, source)[1])
"""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("QALA_", "DJANGO_", "DATABASE_"))} | {
            "QALA_HOME": str(self.folder / "site"),
            "QALA_LAKE": str(self.folder / "lake"),
            "QALA_EDITION": "order_469",
            "DJANGO_SETTINGS_MODULE": "qala.config.settings",
        }
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.split()[-1]

    def send(self, dataset: str, secret: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Post rows to the door; its receipt."""
        request = urllib.request.Request(
            f"http://localhost:{self.port + 1}/api/v1/intake/{dataset}",
            json.dumps(rows).encode(),
            {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
        )
        for _ in range(20):  # the door looks at its registry every other second
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    found: dict[str, Any] = json.loads(answer.read())
                    return found
            except urllib.error.HTTPError as error:
                if error.code != 401:
                    raise AssertionError(error.read().decode()) from None
            time.sleep(0.5)
        raise AssertionError("the door knows no such secret")

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.address + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="session")
def begun(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that was started once and stopped, to be copied: a first start sets up database, sign-ins, layers and tiles.

    One for all workers of a run, made by who needs it first.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept, making = base / "begun", base / "begun-making"
    with held(base / "begun.lock"):
        if not kept.exists():
            with served({"lake": demo.folder / "lake"}) as site:
                site.stop()
                copied(site.folder, making)
            making.rename(kept)
    return kept


@contextmanager
def served(parts: Mapping[str, Path]) -> Iterator[Site]:
    """A site over copies of these folders. Its database is not among pytest's folders: they let only their owner in."""
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-journeys-", dir=out))
    for name, part in parts.items():
        copied(part, folder / name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Site(folder, port)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


def copied(one: Path, to: Path) -> None:
    """A copy with its owners: the files of a database that root starts are not root's."""
    subprocess.run(["cp", "-a", str(one), str(to)], check=True)


@pytest.fixture(scope="module")
def site(begun: Path) -> Iterator[Site]:
    """The site of a module's own."""
    with served({name: begun / name for name in ("lake", "site")}) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not (CHROMIUM and AXE.is_file()):
        pytest.skip("a browser test needs Debian's chromium and npm ci")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield found
        found.close()


@pytest.fixture
def open_page(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """A page of a fresh visitor; errors of its scripts fail the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def fresh(width: int = 1280, theme: str = "light", scripts: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=scripts,
            base_url=site.address,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield fresh
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture
def sign_in(open_page: Callable[..., Any], site: Site) -> Callable[..., Any]:
    """A page of somebody who has signed in through the form."""

    def as_role(role: str, language: str = "en", **how: Any) -> Any:
        page = open_page(**how)
        page.goto(f"/{language}/account/login/")
        page.fill("input[name=login]", site.accounts[role])
        page.fill("input[name=password]", site.password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    return as_role


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.2)
