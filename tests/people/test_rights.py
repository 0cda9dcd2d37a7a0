"""Who may do what, where: the table of rights and the only ways to an object."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from small_country import CENTRE, OTHER, OTHER_REGION, REGION, SECOND, TENANT

import qala
from qala.people import access
from qala.people.models import CityTenancy, Organisation, User
from qala.people.rights import rights

Person = Callable[..., User]
PLACES = {"own city": {"city": CENTRE}, "city of the same region": {"city": SECOND}, "other city": {"city": OTHER}}
REACH = {  # scope of the role -> places where what has a place holds
    "country": set(PLACES),
    "region": {"own city", "city of the same region"},
    "city": {"own city"},
    "organisation": set(),
}


@pytest.mark.parametrize(
    ("role", "scope"), [(code, scope) for code, role in rights().appointed().items() for scope in role.scopes]
)
def test_role_by_permission_by_place(person: Person, role: str, scope: str) -> None:
    """A role's permissions hold where its scope reaches, and no other permission holds anywhere."""
    given = {
        "country": {},
        "region": {"region": REGION},
        "city": {"city": CENTRE},
        "organisation": {"organisation": Organisation.objects.create(name_kk="x", name_ru="x", kind="utility")},
    }[scope]
    user = person(role, **given)
    free = rights().of_everyone(signed_in=True)
    for code, permission in rights().permissions.items():
        for place, where in PLACES.items():
            expected = code in free or (
                code in rights().roles[role].permissions and (permission.where == "any" or place in REACH[scope])
            )
            assert access.may(user, code, **where) is expected, (role, scope, code, place)
        assert access.may_somewhere(user, code) is (code in free or code in rights().roles[role].permissions)


def test_a_guest_sees_what_is_published_and_changes_nothing(db: None) -> None:
    guest = AnonymousUser()
    held = {code for code in rights().permissions if access.may(guest, code, city=CENTRE)}
    seen = ("rating", "city", "values", "order", "data", "map", "board", "status", "maturity")
    assert held == {f"{what}.see" for what in seen}


def test_who_signed_in_has_a_guest_s_rights_and_tokens(person: Person) -> None:
    user = person()
    assert access.may(user, "tokens.own")
    assert not access.may(user, "rows.see", city=CENTRE)


def test_an_auditor_reads_all_and_changes_nothing() -> None:
    auditor = rights().roles["auditor"].permissions
    reading = {code for code in rights().permissions if code.endswith((".see", ".see_unpublished", ".download"))}
    assert auditor == reading - rights().of_everyone(signed_in=False)


@pytest.mark.parametrize("permission", ["personal.see", "people.manage", "runs.publish", "registry.manage"])
def test_who_holds_much_needs_a_second_factor(permission: str) -> None:
    assert all(role.second_factor == "required" for role in rights().holders(permission))


def test_nobody_gives_a_role_that_holds_more_places_than_their_own() -> None:
    for code, role in rights().appointed().items():
        if role.gives:
            assert "people.manage" in role.permissions, code


def test_without_a_place_a_permission_must_hold_for_the_country(person: Person) -> None:
    assert access.may(person("analyst"), "rows.see")
    assert not access.may(person("analyst", city=CENTRE), "rows.see")


def test_an_oblast_leads_its_cities(person: Person) -> None:
    lead = person("region", region=REGION)
    assert [city.code for city in access.visible_cities(lead, "rows.see")] == [CENTRE, SECOND, TENANT]
    assert access.may(lead, "people.manage", region=REGION)
    assert not access.may(lead, "people.manage", region=OTHER_REGION)
    assert access.may_give(lead, "city_lead", city=SECOND)
    assert not access.may_give(lead, "city_lead", city=OTHER)
    assert not access.may_give(lead, "ministry")


def test_a_city_of_republican_significance_is_its_own_region(person: Person) -> None:
    assert access.may(person("city_lead", city="710000000"), "rows.see", region="710000000")


