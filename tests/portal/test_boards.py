"""Boards: what stands on them, who lays them out, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qala.people.models import Membership, User
from qala.portal.board import mnemonics, queries
from qala.portal.board.layout import COLUMNS, FIELDS, read_items
from qala.portal.board.models import Board
from qala.standard.problems import Problem

pytestmark = pytest.mark.usefixtures("tiny_site")
TEXT = {"id": "words", "kind": "text", "x": 1, "y": 1, "w": 4, "h": 2, "text": {"ru": "Сначала.\n\nПотом."}}


@pytest.fixture
def city(tiny_site: Path) -> str:
    from qala import facts

    return facts.lake().cities.all()[0].code


@pytest.fixture
def signed_in(client: Client, city: str, settings: Any) -> Callable[[str], Client]:
    def as_role(role: str) -> Client:
        user = User.objects.create_user(email=f"{role}@example.org", password=None)
        Membership.objects.create(user=user, role=role, scope="city", code=city)
        settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_role


@pytest.mark.parametrize("name", ["overview", "governance", "safety", "transport", "ecology", "housing", "networks"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_city_has_boards(client: Client, city: str, name: str, language: str) -> None:
    answer = client.get(f"/{language}/board/{city}/{name}/?on=2026-06-30")
    assert answer.status_code == 200
    shown = queries.builtin()[name]
    said = answer.content.decode()
    assert all(f'data-item="{item.id}"' in said for item in shown.items)


def test_an_item_is_fetched_by_itself_and_only_when_it_changed(client: Client, city: str) -> None:
    address = f"/en/board/{city}/overview/items/first-contact/?on=2026-06-30"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get(f"/en/board/{city}/overview/items/none/").status_code == 404


def test_the_number_on_a_board_is_the_engines(client: Client, city: str) -> None:
    from qala import facts
    from qala.standard.period import Period
    from qala.ui import formats

    kpi, period = facts.values().kpi("2.2"), Period.parse("2026-05")
    value = facts.values().value(city, kpi, period, date(2026, 5, 31)).value
    said = client.get(f"/en/board/{city}/overview/items/first-contact/?on=2026-06-01").content.decode()
    assert (formats.number(value, 1, "en") if value is not None else "no data") in said


def test_a_guest_lays_out_nothing(client: Client, city: str) -> None:
    assert client.get(f"/en/board/{city}/overview/edit/").status_code in (302, 401, 403)
    assert client.post(f"/en/board/{city}/new/", {"name": "mine", "title_en": "Mine"}).status_code in (302, 401, 403)
    assert not Board.objects.exists()


def test_a_board_is_laid_out_published_and_restored(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")
    client.post(f"/en/board/{city}/new/", {"name": "Water", "title_en": "Water"})
    board = Board.objects.get(city=city, name="water")
    form = {
        "n": "1",
        "i1-id": "k",
        "i1-kind": "kpi",
        "i1-x": "1",
        "i1-y": "1",
        "i1-w": "3",
        "i1-h": "2",
        "i1-kpis": "2.2",
    }
    client.post(f"/en/board/{city}/water/edit/", form)
    assert Client().get(f"/en/board/{city}/water/").status_code == 404  # a draft
    client.post(f"/en/board/{city}/water/edit/", form | {"publish": "1"})
    assert 'data-item="k"' in Client().get(f"/en/board/{city}/water/").content.decode()
    client.post(f"/en/board/{city}/water/edit/", form | {"i1-remove": "1", "publish": "1"})
    assert 'data-item="k"' not in Client().get(f"/en/board/{city}/water/").content.decode()
    client.post(f"/en/board/{city}/water/restore/", {"version": "2"})
    board.refresh_from_db()
    assert [len(one.items) for one in board.versions.order_by("number")] == [0, 1, 0, 1]
    assert board.published is not None
    assert board.published.number == 3  # what is restored is a draft first


def test_rows_of_a_dataset_and_a_layer_are_laid_out(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")
    place = {"x": "1", "y": "1", "w": "6", "h": "4"}
    items = {
        "1": place | {"id": "net", "kind": "rows", "dataset": "city.utility_networks", "columns": "element_kind"},
        "2": place | {"id": "persons", "kind": "rows", "dataset": "contact_centre.appeals", "span": "3"},
        "3": place | {"id": "trees", "kind": "map", "layer": "trees"},
    }
    form = {f"i{n}-{name}": value for n, item in items.items() for name, value in item.items()} | {"n": list(items)}
    client.post(f"/en/board/{city}/overview/edit/", form | {"publish": "1"})
    again = client.get(f"/en/board/{city}/overview/edit/").content.decode()
    assert '<option value="trees" selected>' in again and '<option value="element_kind" selected>' in again
    item = f"/en/board/{city}/overview/items/"
    net = Client().get(f"{item}net/?on=2026-06-30").content.decode()
    assert "Nothing has come yet" in net and "about persons" not in net
    assert "about persons" in Client().get(f"{item}persons/?on=2026-06-30").content.decode()
    own = client.get(f"{item}persons/?on=2026-06-30").content.decode()
    assert own.count('<th scope="row">') == 3 and own.count('<th scope="col"') == 6 and "about persons" not in own
    assert "number of the appeal" in own.lower() and "•••" not in own  # what is masked is not chosen by itself


def test_columns_of_another_dataset_are_let_go_and_unknown_ones_refused(
    signed_in: Callable[[str], Client], city: str
) -> None:
    client = signed_in("analyst")
    form = {
        "n": "1", "i1-id": "r", "i1-kind": "rows", "i1-x": "1", "i1-y": "1", "i1-w": "6", "i1-h": "4",
        "i1-dataset": "city.places", "i1-columns": "element_kind",
    }  # fmt: skip
    assert "has no column" in client.post(f"/en/board/{city}/overview/edit/", form).content.decode()
    client.post(f"/en/board/{city}/overview/edit/", form | {"i1-was_dataset": "city.utility_networks"})
    last = Board.objects.get().versions.latest("number")
    assert [(one["id"], one["dataset"], one.get("columns")) for one in last.items] == [("r", "city.places", None)]


def test_a_faulty_layout_is_refused_whole(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")
    client.post(f"/en/board/{city}/new/", {"name": "b", "title_en": "B"})
    form = {
        "n": "1",
        "i1-id": "k",
        "i1-kind": "kpi",
        "i1-x": "11",
        "i1-y": "1",
        "i1-w": "3",
        "i1-h": "2",
        "i1-kpis": "2.2",
    }
    answer = client.post(f"/en/board/{city}/b/edit/", form)
    assert "item 1" in answer.content.decode()
    assert Board.objects.get(name="b").versions.count() == 1


def test_a_built_in_board_becomes_the_citys_own(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")
    form = {
        "n": "1",
        "i1-id": "t",
        "i1-kind": "text",
        "i1-x": "1",
        "i1-y": "1",
        "i1-w": "3",
        "i1-h": "2",
        "i1-text_en": "Hi",
    }
    client.post(f"/en/board/{city}/overview/edit/", form | {"publish": "1"})
    assert "Hi" in Client().get(f"/en/board/{city}/overview/").content.decode()


def test_somebody_takes_note_of_an_alarm(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("operator")
    client.post(f"/en/board/{city}/alarm/", {"row": "2.2", "period": "2026-05", "note": "A second shift from Monday"})
    from qala.portal.board.models import AlarmNote

    assert AlarmNote.objects.get().note == "A second shift from Monday"
    assert Client().post(f"/en/board/{city}/alarm/", {"row": "2.2", "period": "2026-05", "note": "x"}).status_code in (
        302,
        403,
    )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(FIELDS)), st.integers(-2, 16), st.integers(-2, 70), st.integers(-2, 16), st.integers(-2, 70)
)
def test_what_is_read_lies_on_the_board(kind: str, x: int, y: int, w: int, h: int) -> None:
    raw = {"id": "a", "kind": kind, "x": x, "y": y, "w": w, "h": h, "kpis": ["2.2"], "dataset": "d"}
    try:
        (item,) = read_items([raw], kpis={"2.2"}, datasets={"d": {"c"}}, layers=set())
    except Problem as problem:
        assert problem.where
        return
    assert 1 <= item.x <= item.x + item.w - 1 <= COLUMNS
    assert item.y >= 1


def test_a_diagram_shows_where_supply_is_off() -> None:
    elements = [
        {"element_id": "B1", "element_kind": "boiler_house", "state": "works", "district": "D1"},
        *(
            {"element_id": f"L{n}", "element_kind": "line", "district": f"D{n % 2 + 1}", "lat": None, "lon": None}
            for n in range(5)
        ),
    ]
    outages = [
        {"district": "D2", "open": True, "planned": False, "buildings": 7},
        {"district": "D1", "open": False, "planned": False, "buildings": 3},
    ]
    drawn = mnemonics.diagram(elements, outages)
    assert drawn is not None
    states = {node.id: (node.state, node.buildings) for node in drawn.nodes if node.kind == "district"}
    assert states == {"D1": ("works", 0), "D2": ("down", 7)}
    assert drawn.state == "down"
    assert mnemonics.diagram([], outages) is None


def test_sources_of_a_diagram_have_the_states_that_were_reported_and_what_is_wrong_stands_first() -> None:
    reported = {"G1": "works", "G2": None, "G3": "repair", "G4": "stopped"}
    elements = [
        {"element_id": name, "element_kind": "gas_station", "state": state, "district": "D1"}
        for name, state in reported.items()
    ]
    drawn = mnemonics.diagram(elements, [])
    assert drawn is not None
    heads = [node for node in drawn.nodes if node.kind == "gas_station"]
    assert [(one.id, one.state, one.reported) for one in heads] == [
        ("G4", "down", "stopped"), ("G3", "planned", "repair"), ("G2", "unknown", ""), ("G1", "works", "works"),
    ]  # fmt: skip
    assert [edge.state for edge in drawn.edges[:4]] == ["down", "planned", "unknown", "works"]
    assert drawn.state == "down"


@pytest.mark.parametrize("districts", range(1, 17))
def test_boxes_of_a_diagram_have_room_and_no_pipe_runs_through_another(districts: int) -> None:
    elements = [
        {"element_id": f"L{n}", "element_kind": "line", "district": f"D{n:02d}", "lat": None, "lon": None}
        for n in range(districts)
    ]
    drawn = mnemonics.diagram(elements, [])
    assert drawn is not None
    boxes = [(one.x - 110, one.x + 110, one.y - 40, one.y + 78) for one in drawn.nodes]
    assert len(boxes) == districts
    for at, (left, right, top, bottom) in enumerate(boxes):
        assert left >= 0 and right <= mnemonics.WIDTH and bottom <= drawn.height
        assert not any(
            left < other[1] and other[0] < right and top < other[3] and other[2] < bottom for other in boxes[:at]
        )
    for edge, own in zip(drawn.edges[1:], boxes, strict=True):
        begin = int(edge.path[1:].split()[0])
        through = [box for box in boxes if box[0] <= begin <= box[1] and box[2] < own[2]]
        assert 0 <= begin <= mnemonics.WIDTH and not through


def test_an_item_has_the_same_tag_on_its_page_and_by_itself(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")  # who may take note of alarms has a form there, masked anew in every answer
    page = client.get(f"/en/board/{city}/overview/?on=2026-06-30").content.decode()
    for item in queries.builtin()["overview"].items:
        tag = client.get(f"/en/board/{city}/overview/items/{item.id}/?on=2026-06-30")["ETag"]
        assert f'data-item="{item.id}" data-tag="{escape(tag)}"' in page, item.id


def test_an_item_says_when_the_board_has_another_layout_or_day(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")
    words = {"n": "1", "i1-id": "w", "i1-kind": "text", "i1-x": "1", "i1-y": "1", "i1-w": "3", "i1-h": "2"}
    client.post(f"/en/board/{city}/new/", {"name": "b", "title_en": "B"})

    def state(day: str) -> str:
        return str(client.get(f"/en/board/{city}/b/items/w/?on={day}")["Qala-Board"])

    client.post(f"/en/board/{city}/b/edit/", words | {"i1-text_en": "One", "publish": "1"})
    first = state("2026-06-30")
    assert f'data-state="{first}"' in client.get(f"/en/board/{city}/b/?on=2026-06-30").content.decode()
    assert state("2026-06-29") != first
    client.post(f"/en/board/{city}/b/edit/", words | {"i1-text_en": "Two", "publish": "1"})
    assert state("2026-06-30") != first


def test_the_latest_data_of_a_day_are_not_of_a_later_one(tiny_site: Path, city: str) -> None:
    from qala import facts

    here = facts.lake().cities.get(city)
    received = sorted(one.received_at for one in facts.lake().ledger.receipts(city=city))
    day = received[0].astimezone(ZoneInfo(here.zone)).date()
    assert queries.latest(here, day, 5)
    assert not queries.latest(here, day - timedelta(days=1), 5)


def laid_out(*items: dict[str, str]) -> dict[str, Any]:
    """The builder's form with items of these fields."""
    form: dict[str, Any] = {"n": [str(n) for n in range(1, len(items) + 1)]}
    for n, fields in enumerate(items, 1):
        place = {"id": f"one-{n}", "x": "1", "y": str(4 * n), "w": "6", "h": "3"}
        form |= {f"i{n}-{name}": value for name, value in (place | fields).items()}
    return form


