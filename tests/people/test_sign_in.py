"""Signing in: password, second factor, recovery codes, invitations, sessions, forgotten passwords."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from small_country import CENTRE

from qala.people import letters, services
from qala.people.models import AuditEntry, User
from qala.people.places import Place

Person = Callable[..., User]
PASSWORD = "a long enough password 7"
PAGE = "/en/account/"


@pytest.fixture(autouse=True)
def _no_limits_used_up() -> None:
    cache.clear()


def confirmed(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post("/en/account/login/", {"login": user.email, "password": password})


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def set_up_second_factor(client: Client) -> str:
    page = client.get("/en/account/2fa/totp/activate/")
    assert page.status_code == 200, (page.status_code, page.get("Location"))
    secret = page.context["form"].secret
    assert client.post("/en/account/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    return str(secret)


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_who_has_no_role_signs_in_with_a_password_and_is_led_to_pages_in_their_language(
    client: Client, person: Person
) -> None:
    user = confirmed(person())
    user.language = "ru"
    user.save()
    assert sign_in(client, user)["Location"] == "/ru/"
    assert client.get(PAGE).status_code == 200
    assert verbs() == ["sign_in"]
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.address, entry.through) == (user, "127.0.0.1", "session")
    assert entry.after == {"by": ["password"]}


def test_a_wrong_password_lets_nobody_in_and_is_written_down(client: Client, person: Person) -> None:
    user = confirmed(person())
    assert sign_in(client, user, "wrong").status_code == 200
    assert client.get(PAGE).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.who, entry.object_id) == ("sign_in_failed", None, str(user.pk))


def test_what_is_typed_into_the_wrong_field_is_not_written_down(client: Client, db: None) -> None:
    client.post("/en/account/login/", {"login": "secret@example.org", "password": "x"})
    entry = AuditEntry.objects.get()
    assert "secret" not in f"{entry.who_said}{entry.object_said}{entry.object_id}{entry.after}"


def test_guessing_is_slowed_down(client: Client, person: Person) -> None:
    user = confirmed(person())
    for _ in range(12):
        page = sign_in(client, user, "wrong")
    assert "Too many" in page.content.decode() or page.status_code == 429
    assert sign_in(client, user).status_code != 302


@pytest.mark.django_db(transaction=True)
def test_a_role_that_requires_a_second_factor_is_closed_until_it_is_set_up(client: Client, person: Person) -> None:
    user = confirmed(person("city_lead", city=CENTRE))
    sign_in(client, user)
    for page in (PAGE, "/en/account/people/", "/en/", "/admin/"):
        assert client.get(page)["Location"] == reverse("mfa_activate_totp"), page
    assert client.get(PAGE, headers={"sec-fetch-dest": "empty"}).status_code == 403
    set_up_second_factor(client)
    assert client.get(PAGE).status_code == 200
    assert "totp_activated" in verbs()
    assert len(mail.outbox) == 1, "and the person is told"


def test_then_a_password_alone_lets_nobody_in(client: Client, person: Person) -> None:
    user = confirmed(person("city_lead", city=CENTRE))
    sign_in(client, user)
    secret = set_up_second_factor(client)
    cache.clear()  # a code is good once; the clock of the test stands still
    other = Client()
    assert sign_in(other, user)["Location"] == "/en/account/2fa/authenticate/"
    assert other.get(PAGE).status_code == 302
    assert other.post("/en/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert verbs()[-1] == "second_factor_failed"
    assert other.post("/en/account/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert other.get(PAGE).status_code == 200
    assert AuditEntry.objects.filter(verb="sign_in").latest("id").after == {"by": ["password", "totp"]}


def test_a_recovery_code_lets_in_once(client: Client, person: Person) -> None:
    user = confirmed(person("city_lead", city=CENTRE))
    sign_in(client, user)
    set_up_second_factor(client)
    codes = client.get("/en/account/2fa/recovery-codes/").context["unused_codes"]
    again = client.get("/en/account/2fa/recovery-codes/").content.decode()
    assert not any(code in again for code in codes), "shown once"
    assert "cannot be shown again" in again
    for expected in (302, 200):
        other = Client()
        sign_in(other, user)
        assert other.post("/en/account/2fa/authenticate/", {"code": codes[0]}).status_code == expected


def test_the_secret_of_a_second_factor_is_not_readable_in_the_database(client: Client, person: Person) -> None:
    user = confirmed(person("city_lead", city=CENTRE))
    sign_in(client, user)
    secret = set_up_second_factor(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_who_leads_a_person_removes_a_lost_second_factor(client: Client, person: Person) -> None:
    lead, user = confirmed(person("city_lead", city=CENTRE)), confirmed(person("operator", city=CENTRE))
    sign_in(client, lead)
    set_up_second_factor(client)
    theirs = Client()
    sign_in(theirs, user)
    set_up_second_factor(theirs)
    client.post(f"/en/account/people/{user.pk}/second-factor/")
    assert not Authenticator.objects.filter(user=user).exists()
    assert theirs.get(PAGE).status_code == 302, "their sessions are ended"


def test_an_invitation_is_a_mail_with_a_link_that_works_once(client: Client, person: Person) -> None:
    lead = confirmed(person("city_lead", city=CENTRE))
    sign_in(client, lead)
    set_up_second_factor(client)
    answer = client.post(
        "/en/account/people/invite/",
        {"email": "New@Example.org", "name": "", "language": "kk", "role": "operator", "place": f"city:{CENTRE}"},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    invited = User.objects.get(email="new@example.org")
    assert not invited.has_usable_password()
    (letter,) = [one for one in mail.outbox if one.to == ["new@example.org"]]
    link = re.search(r"http://testserver(/kk/account/invited/\S+)", letter.body)[1]  # type: ignore[index]
    guest = Client()
    assert guest.get(link).status_code == 200
    words = {"name": "N", "password1": "correct horse battery", "password2": "correct horse battery"}
    assert guest.post(link, {**words, "password2": "else"}).status_code == 200
    assert guest.post(link, words).status_code == 302
    assert guest.get(link).status_code == 410
    assert sign_in(guest, invited, "correct horse battery").status_code == 302
    assert {"invite", "give_role", "accept_invitation"} <= set(verbs())


def test_where_the_mail_server_is_away_nobody_is_half_invited(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    lead = confirmed(person("city_lead", city=CENTRE))
    sign_in(client, lead)
    set_up_second_factor(client)
    monkeypatch.setattr(letters, "send_mail", away)
    answer = client.post(
        "/en/account/people/invite/",
        {"email": "new@example.org", "name": "", "language": "kk", "role": "operator", "place": f"city:{CENTRE}"},
    )
    assert answer.status_code == 503
    said = unescape(answer.content.decode())
    assert "The mail server did not take the letter to new@example.org. Nobody was invited." in said
    assert 'value="new@example.org"' in said
    assert not User.objects.filter(email="new@example.org").exists()


def test_nobody_invites_into_a_place_or_role_that_they_may_not_give(client: Client, person: Person) -> None:
    lead = confirmed(person("city_lead", city=CENTRE))
    sign_in(client, lead)
    set_up_second_factor(client)
    for role, place in (("auditor", f"city:{CENTRE}"), ("operator", "city:552200000"), ("ministry", "country")):
        words = {"email": "x@example.org", "language": "kk", "role": role, "place": place}
        assert client.post("/en/account/people/invite/", words).status_code == 200
    assert not User.objects.filter(email="x@example.org").exists()


def test_a_session_is_listed_and_ended_from_another(client: Client, person: Person) -> None:
    user = confirmed(person())
    other = Client()
    sign_in(client, user)
    sign_in(other, user)
    page = client.get("/en/account/sessions/")
    assert len(page.context["sessions"]) == 2
    (ended,) = UserSession.objects.exclude(session_key=client.session.session_key)
    client.post(f"/en/account/sessions/{ended.pk}/end/")
    assert other.get(PAGE).status_code == 302
    assert client.get(PAGE).status_code == 200
    stranger = confirmed(person())
    third = Client()
    sign_in(third, stranger)
    (mine,) = UserSession.objects.filter(user=user)
    assert third.post(f"/en/account/sessions/{mine.pk}/end/").status_code == 404


def test_a_closed_account_is_out_at_once(client: Client, person: Person) -> None:
    ministry, user = confirmed(person("ministry")), confirmed(person("analyst"))
    sign_in(client, ministry)
    set_up_second_factor(client)
    theirs = Client()
    sign_in(theirs, user)
    assert theirs.get(PAGE).status_code == 200
    client.post(f"/en/account/people/{user.pk}/deactivate/")
    assert theirs.get(PAGE).status_code == 302
    assert sign_in(theirs, user).status_code in (200, 302)
    assert theirs.get(PAGE).status_code == 302


def test_a_forgotten_password_is_set_anew_by_mail(client: Client, person: Person) -> None:
    user = confirmed(person())
    client.post("/ru/account/password/reset/", {"email": user.email})
    (letter,) = mail.outbox
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]  # type: ignore[index]
    form = client.get(link, follow=True)
    where = form.redirect_chain[-1][0]
    client.post(where, {"password1": "correct horse battery", "password2": "correct horse battery"})
    assert sign_in(client, user, "correct horse battery").status_code == 302
    assert "password_reset" in verbs()
    client.post("/ru/account/password/reset/", {"email": "nobody@example.org"})
    assert not [one for one in mail.outbox if one.to == ["nobody@example.org"]]


def test_letters_are_in_the_reader_s_language(client: Client, person: Person) -> None:
    user = confirmed(person())
    client.post("/ru/account/password/reset/", {"email": user.email})
    assert mail.outbox[-1].subject == "Жаңа құпиясөз"


@pytest.mark.parametrize(("opened", "status"), [(False, 0), (True, 1)])
def test_citizens_make_an_account_only_where_it_is_opened(
    client: Client, db: None, settings: Any, opened: bool, status: int
) -> None:
    settings.OPEN_SIGN_UP = opened
    words = {"email": "c@example.org", "name": "C", "password1": "correct horse battery"}
    client.post("/ru/account/signup/", {**words, "password2": words["password1"]})
    assert User.objects.filter(email="c@example.org", name="C", language="ru").count() == status
    assert len(mail.outbox) == status


def test_the_last_person_who_keeps_the_registries_stays(client: Client, person: Person) -> None:
    keeper = person("administrator")
    membership = keeper.memberships.get()
    with pytest.raises(services.Impossible):
        services.take_role(None, membership)
    services.give_role(None, person(), "administrator", Place("country"))
    services.take_role(None, membership)


def test_a_demo_account_signs_in_in_a_demo_only(client: Client, person: Person, settings: Any) -> None:
    user = confirmed(person("ministry"))
    user.is_demo = True
    user.save()
    sign_in(client, user)
    assert client.get(PAGE).status_code == 302
    settings.DEMO = True
    sign_in(client, user)
    page = client.get(PAGE)
    assert page.status_code == 200, "its second factor is not asked"
    assert "demo account" in page.content.decode()
    settings.DEMO = False
    assert client.get(PAGE)["Location"] == reverse("mfa_activate_totp")


def test_django_admin_is_behind_the_same_door(client: Client, person: Person) -> None:
    assert "/account/login/" in client.get("/admin/login/")["Location"]
    keeper = confirmed(person("administrator"))
    sign_in(client, keeper)
    set_up_second_factor(client)
    assert client.get("/admin/").status_code == 200
    for registry in ("user", "organisation", "membership", "token", "auditentry", "citytenancy"):
        assert client.get(f"/admin/people/{registry}/").status_code == 200
    assert client.get("/admin/people/auditentry/add/").status_code == 403
    client.post("/admin/people/citytenancy/add/", {"city": "353243100", "host": CENTRE, "act": "1"})
    assert verbs()[-1] == "add"
    lead = confirmed(person("city_lead", city=CENTRE))
    other = Client()
    sign_in(other, lead)
    set_up_second_factor(other)
    assert other.get("/admin/").status_code == 302
