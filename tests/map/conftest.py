"""The site over a small city, and people with roles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

sys.path.insert(0, str(Path(__file__).parents[1] / "places"))
import small_city

from qala.facts import desk
from qala.people.models import Membership, Organisation, User


@pytest.fixture(scope="session")
def lake_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_city.make(tmp_path_factory.mktemp("map") / "lake").folder


@pytest.fixture(autouse=True)
def site(lake_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings, db: None) -> Iterator[None]:
    monkeypatch.setenv("QALA_LAKE", str(lake_folder))
    monkeypatch.setenv("QALA_EDITION", "order_469")
    settings.HOME = tmp_path
    settings.DEMO = True
    yield
    desk._own.__dict__.clear()


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """`signed_in("analyst", city=…)`: a browser of a person with that role."""

    def sign(role: str = "", *, city: str = "", organisation: Organisation | None = None) -> Client:
        number = User.objects.count() + 1
        user = User.objects.create_user(f"person{number}@example.org", "a long enough password 7", is_demo=True)
        if role:
            scope = "city" if city else "organisation" if organisation else "country"
            Membership.objects.create(user=user, role=role, scope=scope, code=city, organisation=organisation)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign
