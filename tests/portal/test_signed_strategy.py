"""The ministry signs a strategy that it agreed, the akim the one that was approved; each signs what stood then."""

from __future__ import annotations

import pytest
from django.test import Client
from test_strategies import People, begun, made_whole, person, step  # noqa: F401  fixtures

from qala.kits.signatures.models import Signature, Version
from qala.strategies.models import Strategy

pytestmark = pytest.mark.usefixtures("tiny_site")


def test_each_signs_what_stood_at_its_own_step(begun: tuple[Client, Strategy], person: People) -> None:  # noqa: F811
    department, strategy = begun
    ministry, lead, other = person("ministry"), person("city_lead"), person("city_lead", city="PART")
    address = f"/en/strategies/{strategy.pk}/"
    ministry.post(f"{address}sign/", {"position": "Vice-minister"})
    assert not Signature.objects.exists()  # nothing was agreed yet
    made_whole(strategy)
    step(department, strategy, "submit")
    step(ministry, strategy, "agree", "№ 5 of 1 March")
    assert lead.post(f"{address}sign/", {"position": "Akim"}).status_code == 403  # the ministry's turn
    assert b"Sign electronically" in ministry.get(address).content
    assert b"Sign electronically" not in department.get(address).content
    ministry.post(f"{address}sign/", {"position": "Vice-minister"})
    step(lead, strategy, "approve", "№ 9 of 2 March")
    assert ministry.post(f"{address}sign/", {"position": "Vice-minister"}).status_code == 403
    assert other.post(f"{address}sign/", {"position": "Akim"}).status_code == 403
    lead.post(f"{address}sign/", {"position": "Akim"})
    lead.post(f"{address}sign/", {"position": "Akim"})
    assert [(one.role, one.version.number) for one in Signature.objects.all()] == [("agree", 1), ("approve", 2)]
    page = Client().get(address).content.decode()  # in force it is everybody's
    assert "Vice-minister" in page and "Akim" in page and "as it stood at an earlier step" in page
    assert page.count("holds") >= 2 and "does not hold" not in page
    first, second = Version.objects.order_by("number")
    assert bytes(first.content) != bytes(second.content)
    assert Client().get(f"/en/signatures/{second.pk}/document.pdf").content == bytes(second.content)