def test_a_newer_draft_is_told_of_and_gone_on_from(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")
    client.post(f"/en/board/{city}/new/", {"name": "b", "title_en": "B"})
    first, second = ({"kind": "text", "text_en": said} for said in ("First words", "Second words"))
    client.post(f"/en/board/{city}/b/edit/", laid_out(first) | {"publish": "1"})
    client.post(f"/en/board/{city}/b/edit/", laid_out(second))
    shown = client.get(f"/en/board/{city}/b/").content.decode()
    assert "First words" in shown
    assert "Version 3 is newer and a draft" in shown
    assert "newer" not in Client().get(f"/en/board/{city}/b/").content.decode()
    assert "newer draft" in client.get(f"/en/board/?city={city}").content.decode()
    builder = client.get(f"/en/board/{city}/b/edit/").content.decode()
    assert "Second words" in builder
    assert "First words" in client.get(f"/en/board/{city}/b/edit/?version=2").content.decode()


def test_a_layout_is_seen_before_it_is_kept(signed_in: Callable[[str], Client], city: str) -> None:
    client = signed_in("analyst")
    client.post(f"/en/board/{city}/new/", {"name": "b", "title_en": "B"})
    form = laid_out({"kind": "text", "text_en": "How it looks"}, {"kind": "kpi", "kpis": "2.2"})
    seen = client.post(f"/en/board/{city}/b/edit/", form | {"preview": "1"}).content.decode()
    assert "<p>How it looks</p>" in seen
    assert 'class="board-number' in seen
    assert Board.objects.get(name="b").versions.count() == 1
    wrong = client.post(f"/en/board/{city}/b/edit/", laid_out({"kind": "kpi"}) | {"preview": "1"}).content.decode()
    assert "it needs a setting: KPIs" in wrong


def test_an_organisation_keeps_boards_of_its_own(client: Client, city: str, settings: Any) -> None:
    from qala.people.models import Organisation

    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one]
    heat, water = (
        Organisation.objects.create(name_kk=name, name_ru=name, kind="utility", city=city) for name in ("Жылу", "Су")
    )
    for number, owner in enumerate((heat, water)):
        user = User.objects.create_user(f"of{number}@example.org", None)
        Membership.objects.create(user=user, role="analyst", scope="organisation", organisation=owner)
    own, other = Client(), Client()
    own.force_login(User.objects.get(email="of0@example.org"), backend="django.contrib.auth.backends.ModelBackend")
    other.force_login(User.objects.get(email="of1@example.org"), backend="django.contrib.auth.backends.ModelBackend")
    title = {"name": "boilers", "title_en": "Boilers"}
    assert own.post(f"/en/board/{city}/new/", title).status_code == 403  # not the akimat's
    assert own.post(f"/en/board/{city}/new/", title | {"organisation": water.pk}).status_code == 403
    assert own.post(f"/en/board/{city}/new/", title | {"organisation": heat.pk}).status_code == 302
    sent = laid_out({"kind": "text", "text_en": "Ours"}) | {"publish": "1"}
    assert other.post(f"/en/board/{city}/boilers/edit/", sent).status_code in (403, 404)
    assert own.post(f"/en/board/{city}/boilers/edit/", sent).status_code == 302
    assert "Жылу" in Client().get(f"/kk/board/{city}/boilers/").content.decode()
    assert other.post(f"/en/board/{city}/boilers/withdraw/").status_code == 403


