"""Head of the group and secretary sign a protocol electronically, one after the other, in their own languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from test_groundwork import decided, met, own_region, person, set_up  # noqa: F401  fixtures
from test_signed_papers import text_of

from qala.kits.signatures.models import Version
from qala.kits.signatures.words import NO_FORCE

pytestmark = pytest.mark.usefixtures("tiny_site")


def test_head_and_secretary_sign_the_same_bytes_of_a_protocol(person: Callable[..., Client]) -> None:  # noqa: F811
    department = person("digital_department")
    meeting = met(department, set_up(department))
    address = f"/ru/groundwork/meeting/{meeting.pk}/"
    said = {"role": "chair", "position": "заместитель акима"}
    department.post(f"{address}sign-electronically/", said)
    assert not Version.objects.exists()  # it has no agenda yet
    decided(department, meeting)
    department.post(f"{address}sign-electronically/", said)
    meeting.refresh_from_db()
    assert meeting.signed_on is not None
    page = department.get(address).content.decode()
    assert "Подписать электронно" in page and "заместитель акима" in page
    department.post(
        f"{address.replace('/ru/', '/kk/')}sign-electronically/", {"role": "secretary", "position": "басшы"}
    )
    (version,) = Version.objects.all()
    assert sorted(version.signatures.values_list("role", flat=True)) == ["chair", "secretary"]
    assert "Подписать электронно" not in department.get(address).content.decode()
    copy = text_of(department.get(f"{address}protocol.docx").content)
    assert copy.count("подписано электронно") == 2 and NO_FORCE in copy and "Проект" not in copy
