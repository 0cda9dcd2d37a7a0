"""A completion report is signed electronically; what was signed is kept, and a change wants a new signature."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, transaction
from django.test import Client
from test_rating_year import CLAIM, of  # noqa: F401  fixtures
from test_ratings import history, runs  # noqa: F401  fixtures

from qala.kits.signatures.models import Signature, Version
from qala.kits.signatures.words import NO_FORCE
from qala.people.models import AuditEntry
from qala.rating_year.models import Claim

UNSIGNED = {name: value for name, value in CLAIM.items() if not name.startswith("signed_")}


def text_of(content: bytes) -> str:
    file = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    heads = [one.text for part in file.sections for one in part.header.paragraphs]
    return "\n".join([*(one.text for one in file.paragraphs), *cells, *heads])


def test_a_report_is_signed_and_a_change_wants_a_new_signature(of: Callable[..., Client]) -> None:  # noqa: F811
    department, lead, other = of("digital_department", "WHOLE"), of("city_lead", "WHOLE"), of("city_lead", "PART")
    address = department.post("/en/year/claims/new/", UNSIGNED)["Location"]
    number = Claim.objects.get().pk
    assert "Draft: not signed" in text_of(department.get(f"/en/year/claims/{number}/report.docx").content)
    assert department.post(f"{address}do/sign/", {"position": "x"}).status_code == 403  # it drafts, its head signs
    assert other.post(f"{address}do/sign/", {"position": "x"}).status_code == 403
    lead.post(f"{address}do/sign/", {"position": "  "})
    assert not Signature.objects.exists()
    lead.post(f"{address}do/sign/", {"position": "deputy  akim"})
    claim, version = Claim.objects.get(), Version.objects.get()
    assert claim.signed_by == "deputy akim" and claim.signed_on is not None
    assert hashlib.sha256(bytes(version.content)).hexdigest() == version.sha256
    page = lead.get(address).content.decode()
    assert "holds" in page and "test signature, no legal force" in page and "does not hold" not in page
    lead.post(f"{address}do/sign/", {"position": "deputy akim"})
    assert Signature.objects.count() == 1

    copy = text_of(department.get(f"/ru/year/claims/{number}/report.docx").content)
    assert NO_FORCE in copy and version.sha256 in copy and "deputy akim" in copy and "не подписан" not in copy
    kept = lead.get(f"/en/signatures/{version.pk}/document.pdf").content
    assert kept.startswith(b"%PDF") and hashlib.sha256(kept).hexdigest() == version.sha256
    made = lead.get(f"/en/signatures/{version.pk}/{Signature.objects.get().pk}.sig").content
    assert version.sha256.encode() in made and b"no legal force" in made

    changed = {
        **CLAIM,
        "results": "Another result.",
        "signed_by": claim.signed_by,
        "signed_on": claim.signed_on.isoformat(),
    }
    assert b"wants a new signature" in department.get(f"{address}edit/").content
    department.post(f"{address}edit/", changed)
    claim.refresh_from_db()
    assert (claim.signed_by, claim.signed_on) == ("", None)
    assert "does not hold for what is shown here" in lead.get(address).content.decode()
    assert lead.get(f"/en/signatures/{version.pk}/document.pdf").content == kept
    lead.post(f"{address}do/sign/", {"position": "deputy akim"})
    assert [one.number for one in Version.objects.all()] == [2, 1]
    lead.post(f"{address}do/evidence/", {"file": SimpleUploadedFile("report.pdf", b"%PDF-1.7 report")})
    assert Claim.objects.get().signed_on is None  # evidence is part of the report
    lead.post(f"{address}do/sign/", {"position": "deputy akim"})
    department.post(f"{address}do/file/")
    lead.post(f"{address}do/sign/", {"position": "deputy akim"})
    assert Signature.objects.count() == 3
    assert AuditEntry.objects.filter(verb="sign_electronically").count() == 3


def test_a_signed_version_is_for_whoever_may_see_what_it_is_of(of: Callable[..., Client], client: Client) -> None:  # noqa: F811
    lead, other = of("city_lead", "WHOLE"), of("city_lead", "PART")
    address = lead.post("/en/year/claims/new/", UNSIGNED)["Location"]
    lead.post(f"{address}do/sign/", {"position": "deputy akim"})
    version = Version.objects.get()
    page = f"/en/signatures/{version.pk}/"
    for path in (page, f"{page}document.pdf", f"{page}{Signature.objects.get().pk}.sig"):
        assert lead.get(path).status_code == 200
        assert other.get(path).status_code == 403
        assert client.get(path).status_code in (302, 403)
    assert lead.get("/en/signatures/999/").status_code == 404
    assert lead.get(f"{page}999.sig").status_code == 404
    assert NO_FORCE in lead.get(page).content.decode()
    same = SimpleUploadedFile("a.pdf", bytes(version.content))
    assert "a.pdf is the signed document" in lead.post(page, {"file": same}).content.decode()
    assert "b.pdf is not the signed" in lead.post(page, {"file": SimpleUploadedFile("b.pdf", b"%PDF")}).content.decode()
    assert lead.post(page).status_code == 422


def test_the_database_refuses_to_change_what_was_signed(of: Callable[..., Client]) -> None:  # noqa: F811
    lead = of("city_lead", "WHOLE")
    address = lead.post("/en/year/claims/new/", UNSIGNED)["Location"]
    lead.post(f"{address}do/sign/", {"position": "deputy akim"})
    changes: list[Callable[[], Any]] = [
        lambda: Version.objects.update(content=b"other"),
        lambda: Signature.objects.update(name="Another"),
        lambda: Signature.objects.all()._raw_delete("default"),
    ]
    for change in changes:
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            change()
