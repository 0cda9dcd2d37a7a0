"""What to do first, by the pages: asked, chosen by a job, told with reasons, taken over into the draft and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from test_roadmap_pages import CITY, begun, filled, person  # noqa: F401  a fixture

from qala import facts
from qala.planning import Standpoint
from qala.planning.choosing import gain
from qala.planning.outcomes import outcomes_of
from qala.roadmaps import first, forms, jobs, queries
from qala.roadmaps.models import Action, Choosing, Roadmap
from qala.scoring import Profile, explain
from qala.standard.maturity import load_maturity
from qala.standard.maturity_actions import load_actions

pytestmark = pytest.mark.usefixtures("tiny_site")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, tiny_site: Any) -> Standpoint:
    """A rating that is published: the city as its rows say, so far."""
    law, profile, day = facts.edition(), Profile(), date(2026, 12, 31)
    seen = {one.row: facts.values().observation(CITY, one, 2026, day, profile) for one in law.kpis.values()}
    found = Standpoint(law, "district", 2026, profile, seen)
    run = SimpleNamespace(id="2026-r1", year=2026, edition=law, profile=profile)
    monkeypatch.setattr(queries, "newest_of", lambda _city: (run, found.city(seen, 2026)))
    return found


def below(at: Standpoint) -> tuple[str, float, float]:
    """A KPI that has a value below its target: its row, the value, the target."""
    lines = [one for one in explain(at.city(at.observations, 2026)) if one.kpi.target is not None]
    line = next(
        one for one in lines if one.kpi.observation.value and one.to_win > 0 and one.kpi.target.kind == "at_least"
    )
    return line.kpi.row, float(line.kpi.observation.value), float(line.kpi.target.threshold)


@pytest.fixture
def roadmap(person: Callable[[str], Client], at: Standpoint) -> Roadmap:  # noqa: F811
    """Two actions that each better one KPI, one of them twice as dear; the others say nothing of what they bring."""
    found = begun(person("digital_department"))
    found.actions.update(from_year=2027, to_year=2027)
    dear, cheap = found.actions.all()[:2]
    row, now, target = below(at)
    whole, half = ({row: ["to", str(round(now + (target - now) * part, 3))]} for part in (1, 0.5))
    Action.objects.filter(pk=dear.pk).update(name="Dear", money={"2027": "200"}, effects=whole)
    Action.objects.filter(pk=cheap.pk).update(name="Cheap", money={"2027": "100"}, effects=half)
    return found


def asked(roadmap: Roadmap, *money: int, **more: str) -> dict[str, str]:
    years = first.years_of(roadmap, first.open_actions(roadmap), 2026)
    budget = {f"budget.{year}": str(money[at] if at < len(money) else 0) for at, year in enumerate(years)}
    (row,) = first.movable(first.open_actions(roadmap))
    return {**budget, "weights.index": "0", f"weights.{row}": "1", **more}


def chosen(by: Client, roadmap: Roadmap, sent: dict[str, str]) -> Choosing:
    """Ask, and do what the job does."""
    answer = by.post(f"/en/roadmaps/{roadmap.pk}/first/", sent)
    assert answer.status_code == 302, answer.content.decode()
    found = Choosing.objects.latest("pk")
    assert answer["Location"] == f"/en/roadmaps/first/{found.pk}/"
    page = by.get(answer["Location"])
    assert page["Refresh"] and "<progress" in page.content.decode()
    jobs.choose.func(number=found.pk)
    found.refresh_from_db()
    return found


def department(user: str = "digital_department") -> Client:
    from qala.people.models import User

    client = Client()
    client.force_login(
        User.objects.get(email=f"{user}@example.org"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_within_the_budget_the_better_is_chosen_with_its_reason_and_proof(roadmap: Roadmap, at: Standpoint) -> None:
    by = department()
    found = chosen(by, roadmap, asked(roadmap, 150))
    assert found.state == Choosing.DONE, found.problem
    names = {str(one.pk): one.name for one in roadmap.actions.all()}
    assert [names[one] for one in found.result["starts"]] == ["Cheap"]
    assert found.result["proven"] and found.result["cost"] == "100.000"
    plan = first.plan_of(found.asked, first.open_actions(roadmap), at, at.edition, roadmap.category)
    assert found.result["gain"] == float(gain(plan, outcomes_of(plan, at), found.result["starts"]))
    page = by.get(f"/en/roadmaps/first/{found.pk}/").content.decode()
    assert "nothing better exists" in page and "A year of it costs more than that year" in page
    assert 'value="150"' in page, "the address restores what was asked"
    assert "Dear" in by.get(f"/en/roadmaps/first/{found.pk}/?format=csv").getvalue().decode()  # type: ignore[attr-defined]
    again = by.post(f"/en/roadmaps/{roadmap.pk}/first/", asked(roadmap, 150))
    assert again["Location"] == f"/en/roadmaps/first/{found.pk}/", "the same is not computed twice"


def test_more_money_gains_as_the_curve_says(roadmap: Roadmap) -> None:
    by = department()
    less, more = (chosen(by, roadmap, asked(roadmap, money)) for money in (100, 200))
    twice = next(point for point in less.result["curve"] if point[0] == 2.0)
    assert twice[2] == pytest.approx(more.result["gain"])
    assert more.result["gain"] >= less.result["gain"]


def test_the_chosen_years_go_into_the_draft_and_back(roadmap: Roadmap) -> None:
    by = department()
    found = chosen(by, roadmap, asked(roadmap, 0, 150))
    cheap = roadmap.actions.get(name="Cheap")
    assert found.result["starts"] == {str(cheap.pk): 2028}
    by.post(f"/en/roadmaps/first/{found.pk}/apply/")
    cheap.refresh_from_db()
    assert (cheap.from_year, cheap.to_year, cheap.money) == (2028, 2028, {"2028": "100"})
    assert "Take it back" in by.get(f"/en/roadmaps/first/{found.pk}/").content.decode()
    by.post(f"/en/roadmaps/first/{found.pk}/apply/", {"back": "1"})
    cheap.refresh_from_db()
    assert (cheap.from_year, cheap.to_year, cheap.money) == (2027, 2027, {"2027": "100"})
    Action.objects.filter(pk=cheap.pk).update(money={"2027": "90"})
    said = by.post(f"/en/roadmaps/first/{found.pk}/apply/", follow=True).content.decode()
    assert "was changed since; choose again" in said


def test_the_index_is_wanted_by_the_share_of_each_kpi(roadmap: Roadmap, at: Standpoint) -> None:
    shares = first.index_shares(at, {"2.1", "2.2"})
    before, points = at.city(at.observations, 2026), {row: at.edition.kpi(row).points for row in shares}
    assert sum(shares.values()) == 1
    assert shares["2.1"] * points["2.2"] == shares["2.2"] * points["2.1"], "of one section: by their points"
    assert before.index is not None
    found = chosen(department(), roadmap, asked(roadmap, 300, **{"weights.index": "1", f"weights.{below(at)[0]}": "0"}))
    assert found.state == Choosing.DONE


def test_an_own_indicator_of_the_city_may_be_what_is_wanted(
    roadmap: Roadmap, at: Standpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands as the lake has it, is scored by its own target, and moves nothing of the index."""
    row, now, target = below(at)
    own = at.edition.kpi(row).model_copy(update={"row": "own.trees", "initiative": 0})
    for module in (queries, forms):
        monkeypatch.setattr(module, "own_indicators", lambda _city: {"own.trees": own})
    by = department()
    third = roadmap.actions.all()[2]
    rise = round(target - now, 3)
    assert (
        by.post(
            f"/en/roadmaps/action/{third.pk}/", filled(third, to_year=2027, effects_text=f"own.trees +{rise}")
        ).status_code
        == 302
    )
    third.refresh_from_db()
    assert third.effects == {"own.trees": ["by", str(rise)]}
    sent = {f"budget.{year}": "150" for year in first.years_of(roadmap, first.open_actions(roadmap), 2026)}
    found = chosen(by, roadmap, {**sent, "weights.own.trees": "1", "weights.index": "0", f"weights.{row}": "0"})
    assert found.state == Choosing.DONE, found.problem
    assert list(found.result["starts"]) == [str(third.pk)] and found.result["gain"] > 0
    assert all(gained == 0 for _year, _before, _after, gained in found.result["index"])
    page = by.get(f"/en/roadmaps/first/{found.pk}/").content.decode()
    assert "<code>own.trees</code>" in page


