"""A small country: two cities of one oblast, a tenant, a city of another oblast; and people with roles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_country import CENTRE, OTHER, OTHER_REGION, REGION, SECOND, TENANT

from qala.people.models import Membership, Organisation, User


@pytest.fixture(autouse=True)
def country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake with four registered cities and nothing else."""
    from qala import facts
    from qala.lake import City

    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    for code, region in ((CENTRE, REGION), (SECOND, REGION), (TENANT, REGION), (OTHER, OTHER_REGION)):
        names = dict.fromkeys(("kk", "ru", "en"), f"City {code}")
        facts.lake().cities.add(City(code=code, names=names, region=region, zone="Asia/Almaty"))
    return tmp_path / "lake"


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """`person("operator", city="351000000")`: a user with one role; without a role, somebody who signed in."""

    def make(
        role: str = "",
        *,
        city: str = "",
        region: str = "",
        organisation: Organisation | None = None,
        email: str = "",
    ) -> User:
        number = User.objects.count() + 1
        user = User.objects.create_user(email or f"person{number}@example.org", "a long enough password 7")
        if role:
            scope = "city" if city else "region" if region else "organisation" if organisation else "country"
            Membership.objects.create(user=user, role=role, scope=scope, code=city or region, organisation=organisation)
        return user

    return make
