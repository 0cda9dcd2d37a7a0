# ruff: noqa: F401, F811  (fixtures)
"""Fields that no column takes are told by name and number to who may see rows, and to nobody else."""

from __future__ import annotations

import pytest
from django.test import Client
from test_intake import APPEALS, GOOD, SignedIn, sent, signed_in, source, tiny_site, water

from qala import facts
from qala.intake.models import Source

pytestmark = pytest.mark.usefixtures("tiny_site")


def test_on_the_source_s_page_and_in_the_ledger(signed_in: SignedIn, source: Source) -> None:
    sent(source, GOOD | {"appeal_id": "d1", "shoe": "42"}, GOOD | {"appeal_id": "d2", "shoe": "43"})
    analyst = signed_in("analyst")
    assert "<code>shoe</code>: 2" in analyst.get("/en/intake/source/centre/").content.decode()
    (receipt,) = [one for one in facts.lake().ledger.receipts(APPEALS, "WHOLE") if one.source == "centre"]
    assert receipt.dropped == {"shoe": 2}
    assert "<code>shoe</code>: 2" in analyst.get(f"/en/data/ledger/{receipt.id}/").content.decode()
    assert "<code>shoe</code>" not in Client().get(f"/en/data/ledger/{receipt.id}/").content.decode()
