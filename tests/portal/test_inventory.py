"""The register of digital objects by its pages: who sees and keeps it, history, tables out and in, the catalogue."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from qala import facts
from qala.inventory import sheets
from qala.inventory.models import DigitalObject
from qala.inventory.queries import asked_functions, extent
from qala.people.models import AuditEntry, Membership, User

pytestmark = pytest.mark.usefixtures("tiny_site")
CITY, OTHER = "WHOLE", "PART"


@pytest.fixture
def person(settings: Any) -> Callable[..., Client]:
    """A browser of somebody with a role in a city, or in the country."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]

    def of(role: str, city: str = CITY) -> Client:
        user = User.objects.create_user(email=f"{role}-{city}@example.org", password=None)
        scope = "country" if role == "ministry" else "city"
        Membership.objects.create(user=user, role=role, scope=scope, code="" if scope == "country" else city)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


def filled(**more: Any) -> dict[str, Any]:
    return {
        "name": "Өтініштер жүйесі", "kind": "system", "state": "in_use", "owner": "ЦҚБ", "maker": "", "purpose": "109",
        "functions": ["2.4", "2.10"], "platform": "qaztech", "used_since": "2021", "replace_in": "", "centre": "live",
        "sdu": "no", "personal_what": "", "security_class": "", "security_act": "", "security_on": "",
        "govarch_id": "KZ-1", "govarch_on": "2026-03-01", "note": "", "passport": "", **more,
    }  # fmt: skip


def entered(by: Client, city: str = CITY, **more: Any) -> DigitalObject:
    answer = by.post(f"/en/inventory/{city}/new/", filled(**more))
    assert answer.status_code == 302, answer.content.decode()
    return DigitalObject.objects.latest("pk")


def loaded(by: Client, name: str, content: bytes, language: str = "en") -> Any:
    return by.post(f"/{language}/inventory/{CITY}/load/", {"file": SimpleUploadedFile(name, content)})


def test_who_sees_and_who_keeps(person: Callable[..., Client]) -> None:
    department, analyst, foreign = person("digital_department"), person("analyst"), person("city_lead", OTHER)
    one = entered(department)
    assert analyst.get(f"/en/inventory/object/{one.pk}/").status_code == 200
    for client in (analyst, foreign):
        assert client.post(f"/en/inventory/object/{one.pk}/edit/", filled()).status_code == 403
        assert client.post(f"/en/inventory/{CITY}/new/", filled(name="x")).status_code == 403
        assert client.get(f"/en/inventory/{CITY}/load/").status_code == 403
    assert foreign.get(f"/en/inventory/{CITY}/").status_code == 403
    assert foreign.get(f"/en/inventory/object/{one.pk}/").status_code == 403
    assert Client().get(f"/en/inventory/{CITY}/").status_code == 302


