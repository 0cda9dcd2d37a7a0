"""Account pages: who may open which, in three languages; tokens; people within one's places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from small_country import CENTRE, OTHER, REGION, SECOND

from qala.people import access, queries, services, tokens
from qala.people.models import AuditEntry, Organisation, Token, User
from qala.people.places import Place

Person = Callable[..., User]
OWN = ("", "tokens/", "sessions/", "email/", "password/change/", "2fa/")
LEADS = ("people/", "people/invite/", "organisations/", "organisations/new/")


@pytest.fixture
def enter(settings: Any, client: Client) -> Callable[[User], Client]:
    """A client signed in as a user; as a demo account, so that the second factor is not asked."""
    settings.DEMO = True

    def _enter(user: User) -> Client:
        user.is_demo = True
        user.save()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    ("role", "place", "leads", "audits"),
    [
        ("", {}, False, False),
        ("operator", {"city": CENTRE}, False, False),
        ("auditor", {}, False, True),
        ("digital_department", {"city": CENTRE}, True, True),
        ("region", {"region": REGION}, True, True),
        ("ministry", {}, True, True),
    ],
)
def test_role_by_page(
    enter: Callable[[User], Client],
    person: Person,
    language: str,
    role: str,
    place: dict[str, str],
    leads: bool,
    audits: bool,
) -> None:
    client = enter(person(role, **place))
    for page in OWN:
        assert client.get(f"/{language}/account/{page}").status_code == 200, page
    for page in LEADS:
        assert client.get(f"/{language}/account/{page}").status_code == (200 if leads else 403), page
    assert client.get(f"/{language}/account/audit/").status_code == (200 if audits else 403)


@pytest.mark.parametrize("page", [*OWN, *LEADS, "audit/"])
def test_a_guest_is_led_to_sign_in_and_back(client: Client, db: None, page: str) -> None:
    answer = client.get(f"/en/account/{page}?x=1")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/en/account/login/?next=/en/account/")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_before_the_door(client: Client, db: None, language: str) -> None:
    for page in ("login/", "password/reset/", "signup/", "inactive/", "confirm-email/", "password/reset/done/"):
        assert client.get(f"/{language}/account/{page}").status_code == 200, page
    assert client.get(f"/{language}/account/invited/MQ/x/").status_code == 410


def test_the_refusal_says_which_right_lacks_and_who_can_give_it(
    enter: Callable[[User], Client], person: Person
) -> None:
    said = enter(person("operator", city=CENTRE)).get("/ru/account/audit/").content.decode()
    assert "видеть журнал аудита" in said
    assert "министерство" in said


def test_a_token_is_shown_once_holds_within_its_scopes_and_ends(
    enter: Callable[[User], Client], person: Person
) -> None:
    user = person("analyst", city=CENTRE)
    client = enter(user)
    words = {"name": "Excel", "scopes": ["read", "rows"], "days": 30}
    secret = client.post("/en/account/tokens/", words).context["secret"]
    assert secret not in client.get("/en/account/tokens/").content.decode()
    found = tokens.user_and_scopes(secret)
    assert found is not None
    caller, allowed = found
    assert "rows.see" in allowed
    assert access.may(caller, "rows.see", city=CENTRE)
    assert not access.may(caller, "rows.see", city=OTHER)
    assert access.may(user, "layers.edit", city=CENTRE)
    assert not access.may(caller, "layers.edit", city=CENTRE), "outside the token's scopes"
    assert AuditEntry.objects.filter(verb="use_token").count() == 1
    token = Token.objects.get()
    assert token.last_used_at is not None
    assert secret not in str(Token.objects.values())
    client.post(f"/en/account/tokens/{token.pk}/revoke/")
    assert tokens.user_and_scopes(secret) is None


def test_the_use_of_a_token_is_written_down_once_an_hour_with_its_address(person: Person, rf: Any) -> None:
    _token, secret = tokens.create(person("analyst", city=CENTRE), "n", ["rows"], 1)
    for _ in range(3):
        tokens.user_and_scopes(secret, rf.get("/api/", REMOTE_ADDR="10.0.0.9"))
    entry = AuditEntry.objects.get(verb="use_token")
    assert (entry.address, entry.after) == ("10.0.0.9", {"scopes": ["rows"]})
    assert entry.who is not None
    assert entry.through.startswith("token qala_")


def test_a_token_ends_with_its_time_its_user_and_its_user_s_rights(person: Person) -> None:
    user = person("analyst", city=CENTRE)
    token, secret = tokens.create(user, "n", ["rows"], 1)
    services.take_role(None, user.memberships.get())
    found = tokens.user_and_scopes(secret)
    assert found is not None
    assert not access.may(found[0], "rows.see", city=CENTRE), "the role was taken"
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert tokens.user_and_scopes(secret) is None
    Token.objects.update(expires_at=timezone.now() + timedelta(days=1))
    User.objects.update(is_active=False)
    assert tokens.user_and_scopes(secret) is None
    assert tokens.user_and_scopes("qala_x") is None
    assert token.hash not in secret


def test_nobody_makes_a_token_for_more_than_they_may(enter: Callable[[User], Client], person: Person) -> None:
    user = person()
    page = enter(user).post("/en/account/tokens/", {"name": "n", "scopes": ["personal"], "days": 30})
    assert page.context["form"].errors
    with pytest.raises(ValueError, match="scopes"):
        tokens.create(user, "n", ["personal"], 1)
    assert not Token.objects.exists()


def test_people_are_seen_by_who_leads_them(enter: Callable[[User], Client], person: Person) -> None:
    here, there = person("operator", city=SECOND), person("operator", city=OTHER)
    client = enter(person("region", region=REGION))
    listed = client.get("/en/account/people/").content.decode()
    assert here.email in listed
    assert there.email not in listed
    assert client.get(f"/en/account/people/{here.pk}/").status_code == 200
    assert client.get(f"/en/account/people/{there.pk}/").status_code == 404
    assert client.post(f"/en/account/people/{there.pk}/deactivate/").status_code == 404
    assert client.post(f"/en/account/roles/{there.memberships.get().pk}/take/").status_code == 403


def test_roles_are_given_and_taken_within_one_s_place(enter: Callable[[User], Client], person: Person) -> None:
    user = person("operator", city=SECOND)
    client = enter(person("region", region=REGION))
    page = f"/en/account/people/{user.pk}/"
    for role, place, given in (
        ("analyst", f"city:{SECOND}", True),
        ("analyst", f"city:{OTHER}", False),
        ("ministry", "country", False),
        ("city_lead", f"region:{REGION}", False),
    ):
        answer = client.post(page, {"role": role, "place": place})
        assert (answer.status_code == 302) is given, (role, place)
    assert set(user.memberships.values_list("role", "code")) == {("operator", SECOND), ("analyst", SECOND)}
    client.post(f"/en/account/roles/{user.memberships.get(role='analyst').pk}/take/")
    assert user.memberships.count() == 1
    given, taken = AuditEntry.objects.filter(verb__in=("give_role", "take_role")).order_by("id")
    assert (given.after, given.city) == ({"role": "analyst", "place": f"city:{SECOND}"}, SECOND)
    assert taken.before == given.after


def test_who_has_a_role_that_i_cannot_give_is_not_mine_to_close(person: Person) -> None:
    lead, user = person("city_lead", city=CENTRE), person("operator", city=CENTRE)
    assert queries.leads(lead, user)
    services.give_role(None, user, "auditor", Place("country"))
    assert not queries.leads(lead, user)


def test_an_organisation_stays_within_the_places_of_who_keeps_it(
    enter: Callable[[User], Client], person: Person
) -> None:
    client = enter(person("city_lead", city=CENTRE))
    words = {"name_kk": "Жылу", "name_ru": "Тепло", "kind": "utility", "is_active": "on"}
    assert client.post("/en/account/organisations/new/", {**words, "city": OTHER}).status_code == 200
    assert client.post("/en/account/organisations/new/", words).status_code == 200
    assert client.post("/en/account/organisations/new/", {**words, "city": CENTRE}).status_code == 302
    made = Organisation.objects.get()
    assert client.post(f"/en/account/organisations/{made.pk}/", {**words, "city": OTHER}).status_code == 200
    assert AuditEntry.objects.get(verb="add_organisation").city == CENTRE
    foreign = Organisation.objects.create(name_kk="x", name_ru="x", kind="utility", city=OTHER)
    assert client.get(f"/en/account/organisations/{foreign.pk}/").status_code == 403


def test_nobody_claims_an_organisation_for_themselves(enter: Callable[[User], Client], person: Person) -> None:
    police = Organisation.objects.create(name_kk="Полиция", name_ru="Полиция", kind="police")
    user = person()
    enter(user).post("/en/account/", {"name": "N", "language": "kk", "organisation": police.pk})
    user.refresh_from_db()
    assert (user.name, user.organisation) == ("N", None)
