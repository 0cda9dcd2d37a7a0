"""Role × page × city, as a table: whose city it is, another of the same oblast, a foreign one. And nobody writes who only reads.

Every cell of the table is asked for. `+` is let in, `-` is refused: 403, and a guest is led to sign-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.small_demo import Demo

from qala.facts import desk
from qala.people.audit import READ
from qala.people.models import AuditEntry, Membership, Organisation, User

OWN, NEAR, FAR = "SIM-D03", "SIM-O02", "SIM-R01"
OBLAST = "SIM-1"
ROLES: dict[str, dict[str, str]] = {
    "citizen": {},
    "data_source": {"scope": "city", "code": OWN},
    "operator": {"scope": "city", "code": OWN},
    "analyst": {"scope": "city", "code": OWN},
    "auditor": {"scope": "region", "code": OBLAST},
    "digital_department": {"scope": "city", "code": OWN},
    "city_lead": {"scope": "city", "code": OWN},
    "region": {"scope": "region", "code": OBLAST},
    "ministry": {"scope": "country"},
    "administrator": {"scope": "country"},
}
HEAD = ("guest", *ROLES)
#            guest citiz sourc opera analy audit depar lead  regio minis admin     own, near, far of each
PATTERNS = {
    "open":     "+++   +++   +++   +++   +++   +++   +++   +++   +++   +++   +++",
    "rows":     "---   ---   ---   +--   +--   ++-   +--   +--   ++-   +++   ---",
    "files":    "---   ---   ---   ---   +--   ++-   +--   +--   ++-   +++   ---",
    "boards":   "---   ---   ---   ---   +--   ---   +--   +--   ++-   +++   ---",
    "layers":   "---   ---   ---   ---   +--   ---   +--   ---   ++-   +++   ---",
    "alarms":   "---   ---   ---   +--   +--   ---   +--   +--   ++-   +++   ---",
    "persons":  "---   ---   ---   +--   ---   ++-   +--   ---   ---   ---   ---",
    "sites":    "---   ---   ---   ---   ---   ++-   +--   +--   ---   ---   ---",
    "sources":  "---   ---   +--   +--   +--   ++-   +--   +--   ++-   +++   ---",
    "senders":  "---   ---   +--   ---   ---   ---   +--   +--   ++-   ---   ---",
    "registers": "---   ---   ---   ---   ---   ---   +--   +--   ++-   ---   ---",
    "people":   "---   ---   ---   ---   ---   ---   +++   +++   +++   +++   +++",
    "log":      "---   ---   ---   ---   ---   +++   +++   +++   +++   +++   +++",
    "runs":     "---   ---   ---   ---   ---   ---   ---   ---   ---   +++   ---",
    "own":      "---   +++   +++   +++   +++   +++   +++   +++   +++   +++   +++",
}  # fmt: skip
"""`people` and `log` are lists: each shows its reader's own places, and so every city's address answers alike."""

READ_AT = {
    "roadmaps/": "open", "strategies/": "open",
    "": "open", "rating/": "open", "compare/": "open", "order/": "open", "status/": "open", "ui/": "open", "data/": "open",
    "region/{region}/": "open",
    "city/{city}/": "open",
    "city/{city}/?all=1": "open",
    "city/{city}/section/governance/": "open",
    "city/{city}/initiative/2/": "open",
    "city/{city}/kpi/2.2/": "open",
    "city/{city}/kpi/2.2/places/": "open",
    "city/{city}/kpi/2.2/rows/": "rows",
    "city/{city}/kpi/2.2/rows/?format=csv": "files",
    "map/?city={city}": "open",
    "map/layers/?city={city}": "open",
    "map/layers/new/?city={city}": "layers",
    "map/{city}/search.json?q=a": "open",
    "/tiles/{city}/stops.json": "open",
    "/tiles/{city}/appeals-cells.json": "open",
    "/tiles/{city}/appeals.json": "persons",
    "/tiles/{city}/critical_objects.json": "open",
    "/tiles/{city}/vulnerable_sites.json": "sites",
    "map/{city}/values.json?metric=count:vulnerable_sites": "sites",
    "access/{city}/": "open",
    "board/?city={city}": "open",
    "board/{city}/overview/": "open",
    "board/{city}/overview/edit/": "boards",
    "board/{city}/new/": "boards",
    "data/?city={city}": "open",
    "data/ledger/?city={city}": "open",
    "data/quarantine/?city={city}": "open",
    "data/dataset/contact_centre.appeals/?city={city}": "open",
    "data/dataset/contact_centre.appeals/counts/?city={city}": "open",
    "data/dataset/situation_centre.air_readings/series/?city={city}": "rows",
    "data/dataset/contact_centre.appeals/rows.csv?city={city}": "files",
    "groundwork/city/{city}/needs/": "files",
    "groundwork/city/{city}/profile/": "open",
    "inventory/{city}/": "files",
    "roadmaps/owners/{city}/": "files",
    "discussions/": "open",
    "inventory/{city}/load/": "registers",
    "intake/source/src-{low}/": "sources",
    "intake/source/src-{low}/change/": "senders",
    "account/people/": "people",
    "account/audit/": "log",
    "account/": "own",
    "account/tokens/": "own",
    "/api/v1/cities/{city}": "open",
    "/api/v1/cities/{city}/layers": "open",
    "/api/v1/cities/{city}/kpis/2.2/values?from=2026-01&to=2026-03": "open",
    "/api/v1/cities/{city}/datasets/traffic.signal_days/series?of=signal_id:1&every=day&from=2026-03-01&to=2026-03-02": "rows",
    "/api/v1/cities/{city}/kpis/2.2/rows?period=2026-03": "rows",
}  # fmt: skip
"""Address (after the language, or whole) -> who reads it."""

OPEN_TO_ALL = ("rating/", "data/dataset/contact_centre.appeals/counts/?city={city}", "/api/v1/cities/{city}")
"""What a guest reads everybody does: these stand for all such pages, but for the guest, who reads each in one city."""

WRITTEN_AT: dict[str, tuple[str, dict[str, Any]]] = {
    "board/{city}/new/": ("boards", {"name": "duty {n}", "title_en": "Duty"}),
    "board/{city}/overview/edit/": ("boards", {"note": "{n}"}),
    "board/{city}/alarm/": ("alarms", {"row": "2.2", "period": "2026-03", "note": "It is looked into."}),
    "map/layers/new/?city={city}": (
        "layers",
        {"title_kk": "А", "title_ru": "А", "title_en": "A", "shown_to": "public"},
    ),
    "intake/source/src-{low}/credential/": ("senders", {}),
    "intake/source/src-{low}/pause/": ("senders", {}),
    "intake/source/src-{low}/resume/": ("senders", {}),
    "runs/compute/": ("runs", {"category": "oblast", "as_of": "2020-01-01", "ways": "all"}),
}
"""Address of a form -> who may send it, and what is sent. Rights are asked before what is sent is looked at."""

pytestmark = pytest.mark.usefixtures("country")


@pytest.fixture
def country(demo: Demo, db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[None]:
    """The demo's three cities, each with a source of data; nobody is asked for a second factor."""
    from qala.intake.models import Source
    from qala.ratings import demo as ratings

    monkeypatch.setenv("QALA_LAKE", str(demo.folder / "lake"))
    settings.HOME = tmp_path
    settings.MIDDLEWARE = [
        one for one in settings.MIDDLEWARE if "SecondFactorFirst" not in one and "Published" not in one
    ]
    ratings.publish_newest()
    for city in (OWN, NEAR, FAR):
        Source.objects.create(
            name=f"src-{city.lower()}", title=city, city=city, dataset="contact_centre.appeals", door="http",
            format="json", every=3600,
        )  # fmt: skip
    yield
    desk._own.__dict__.clear()