def test_small_numbers_about_persons_are_not_on_boards(signed_in: Callable[[str], Client], city: str) -> None:
    """One appeal a day: the public is told of none of these days, who may see rows of each."""
    client = signed_in("analyst")
    client.post(f"/en/board/{city}/new/", {"name": "b", "title_en": "B"})
    appeals = {"dataset": "contact_centre.appeals"}
    form = laid_out({"kind": "counter", "grain": "day", **appeals}, {"kind": "timeline", "span": "7", **appeals})
    client.post(f"/en/board/{city}/b/edit/", form | {"publish": "1"})
    public, own = (one.get(f"/en/board/{city}/b/?on=2026-06-20").content.decode() for one in (Client(), client))
    assert "fewer than five" in public
    assert "fewer than five" not in own
    for said, day in ((public, '<td class="num">—</td>'), (own, '<td class="num">1</td>')):
        assert said.partition('data-item="one-2"')[2].count(day) == 7


def test_a_diagram_tells_where_meters_are_silent() -> None:
    elements = [
        {"element_id": f"L{n}", "element_kind": "line", "district": f"D{n}", "lat": None, "lon": None} for n in (1, 2)
    ]
    drawn = mnemonics.diagram(elements, [], None, {"D1": (9, 10), "D2": (4, 10)})
    assert drawn is not None
    assert {node.id: (node.read, node.silent) for node in drawn.nodes} == {"D1": (9, False), "D2": (4, True)}
