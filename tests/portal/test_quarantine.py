# ruff: noqa: F401, F811  (fixtures)
"""Quarantine on the web: found by filters, seen by right, mended by row or mapping, sent again, taken back; numbers follow."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from test_intake import APPEALS, GOOD, SignedIn, sent, signed_in, source, tiny_site, water

from qala import facts
from qala.intake import quarantined
from qala.intake.models import Replaying, Source
from qala.lake import Receipt
from qala.lake.audit import audit
from qala.lake.committing import Committer
from qala.people.models import AuditEntry, Organisation

pytestmark = pytest.mark.usefixtures("tiny_site")
ROLES = ("data_source", "operator", "analyst", "auditor", "digital_department", "city_lead")
MENDS = {"data_source", "digital_department", "city_lead"}


@pytest.fixture
def refused(source: Source) -> Receipt:
    """Two refused rows of three: a word that no mapping knows, under a status that the contract does not list."""
    bad = {name: value for name, value in GOOD.items() if name != "status"} | {
        "zhai": "шешілді",
        "phone": "+77010000000",
    }
    sent(source, GOOD, bad | {"appeal_id": "q2"}, bad | {"appeal_id": "q3", "contacts": "few"})
    return facts.lake().ledger.receipts(APPEALS, "WHOLE")[-1]


def page(receipt: Receipt, row: int) -> str:
    return f"/en/intake/quarantine/{receipt.id}/{row}/"


def stored() -> set[str]:
    Committer(facts.lake()).drain()
    snapshot = facts.lake().table(APPEALS).snapshot()
    con = facts.lake().connection()
    rows = con.execute(f"SELECT appeal_id FROM {snapshot.current_sql(snapshot.files('WHOLE'))}").fetchall()
    con.close()
    return {one[0] for one in rows}


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_and_who_mends(signed_in: SignedIn, refused: Receipt, role: str) -> None:
    home = signed_in(role)
    away = signed_in(role, "PART")
    assert home.get("/en/intake/quarantine/").status_code == 200
    assert home.get(page(refused, 2)).status_code == 200
    assert away.get(page(refused, 2)).status_code == 403
    assert refused.id not in away.get("/en/intake/quarantine/").content.decode()
    for act in ("try", "replay", "drop", "reopen", "mapping"):
        assert away.post(page(refused, 2), {"act": act}).status_code == 403
        if role not in MENDS:
            assert home.post(page(refused, 2), {"act": act}).status_code == 403
    assert away.post("/en/intake/source/centre/replay-all/").status_code == 403
    assert quarantined.original(refused, 2)[0].status == "open"


def test_a_guest_signs_in_and_an_owner_sees_what_is_its_own(
    client: Client,
    signed_in: SignedIn,
    source: Source,
    refused: Receipt,
) -> None:
    assert client.get(page(refused, 2)).status_code == 302
    own = signed_in("data_source", organisation=source.owner)
    assert own.get(page(refused, 2)).status_code == 200
    assert refused.id in own.get("/en/intake/quarantine/").content.decode()
    other = Organisation.objects.create(name_kk="Жол", name_ru="Дороги", kind="utility", city="WHOLE")
    stranger = signed_in("data_source", organisation=other)
    assert stranger.get(page(refused, 2)).status_code == 403
    assert refused.id not in stranger.get("/en/intake/quarantine/").content.decode()


def test_personal_and_undeclared_values_are_masked_and_reading_them_is_logged(
    signed_in: SignedIn,
    refused: Receipt,
) -> None:
    for role, clear in (("analyst", False), ("operator", True)):
        reader = signed_in(role)
        text = reader.get(page(refused, 2)).content.decode()
        assert "850101300123" not in text
        assert "+77010000000" not in text
        assert "phone" in text
        text = reader.get(page(refused, 2) + "?clear=1").content.decode()
        assert ("850101300123" in text, "+77010000000" in text) == (clear, clear)
    (entry,) = AuditEntry.objects.filter(verb="read_personal")
    assert entry.object_id == f"{refused.id}/2"
    assert "citizen" in (entry.after or {})["columns"]


def test_filters_stand_in_the_address(signed_in: SignedIn, refused: Receipt) -> None:
    lead = signed_in("digital_department")
    day = refused.received_at.date()
    for query, rows in (
        ("", 2), ("?source=centre", 2), ("?source=other", 0), ("?rule=contacts:unreadable", 1), ("?rule=status:empty", 2),
        (f"?day={day}", 2), ("?day=2020-01-01", 0), (f"?dataset={APPEALS}&city=WHOLE&status=all", 2), ("?status=dropped", 0),
        ("?page=2", 0),
    ):  # fmt: skip
        text = lead.get(f"/en/intake/quarantine/{query}").content.decode()
        assert text.count(f"/quarantine/{refused.id}/") == rows, query
    assert "few" not in lead.get("/en/intake/quarantine/?format=csv").getvalue().decode()
    assert lead.get("/en/intake/quarantine/?day=soon").status_code in (400, 422)


def test_a_row_is_tried_mended_and_taken_back(signed_in: SignedIn, refused: Receipt) -> None:
    lead = signed_in("digital_department")
    cells = list(json.loads(quarantined.original(refused, 3)[0].content))
    typed = {
        f"v{at}": value for at, value in enumerate(json.loads(quarantined.original(refused, 3)[0].content).values())
    }
    for at, header in enumerate(cells):
        if header in ("citizen", "zhai", "phone"):  # masked: nothing is typed
            typed |= {f"v{at}": "", f"m{at}": "1"}
    typed |= {f"v{cells.index('contacts')}": "1", "new0": "status", "newv0": "resolved"}
    tried = lead.post(page(refused, 3), typed | {"act": "try"}).content.decode()
    assert "1 row would be taken in" in tried
    assert "850101300123" not in tried
    assert "q3" not in stored()
    lead.post(page(refused, 3), typed | {"act": "replay"})
    assert "q3" in stored()
    assert AuditEntry.objects.filter(verb="replay_rows").count() == 1
    assert "sent again" in lead.get(page(refused, 3)).content.decode().lower()
    assert lead.post(page(refused, 3), typed | {"act": "replay"}).status_code == 422  # once
    lead.post(page(refused, 3), {"act": "reopen"})
    assert "q3" not in stored()
    assert quarantined.original(refused, 3)[0].status == "open"
    lead.post(page(refused, 3), {"act": "drop"})
    assert quarantined.original(refused, 3)[0].status == "dropped"
    assert audit(facts.lake()) == []


def test_a_mended_mapping_brings_all_rows_back_and_what_fails_again_stays(
    signed_in: SignedIn,
    source: Source,
    refused: Receipt,
) -> None:
    lead = signed_in("digital_department")
    mapping = "columns:\n  status: {from: zhai, map: {шешілді: resolved}}\n"
    tried = lead.post(page(refused, 2), {"act": "try", "mapping_yaml": mapping}).content.decode()
    assert "1 row would be taken in" in tried
    answer = lead.post(page(refused, 2), {"act": "mapping", "mapping_yaml": mapping})
    work = Replaying.objects.get()
    assert answer["Location"] == f"/en/intake/quarantine/replay/{work.pk}/"
    assert lead.get(answer["Location"])["Refresh"] == "2"
    quarantined.work_off(work)
    assert (work.total, work.done, work.taken) == (2, 2, 1)
    assert "q2" in stored()
    source.refresh_from_db()
    assert source.mapping_yaml == mapping
    assert "Refresh" not in lead.get(answer["Location"]).headers
    assert quarantined.original(refused, 2)[0].status == "replayed"
    again = facts.lake().ledger.receipts(APPEALS, "WHOLE")[-1]
    assert (again.kind, again.quarantined) == ("replay", 1)
    assert again.id in lead.get("/en/intake/quarantine/").content.decode()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_of_quarantine_stand_in_every_language(
    signed_in: SignedIn,
    source: Source,
    refused: Receipt,
    language: str,
) -> None:
    lead = signed_in("digital_department")
    Replaying.objects.create(source=source)
    for path in ("", "?source=centre", "?status=all&rule=status:empty", f"{refused.id}/2/"):
        assert lead.get(f"/{language}/intake/quarantine/{path}").status_code == 200, path
    assert lead.get(f"/{language}/intake/quarantine/replay/{Replaying.objects.get().pk}/").status_code == 200