@pytest.fixture
def reader(db: None) -> Callable[[str], Client]:
    def of(role: str) -> Client:
        client = Client()
        if role != "guest":
            user = User.objects.create_user(f"{role}@example.org", "a long enough password 7")
            if ROLES[role]:
                Membership.objects.create(user=user, role=role, **ROLES[role])
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


def expected(role: str, pattern: str) -> dict[str, bool]:
    """City -> whether it is open."""
    cell = PATTERNS[pattern].split()[HEAD.index(role)]
    return {city: mark == "+" for city, mark in zip((OWN, NEAR, FAR), cell, strict=True)}


def address(path: str, city: str) -> str:
    said = path.format(city=city, low=city.lower(), region="SIM-R01" if city == FAR else OBLAST)
    return said if said.startswith("/") else f"/en/{said}"


def wrong(answer: Any, *, let_in: bool, guest: bool) -> bool:
    if let_in:
        return answer.status_code >= 400 and answer.status_code not in (422,)
    if guest and answer.status_code == 302:
        return "/account/login/" not in answer["Location"]
    return answer.status_code != (401 if guest else 403)


@pytest.mark.parametrize("role", HEAD)
def test_who_reads_which_page_of_which_city(role: str, reader: Callable[[str], Client]) -> None:
    client, found = reader(role), []
    for path, pattern in READ_AT.items():
        for city, let_in in expected(role, pattern).items():
            if pattern == "open" and (city != OWN if role == "guest" else path not in OPEN_TO_ALL):
                continue
            answer = client.get(address(path, city))
            if wrong(answer, let_in=let_in, guest=role == "guest"):
                found.append(
                    (address(path, city), "should be open" if let_in else "should be refused", answer.status_code)
                )
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("role", HEAD)
def test_who_writes_what_in_which_city(role: str, reader: Callable[[str], Client]) -> None:
    client, found = reader(role), []
    for path, (pattern, sent) in WRITTEN_AT.items():
        for city, let_in in expected(role, pattern).items():
            answer = client.post(
                address(path, city), {name: value.format(n=city.lower()) for name, value in sent.items()}
            )
            if wrong(answer, let_in=let_in, guest=role == "guest"):
                found.append(
                    (address(path, city), "should be open" if let_in else "should be refused", answer.status_code)
                )
    assert not found, "\n".join(map(str, found))


