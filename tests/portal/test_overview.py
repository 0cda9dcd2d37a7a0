"""The overview of a city by its pages: statements, what they rest on, experts; closed it stays, and a protocol annexes it."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from test_groundwork import PLACE, decided, met, own_region, person, set_up  # noqa: F401  fixtures

from qala import facts
from qala.groundwork.experts import agreement, weights
from qala.groundwork.models import Evidence, Group, Overview, Statement
from qala.inventory.models import DigitalObject

pytestmark = pytest.mark.usefixtures("tiny_site")
CITY = f"/en/groundwork/city/{PLACE}/overview/"


def begun(by: Client) -> Overview:
    assert by.post(f"{CITY}begin/").status_code == 302
    return Overview.objects.get(closed_on=None)


def stated(by: Client, one: Overview, text: str = "Water fails most.", section: str = "residents") -> Statement:
    sent = {"section": section, "text_kk": "", "text_ru": "", "text_en": text}
    assert by.post(f"/en/groundwork/overview/{one.pk}/statement/", sent).status_code == 302
    return Statement.objects.latest("pk")


def text_of(content: bytes) -> str:
    file = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in file.paragraphs), *cells])


def test_experts_agree_fully_not_at_all_or_in_part() -> None:
    same = {1: {"a": 5, "b": 3, "c": 1}, 2: {"a": 4, "b": 2, "c": 1}}
    assert agreement(same) == 1
    assert agreement({1: {"a": 5, "b": 3, "c": 1}, 2: {"a": 1, "b": 3, "c": 5}}) == 0
    # four experts, three needs, ranks 123, 132, 213, 123: sums 5, 8, 11 about 8, S = 18, W = 12·18 / (16·24)
    four = {1: (1, 2, 3), 2: (1, 3, 2), 3: (2, 1, 3), 4: (1, 2, 3)}
    assert agreement({one: dict(zip("abc", given, strict=True)) for one, given in four.items()}) == Fraction(9, 16)
    # with ties: ranks 1.5, 1.5, 3 and 1, 2, 3: sums 2.5, 3.5, 6 about 4, S = 6.5, W = 12·6.5 / (4·24 − 2·6)
    assert agreement({1: {"a": 2, "b": 2, "c": 5}, 2: {"a": 1, "b": 2, "c": 3}}) == Fraction(78, 84)
    for nothing in ({}, {1: {"a": 1, "b": 2}}, {1: {"a": 1}, 2: {"a": 2}}, {1: {"a": 3, "b": 3}, 2: {"a": 1, "b": 1}}):
        assert agreement(nothing) is None
    found = weights({1: {"a": 5}, 2: {"a": 2, "b": 4}})
    assert (found["a"].count, found["a"].mean, found["a"].spread, found["a"].low) == (2, Fraction(7, 2), 1.5, 2)


def test_a_statement_rests_on_what_there_is_and_what_it_said_then(person: Callable[..., Client]) -> None:  # noqa: F811
    department = person("digital_department")
    group = set_up(department)
    met(department, group)
    one = begun(department)
    assert department.post(f"{CITY}begin/", follow=True).content.count(b"being written") >= 1
    assert Overview.objects.count() == 1
    empty = {"section": "residents", "text_kk": " ", "text_ru": "", "text_en": ""}
    assert department.post(f"/en/groundwork/overview/{one.pk}/statement/", empty).status_code == 422
    water = stated(department, one)
    bare = stated(department, one, "Business wants more.", "business")
    system = DigitalObject.objects.create(city=PLACE, name="Old system", owner="x", purpose="x", used_since=2010)
    rests = f"/en/groundwork/statement/{water.pk}/rests-on/"
    for kind in ("topic", "object", "meeting"):
        page = department.get(f"{rests}?kind={kind}").content.decode()
        ref = page.partition('<option value="">')[2].partition('<option value="')[2].partition('"')[0]
        assert ref, kind
        assert department.post(f"{rests}?kind={kind}", {"ref": ref}).status_code == 302
    assert department.post(f"{rests}?kind=object", {"ref": str(system.pk)}).status_code == 422  # twice
    assert department.post(f"{rests}?kind=object", {"ref": "999"}).status_code == 422
    assert department.get(f"{rests}?kind=nothing").status_code == 404
    assert department.post(f"{rests}?kind=file", {"file": SimpleUploadedFile("a.html", b"<html>")}).status_code == 422
    department.post(f"{rests}?kind=file", {"file": SimpleUploadedFile("survey.pdf", b"%PDF-1.7 x")})
    assert sorted(Evidence.objects.values_list("kind", flat=True)) == ["file", "meeting", "object", "topic"]

    page = department.get(f"/en/groundwork/overview/{one.pk}/").content.decode()
    assert page.count("nothing is shown that it rests on") == 1
    assert "Register of digital objects: Old system, in use, 2010" in page
    DigitalObject.objects.filter(pk=system.pk).update(state="retired")
    page = department.get(f"/en/groundwork/overview/{one.pk}/").content.decode()
    assert "in use, 2010" in page and "retired, 2010" in page  # then and today
    only = department.get(f"/en/groundwork/overview/{one.pk}/?bare=1").content.decode()
    assert "Business wants more." in only and "Water fails most." not in only
    table = b"".join(department.get(f"/en/groundwork/overview/{one.pk}/?format=csv")).decode()  # type: ignore[arg-type]
    assert len(table.strip().splitlines()) == 6
    file = Evidence.objects.get(kind="file")
    assert department.get(f"/en/groundwork/evidence/{file.pk}/").content == b"%PDF-1.7 x"
    department.post(f"/en/groundwork/evidence/{file.pk}/remove/")
    department.post(f"/en/groundwork/statement/{bare.pk}/remove/")
    assert (Evidence.objects.count(), Statement.objects.count()) == (3, 1)


def test_a_closed_overview_stays_and_is_annexed(person: Callable[..., Client]) -> None:  # noqa: F811
    department = person("digital_department")
    group = set_up(department)
    one = begun(department)
    page = f"/en/groundwork/overview/{one.pk}/"
    assert b"states nothing yet" in department.post(f"{page}close/", follow=True).content
    water = stated(department, one)
    stated(department, one, "Cranes for storks", "additional")
    for member, score in zip(group.members.all()[:2], ("5", "3"), strict=True):
        asked = department.get(f"{page}experts/?member={member.pk}").content.decode()
        need = asked.partition('type="radio" name="')[2].partition('"')[0]
        assert department.post(f"{page}experts/?member={member.pk}", {need: "9"}).status_code == 422
        assert department.post(f"{page}experts/?member={member.pk}", {need: score}).status_code == 302
    assert "4.0" in department.get(page).content.decode()
    department.post(f"{page}close/")
    one.refresh_from_db()
    assert one.closed_on == facts.today() and one.kept["thought"]["experts"] == 2
    paper = department.get(f"/en/groundwork/overview/{one.pk}.docx").content
    said = text_of(paper)
    for words in ("Water fails most.", "Nothing is shown that it rests on.", "Cranes for storks", "What experts think"):
        assert words in said
    DigitalObject.objects.create(city=PLACE, name="New", owner="x", purpose="x", used_since=2026, functions=["2.1"])
    for path, sent in (
        (f"{page}statement/", {"section": "residents", "text_en": "more"}),
        (f"{page}statement/{water.pk}/", {"section": "residents", "text_en": "more"}),
        (f"/en/groundwork/statement/{water.pk}/remove/", {}),
        (f"/en/groundwork/statement/{water.pk}/rests-on/?kind=topic", {"ref": "appeals:water"}),
        (f"{page}experts/?member={group.members.all()[0].pk}", {}),
    ):
        department.post(path, sent)
    assert department.get(f"/en/groundwork/overview/{one.pk}.docx").content == paper
    for language in ("kk", "ru", "en"):
        assert department.get(f"/{language}/groundwork/overview/{one.pk}.pdf").content.startswith(b"%PDF")
    meeting = met(department, Group.objects.get())
    decided(department, meeting)
    annexed = text_of(department.get(f"/en/groundwork/meeting/{meeting.pk}/protocol.docx").content)
    assert "Overview No. 1 of" in annexed and "Water fails most." in annexed
    assert begun(department).number == 2


def test_others_neither_write_nor_read_it(person: Callable[..., Client]) -> None:  # noqa: F811
    department, analyst, foreign = person("digital_department"), person("analyst"), person("digital_department", "PART")
    one = begun(department)
    water = stated(department, one)
    paths: list[tuple[str, dict[str, Any]]] = [
        (f"{CITY}begin/", {}),
        (f"/en/groundwork/overview/{one.pk}/statement/", {"section": "residents", "text_en": "x"}),
        (f"/en/groundwork/statement/{water.pk}/rests-on/", {"ref": "2.1"}),
        (f"/en/groundwork/statement/{water.pk}/remove/", {}),
        (f"/en/groundwork/overview/{one.pk}/close/", {}),
        (f"/en/groundwork/overview/{one.pk}/experts/", {}),
    ]
    for path, sent in paths:
        assert analyst.post(path, sent).status_code == 403
        assert foreign.post(path, sent).status_code == 403
    for path in (CITY, f"/en/groundwork/overview/{one.pk}/", f"/en/groundwork/overview/{one.pk}.docx"):
        assert analyst.get(path).status_code == 200
        assert foreign.get(path).status_code == 403
        assert Client().get(path).status_code == 302
    assert analyst.get("/en/groundwork/overview/999/").status_code == 404