def test_what_cannot_be_is_told_at_its_place(roadmap: Roadmap, at: Standpoint) -> None:
    by = department()
    answer = by.post(f"/en/roadmaps/{roadmap.pk}/first/", asked(roadmap, **{"budget.2027": "a lot"}))
    assert answer.status_code == 422 and "b-2027-e" in answer.content.decode()
    answer = by.post(f"/en/roadmaps/{roadmap.pk}/first/", asked(roadmap, **{f"weights.{below(at)[0]}": "0"}))
    assert answer.status_code == 422 and "Give a weight" in answer.content.decode()
    dear = roadmap.actions.get(name="Dear")
    found = chosen(by, roadmap, asked(roadmap, 150, **{f"role.{dear.pk}": "must"}))
    assert found.state == Choosing.FAILED
    for language, words in (("en", "does not fit into the budget"), ("ru", "не помещается"), ("kk", "сыймайды")):
        assert words in by.get(f"/{language}/roadmaps/first/{found.pk}/").content.decode()


def test_who_may_see_the_draft_may_ask_and_nobody_else(roadmap: Roadmap, person: Callable[[str], Client]) -> None:  # noqa: F811
    found = chosen(person("analyst"), roadmap, asked(roadmap, 150))
    assert "Take these years over" not in department("analyst").get(f"/en/roadmaps/first/{found.pk}/").content.decode()
    assert department("analyst").post(f"/en/roadmaps/first/{found.pk}/apply/").status_code == 403
    assert Client().get(f"/en/roadmaps/first/{found.pk}/").status_code in (302, 401, 403)


def test_maturity_is_told_as_a_consequence_and_never_foretold(
    roadmap: Roadmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_maturity()
    kept = {"sub_dimensions": dict.fromkeys(model.sub_dimensions, "2"), "dimensions": {}, "overall": "2"}
    assessed = SimpleNamespace(sphere="", year=2025, scores={"raw": kept})
    monkeypatch.setattr("qala.maturity.queries.by_sphere", lambda _city: [assessed])
    by = department()
    found = chosen(by, roadmap, asked(roadmap, 150))
    page = unescape(by.get(f"/en/roadmaps/first/{found.pk}/").content.decode())
    (does,) = (one.initiative for one in roadmap.actions.all() if str(one.pk) in found.result["starts"])
    steps = [stages[3] for stages in load_actions(model).values()]
    served = [one.text.en for one in steps if does in one.initiatives]
    assert f"The assessment of 2025 gives 2.0 of 5. Of {len(steps)} steps to a next stage, {len(served)} rest" in page
    assert all(one in page for one in served) and "No score is foretold" in page
