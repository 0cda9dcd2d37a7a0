"""A strategy written by several people at once, through the procedure; its figures live and then frozen; its documents."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from typing import Any

import docx
import pytest
from django.test import Client
from django.utils import timezone
from test_ratings import history, runs  # noqa: F401  fixtures

from qala import facts
from qala.kits.deadlines.due import everything
from qala.people.models import AuditEntry, Membership, User
from qala.ratings import services as ratings
from qala.ratings.rated_run import rated_run
from qala.reports.wording import Wording
from qala.standard.calendar import working_day_after
from qala.strategies import services
from qala.strategies.figures import Live, said
from qala.strategies.models import Comment, Section, Strategy, Version
from qala.strategies.queries import changes

pytestmark = pytest.mark.usefixtures("tiny_site")
CITY = "WHOLE"
People = Callable[..., Client]


@pytest.fixture
def person(settings: Any) -> People:
    """A browser of somebody with a role in a city, or in the country."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def of(role: str, name: str = "", city: str = CITY) -> Client:
        user = User.objects.create_user(email=f"{name or role}-{city}@example.org".lower(), password=None)
        scope = "country" if role == "ministry" else "city"
        Membership.objects.create(user=user, role=role, scope=scope, code="" if scope == "country" else city)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


@pytest.fixture
def published(runs: dict[str, str]) -> str:  # noqa: F811
    """The run of June, published for the category of the city; its id."""
    ratings.publish(None, runs["june"], rated_run(runs["june"]).score(CITY).category, "")
    return runs["june"]


@pytest.fixture
def begun(person: People) -> tuple[Client, Strategy]:
    department = person("digital_department")
    sent = {"city": CITY, "first_year": "2027", "last_year": "2036"}
    assert department.post("/en/strategies/begin/", sent).status_code == 302
    return department, Strategy.objects.get(city=CITY)


def at(strategy: Strategy, number: int = 1, language: str = "ru", what: str = "") -> str:
    return f"/en/strategies/{strategy.pk}/{number}/{language}/{what}"


def save(by: Client, strategy: Strategy, text: str, rests_on: int, number: int = 1, **more: Any) -> Any:
    headers = {} if more.pop("plainly", False) else {"X-Autosave": "1"}
    return by.post(at(strategy, number, what="save/"), {"text": text, "rests_on": rests_on, **more}, headers=headers)


def section(strategy: Strategy, number: int = 1, language: str = "ru") -> Section:
    return strategy.sections.get(number=number, language=language)


def made_whole(strategy: Strategy, text: str = "Текст") -> None:
    strategy.sections.exclude(language="en").update(text=text, state="ready")


def step(by: Client, strategy: Strategy, verb: str, words: str = "") -> str:
    sent = {"verb": verb, "words": words}
    text: str = by.post(f"/en/strategies/{strategy.pk}/step/", sent, follow=True).content.decode()
    strategy.refresh_from_db()
    return text


def test_it_begins_with_the_nine_sections_of_item_21(begun: tuple[Client, Strategy]) -> None:
    department, strategy = begun
    assert strategy.sections.count() == 27
    text = department.get(f"/ru/strategies/{strategy.pk}/").content.decode()
    for title in (
        "Обзор текущей ситуации и контекст",
        "Видение и миссия",
        "Мониторинг, оценка и корректировка стратегии",
    ):
        assert title in text
    again = department.post(
        "/en/strategies/begin/", {"city": CITY, "first_year": "2027", "last_year": "2036"}, follow=True
    )
    assert Strategy.objects.count() == 1 and again.status_code == 200


def test_who_saves_second_loses_no_word_and_decides_with_both_texts_before_them(
    begun: tuple[Client, Strategy], person: People
) -> None:
    first, strategy = begun
    second = person("city_lead")
    assert save(first, strategy, "Первый вариант", 0).json() == {"saved": 1}
    assert save(first, strategy, "Первый вариант, дальше", 1).json() == {"saved": 2}
    answer = save(second, strategy, "Второй вариант", 0)
    assert answer.status_code == 409
    assert "digital_department-whole@example.org" in answer.json()["said"]
    one = section(strategy)
    assert one.text == "Первый вариант, дальше"
    beside = one.versions.get(beside=True)
    assert beside.text == "Второй вариант"
    assert save(second, strategy, "Второй вариант, дальше", 0).status_code == 409
    assert one.versions.filter(beside=True).count() == 1, "one sitting of theirs is one text beside"
    page = second.get(answer.json()["both"]).content.decode()
    assert "Первый вариант, дальше" in page and "Второй вариант, дальше" in page
    made_whole(strategy, "Текст")
    assert "Two texts wait for a decision in sections: 1" in step(first, strategy, "submit")
    done = save(second, strategy, "Первый и второй", one.saved, settles=beside.pk, plainly=True)
    assert done.status_code == 302
    one.refresh_from_db()
    beside.refresh_from_db()
    assert (one.text, beside.settled, one.changed_by.email) == ("Первый и второй", True, "city_lead-whole@example.org")
    texts = [each.text for each in one.versions.all()]
    assert texts == ["Первый и второй", "Второй вариант, дальше", "Первый вариант, дальше"]


