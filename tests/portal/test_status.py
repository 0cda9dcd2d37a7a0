"""The probe and what is made of it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from qala.portal.status import probe, queries
from qala.standard import editions


@pytest.fixture
def home(tmp_path: Path, settings: object) -> Path:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def site() -> Iterator[tuple[str, list[int]]]:
    """A server whose next answers are what the list says."""
    answers: list[int] = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers.pop(0))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", answers
    server.shutdown()


def test_only_a_good_answer_counts(site: tuple[str, list[int]]) -> None:
    address, answers = site
    answers += [200, 503]
    good, bad = probe.look(address), probe.look(address)
    assert (good.answered, bad.answered) == (True, False)
    assert good.answer_ms is not None
    assert bad.answer_ms is None
    assert probe.look("http://127.0.0.1:9/").answered is False


def test_a_restart_of_the_probe_does_not_forgive(tmp_path: Path) -> None:
    assert probe.failures_before(tmp_path) == 0
    probe.append(tmp_path, probe.Probe(datetime(2026, 11, 1, tzinfo=UTC), False, None), 3, False)
    assert probe.failures_before(tmp_path) == 3


@pytest.mark.usefixtures("tiny_site")
def test_one_failure_is_not_downtime_yet(client: Client, home: Path) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    for n, failures in enumerate([0, 1, 0, 1, 2, 3, 0, 0, 0, 0]):
        probe.append(
            home / "probes",
            probe.Probe(at + timedelta(minutes=n), not failures, None if failures else 40),
            failures,
            False,
        )
    month = queries.months()[0]
    assert (month.probes, month.good, month.median_ms) == (10, 8, 40)
    assert month.percent == 80
    said = client.get("/en/status/?format=csv").getvalue().decode("utf-8-sig")
    assert said.splitlines()[1].startswith("2026-11,10,8,80")
    for language in ("kk", "ru", "en"):
        assert client.get(f"/{language}/status/").status_code == 200


def test_the_interval_is_the_orders() -> None:
    law = editions()["order_469"]
    assert float(law.parameter("probe_interval", law.from_day).value) == probe.EVERY_S


@pytest.mark.usefixtures("tiny_site")
def test_probes_come_into_the_lake_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated city has probes of its own: the platform's do not mix with them."""
    from qala import facts
    from qala.portal.status import services

    city = facts.lake().cities.all()[0]
    monkeypatch.setenv("QALA_PLATFORM_OF", city.code)
    if city.simulated:
        assert services.deliver_probes() == []
        return
    probe.append(home / "probes", probe.Probe(datetime.now(UTC), True, 12), 0, False)
    assert [one.stored for one in services.deliver_probes()] == [1]
    assert [one.stored for one in services.deliver_probes()] == [0]