def test_a_host_s_people_keep_the_data_of_its_tenant_and_a_tenant_s_people_stay_at_home(person: Person) -> None:
    CityTenancy.objects.create(city=TENANT, host=CENTRE)
    host, tenant = person("digital_department", city=CENTRE), person("digital_department", city=TENANT)
    assert access.may(host, "data.send", city=TENANT)
    assert access.may(host, "layers.edit", city=TENANT)
    assert not access.may(host, "people.manage", city=TENANT)
    assert not access.may(host, "personal.see", city=TENANT)
    assert not access.may(host, "data.send", city=SECOND)
    assert not access.may(tenant, "data.send", city=CENTRE)
    assert access.host_of(TENANT) == CENTRE


def test_an_organisation_s_people_do_what_concerns_it(person: Person) -> None:
    heat = Organisation.objects.create(name_kk="Жылу", name_ru="Тепло", kind="utility", city=CENTRE)
    other = Organisation.objects.create(name_kk="Су", name_ru="Вода", kind="utility", city=CENTRE)
    source, lead = person("data_source", organisation=heat), person("city_lead", city=CENTRE)
    assert access.may(source, "data.send", organisation=heat.pk)
    assert not access.may(source, "data.send", organisation=other.pk)
    assert not access.may(source, "data.send", city=CENTRE)
    assert access.access_organisation_by_id(lead, heat.pk, "people.manage") == heat
    with pytest.raises(access.Refused):
        access.access_organisation_by_id(source, heat.pk, "people.manage")


def test_a_deactivated_user_is_a_guest(person: Person) -> None:
    user = person("analyst")
    user.is_active = False
    assert not access.may(user, "rows.see")
    assert access.may(user, "rating.see")


def test_a_city_is_reached_by_its_code_or_not_at_all(person: Person) -> None:
    user = person("analyst", city=CENTRE)
    assert access.access_city_by_code(user, CENTRE, "rows.see").code == CENTRE
    with pytest.raises(Http404):
        access.access_city_by_code(user, "000")
    with pytest.raises(access.Refused) as refused:
        access.access_city_by_code(user, OTHER, "rows.see")
    assert refused.value.permission == "rows.see"
    assert not refused.value.guest
    with pytest.raises(access.Refused) as refused:
        access.access_city_by_code(AnonymousUser(), OTHER, "rows.see")
    assert refused.value.guest


def test_a_region_is_reached_by_its_code_or_not_at_all(person: Person) -> None:
    assert access.access_region_by_code(AnonymousUser(), REGION).code == REGION
    with pytest.raises(Http404):
        access.access_region_by_code(AnonymousUser(), "999")
    with pytest.raises(access.Refused):
        access.access_region_by_code(person("region", region=REGION), OTHER_REGION, "rows.see")


def test_an_unknown_permission_is_our_mistake_and_is_loud(person: Person) -> None:
    with pytest.raises(KeyError):
        access.may(person(), "rows.se")


def test_no_role_is_named_in_code() -> None:
    """Only rights.yaml knows roles. Words that are also a scope, a kind of organisation or a column are let be."""
    roles = set(rights().roles) - {"region", "operator", "ministry", "citizen"}
    named = re.compile("|".join(f"""["']{role}["']""" for role in roles))
    compared = re.compile(r"""\.role\s*(==|!=|in [(\[{"])|has_role|is_(ministry|operator|region)\b""")
    package = Path(qala.__file__).parent
    files = [
        file
        for part in ("config", "portal", "ratings", "intake", "people", "ui", "facts")
        for kind in ("*.py", "*.html")
        for file in (package / part).rglob(kind)
        if "tests" not in file.parts and "migrations" not in file.parts
    ]
    assert len(files) > 20
    found = [
        f"{file.relative_to(package)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if named.search(line) or compared.search(line)
    ]
    assert not found, "\n".join(found)
