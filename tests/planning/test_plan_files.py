"""Files of actions: what is wrong is told with its line; effects are counted from what is known; the commands answer."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from tests.small_demo import Demo
from typer.testing import CliRunner

from qala.cli import app
from qala.planning import Effect, Plan, Standpoint, moved, outcomes_of, read_plan
from qala.scoring import Observation, Profile
from qala.standard import Problem, Problems, editions

F = Fraction
LAW = editions()["order_469"]
GOOD = """\
money: million tenge
budget: {2027: 100, 2028: 50}
outcomes: {"2.1": 2, contact_centre.first_contact_share: 1}
actions:
  lines:
    name: More lines
    cost: [60]
    effects: {"2.1": {to: 12}}
  training:
    name: Training
    cost: [20, 10]
    after: [lines]
    effects: {"2.2": {by: 4.5}, "2.1": {by_percent: -10}}
"""


def city(**values: Observation) -> Standpoint:
    return Standpoint(LAW, "oblast", 2026, Profile(), {one.row: one for one in values.values()})


def plan_in(folder: Path, text: str = GOOD) -> Plan:
    file = folder / "actions.yaml"
    file.write_text(text)
    return read_plan(file, city().known())


def test_names_of_a_kpi_are_one(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    assert plan.weights == {"2.1": 2, "2.2": 1}
    assert plan.effects["training"]["2.2"] == Effect(by=F(9, 2))
    assert plan.years == range(2027, 2030)
    assert list(plan.starts("training")) == [2027]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('"2.1": {to: 12}', '"2.1": {to: 12, by: 1}', 8, "exactly one of to, by, by_percent"),
        ('"2.1": {to: 12}', '"2.99": {to: 12}', 8, "There is no KPI '2.99'"),
        ("after: [lines]", "after: [line]", 12, "There is no other action 'line'"),
        ("cost: [60]", "cost: [60]\n    after: [training]", 4, "Actions wait for one another"),
        ("2028: 50", "2029: 50", 2, "a gap"),
        ("2028: 50", "soon: 50", 2, "by year"),
        ("cost: [60]", "cost: [-60]", 7, "not negative"),
        ("cost: [60]", "prize: [60]", 7, "'prize' is not known"),
        ("contact_centre.first_contact_share: 1", '"2.1 ": 1', 3, "There is no KPI '2.1 '"),
        ("contact_centre.first_contact_share", "contact_centre.answer_wait", 3, "'2.1', which is there already"),
        ("budget:", "until: 2027\nbudget:", 2, "by then"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    new = new.replace("contact_centre.answer_wait", LAW.kpi("2.1").id)
    with pytest.raises((Problem, Problems)) as caught:
        plan_in(tmp_path, GOOD.replace(old, new, 1))
    text = str(caught.value)
    assert said in text
    assert f"actions.yaml:{line}" in text


def test_effects_count_from_today_and_add_up() -> None:
    seen = Observation(row="2.1", value=F(20), delivered=F(1, 2))
    both = moved(seen, [Effect(to=F(12)), Effect(by_percent=F(-10)), Effect(by=F(1))])
    assert both.value == 20 - 8 - 2 + 1
    assert both.delivered == F(1, 2), "what is delivered late stays late"
    assert moved(seen, [Effect(by=F(-50))]).value == 0
    assert moved(Observation(row="2.2", value=F(95)), [Effect(by=F(9))], F(100)).value == 100
    vector = Observation(row="1.4", components={"a": F(10), "b": None})
    assert moved(vector, [Effect(by_percent=F(-50))]).components == {"a": 5, "b": None}
    missing = Observation(row="2.1", status="missing")
    assert moved(missing, [Effect(to=F(12)), Effect(by=F(-1))]).value == 11
    with pytest.raises(Problem, match="no value that could change"):
        moved(missing, [Effect(by=F(1))])
    with pytest.raises(Problem, match="two actions bring one"):
        moved(missing, [Effect(to=F(1)), Effect(to=F(2))])
    with pytest.raises(Problem, match="several components"):
        moved(vector, [Effect(to=F(1))])


def test_outcomes_are_the_laws_scores(tmp_path: Path) -> None:
    """Oblast, 2.1 ≤ 20 s by annex 4 and 2.2 ≥ 85 %: 40 s is half, 12 s is the target reached."""
    assert (LAW.kpi("2.1").target["oblast"].say(), LAW.kpi("2.2").target["oblast"].say()) == ("≤ 20", "≥ 85")
    at = city(wait=Observation(row="2.1", value=F(40)), first=Observation(row="2.2", value=F(68)))
    wait, first = outcomes_of(plan_in(tmp_path), at)
    assert wait.movers == ("lines", "training")
    assert wait.scores[2029] == (F(1, 2), 1, F(20, 36), 1)
    assert (first.movers, first.scores[2029]) == (("training",), (F(68, 85), F(145, 170)))
    assert (wait.weight, first.weight) == (F(2, 3), F(1, 3))


def test_the_commands_answer(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "actions.yaml").write_text(GOOD)
    where = ("--city", "SIM-D03", "--year", "2026", "--lake", str(demo.folder / "lake"), "--edition", "order_469")
    done = CliRunner().invoke(app, ["plan", str(tmp_path / "actions.yaml"), *where, "--format", "json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["proven"] is True
    assert {one["action"] for one in said["actions"]} == {"lines", "training"}
    assert [one["year"] for one in said["index"]] == [2027, 2028, 2029]
    assert said["gain"] == pytest.approx(max(one["gain"] for one in said["curve"] if one["share"] <= "100%"), abs=1e-3)
    done = CliRunner().invoke(app, ["what-if", "2.1=1", *where, "--format", "json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["kpis"][0]["score_becomes"] == 1
    assert said["gains"] == said["kpis"][0]["index_gains"] >= 0