def test_without_scripts_a_conflict_leads_to_both_texts_too(begun: tuple[Client, Strategy], person: People) -> None:
    first, strategy = begun
    second = person("city_lead")
    save(first, strategy, "Один", 0, plainly=True)
    answer = save(second, strategy, "Другой", 0, plainly=True)
    assert answer.status_code == 302 and "/beside/" in answer["Location"]
    assert second.post(answer["Location"]).status_code == 302
    assert section(strategy).text == "Один" and section(strategy).versions.get(beside=True).settled


def test_the_same_words_twice_are_no_conflict(begun: tuple[Client, Strategy], person: People) -> None:
    first, strategy = begun
    save(first, strategy, "Слова", 0)
    assert save(person("city_lead"), strategy, "Слова\r\n", 0).json() == {"saved": 1}
    assert Version.objects.count() == 1


def test_history_says_who_changed_what(begun: tuple[Client, Strategy], person: People) -> None:
    first, strategy = begun
    save(first, strategy, "Город растёт.\n\nБыстро.", 0)
    save(person("city_lead"), strategy, "Город растёт медленно.\n\nБыстро.", 1)
    page = first.get(at(strategy, what="history/")).content.decode()
    assert "<ins> медленно</ins>" in page and "city_lead-whole@example.org" in page
    oldest = section(strategy).versions.last()
    assert oldest is not None
    assert "<ins>Город растёт." in first.get(at(strategy, what=f"history/?version={oldest.pk}")).content.decode()
    assert AuditEntry.objects.filter(verb="write_section").count() == 2


def test_what_one_person_changes_in_a_sitting_is_one_version(begun: tuple[Client, Strategy]) -> None:
    first, strategy = begun
    for at_, text in enumerate(("а", "аб", "абв")):
        save(first, strategy, text, at_)
    [version] = section(strategy).versions.all()
    assert version.text == "абв"
    version.begun_at = timezone.now() - services.ONE_SITTING
    version.save()
    save(first, strategy, "абвг", 3)
    assert section(strategy).versions.count() == 2


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("а б в", "а б в", [("same", "а б в")]),
        ("", "а", [("new", "а")]),
        ("а\nб\n", "а\nв\n", [("same", "а\n"), ("gone", "б"), ("new", "в"), ("same", "\n")]),
        ("стоит 5 тенге", "стоит 7 тенге", [("same", "стоит "), ("gone", "5"), ("new", "7"), ("same", " тенге")]),
    ],
)
def test_changes_word_by_word(old: str, new: str, found: list[tuple[str, str]]) -> None:
    assert changes(old, new) == found
    assert "".join(text for kind, text in changes(old, new) if kind != "gone") == new
    assert "".join(text for kind, text in changes(old, new) if kind != "new") == old


def test_comments_are_answered_and_closed_with_the_draft(begun: tuple[Client, Strategy], person: People) -> None:
    department, strategy = begun
    analyst = person("analyst")
    analyst.post(at(strategy, what="comment/"), {"text": "Откуда деньги?", "passage": "бюджет"})
    comment = Comment.objects.get()
    assert "Откуда деньги?" in department.get(at(strategy)).content.decode()
    assert analyst.post(f"/en/strategies/comment/{comment.pk}/done/").status_code == 403
    assert department.post(f"/en/strategies/comment/{comment.pk}/done/").status_code == 302
    comment.refresh_from_db()
    assert comment.done_by is not None
    assert analyst.post(at(strategy, what="comment/"), {"text": ""}).status_code == 302
    assert Comment.objects.count() == 1


def test_figures_are_the_runs_own(published: str, begun: tuple[Client, Strategy]) -> None:
    _department, strategy = begun
    score, live = rated_run(published).score(CITY), Live(strategy, "ru")
    words = Wording("ru", facts.edition())
    assert live.say("index") == {"text": words.index(score.final)}
    assert live.say("coverage")["text"] == words.share(score.coverage or 0)
    row = next(one for one in score.kpis if one.status == "ok" and one.target is not None)
    target = words.target(facts.edition().kpi(row.row), row.target)
    table = live.say(f"kpis {row.section}")["table"]
    line = next(one for one in table["rows"] if one[0] == row.row)
    assert line[2:4] == [live.say(f"kpi {row.row}")["text"], target]
    assert {one[0] for one in table["rows"]} == {
        one.row
        for one in score.kpis
        if one.section == row.section and one.target is not None and one.status != "not_applicable"
    }
    assert live.say("scale")["picture"].startswith("<svg")
    assert "lacks" in said(live, "kpi 99.9") and "lacks" in said(live, "actions") and "lacks" in said(live, "weather")


