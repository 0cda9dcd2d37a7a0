"""Statistics by district, mentions in the media, appeals of the national platform: they come as tables and count by one map."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from test_city_needs import CITY, small_city  # noqa: F401  fixtures

from qala import facts
from qala.groundwork.models import CategoryTopic, Evidence, Mention, Overview, PlatformAppeal, Statement, Statistic
from qala.groundwork.needs import needs, shares
from qala.groundwork.overviews import rest_on
from qala.lake import City
from qala.lake.kato import within
from qala.people.models import Membership, User

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 31)
HEADS = "КАТО;Показатель;Период;Значение;Единица;Источник"


@pytest.fixture
def person(small_city: City, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:  # noqa: F811
    """A browser of somebody with a role in the small city, on the last day of 2026."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]
    monkeypatch.setattr(facts, "today", lambda *_: TODAY)

    def of(role: str) -> Client:
        user = User.objects.create_user(email=f"{role}@example.org", password=None)
        Membership.objects.create(user=user, role=role, scope="city", code=CITY)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


def load(by: Client, name: str, lines: list[str], file: str = "a.csv") -> Any:
    """Show what a file brings."""
    sent = SimpleUploadedFile(file, "\n".join(lines).encode())
    return by.post(f"/en/groundwork/city/{CITY}/gathered/{name}/load/", {"file": sent})


def take(by: Client, name: str, lines: list[str]) -> None:
    """Show it, then take it in."""
    shown = load(by, name, lines)
    assert shown.status_code == 200, shown.content.decode()
    found = re.search(r'name="sealed" value="([^"]+)"', shown.content.decode())
    assert found is not None
    path = f"/en/groundwork/city/{CITY}/gathered/{name}/load/"
    assert by.post(path, {"sealed": found[1]}).status_code == 302


@pytest.mark.parametrize(
    ("code", "place", "is_within"),
    [
        ("751110000", "750000000", True),  # a district of Almaty
        ("750000000", "750000000", True),
        ("710000000", "750000000", False),
        ("101010000", "101000000", True),  # Semey itself
        ("101800000", "101000000", False),  # Kurchatov is no part of Semey, though 101 begins both
        ("113220100", "113220100", True),
        ("113220200", "113220100", False),
        ("SIM-D1", "SIM-D1", False),
    ],
)
def test_kato_tells_what_lies_where(code: str, place: str, is_within: bool) -> None:
    assert within(code, place) is is_within


