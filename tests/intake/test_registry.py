"""Doors know their sources from the database, and go on without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import OperationalError

from qala.intake import registry, services
from qala.intake.models import Credential, Source
from qala.intake.registry import Registry


@pytest.fixture
def source(db: None, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(registry, "close_old_connections", lambda: None)  # a test's connection is its own
    return services.register(None, Source(name="meters", title="Meters", city="750000000", dataset="heat.readings"))


def test_a_secret_opens_until_it_is_revoked(source: Source, tmp_path: Path) -> None:
    credential, secret = services.issue_credential(None, source)
    known = Registry(tmp_path / "registry.json")
    found = known.by_secret(secret)
    assert found is not None
    assert (found.name, found.dataset, found.paused) == ("meters", "heat.readings", False)
    assert known.by_secret(secret + "x") is None
    services.revoke_credential(None, credential)
    known.refresh(now=True)
    assert known.by_secret(secret) is None
    assert Credential.objects.get().used_at is not None


def test_without_the_database_the_last_answer_holds_even_after_a_restart(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = services.issue_credential(None, source)
    file = tmp_path / "registry.json"
    Registry(file).refresh(now=True)
    assert secret not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0

    def gone() -> None:
        raise OperationalError("the server is gone")

    monkeypatch.setattr(registry, "_read", gone)
    again = Registry(file)
    assert again.by_secret(secret) is not None
    assert list(again.feeds()) == ["meters"]


def test_a_removed_source_is_known_to_no_door(source: Source, tmp_path: Path) -> None:
    _, secret = services.issue_credential(None, source)
    services.remove(None, source)
    known = Registry(tmp_path / "registry.json")
    assert known.feed("meters") is None
    assert known.by_secret(secret) is None


def test_a_paused_source_says_so(source: Source, tmp_path: Path) -> None:
    services.pause(None, source)
    feed = Registry(tmp_path / "registry.json").feed("meters")
    assert feed is not None
    assert feed.paused