def test_a_change_is_told_field_by_field(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    one = entered(department)
    department.post(
        f"/en/inventory/object/{one.pk}/edit/",
        filled(functions=["2.4"], replace_in="2028", sdu="planned", personal="on"),
    )
    page = department.get(f"/en/inventory/object/{one.pk}/").content.decode()
    for told in (
        "f2.4, f2.10",
        "<ins>2028</ins>",
        "<ins>planned</ins>",
        "personal data without a whole security sheet",
    ):
        assert told in page
    verbs = AuditEntry.objects.filter(object_id=str(one.pk)).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["add_digital_object", "change_digital_object"]


def test_what_cannot_be_is_said_at_its_field(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    entered(department)
    for wrong in (
        {},
        {"name": "b", "used_since": ""},
        {"name": "b", "replace_in": "2020"},
        {"name": "b", "functions": ["99.1"]},
    ):
        assert department.post(f"/en/inventory/{CITY}/new/", filled(**wrong)).status_code == 422
    assert DigitalObject.objects.count() == 1


def test_filters_and_figures(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    entered(department)
    entered(department, name="Шамдар", functions=["13.1"], centre="no", govarch_id="", platform="own", purpose="жарық")
    entered(department, name="Жаңа", state="planned", used_since="", functions=["2.1"])
    asked = asked_functions(facts.edition(), "district")
    found = extent(CITY)
    assert (found.objects, found.in_use, found.asked) == (3, 2, len(asked))
    assert found.live == len({"2.4", "2.10", "13.1"} & asked.keys()) > 0  # what is only planned is not live
    assert found.wants == {"centre": 1, "govarch": 1}
    for query, names in (
        ("?wants=centre", {"Шамдар"}), ("?initiative=2", {"Өтініштер жүйесі", "Жаңа"}), ("?function=2.10", {"Өтініштер жүйесі"}),
        ("?q=жарық", {"Шамдар"}), ("?state=planned", {"Жаңа"}), ("?kind=network", set()),
    ):  # fmt: skip
        page = department.get(f"/en/inventory/{CITY}/{query}").content.decode()
        assert {one for one in ("Өтініштер жүйесі", "Шамдар", "Жаңа") if f">{one}</a>" in page} == names, query


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_table_that_goes_out_comes_in_again(person: Callable[..., Client], language: str, form: str) -> None:
    department = person("digital_department")
    entered(department, purpose="=1+1", note="a; b\nc")
    entered(
        department, name="B", personal="on", personal_what="ЖСН", security_class="2", security_act="7", functions=[]
    )
    answer = department.get(f"/{language}/inventory/{CITY}/?format={form}")
    page = loaded(department, f"out.{form}", b"".join(answer), language)
    assert page.context["read"].wrong == []
    assert (page.context["read"].same, page.context["read"].planned) == (2, [])


def test_a_table_is_shown_then_taken_in_whole(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    one = entered(department)
    rows = (
        "Number in the register;Name;Owner;Purpose;Functions of annex 3;Year put into use;Brought up to date there on\n"
        f"{one.pk};Өтініштер жүйесі;ҚЦБ;109;f2.10;2021;02.05.2026\n;Шамдар;ЦҚБ;жарық;;2019;\n"
    ).encode()
    page = loaded(department, "a.csv", rows)
    assert [len(page.context["new"]), len(page.context["changed"])] == [1, 1]
    assert DigitalObject.objects.count() == 1  # nothing yet
    assert b"<del>01.03.2026</del>" in page.content
    sealed = page.context["sealed"]
    assert department.post(f"/en/inventory/{CITY}/load/", {"sealed": sealed}).status_code == 302
    one.refresh_from_db()
    assert (one.owner, one.functions, one.platform) == ("ҚЦБ", ["2.10"], "qaztech")  # columns that are not there stay
    again = department.post(f"/en/inventory/{CITY}/load/", {"sealed": sealed})
    assert again.status_code == 422  # the object was changed since that preview
    assert DigitalObject.objects.count() == 2
    assert department.post(f"/en/inventory/{CITY}/load/", {"sealed": "x" + sealed}).status_code == 422


def test_one_wrong_cell_and_nothing_is_taken_in(person: Callable[..., Client]) -> None:
    department = person("digital_department")
    other = DigitalObject.objects.create(city=OTHER, name="x", owner="x", purpose="x", used_since=2020)
    heads = ["Number in the register", "Name", "Owner", "Purpose", "Kind", "Functions of annex 3", "Year put into use"]
    lines = [
        [other.pk, "A", "o", "p", "system", "f2.1", 2020],
        ["", "B", "o", "p", "spaceship", "f2.1", 2020],
        ["", "C", "", "p", "app", "f2.99", 2020],
        ["", "D", "o", "p", "app", 2.1, "soon"],
        ["", "E", "o", "p", "жүйе", "", 2020],
        ["", "E", "o", "p", "app", "", 1920],
    ]
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for at, line in enumerate([heads, *lines]):
        sheet.write_row(at, 0, line)
    book.close()
    page = loaded(department, "a.xlsx", file.getvalue())
    assert page.status_code == 422
    cells = {cell for cell, _words in page.context["wrong"]}
    assert {"A2", "E3", "F4", "F5", "G5", "E6", "B7"} <= cells
    assert not page.context["read"].planned
    assert DigitalObject.objects.filter(city=CITY).count() == 0


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "Name;Colour\na;b\n", "B1"),
        ("a.csv", "Name\na\n", "is missing"),
        ("a.xlsx", "no workbook", "no workbook that can be read"),
        ("a.csv", "Name;Owner;Purpose\n", "There is no object in the file"),
    ],
)
def test_what_is_no_table_says_why(person: Callable[..., Client], name: str, content: str, told: str) -> None:
    page = loaded(person("digital_department"), name, content.encode())
    assert page.status_code == 422
    assert told in page.content.decode()


def test_a_windows_spreadsheet_is_read(person: Callable[..., Client]) -> None:
    text = (
        "Наименование;Владелец;Назначение;Состояние;Год ввода в эксплуатацию\nСистема;Отдел;учёт;эксплуатируется;2020\n"
    )
    page = loaded(person("digital_department"), "a.csv", text.encode("cp1251"))
    assert [one.values["state"] for one in page.context["new"]] == ["in_use"]


def test_the_catalogue_shows_what_is_open_and_only_what_runs(person: Callable[..., Client]) -> None:
    entered(person("digital_department", OTHER), OTHER, security_act="SECRET-7", note="SECRET-NOTE", name="Құпиясыз")
    entered(person("city_lead", OTHER), OTHER, name="Жоспар", state="planned", used_since="")
    analyst = person("analyst")
    page = analyst.get("/en/inventory/solutions/").content.decode()
    assert "Құпиясыз" in page
    assert "Halftown" in page
    assert "SECRET" not in page
    assert "Жоспар" not in page
    file = b"".join(analyst.get("/en/inventory/solutions/?format=xlsx"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    assert {row[0] for row in rows[1:]} == {"f2.4", "f2.10"}
    assert "SECRET" not in str(rows)


def test_every_head_is_its_own_in_every_language() -> None:
    from django.utils.translation import override

    seen: dict[str, str] = {}
    for language in ("kk", "ru", "en"):
        with override(language):
            for name, head in zip((sheets.NUMBER, *sheets.SHEET), sheets.heads(), strict=True):
                assert seen.setdefault(head.casefold(), name) == name
