"""The maturity survey from its first link to what is published: one answer each, nothing of few, paper with checks."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import tiny_lake
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qala.kits.surveys import services
from qala.kits.surveys.jobs import follow_surveys
from qala.kits.surveys.links import key_of, path_of
from qala.kits.surveys.models import Evidence, Invitation, Remark, Response, Survey
from qala.kits.surveys.queries import shown
from qala.maturity import queries
from qala.maturity import services as maturity
from qala.maturity.contradictions import contradictions
from qala.maturity.models import Assessment
from qala.maturity.results import results
from qala.people.models import AuditEntry, Membership, User
from qala.standard import Problem
from qala.standard.maturity import load_maturity

CITY = next(iter(tiny_lake.NAMES))
MODEL = load_maturity()


@pytest.fixture
def manager(tiny_site: Path, settings: Any) -> Client:
    settings.DEMO = True  # whose people are not asked for a second factor
    user = User.objects.create_user("lead@example.org", None, is_demo=True)
    Membership.objects.create(user=user, role="digital_department", scope="city", code=CITY)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def assessment(tiny_site: Path) -> Assessment:
    one = maturity.create(None, CITY, 2026, vignettes="short", parts=("experts",))
    names = [{"names": dict.fromkeys(("kk", "ru", "en"), name)} for name in ("Roads", "Heat", "Parks")]
    services.add_groups(None, one.survey, names)
    services.open_survey(None, one.survey, None)
    return one


@pytest.fixture
def link(assessment: Assessment) -> Iterator[Invitation]:
    group = assessment.survey.groups.first()
    assert group is not None
    yield services.invite(None, assessment.survey, group, "staff", "en", links=1)[0]


def answer(one: Assessment, group: int, role: str, step: int, count: int, **more: str) -> None:
    """So many people of a department who answer the same."""
    group_ = one.survey.groups.get(number=group)
    answers = {**dict.fromkeys(MODEL.sub_dimensions, str(step)), **more}
    for invitation in services.invite(None, one.survey, group_, role, "en", links=count):
        invitation.draft = {"answers": answers}
        invitation.save()
        services.submit(invitation)


def test_a_link_leads_through_all_pages_and_answers_once(
    assessment: Assessment, link: Invitation, client: Client
) -> None:
    begin = path_of(link)
    said = client.get(begin)
    assert said.status_code == 200
    assert said["Cache-Control"].startswith("max-age=0")
    assert said["X-Robots-Tag"] == "noindex"
    path = re.search(r'class="button" href="([^"]+)"', said.content.decode())[1]  # type: ignore[index]
    pages = 0
    while "/send/" not in path:
        page = client.get(path)
        assert page.status_code == 200
        names = set(re.findall(r'name="([\w.]+)" value="3"', page.content.decode()))
        answered = client.post(path, {**dict.fromkeys(names, "3"), "go": "next"})
        assert answered.status_code == 302
        path, pages = answered["Location"], pages + 1
    assert pages == len(assessment.survey.asks.pages)
    assert "Thank you" in client.post(path).content.decode()
    response = Response.objects.get(survey=assessment.survey)
    assert {response.answers[name] for name in MODEL.sub_dimensions} == {"3"}
    assert response.role == "staff"
    link.refresh_from_db()
    assert link.done and link.draft == {}
    again = client.get(begin)
    assert "answered already" in again.content.decode()
    with pytest.raises(Problem):
        services.submit(link)
    assert Response.objects.count() == 1


def test_answers_are_kept_as_they_are_given_and_gone_on_with_elsewhere(link: Invitation, client: Client) -> None:
    url = f"/en/survey/a/{key_of(link)}/strategy/"
    kept = client.post(url, {"strategy": "4", "strategy.remark": "The plan of 2024"}, headers={"X-Autosave": "1"})
    assert (kept.status_code, kept.json()) == (200, {"said": ""})
    elsewhere = Client().get(f"/en/survey/a/{key_of(link)}/").content.decode()
    assert "1 of" in elsewhere and "Go on" in elsewhere and f"{key_of(link)}/strategy/" in elsewhere
    page = Client().get(url).content.decode()
    assert re.search(r'value="4" checked', page)
    assert "The plan of 2024" in page
    wrong = client.post(url, {"strategy": "9"}, headers={"X-Autosave": "1"})
    assert wrong.status_code == 409
    link.refresh_from_db()
    assert link.draft["answers"]["strategy"] == "4", "what was right stays"


def test_a_need_is_named_once(link: Invitation, client: Client) -> None:
    url = f"/en/survey/a/{key_of(link)}/needs/"
    said = client.post(url, {"need.1": "strategy", "need.2": "strategy"})
    assert said.status_code == 200
    assert "Choose a different one each time." in said.content.decode()


@pytest.mark.parametrize("key", ["x", "00000000000000000000000000000000.abc"])
def test_a_made_up_link_opens_nothing(tiny_site: Path, client: Client, key: str) -> None:
    assert client.get(f"/en/survey/a/{key}/").status_code == 404


def test_a_link_of_a_survey_that_is_over_says_so(assessment: Assessment, link: Invitation, client: Client) -> None:
    services.keep(link, assessment.survey.asks.pages[0], {"self_rated_maturity": "2"}, {})
    services.close(None, assessment.survey)
    assert client.get(path_of(link)).status_code == 410
    link.refresh_from_db()
    assert link.draft == {}, "what was begun and not sent is forgotten"


def test_nothing_leads_from_an_answer_back_to_its_link(assessment: Assessment, link: Invitation) -> None:
    page = assessment.survey.asks.pages[assessment.survey.asks.page_at("strategy") or 0]
    services.keep(link, page, {"strategy": "2"}, {"strategy": "Nobody asks us"})
    services.attach(link, page, "strategy", SimpleUploadedFile("plan.pdf", b"%PDF"))
    link.refresh_from_db()
    services.submit(link)
    fields = {field.name for field in Response._meta.get_fields()} | {field.name for field in Remark._meta.get_fields()}
    assert not fields & {"invitation", "email", "made_at", "user"}
    assert {field.name for field in Remark._meta.get_fields()} == {"id", "survey", "question", "text"}
    assert Evidence.objects.get().invitation is None
    assert not AuditEntry.objects.filter(kind__in=("invitation", "response")).exists()


def test_evidence_is_of_known_kinds_and_can_be_taken_away(assessment: Assessment, link: Invitation) -> None:
    page = assessment.survey.asks.pages[assessment.survey.asks.page_at("strategy") or 0]
    with pytest.raises(Problem):
        services.attach(link, page, "strategy", SimpleUploadedFile("plan.exe", b"MZ"))
    made = services.attach(link, page, "strategy", SimpleUploadedFile("plan.txt", b"plan"))
    services.detach(link, str(made.pk))
    assert not Evidence.objects.exists()


def test_evidence_of_sent_answers_is_opened_by_who_leads_the_survey(
    assessment: Assessment, link: Invitation, manager: Client, client: Client
) -> None:
    page = assessment.survey.asks.pages[assessment.survey.asks.page_at("strategy") or 0]
    services.keep(link, page, {"strategy": "2"}, {})
    made = services.attach(link, page, "strategy", SimpleUploadedFile("plan.pdf", b"%PDF the plan"))
    url = f"/en/survey/{assessment.survey.pk}/evidence/{made.pk}/"
    assert manager.get(url).status_code == 404, "a draft is its owner's alone"
    link.refresh_from_db()
    services.submit(link)
    assert url in manager.get(f"/en/survey/{assessment.survey.pk}/").content.decode()
    answer = manager.get(url)
    assert b"".join(answer.streaming_content) == b"%PDF the plan"
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert client.get(url).status_code in (302, 401, 403)


def test_groups_of_few_are_hidden_and_cannot_be_had_by_subtracting() -> None:
    assert shown({"a": 9, "b": 8, "c": 7}, 5) == {"a", "b", "c"}
    assert shown({"a": 9, "b": 8, "c": 2}, 5) == {"a"}, "c alone is the rest of the city"
    assert shown({"a": 9, "b": 2, "c": 2}, 5) == set()
    assert shown({"a": 9, "b": 4, "c": 2}, 5) == {"a"}, "six people in two groups hide each other"


def test_results_side_by_side_and_nothing_of_few(assessment: Assessment) -> None:
    control = {"self_rated_maturity": "4", "perceived_benefits": "2"}
    answer(assessment, 1, "staff", 4, 6, **control)
    answer(assessment, 2, "staff", 2, 5, **control)
    answer(assessment, 3, "management", 3, 2, **control)
    found = results(MODEL, assessment, ["transport"])
    assert found.raw.overall == 3
    assert found.variants["control"].whole.overall == Fraction(5, 2)
    assert found.variants["vignettes"].uncorrected == 13
    assert [(line.name, line.people) for line in found.departments] == [("1", 6)]
    assert found.hidden == 2
    assert found.roles == [], "two managers would be what staff leaves of all"
    spread = found.spreads["raw"]["strategy"]
    assert spread.shares == (0, Fraction(5, 13), Fraction(2, 13), Fraction(6, 13), 0)


def test_too_few_people_give_no_results_and_cannot_be_published(assessment: Assessment, manager: Client) -> None:
    answer(assessment, 1, "staff", 4, 4)
    page = manager.get(f"/en/maturity/{CITY}/{assessment.pk}/").content.decode()
    assert "Nothing is shown of fewer than 5 people" in page
    assert "4.00" not in page
    services.close(None, assessment.survey)
    with pytest.raises(Problem, match="Only 4 people"):
        maturity.publish(None, assessment)


def test_experts_are_an_instrument_of_their_own(assessment: Assessment) -> None:
    answer(assessment, 1, "staff", 4, 5)
    assert assessment.experts is not None
    services.add_groups(None, assessment.experts, [{"names": dict.fromkeys(("kk", "ru", "en"), "Panel")}])
    services.open_survey(None, assessment.experts, None)
    panel = assessment.experts.groups.first()
    one = services.invite(None, assessment.experts, panel, "expert", "ru", links=1)[0]  # type: ignore[arg-type]
    one.draft = {"answers": dict.fromkeys(MODEL.sub_dimensions, "2")}
    one.save()
    services.submit(one)
    found = results(MODEL, assessment, [])
    assert found.experts is not None and found.experts.overall == 2
    assert found.blend is not None and found.blend.overall == Fraction("2.6")
    assert found.raw.overall == 4, "the panel is not among the respondents"


def test_only_published_results_are_everybodys(assessment: Assessment, client: Client, manager: Client) -> None:
    answer(assessment, 1, "staff", 4, 6)
    url = f"/en/maturity/{CITY}/{assessment.pk}/"
    assert client.get(url).status_code == 302, "to sign-in"
    assert manager.get(url).status_code == 200
    with pytest.raises(Problem):
        maturity.publish(None, assessment)
    manager.post(f"/en/survey/{assessment.survey.pk}/do/close/")
    manager.post(f"{url}publish/")
    assessment.refresh_from_db()
    assert queries.published_scores(assessment).overall == 4  # type: ignore[union-attr]
    assert client.get(url).status_code == 200
    library = client.get("/en/maturity/").content.decode()
    assert library.count("<table") == 2, "one for each method"
    assert manager.get(f"/en/survey/{assessment.survey.pk}/").status_code == 200
    assert client.get(f"/en/survey/{assessment.survey.pk}/").status_code == 302


def test_the_previous_assessment_and_peers_are_of_the_same_model(assessment: Assessment) -> None:
    answer(assessment, 1, "staff", 3, 6)
    services.close(None, assessment.survey)
    maturity.publish(None, assessment)
    later = maturity.create(None, CITY, 2027)
    assert queries.previous(later) == assessment
    later.model_digest = "another"
    assert queries.previous(later) is None
    sphere = maturity.create(None, CITY, 2027, "transport")
    assert queries.previous(sphere) is None


def test_invited_by_mail_and_reminded_but_not_whoever_answered(assessment: Assessment, manager: Client) -> None:
    survey = assessment.survey
    group = survey.groups.first()
    form = {
        "group": group.pk,
        "role": "staff",
        "language": "ru",
        "emails": "a@example.org\nb@example.org\na@example.org",
    }  # type: ignore[union-attr]
    manager.post(f"/en/survey/{survey.pk}/do/invite/", form)
    assert sorted(one.to[0] for one in mail.outbox) == ["a@example.org", "b@example.org"]
    assert "/ru/survey/a/" in mail.outbox[0].body
    first = survey.invitations.get(email="a@example.org")
    first.draft = {"answers": {"strategy": "2"}}
    first.save()
    services.submit(first)
    mail.outbox.clear()
    follow_surveys()
    assert not mail.outbox, "it is too soon"
    survey.invitations.update(mailed_at=timezone.now() - timedelta(days=5))
    assert follow_surveys() == (0, 1)
    assert [one.to for one in mail.outbox] == [["b@example.org"]]
    Survey.objects.filter(pk=survey.pk).update(closes_on=timezone.localdate() - timedelta(days=2))
    assert follow_surveys() == (1, 0)


def test_a_wrong_address_invites_nobody(assessment: Assessment, manager: Client) -> None:
    group = assessment.survey.groups.first()
    form = {"group": group.pk, "role": "staff", "language": "kk", "emails": "a@example.org\nnobody"}  # type: ignore[union-attr]
    said = manager.post(f"/en/survey/{assessment.survey.pk}/do/invite/", form, follow=True)
    assert "“nobody” is no address." in said.content.decode()
    assert not assessment.survey.invitations.exists()


def test_a_link_is_shown_until_it_is_followed(assessment: Assessment, link: Invitation, manager: Client) -> None:
    page = f"/en/survey/{assessment.survey.pk}/"
    assert key_of(link) in manager.get(page).content.decode()
    services.keep(link, assessment.survey.asks.pages[0], {"self_rated_maturity": "2"}, {})
    assert key_of(link) not in manager.get(page).content.decode()


def test_who_leads_makes_an_assessment_of_a_sphere(manager: Client) -> None:
    made = manager.post(
        f"/en/maturity/{CITY}/new/", {"year": "2026", "sphere": "transport", "vignettes": "full", "experts": "1"}
    )
    one = Assessment.objects.get()
    assert made["Location"] == f"/en/survey/{one.survey.pk}/"
    assert one.sphere == "transport" and one.experts is not None and one.interviews is None
    assert "transport" in one.survey.title["en"]
    manager.post(f"/en/survey/{one.survey.pk}/do/groups/", {"groups": "* АТ | ИТ | IT\nRoads"})
    assert [(g.names["ru"], g.traits["it"]) for g in one.survey.groups.all()] == [("ИТ", "yes"), ("Roads", "no")]
    assert AuditEntry.objects.filter(verb="create_assessment").exists()


def test_the_pages_speak_three_languages(assessment: Assessment, client: Client) -> None:
    for language, word in (("kk", "жетілуі"), ("ru", "Зрелость"), ("en", "Maturity")):
        assert word in client.get(f"/{language}/maturity/").content.decode()


def published(one: Assessment) -> None:
    answer(one, 1, "staff", 4, 6)
    answer(one, 2, "management", 3, 6, **{"need.1": "strategy"})
    answer(one, 3, "staff", 2, 5, self_rated_maturity="4", perceived_benefits="2")
    services.close(None, one.survey)
    maturity.publish(None, one)


def test_the_report_is_written_in_every_form_and_language(assessment: Assessment, client: Client) -> None:
    published(assessment)
    url = f"/maturity/{CITY}/{assessment.pk}/report/"
    for language, warning in (
        ("kk", "мақсат етуге болмайды"),
        ("ru", "Целью его делать нельзя"),
        ("en", "must not become the target"),
    ):
        page = client.get(f"/{language}{url}html/").content.decode()
        assert warning in page
        assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    pdf = client.get(f"/kk{url}pdf/").content
    assert pdf.startswith(b"%PDF")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/en{url}xlsx/").content))
    ways = book.get_sheet_by_name("In brackets the interval by ").to_python()
    assert any(row[0] == "Raw answers" for row in ways)
    departments = book.get_sheet_by_name("By department").to_python()
    assert next(row[:2] for row in departments if row[0] == "Roads") == ["Roads", 6.0]
    page = client.get(f"/en{url}html/").content.decode()
    assert "First, " in page and "KPIs 1." in page, "each recommendation is tied to KPIs"


def test_an_answer_that_the_platform_knows_better_is_told(assessment: Assessment, client: Client) -> None:
    published(assessment)
    said = contradictions(CITY, {"internet_of_things": Fraction(4), "open_data": Fraction(2)})
    assert [one.en for one in said] == ["The internet of things is rated 4.0, yet 0 sources are connected here."]
    assert not contradictions(CITY, {"internet_of_things": Fraction(2)}), "who claims little is not contradicted"
    page = client.get(f"/en/maturity/{CITY}/{assessment.pk}/").content.decode()
    assert "The internet of things is rated 3.0, yet 0 sources are connected here." in page
