"""The roadmap as a paper, signed by the ministry and the akim; how it goes while it is in force is no part of what was signed."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
from django.test import Client
from test_roadmap_pages import begun, made_whole, person, step  # noqa: F401  fixtures

from qala.kits.procedure.signing import content
from qala.kits.signatures.models import Signature, Version
from qala.kits.signatures.queries import standing
from qala.roadmaps.models import Roadmap
from qala.roadmaps.paper import says

pytestmark = pytest.mark.usefixtures("tiny_site")


def text_of(content: bytes) -> str:
    file = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in file.paragraphs), *cells])


def test_the_paper_says_what_is_planned_in_every_language(person: Callable[[str], Client]) -> None:  # noqa: F811
    department = person("digital_department")
    roadmap = begun(department)
    made_whole(roadmap)
    roadmap.actions.update(money={"2027": "12.5"})
    count = roadmap.actions.count()
    for language, words in (("kk", "Базалық бастамалар"), ("ru", "Базовые инициативы"), ("en", "Base initiatives")):
        address = f"/{language}/roadmaps/{roadmap.pk}/file/"
        said = text_of(department.get(f"{address}docx/").content)
        assert words in said
        assert said.count("12.5" if language == "en" else "12,5") >= count
        assert department.get(f"{address}pdf/").content.startswith(b"%PDF")
    assert department.get(f"/en/roadmaps/{roadmap.pk}/file/txt/").status_code == 404
    assert Client().get(f"/en/roadmaps/{roadmap.pk}/file/pdf/").status_code == 302


def test_each_signs_what_stood_at_its_own_step(person: Callable[[str], Client]) -> None:  # noqa: F811
    department, ministry, lead = person("digital_department"), person("ministry"), person("city_lead")
    roadmap = begun(department)
    made_whole(roadmap)
    address = f"/en/roadmaps/{roadmap.pk}/"
    ministry.post(f"{address}sign/", {"position": "Vice-minister"})
    assert not Signature.objects.exists()
    step(department, roadmap, "submit")
    step(ministry, roadmap, "agree", "№ 5")
    assert lead.post(f"{address}sign/", {"position": "Akim"}).status_code == 403
    ministry.post(f"{address}sign/", {"position": "Vice-minister"})
    step(lead, roadmap, "approve", "№ 9")
    lead.post(f"{address}sign/", {"position": "Akim"})
    assert [(one.role, one.version.number) for one in Signature.objects.all()] == [("agree", 1), ("approve", 2)]
    page = Client().get(address).content.decode()
    assert "Vice-minister" in page and "Akim" in page and "does not hold" not in page
    now = Roadmap.objects.get(pk=roadmap.pk)
    now.actions.update(progress="running", spent={"2027": "3"})
    version = standing(now, content(now, says(now)))
    assert version is not None and version.number == 2
    assert Client().get(f"/en/signatures/{version.pk}/document.pdf").content == bytes(
        Version.objects.get(number=2).content
    )