def test_an_auditor_changes_nothing_wherever_a_form_is_sent(reader: Callable[[str], Client]) -> None:
    """Every address of a city that the table knows, and those that take forms only; the log then names no change."""
    from qala.portal.board.models import Board
    from qala.portal.map.models import Layer

    analyst, auditor = reader("analyst"), reader("auditor")
    analyst.post(f"/en/board/{OWN}/new/", {"name": "own", "title_en": "Own"})
    file = SimpleUploadedFile("a.csv", b"name;lon;lat\na;71.4;51.1\n")
    title = {"title_kk": "А", "title_ru": "А", "title_en": "A"}
    analyst.post(f"/en/map/layers/new/?city={OWN}", {**title, "shown_to": "public", "file": file})
    layer, board = Layer.objects.get(), Board.objects.get()
    analyst.post(f"/en/board/{OWN}/own/publish/", {"version": "1"})
    analyst.post(f"/en/map/layers/{layer.pk}/state/")
    organisation = Organisation.objects.create(name_kk="х", name_ru="х", kind="utility", city=OWN)
    member = Membership.objects.exclude(role="auditor").get()
    forms = [
        *(f"board/{OWN}/{board.name}/{what}/" for what in ("edit", "publish", "withdraw", "restore", "archive", "back")),
        *(f"map/layers/{layer.pk}/{what}/" for what in ("about", "style", "upload", "state", "history/1", "objects/new")),
        *(f"map/layers/{layer.pk}/objects/1/{what}/" for what in ("edit", "delete")),
        *(f"intake/source/src-{OWN.lower()}/{what}/" for what in ("change", "credential", "pause", "remove")),
        "intake/register/", "intake/try/", "runs/compute/", "account/people/invite/", "account/organisations/new/",
        f"account/people/{member.user_id}/deactivate/", f"account/roles/{member.pk}/take/",
        f"account/organisations/{organisation.pk}/",
    ]  # fmt: skip
    before = AuditEntry.objects.latest("pk").pk
    answers = {path: auditor.post(f"/en/{path}", {"version": "1", "name": "x"}).status_code for path in forms}
    assert {path: status for path, status in answers.items() if status != 403} == {}
    for path in READ_AT:
        auditor.post(address(path, OWN), {"version": "1"})
    assert not AuditEntry.objects.filter(pk__gt=before).exclude(verb=READ).exists()


def test_where_vulnerable_sites_are_is_told_to_nobody_else(reader: Callable[[str], Client], settings: Any) -> None:
    """Neither on the map nor in search, cards, samples, rows, files or cells."""
    from qala import facts

    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "GZip" not in one]
    snapshot = facts.lake().table("situation_centre.critical_objects").snapshot()
    with facts.lake().connection() as con:
        sites = con.execute(
            f"SELECT object_id, title, lat, lon FROM {snapshot.current_sql(snapshot.files(OWN))} "
            "WHERE object_kind = 'vulnerable_site'"
        ).fetchall()
    assert sites
    number, _title, lat, lon = sites[0]
    dataset = "situation_centre.critical_objects"
    told = [
        f"/en/map/?city={OWN}&layers=critical_objects", f"/en/map/{OWN}/search.json?q={number}",
        f"/en/data/dataset/{dataset}/?city={OWN}", f"/en/data/dataset/{dataset}/rows.csv?city={OWN}",
        f"/en/data/dataset/{dataset}/rows.geojson?city={OWN}", f"/en/city/{OWN}/kpi/1.5/rows/?period=2026-12&side=denominator",
        f"/en/city/{OWN}/kpi/1.5/places/", f"/api/v1/cities/{OWN}/kpis/1.5/rows?period=2026-12&side=denominator",
        f"/api/v1/cities/{OWN}/layers",
    ]  # fmt: skip
    for role in ("guest", "analyst"):
        client = reader(role)
        for path in told:
            answer = client.get(path)
            said = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert f"{lat}"[:8].encode() not in said and f"{lon}"[:8].encode() not in said, (role, path)
            assert b"/vulnerable_sites" not in said and b'"vulnerable_sites"' not in said, (role, path)
        assert client.get(f"/en/map/{OWN}/vulnerable_sites/{number}/").status_code in (302, 401, 403)
        assert client.get(f"/en/map/{OWN}/critical_objects/{number}/").status_code == 404
        assert client.get(f"/en/data/dataset/{dataset}/counts/?city={OWN}&by=cell").status_code in (400, 422)
    department = reader("digital_department")
    assert department.get(f"/en/map/{OWN}/vulnerable_sites/{number}/").status_code == 200
    assert f"{lat}"[:8] in department.get(f"/en/data/dataset/{dataset}/?city={OWN}").content.decode().replace(",", ".")
