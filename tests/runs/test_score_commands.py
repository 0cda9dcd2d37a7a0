"""`qala score`, `rank`, `explain`, `verify`, `run`: what they print, in the three formats, and their exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import typer
from fake_values import FakeValues, contact_centre
from typer.testing import CliRunner

from qala.cli import score_desk, scores, uncertainty
from qala.runs import RatedCity, RunStore
from qala.scoring import Claim, Observation
from qala.standard import Problem, editions

F = Fraction
CITIES = {
    "A": RatedCity("A", "district", (Claim("c1", True, True, True, 1, True, "housing"),), simulated=True),
    "B": RatedCity("B", "district", simulated=True),
    "C": RatedCity("C", "district", simulated=True),
}
HISTORY = [
    {
        "A": contact_centre(first=60, wait=60),
        "B": contact_centre(first=40),
        "C": {"2.1": Observation(row="2.1", value=F(30))},
    },
    {"A": contact_centre(first=60, wait=60), "B": contact_centre(first=80), "C": {}},
]

app = typer.Typer()
app.command()(scores.score)
app.command()(scores.rank)
app.command()(scores.explain)
app.command()(scores.verify)
app.command()(uncertainty.uncertainty)
app.add_typer(scores.run_app, name="run")

Ask = Callable[..., str]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    law = editions()["order_469"]
    state = {"version": 0}

    def desk(
        folder: Path,
        year: int,
        day: date,
        edition: str | None,
        *,
        city: str | None = None,
        category: str | None = None,
        level: str = "settlements",
    ) -> score_desk.Desk:
        from qala.standard import edition_on

        chosen = edition_on(day, editions(), edition)
        said = None if chosen.notice is None else chosen.notice.en
        found = [one for code, one in CITIES.items() if city in (None, code) and category in (None, one.category)]
        return score_desk.Desk(
            folder,
            law,
            said,
            FakeValues(HISTORY, state["version"]),
            found,
            {one.code: f"Town {one.code}" for one in found},
        )

    def recorded(folder: Path, name: str) -> object:
        store = RunStore(folder)
        return store, store.get(name), FakeValues(HISTORY, state["version"]), law

    monkeypatch.setattr(score_desk, "desk", desk)
    monkeypatch.setattr(score_desk, "recorded", recorded)

    def run(*words: str, code: int = 0, version: int = 0) -> str:
        state["version"] = version
        result = CliRunner().invoke(app, [*words, "--lake", str(tmp_path)])
        if isinstance(result.exception, Problem):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return run


YEAR = ("--year", "2026", "--as-of", "2026-12-31", "--edition", "order_469")


def test_score_as_a_table_and_as_json(ask: Ask) -> None:
    table = ask("score", "--city", "A", *YEAR)
    assert "Town A (A), district, 2026, annex2" in table
    assert "+ 2 for additional initiatives" in table
    assert "nothing is due in safety, transport, ecology, housing; the weight goes to what is left (A4)" in table
    assert "Simulated data" in table
    answer = json.loads(ask("score", "--city", "A", *YEAR, "--format", "json", "--lang", "ru"))
    assert answer["final"] == pytest.approx(answer["index"] + 2)
    assert answer["notice"].startswith("Order")
    assert answer["run"] is None
    assert answer["uncertainty"]["low"] < answer["index"]
    rows = {row["row"]: row for row in answer["kpis"]}
    assert len(rows) == 118
    assert rows["2.1"]["name"].startswith("Среднее время")
    assert rows["2.1"]["score"] == 0.5
    assert rows["2.2"]["score"] == 0.75
    assert sum(row["adds"] for row in rows.values()) == pytest.approx(answer["index"], abs=1e-4)


def test_score_saves_a_run_only_when_asked(ask: Ask, tmp_path: Path) -> None:
    ask("score", "--city", "A", *YEAR)
    assert RunStore(tmp_path).heads() == []
    assert "`qala verify 2026-2026-12-31" in ask("score", "--city", "A", *YEAR, "--save")
    assert len(RunStore(tmp_path).heads()) == 1


def test_explain_says_what_adds_what_is_missing_and_what_can_be_won(ask: Ask) -> None:
    answer = json.loads(ask("explain", "--city", "C", *YEAR, "--format", "json", "--top", "2"))
    assert [row["row"] for row in answer["adds"]] == ["2.1"]
    assert {row["row"] for row in answer["missing"]} == {f"2.{number}" for number in range(2, 8)}
    assert [row["row"] for row in answer["most_to_win"]] == ["2.2", "2.3"]
    assert answer["standing"] == "not_ranked"
    table = ask("explain", "--city", "A", *YEAR)
    assert "What each KPI adds" in table
    assert "Nothing is missing." in table
    rows = list(csv.DictReader(io.StringIO(ask("explain", "--city", "A", *YEAR, "--format", "csv"))))
    assert len(rows) == 7
    assert json.loads(rows[0]["readings"])[0] == "R2"


def test_rank_gives_places_writes_a_run_and_says_which(ask: Ask, tmp_path: Path) -> None:
    answer = json.loads(ask("rank", "--category", "district", *YEAR, "--format", "json"))
    assert [(row["place"], row["city"], row["simulated"]) for row in answer["places"]] == [
        (1, "B", True),
        (2, "A", True),
        (None, "C", True),
    ]
    assert answer["run"] == RunStore(tmp_path).get("latest").id
    table = ask("rank", "--category", "district", *YEAR)
    assert answer["run"] in table
    assert "Rating 2026" in table
    rows = list(csv.DictReader(io.StringIO(ask("rank", "--category", "district", *YEAR, "--format", "csv"))))
    assert [row["city"] for row in rows] == ["B", "A", "C"]
    ranked = ask("rank", "--category", "district", *YEAR, "--profile", "rank_all", "--no-save", "--format", "json")
    assert [row["city"] for row in json.loads(ranked)["places"]] == ["C", "B", "A"]
    assert len(RunStore(tmp_path).heads()) == 1


def test_verify_and_the_list_of_runs(ask: Ask, tmp_path: Path) -> None:
    assert "No run was made" in ask("run", "list")
    ask("rank", "--category", "district", *YEAR)
    assert "identical, 3 cities computed again" in ask("verify", "latest")
    assert json.loads(ask("verify", "latest", "--format", "json"))["identical"] is True
    ask("rank", "--category", "district", *YEAR, version=1)
    runs = json.loads(ask("run", "list", "--format", "json"))
    assert [(row["cities"], row["restates"]) for row in runs] == [(3, None), (3, runs[0]["run"])]
    shown = json.loads(ask("run", "show", "latest", "--format", "json"))
    assert {(one["city"], one["row"]) for one in shown["changes"]} == {("B", ""), ("B", "2.2"), ("C", ""), ("C", "2.1")}
    change = next(one for one in shown["changes"] if (one["row"], one["field"]) == ("2.2", "score"))
    assert (change["from"], change["to"]) == ("1/2", "1")
    assert change["because"] == ["table contact_centre.facts: 0 → 1"]
    assert "Changes against" in ask("run", "show", "latest")
    path = tmp_path / "runs" / runs[0]["run"] / "run.json"
    path.write_text(path.read_text().replace('"1/2"', '"1/3"'))
    said = ask("verify", runs[0]["run"], code=1)
    assert "was changed by hand" in said
    assert "come out otherwise" in said
    assert "The chain of runs is broken" in said


def test_the_law_must_be_in_force_or_named(ask: Ask) -> None:
    with pytest.raises(Problem, match="lapsed"):
        ask("score", "--city", "A", "--year", "2026", "--as-of", "2026-12-31")
    assert (
        json.loads(ask("score", "--city", "A", "--year", "2026", "--as-of", "2026-06-30", "--format", "json"))["notice"]
        is None
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("score", "--city", "A", *YEAR, "--profile", "annex3"), "unknown word"),
        (("score", "--city", "A", *YEAR, "--lang", "de"), "no language 'de'"),
        (("score", "--city", "A", "--year", "2026", "--as-of", "2025-12-31"), "lies before the year"),
        (("score", "--city", "A", "--year", "99999"), "is not a year"),
        (("rank", "--category", "oblast", *YEAR), "No city is of the category 'oblast'"),
        (("verify", "nothing"), "There is no run 'nothing'"),
    ],
)
def test_mistakes_of_the_person_at_the_keyboard(ask: Ask, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(Problem, match=message):
        ask(*words)


def test_how_sure_a_run_is(ask: Ask) -> None:
    ask("rank", *YEAR, "--category", "district", "--profile", "rank_all", version=1)
    asked = ("uncertainty", "latest", "--draws", "200", "--base", "16")
    places = list(csv.DictReader(io.StringIO(ask(*asked, "--format", "csv"))))
    assert [row["city"] for row in places] == ["B", "A"]  # C has no index
    assert all(int(row["from"]) <= int(row["place"]) <= int(row["to"]) for row in places)
    above = list(csv.DictReader(io.StringIO(ask(*asked, "--show", "above", "--format", "csv"))))
    assert float(above[0]["A"]) + float(above[1]["B"]) == pytest.approx(1)
    left_out = list(csv.DictReader(io.StringIO(ask(*asked, "--show", "changes", "--format", "csv"))))
    assert {"2.1", "2.7"} <= {row["of"] for row in left_out if row["change"] == "without_kpi"}
    assert "weights" not in ask(*asked, "--weights", "0", "--show", "factors")
    found = json.loads(ask(*asked, "--format", "json", "--silence", "zero"))
    assert found["assumptions"]["silent"] == ["zero"] and found["cities"][0]["city"] == "B"
    for words, said in ((("--silence", "none"), "cannot count as 'none'"), (("--base", "3"), "power of two")):
        with pytest.raises(Problem, match=said):
            ask("uncertainty", "latest", *words)