def test_a_figure_of_a_period_comes_from_the_lake(begun: tuple[Client, Strategy]) -> None:
    """It needs no rating: it is computed from the rows as they are."""
    _department, strategy = begun
    assert "lacks" not in said(Live(strategy, "en"), "kpi 2.2 2026-03")
    assert "lacks" in said(Live(strategy, "en"), "kpi 2.2 2026-99")
    assert "lacks" in said(Live(strategy, "en"), "kpi 2.2")


def test_figures_live_in_the_draft_and_freeze_with_their_run(
    published: str, begun: tuple[Client, Strategy], person: People
) -> None:
    department, strategy = begun
    made_whole(strategy, "Индекс {{index}}.\n\n{{sections}}")
    assert f"run {published}" in department.get(at(strategy)).content.decode()
    step(department, strategy, "submit")
    assert strategy.state == "submitted"
    assert strategy.figures_of["run"] == published and set(strategy.figures) == {"index", "sections"}
    strategy.figures["index"]["ru"]["text"] = "12,34"  # as if the rating had moved on since
    strategy.save()
    assert "Индекс 12,34." in department.get(f"/ru/strategies/{strategy.pk}/read/").content.decode()
    opened = docx.Document(io.BytesIO(department.get(f"/ru/strategies/{strategy.pk}/file/docx/").content))
    assert any("Индекс 12,34." in one.text for one in opened.paragraphs)
    assert published in opened.sections[0].footer.paragraphs[0].text
    step(person("ministry"), strategy, "refuse", "Мало.")
    assert "Индекс 12,34." not in department.get(f"/ru/strategies/{strategy.pk}/read/").content.decode(), (
        "it lives again"
    )
    step(department, strategy, "submit")
    assert strategy.figures["index"]["ru"]["text"] != "12,34"


def test_a_figure_that_says_nothing_is_told_before_submission(begun: tuple[Client, Strategy]) -> None:
    department, strategy = begun
    made_whole(strategy, "Индекс {{index}}")
    assert "these figures say nothing: index" in step(department, strategy, "submit")
    assert strategy.state == "draft"
    assert "[index: рейтинг с этим городом ещё не опубликован]" in department.get(at(strategy)).content.decode()


def test_from_draft_to_amendment_in_the_roles(begun: tuple[Client, Strategy], person: People) -> None:
    department, strategy = begun
    ministry, lead, guest = person("ministry"), person("city_lead"), Client()
    assert "not marked as ready" in step(department, strategy, "submit")
    made_whole(strategy)
    assert guest.get(f"/en/strategies/{strategy.pk}/").status_code in (302, 401, 403), "a draft is not public"
    step(department, strategy, "submit")
    assert save(department, strategy, "Ещё", 0).status_code == 422, "nothing is edited while it is read"
    assert department.post(at(strategy, what="mark/"), {"state": "writing"}).status_code == 302
    assert section(strategy).state == "ready"
    step(ministry, strategy, "agree", "№ 12-1, 20.11.2026")
    step(lead, strategy, "approve", "№ 7, 21.11.2026")
    step(department, strategy, "publish_site", "https://www.gov.kz/memleket/entities/city")
    step(department, strategy, "publish_system", "https://pm.example.org/12")
    assert strategy.state == "published"
    assert guest.get(f"/en/strategies/{strategy.pk}/read/").status_code == 200, "what is in force is public"
    text = guest.get(at(strategy)).content.decode()
    assert "Comments" not in text and "Save" not in text, "how it came about is not"
    assert guest.get(at(strategy, what="history/")).status_code in (302, 401, 403)
    step(department, strategy, "amend", "Новые условия.")
    draft = Strategy.objects.get(city=CITY, version=2)
    assert (draft.state, draft.sections.filter(text="Текст").count(), strategy.state) == ("draft", 18, "published")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_document_reads_as_the_page_does(published: str, begun: tuple[Client, Strategy], language: str) -> None:
    department, strategy = begun
    strategy.sections.update(
        text="# Ахуал\n\nИндекс **{{index}}**.\n\n- бір\n- екі\n\n{{sections}}\n\n{{scale}}", state="ready"
    )
    pdf = department.get(f"/{language}/strategies/{strategy.pk}/file/pdf/")
    assert f'filename="strategy_{CITY}_v1_{language}.pdf"' in pdf["Content-Disposition"]
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf.content, capture_output=True, check=True)
    text = " ".join(done.stdout.decode().split())
    index = Live(strategy, language).say("index")["text"]  # type: ignore[arg-type]
    page = department.get(f"/{language}/strategies/{strategy.pk}/read/").content.decode()
    assert f"Индекс {index}." in text and f"<strong>{index}</strong>" in page
    assert "<h3>Ахуал</h3>" in page and "<svg" in page
    assert text.count("Ахуал") == 18, "nine times, and in the contents"


