"""The draft of the next base list: accepted claims put together, with what changed beside those who did not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from test_ratings import history, runs  # noqa: F401  fixtures

from qala.rating_year.base_list import candidates
from qala.rating_year.models import Claim
from qala.ratings import services
from qala.ratings.rated_run import rated_run
from qala.roadmaps.models import Action, Roadmap


def claim(city: str, title: str, **more: Any) -> Claim:
    said: dict[str, Any] = {
        "city": city, "year": 2026, "title": title, "sphere": "governance", "measures": ".", "results": ".",
        "started_on": date(2026, 2, 1), "finished_on": date(2026, 5, 1), "state": Claim.State.ACCEPTED,
    }  # fmt: skip
    return Claim.objects.create(**{**said, **more})


@pytest.fixture
def published(runs: dict[str, str]) -> dict[str, str]:  # noqa: F811
    services.publish(None, runs["march"], "district", "")
    services.publish(None, runs["june"], "district", "six months")
    return runs


def test_like_names_of_one_sphere_are_one_initiative(published: dict[str, str], client: Client) -> None:
    made = Roadmap.objects.create(
        city="WHOLE", edition="order_469", category="district", first_year=2026, last_year=2027, state="published",
        since=date(2026, 1, 15),
    )  # fmt: skip
    action = Action.objects.create(
        roadmap=made, name="Bot", from_year=2026, to_year=2026, effects={"2.1": ["to", "12"]}
    )
    claim("WHOLE", "Voice bot of the centre", action=action)
    claim("PART", "Voice bot of the  centre")
    claim("PART", "Voice bot of the centre", sphere="ecology")
    claim("PART", "A map of bridges", state=Claim.State.REFUSED)
    bot, other = candidates()
    assert (bot.cities, bot.years, len(bot.claims)) == (("PART", "WHOLE"), (2026,), 2)
    assert other.sphere == "ecology" and [one.title for one in candidates(2)] == [bot.title]
    march, june = rated_run(published["march"]), rated_run(published["june"])
    sections = [
        next(one.score for one in run.score(city).sections if one.id == "governance")
        for run in (march, june)
        for city in ("PART", "WHOLE")
    ]
    assert bot.section.before == sum(sections[:2]) / 2 and bot.section.after == sum(sections[2:]) / 2
    assert bot.others.cities <= 1 and set(bot.kpis) <= {"2.1"}
    assert "2.1" in bot.kpis and bot.kpis["2.1"].after == june.score("WHOLE").kpi("2.1").score
    page = client.get("/en/year/base-list/?least=2").content.decode()
    assert "Voice bot" in page and "Wholetown" in page and "bridges" not in page
    assert client.get("/kk/year/base-list/?least=x").status_code == 404
    csv = b"".join(client.get("/ru/year/base-list/?format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "Voice bot of the centre" in csv and csv.count("\n") >= 3


def test_without_ratings_nothing_is_said_of_effects(runs: dict[str, str]) -> None:  # noqa: F811
    claim("WHOLE", "Voice bot")
    (only,) = candidates()
    assert only.section.by is None and only.others.cities == 0
