"""Who may see and lead which sources: by city, by the organisation that owns them; a table over all roles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404

from qala.intake import services
from qala.intake.models import Source
from qala.intake.queries import MANAGE, SEE, SEND, access_source, may_do, sources_for
from qala.people.access import Refused
from qala.people.models import AuditEntry, CityTenancy, Membership, Organisation, User
from qala.people.rights import rights

HOME, TENANT, OTHER = "351000000", "353243100", "552200000"
REGION, OTHER_REGION = "350000000", "550000000"
Person = Callable[..., User]


@pytest.fixture(autouse=True)
def country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qala import facts
    from qala.lake import City

    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    for code, region in ((HOME, REGION), (TENANT, REGION), (OTHER, OTHER_REGION)):
        names = dict.fromkeys(("kk", "ru", "en"), f"City {code}")
        facts.lake().cities.add(City(code=code, names=names, region=region, zone="Asia/Almaty"))


@pytest.fixture
def heat(db: None) -> Organisation:
    return Organisation.objects.create(name_kk="Жылу", name_ru="Тепло", kind="utility", city=HOME)


@pytest.fixture
def water(db: None) -> Organisation:
    return Organisation.objects.create(name_kk="Су", name_ru="Вода", kind="utility", city=HOME)


@pytest.fixture
def source(heat: Organisation) -> Source:
    return services.register(
        None, Source(name="heat-meters", title="Meters", city=HOME, dataset="heat.readings", owner=heat)
    )


def person(role: str, scope: str, code: str = "", organisation: Organisation | None = None) -> User:
    user = User.objects.create_user(f"p{User.objects.count()}@example.org", None)
    Membership.objects.create(user=user, role=role, scope=scope, code=code, organisation=organisation)
    return user


SEES = {
    "data_source", "operator", "analyst", "auditor", "digital_department", "city_lead", "region", "ministry",
}  # fmt: skip
LEADS = {"data_source", "digital_department", "city_lead", "region"}
SENDS = {"data_source", "operator", "digital_department"}


def test_the_table_of_rights(source: Source, heat: Organisation, water: Organisation) -> None:
    """Every role in every scope: at home it may what the table says, elsewhere nothing."""
    here = {"country": [("", None)], "region": [(REGION, None)], "city": [(HOME, None)], "organisation": [("", heat)]}
    there = {"country": [], "region": [(OTHER_REGION, None)], "city": [(OTHER, None)], "organisation": [("", water)]}
    for role, one in rights().appointed().items():
        for scope in one.scopes:
            for places, at_home in ((here[scope], True), (there[scope], False)):
                for code, organisation in places:
                    user = person(role, scope, code, organisation)
                    for permission, holders in ((SEE, SEES), (MANAGE, LEADS), (SEND, SENDS)):
                        expected = at_home and role in holders
                        assert may_do(user, permission, source) is expected, (role, scope, code, permission)
                        assert (source in sources_for(user, permission)) is expected, (role, scope, code, permission)


def test_a_source_is_reached_by_its_name_or_not_at_all(source: Source) -> None:
    lead = person("digital_department", "city", HOME)
    assert access_source(lead, "heat-meters", MANAGE) == source
    with pytest.raises(Refused):
        access_source(person("digital_department", "city", OTHER), "heat-meters")
    with pytest.raises(Http404):
        access_source(lead, "none")
    services.remove(lead, source)
    with pytest.raises(Http404):
        access_source(lead, "heat-meters")


def test_a_host_s_people_lead_the_sources_of_its_tenant(heat: Organisation) -> None:
    CityTenancy.objects.create(city=TENANT, host=HOME)
    one = services.register(None, Source(name="town", title="Town", city=TENANT, dataset="heat.readings"))
    assert may_do(person("digital_department", "city", HOME), MANAGE, one)
    assert not may_do(person("digital_department", "city", TENANT), MANAGE, Source(city=HOME))


def test_every_change_is_in_the_audit_log_and_no_secret_is(source: Source) -> None:
    lead = person("digital_department", "city", HOME)
    credential, secret = services.issue_credential(lead, source)
    services.change(lead, source, {"every": 60})
    services.pause(lead, source)
    services.resume(lead, source)
    services.revoke_credential(lead, credential)
    services.remove(lead, source)
    entries = AuditEntry.objects.filter(object_id=str(source.pk)).order_by("id")
    assert [one.verb for one in entries] == [
        "register_source", "issue_credential", "change_source", "pause_source", "resume_source", "revoke_credential",
        "remove_source",
    ]  # fmt: skip
    assert {one.city for one in entries} == {HOME}
    assert entries[2].after["every"] == 60
    assert not any(secret[12:] in str((one.before, one.after)) for one in entries)


def test_a_secret_of_the_settings_is_kept_sealed_and_told_by_name_only(
    source: Source, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    lead = person("digital_department", "city", HOME)
    services.keep_secret(lead, source, "password", "no one reads this")
    kept = services.secrets_of_sources()
    assert kept.names(source.name) == ["password"] and kept.get(source.name, "password") == "no one reads this"
    services.forget_secret(lead, source, "password")
    assert kept.names(source.name) == []
    entries = AuditEntry.objects.filter(object_id=str(source.pk), verb__in=["keep_secret", "forget_secret"])
    assert len(entries) == 2
    assert not any("no one" in str((one.before, one.after)) for one in entries)
    assert not any(b"no one" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