def test_no_markup_of_a_writer_reaches_the_page(begun: tuple[Client, Strategy]) -> None:
    department, strategy = begun
    evil = "<script>alert(1)</script> [a](javascript:alert(1)) ![x](http://e.example/x.png) {{<b>}}"
    strategy.sections.update(text=evil)
    text = department.get(f"/en/strategies/{strategy.pk}/read/").content.decode()
    assert "<script>alert" not in text and 'href="javascript' not in text and "<img" not in text and "<b>" not in text


RIGHTS = {
    # who -> read, write, comment
    "guest": "---", "digital_department": "+++", "city_lead": "+++", "analyst": "+-+", "auditor": "+--", "operator": "---",
    "ministry": "+-+", "far": "---",
}  # fmt: skip


@pytest.mark.parametrize("who", RIGHTS)
def test_rights_of_a_draft(begun: tuple[Client, Strategy], person: People, who: str) -> None:
    department, strategy = begun
    by = {
        "guest": Client, "digital_department": lambda: department, "far": lambda: person("digital_department", city="HALF"),
    }.get(who, lambda: person(who))()  # fmt: skip
    read = by.get(at(strategy)).status_code == 200
    wrote = save(by, strategy, "Слово", 0).status_code == 200
    by.post(at(strategy, what="comment/"), {"text": "Слово"})
    found = "".join("+" if one else "-" for one in (read, wrote, Comment.objects.exists()))
    assert found == RIGHTS[who]
    assert by.get(at(strategy, what="history/")).status_code == (
        200 if RIGHTS[who][0] == "+" else (302 if who == "guest" else 403)
    )


def test_each_text_stands_under_its_language(begun: tuple[Client, Strategy]) -> None:
    department, strategy = begun
    table = department.get(f"/en/strategies/{strategy.pk}/").content.decode().partition('id="sections"')[2]
    heads, addresses = (
        re.findall(r'<th scope="col" lang="(\w+)"', table),
        re.findall(rf"/strategies/{strategy.pk}/1/(\w+)/", table),
    )
    assert heads == addresses == ["kk", "ru", "en"]


def test_what_is_due_is_told_to_whoever_has_to_do_it(begun: tuple[Client, Strategy]) -> None:
    department, strategy = begun
    made_whole(strategy)
    assert not [one for one in everything() if one.key.startswith("strategies:")]
    step(department, strategy, "submit")
    [answer] = [one for one in everything() if one.key.startswith("strategies:")]
    assert (answer.permission, answer.city, answer.item) == ("strategies.judge", CITY, "27")
    assert answer.day == working_day_after(strategy.since, 15)
    Strategy.objects.update(state="approved")
    found = [one for one in everything() if one.key.startswith("strategies:")]
    assert {one.permission for one in found} == {"strategies.lead"} and len(found) == 2


@pytest.mark.parametrize("years", [("99999", "99999"), ("-5", "3"), ("2027", "2026"), ("", ""), ("1e3", "2030")])
def test_years_that_cannot_be_are_told(person: People, years: tuple[str, str]) -> None:
    department = person("digital_department")
    for part in ("strategies", "roadmaps"):
        sent = {"city": CITY, "first_year": years[0], "last_year": years[1]}
        said = department.post(f"/en/{part}/begin/", sent, follow=True)
        assert said.status_code == 200
        assert [str(one) for one in said.context["messages"]], part
    assert not Strategy.objects.exists()


@pytest.mark.parametrize("odd", ["Жоспар\x0bбір", "\x1b[1m", "\ufffe", "\ud83d".encode("utf-8", "replace").decode()])
def test_characters_that_no_document_may_hold_break_nothing(begun: tuple[Client, Strategy], odd: str) -> None:
    department, strategy = begun
    assert save(department, strategy, f"Текст {odd} текст", 0).json() == {"saved": 1}
    for form in ("docx", "pdf"):
        answer = department.get(f"/en/strategies/{strategy.pk}/file/{form}/?text=ru")
        assert answer.status_code == 200, form


def test_a_nul_is_refused_wherever_it_is_sent(begun: tuple[Client, Strategy]) -> None:
    department, strategy = begun
    assert save(department, strategy, "a\x00b", 0).status_code == 400
    assert department.get("/en/strategies/?q=%00").status_code == 400
    assert department.get("/en/board/%00/overview/").status_code == 400
    assert section(strategy).text == ""