def test_statistics_come_in_by_district_and_are_replaced_by_a_later_table(person: Callable[..., Client]) -> None:
    by = person("digital_department")
    take(by, "statistics", [HEADS, "D1;Жалақы;2025;310,5;мың теңге;БНС", "SMALL;Жалақы;2025;1 300;;БНС"])
    assert {(s.kato, s.value) for s in Statistic.objects.all()} == {("D1", Decimal("310.5")), (CITY, Decimal(1300))}
    again = load(
        by, "statistics", ["kato,indicator,period,value,source", "D1,Жалақы,2025,311,БНС", "D2,Жалақы,2025,1,БНС"]
    )
    page = again.content.decode()
    assert "New: 1; changed: 1; there already: 0" in page and "<del>310.5</del> <ins>311</ins>" in page
    assert "economy" in page
    assert Statistic.objects.count() == 2  # shown is not taken in
    take(by, "statistics", [HEADS, "D1;Жалақы;2025;311;мың теңге;БНС"])
    assert Statistic.objects.get(kato="D1").value == 311
    profile = Client().get(f"/en/groundwork/city/{CITY}/profile/").content.decode()
    assert "Official statistics" in profile and "311" in profile
    table = b"".join(by.get(f"/ru/groundwork/city/{CITY}/gathered/statistics/?format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert table.splitlines()[0] == f"{HEADS};Группа"
    assert load(by, "statistics", table.splitlines()).status_code == 200  # what goes out comes in


def test_wrong_cells_are_named_and_nothing_is_taken_in(person: Callable[..., Client]) -> None:
    by = person("digital_department")
    rows = [
        "D9;Жалақы;2025;1;;БНС",
        "D1;;2025;1;;БНС",
        "D1;Жалақы;Mai;x;;БНС",
        "D1;Ж;2025;1;;",
        "D2;A;2025;1;;s",
        "D2;A;2025;2;;s",
    ]
    answer = load(by, "statistics", [HEADS, *rows])
    assert answer.status_code == 422
    page = answer.content.decode()
    cells = re.findall(r'<th scope="row">([A-Z]\d)</th>', page)
    assert cells == ["A2", "B3", "C4", "D4", "F5", "A7"]
    assert "KATO D9 is neither the city, nor a district of it" in page and "Row 6 says the same." in page
    for lines in (["x;y"], [HEADS], ["КАТО;Период"], [f"{HEADS};КАТО"]):
        assert load(by, "statistics", lines).status_code == 422
    assert load(by, "statistics", ["x"], "a.xlsx").status_code == 422
    path = f"/en/groundwork/city/{CITY}/gathered/statistics/load/"
    assert by.post(path).status_code == 422
    assert by.post(path, {"sealed": "forged"}).status_code == 422
    assert not Statistic.objects.exists()


def test_mentions_stand_beside_appeals_by_topic(person: Callable[..., Client]) -> None:
    by = person("digital_department")
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for row, cells in enumerate(
            [
                ["day", "outlet", "topic", "tone"],
                ["02.03.2026", "Paper", "Вода", "критика"],
                ["2026-03-03", "Paper", "water", ""],
            ]
        ):
            sheet.write_row(row, 0, cells)
    path = f"/en/groundwork/city/{CITY}/gathered/media/load/"
    shown = by.post(path, {"file": SimpleUploadedFile("m.xlsx", book.getvalue())}).content.decode()
    found = re.search(r'name="sealed" value="([^"]+)"', shown)
    assert found is not None, shown
    by.post(path, {"sealed": found[1]})
    assert sorted(Mention.objects.values_list("topic", "tone")) == [("water", "bad"), ("water", "neutral")]
    form = {
        "day": "2026-04-01",
        "outlet": "TV",
        "address": "https://tv.example/1",
        "topic": "heat",
        "tone": "good",
        "note": "",
    }
    media = f"/en/groundwork/city/{CITY}/gathered/media/"
    assert by.post(f"{media}new/", {**form, "topic": "nothing"}).status_code == 422
    assert by.post(f"{media}new/", form).status_code == 302
    assert by.post(f"{media}new/", form).status_code == 422  # it is there already
    one = Mention.objects.get(outlet="TV")
    assert by.post(f"{media}{one.pk}/", {**form, "tone": "bad"}).status_code == 302
    before = needs(CITY, TODAY - timedelta(days=1))
    page = by.get(f"/en/groundwork/city/{CITY}/needs/").content.decode()
    section = page.partition('id="map"')[2].partition("</section>")[0]
    cells = [re.findall(r"<td[^>]*>(\d+)</td>", row) for row in section.split("<tr>")]
    assert ["12", "0", "2", "1"] in cells and ["8", "0", "1", "1"] in cells
    assert needs(CITY, TODAY - timedelta(days=1)) == before  # a mention is no need
    assert by.post(f"{media}remove/", {"number": one.pk}).status_code == 302
    assert not Mention.objects.filter(outlet="TV").exists()
    assert by.get(f"{media}?topic=water&tone=bad").content.decode().count("<tr>") == 2


def test_categories_of_the_platform_are_mapped_once_and_remembered(person: Callable[..., Client]) -> None:
    by = person("digital_department")
    head = "Number,Day,Category of the platform,KATO"
    rows = [f"{n},2026-05-0{1 + n % 9},{'Su' if n < 6 else 'Bilim'},{'D1' if n < 6 else ''}" for n in range(9)]
    take(by, "platform", [head, *rows])
    path = f"/en/groundwork/city/{CITY}/gathered/platform/"
    last = TODAY - timedelta(days=1)
    assert "2 categories have no topic yet" in by.get(path).content.decode()
    assert not [one for one in needs(CITY, last) if one.source == "platform"]
    CategoryTopic.objects.create(city="OTHER", category="su", topic="water")
    page = by.get(f"{path}categories/").content.decode()
    assert "(proposed)" in page and page.index("Su<") < page.index("Bilim<")  # the most frequent first
    sent = {"n0": "Su", "c0": "water", "n1": "Bilim", "c1": "-"}
    by.post(f"{path}categories/", {**sent, "c1": "nothing"})
    assert CategoryTopic.objects.filter(city=CITY).count() == 1  # a topic that there is not is none
    by.post(f"{path}categories/", sent)
    assert dict(CategoryTopic.objects.filter(city=CITY).values_list("category", "topic")) == {
        "su": "water",
        "bilim": "",
    }
    found = {(one.source, one.topic): one for one in needs(CITY, last)}
    assert found["platform", "water"].now == 6 and found["platform", "water"].districts == {"D1": 6}
    assert found["appeals", "water"].now == 12
    assert (
        shares(list(found.values()))["water"]
        > shares([one for one in found.values() if one.source == "appeals"])["water"]
    )
    take(by, "platform", [head, *rows[:2], "77,2026-06-01,SU,D1"])  # known ones stay, a new one counts at once
    assert PlatformAppeal.objects.count() == 10
    assert next(one.now for one in needs(CITY, last) if (one.source, one.topic) == ("platform", "water")) == 7
    assert "appeals of the national platform" in by.get(f"/en/groundwork/city/{CITY}/needs/").content.decode()


def test_a_figure_and_a_mention_are_evidence(person: Callable[..., Client]) -> None:
    by = person("digital_department")
    take(by, "statistics", [HEADS, "D1;Жалақы;2025;310,5;мың теңге;БНС"])
    mention = Mention.objects.create(city=CITY, day=date(2026, 3, 2), outlet="Paper", topic="water", note="No water")
    one = Overview.objects.create(city=CITY, number=1, begun_on=TODAY)
    stated = Statement.objects.create(overview=one, section="situation", number=1, text_ru="Город растёт.")
    rest_on(None, stated, "statistic", str(Statistic.objects.get().pk))
    rest_on(None, stated, "mention", str(mention.pk))
    said = [found.said["en"] for found in Evidence.objects.all()]
    assert said[0] == "Statistics: Жалақы, D1, 2025: 310.5 мың теңге (БНС)" and "No water" in said[1]
    Statistic.objects.update(value=400)
    page = by.get(f"/en/groundwork/overview/{one.pk}/").content.decode()
    assert "310.5" in page and "400" in page


def test_who_leads_no_group_takes_nothing_in(person: Callable[..., Client]) -> None:
    analyst = person("analyst")
    media = f"/en/groundwork/city/{CITY}/gathered/media/"
    assert analyst.get(media).status_code == 200
    for path in ("load/", "new/", "remove/"):
        assert analyst.post(f"{media}{path}", {}).status_code == 403
    assert analyst.post(f"/en/groundwork/city/{CITY}/gathered/platform/categories/", {}).status_code == 403
    assert analyst.get(f"/en/groundwork/city/{CITY}/gathered/nothing/").status_code == 404
    assert Client().get(media).status_code == 302
