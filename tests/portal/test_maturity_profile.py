"""The maturity report's profile of the city and its findings by sphere: what is known is told with its source."""

from __future__ import annotations

import io
from decimal import Decimal
from fractions import Fraction

from django.test import Client
from python_calamine import CalamineWorkbook
from test_maturity_survey import CITY, assessment, published  # noqa: F401  fixtures

from qala import facts
from qala.groundwork.models import Statistic
from qala.inventory.models import DigitalObject
from qala.inventory.queries import asked_functions
from qala.maturity.city_profile import profile, systems
from qala.maturity.findings import findings
from qala.maturity.models import Assessment
from qala.reports.maturity_city import found as found_of
from qala.reports.maturity_data import SphereFinding
from qala.reports.wording import Wording
from qala.standard import Text

WORD = Text(kk="сала", ru="сфера", en="sphere")


def figure(indicator: str, about: str, value: str, period: str = "2025", kato: str = CITY) -> None:
    Statistic.objects.create(
        city=CITY, kato=kato, indicator=indicator, period=period, value=Decimal(value), source="BNS", about=about
    )


def system(name: str, kind: str = "system", **more: object) -> None:
    DigitalObject.objects.create(**{"city": CITY, "name": name, "kind": kind, "owner": "x", "purpose": "x", **more})


def test_the_profile_tells_what_is_known_with_its_source(assessment: Assessment) -> None:  # noqa: F811
    figure("Mean wage", "economy", "310.5")
    figure("Mean wage", "economy", "290", "2024")  # the newest is told
    figure("Mean wage", "economy", "1", kato="D1")  # and of the city itself
    figure("IT staff of the akimat", "staff", "14")
    system("Old", used_since=2016, replace_in=2020)
    system("New", used_since=2026)
    system("Net", "network", used_since=2020)
    system("Planned", state="planned")
    lines = [(one.group, one.what.en, one.value.en, one.source.en) for one in profile(CITY)]
    assert ("economy", "Mean wage", "310.5", "BNS, 2025") in lines
    assert ("staff", "IT staff of the akimat", "14", "BNS, 2025") in lines
    assert ("systems", "Digital objects in use", "3", "register of digital objects") in lines
    assert [group for group, *_rest in lines] == sorted(
        (group for group, *_rest in lines), key=["population", "economy", "services", "staff", "systems"].index
    )
    assert sum(line[1] == "Mean wage" for line in lines) == 1
    year = facts.today().year
    (kind, net) = systems(CITY)
    ages = [year - 2016, year - 2026]
    assert (kind.count, kind.mean_age, kind.oldest, kind.overdue) == (2, Fraction(sum(ages), 2), max(ages), 1)
    assert (net.kind.en, net.count) == ("network or data centre", 1)


def test_the_report_has_profile_and_findings_in_every_form(assessment: Assessment, client: Client) -> None:  # noqa: F811
    asked = asked_functions(facts.edition(), facts.lake().cities.get(CITY).category_on(facts.today()))
    system("Secretsystem", used_since=2016, functions=list(asked)[:1])
    published(assessment)
    url = f"/maturity/{CITY}/{assessment.pk}/report/"
    page = client.get(f"/en{url}html/").content.decode()
    for words in (
        "Profile of the city",
        "Systems and their age",
        "Findings by sphere",
        "Functions that no system serves",
    ):
        assert words in page
    assert "The platform knows nothing of:" in page and "staff" in page
    for language, title in (("kk", "Қала бейіні"), ("ru", "Выводы по сферам")):
        assert title in client.get(f"/{language}{url}html/").content.decode()
        assert client.get(f"/{language}{url}pdf/").content.startswith(b"%PDF")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/en{url}xlsx/").content))
    assert {"Profile of the city", "Findings by sphere"} <= set(book.sheet_names)
    assert "Secretsystem" not in page  # no system is named to the public


def test_findings_count_functions_and_a_survey_of_the_sphere(assessment: Assessment) -> None:  # noqa: F811
    found = {one.sphere.en: one for one in findings(CITY, assessment.model_digest, [])}
    asked = asked_functions(facts.edition(), facts.lake().cities.get(CITY).category_on(facts.today()))
    assert sum(one.asked for one in found.values()) == len(asked)
    assert all(one.live == 0 for one in found.values())


def test_only_what_stands_out_is_a_finding() -> None:
    words = Wording("en", facts.editions()["order_469"])
    quiet = SphereFinding(WORD, Fraction(60, 100), Fraction(62, 100), None, 3, 3, [], 0, 0, 1)
    assert found_of(quiet, words) == ""
    fell = SphereFinding(WORD, Fraction(60, 100), Fraction(40, 100), None, 1, 3, [("2.1", WORD)], 2, 0, 0)
    assert found_of(fell, words) == (
        "Sphere: The section's score fell from 60% to 40%. Most points are lost at: 2.1 sphere. "
        "Functions that no system serves: 2 of 3. KPIs without data: 2. "
        "The section is weak, and the Roadmap has no project for it."
    )
