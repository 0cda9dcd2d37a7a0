"""A changed definition computes the sums concerned again, and nothing else; what cannot be computed with is refused."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from small_lakes import CATALOGUE, EDITION, computer, deliver, new_lake, same_as_from_scratch

from qala.datasets import Catalogue, load_catalogue
from qala.datasets.catalogue import default_folders, system_folder
from qala.lake import Lake
from qala.measures.bindings import Context, Stretch
from qala.measures.compute import Computer
from qala.measures.expressions import Scope, parse
from qala.measures.plan import Planner
from qala.measures.values import Values
from qala.standard.loader import load_edition
from qala.standard.period import Period
from qala.standard.problems import Problem, Problems

ANSWERED, WAIT = "situation_centre.answered_in_time_share", "contact_centre.mean_wait"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = new_lake(tmp_path)
    calls = [
        {
            "call_id": n,
            "queued_at": f"2026-03-0{n} 10:00:00",
            "answered_at": f"2026-03-0{n} 10:00:{20 * n}",
            "bot": False,
        }
        for n in (1, 2)
    ]
    deliver(lake, "contact_centre.calls", calls)
    deliver(lake, "contact_centre.survey_answers", [
        {"answer_id": 1, "topic": "contact_centre", "mark": 8, "answered_at": "2026-03-01 10:00:00"}
    ])  # fmt: skip
    return lake


def _value(lake: Lake, kpi: str, period: str = "2026-03", catalogue: Catalogue = CATALOGUE) -> object:
    values = Values(lake, EDITION, catalogue)
    of = Period.parse(period)
    return values.value("T", EDITION.kpi(kpi), of, of.last_day).value


def test_another_category_computes_again_what_depends_on_it(lake: Lake) -> None:
    computer(lake).compute("T")
    assert _value(lake, ANSWERED) == 50  # within 30 s: 20 and not 40
    lake.cities.set_category("T", "district", date(2000, 1, 1), "a test")
    report = computer(lake).compute("T")
    assert "contact_centre.calls" in report.datasets and "contact_centre.survey_answers" not in report.datasets
    assert _value(lake, ANSWERED) == 100  # within 90 s
    same_as_from_scratch(lake)


def test_a_category_that_changes_between_years_holds_for_its_days(lake: Lake) -> None:
    late = {"call_id": 9, "queued_at": "2027-02-01 10:00:00", "answered_at": "2027-02-01 10:00:40", "bot": False}
    deliver(lake, "contact_centre.calls", [late])
    lake.cities.set_category("T", "oblast", date(2027, 1, 1), "a test")  # within 45 s
    computer(lake).compute("T", kpis=[ANSWERED])
    assert (_value(lake, ANSWERED), _value(lake, ANSWERED, "2027-02")) == (50, 100)
    same_as_from_scratch(lake, kpis=[ANSWERED])


def _speeds(lake: Lake) -> None:
    row = {"corridor_id": "c", "seconds": 60, "speed_kmh": 20, "free_flow_kmh": 60}
    deliver(lake, "traffic.corridor_speeds", [{**row, "measured_at": f"2026-03-02 {utc:02d}:30:00"} for utc in (2, 6)])


def test_a_term_that_the_city_files_computes_again_what_depends_on_it(lake: Lake) -> None:
    _speeds(lake)
    computer(lake).compute("T")
    act = {"term": "peak_hours", "term_value": "[7]", "act": "1", "valid_from": date(2026, 1, 1)}
    deliver(lake, "city.parameters", [act])
    report = computer(lake).compute("T")
    assert report.datasets >= {"traffic.corridor_speeds"} and "contact_centre.calls" not in report.datasets
    same_as_from_scratch(lake)
    assert computer(lake).compute("T").scans == 0


@pytest.mark.parametrize(
    ("term", "value", "said"),
    [
        ("peak_hours", "[7, 99]", "not permitted"),
        ("repeat_within", "10", "may be set by ministry"),
        ("peak_hours", "seven", "cannot be read"),
    ],
)
def test_a_filed_value_that_is_not_permitted_is_refused(lake: Lake, term: str, value: str, said: str) -> None:
    deliver(lake, "city.parameters", [{"term": term, "term_value": value, "act": "1", "valid_from": date(2026, 1, 1)}])
    with pytest.raises(Problem, match=said):
        computer(lake).compute("T")


def _changed_catalogue(tmp_path: Path, system: str, file: str, before: str, after: str) -> Catalogue:
    folder = tmp_path / "systems" / system
    shutil.copytree(system_folder() / system, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    return load_catalogue([folder if path.name == system else path for path in default_folders()])


def test_a_new_contract_version_computes_its_dataset_again(lake: Lake, tmp_path: Path) -> None:
    computer(lake).compute("T")
    changed = _changed_catalogue(tmp_path, "contact_centre", "datasets/survey_answers.yaml", "version: 1", "version: 2")
    again = Lake(lake.folder, changed)
    assert Computer(again, EDITION, changed).compute("T").datasets == {"contact_centre.survey_answers"}
    same_as_from_scratch(again)


def test_a_changed_expression_computes_its_own_sums_again(lake: Lake, tmp_path: Path) -> None:
    computer(lake).compute("T")
    changed = _changed_catalogue(
        tmp_path,
        "contact_centre",
        "kpis.yaml",
        "where: topic = 'contact_centre'",
        "where: topic in ('contact_centre', 'gas')",
    )
    again = Lake(lake.folder, changed)
    report = Computer(again, EDITION, changed).compute("T")
    assert (report.datasets, report.scans) == ({"contact_centre.survey_answers"}, 1)
    same_as_from_scratch(again)


def test_two_editions_side_by_side_have_sums_of_their_own(lake: Lake, tmp_path: Path) -> None:
    """An invented edition that asks for an answer within 15 s instead of 30."""
    folder = tmp_path / "order_999"
    shutil.copytree(EDITION.folder, folder)
    for path in folder.glob("initiatives/01_*/kpis.yaml"):
        text = path.read_text(encoding="utf-8")
        assert "answer_time: {unit: second, republican: 30" in text
        path.write_text(
            text.replace("answer_time: {unit: second, republican: 30", "answer_time: {unit: second, republican: 15")
        )
    second = load_edition(folder)
    march = Period.parse("2026-03")
    for law, expected in ((EDITION, 50), (second, 0), (EDITION, 50)):
        values = Values(lake, law, CATALOGUE)
        values.computer.compute("T", kpis=[ANSWERED, WAIT])
        assert values.value("T", law.kpi(ANSWERED), march, march.last_day).value == expected
    assert computer(lake, second).compute("T", kpis=[ANSWERED, WAIT]).scans == 0
    assert computer(lake, EDITION).compute("T", kpis=[ANSWERED, WAIT]).scans == 0


def test_an_edition_with_fewer_kpis_computes_those(lake: Lake, tmp_path: Path) -> None:
    from dataclasses import replace

    few = replace(EDITION, kpis={WAIT: EDITION.kpi(WAIT)})
    assert computer(lake, few).compute("T").datasets == {"contact_centre.calls"}


CALLS = CATALOGUE.contract("contact_centre.calls")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("waited > 3", "names the column 'waited'"),
        ("other.bot", "names the column 'other.bot'"),
        ("sqrt(bot)", "not allowed"),
        ("random() < 1", "not allowed"),
        ("pg_sleep(1)", "pg_sleep, which is not allowed"),
        ("bot / 2", "not allowed"),
        ("cast(bot as int)", "not allowed"),
        ("(select 1)", "not allowed"),
        ("sum(1)", "not allowed"),
        ("row_number() over ()", "not allowed"),
        ("bot; drop table x", "not allowed"),
        ("bot and and", "not an expression"),
        ("hour(answered_at) = 7", "fixed at landing for queued_at only"),
        ("hour(7)", "fixed at landing for queued_at only"),
        ("is_working_day(call_id)", "no local day is fixed"),
        ("is_working_day()", "no local day is fixed"),
    ],
)
def test_what_an_expression_may_not_say(text: str, said: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(text, Scope(CALLS, None, "kpis.yaml:7: wait"))
    assert said in str(caught.value) and "kpis.yaml:7: wait" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("mean: answered_at - queued_at", "mean: answered_at - nothing", "names the column 'nothing'"),
        ("mean: answered_at - queued_at", "mean: (answered_at - queued_at) * 1e0", "must be whole or decimal"),
        ("mean: answered_at - queued_at", "mean: bot", "must be whole or decimal"),
        ("where: not bot", "where: not bot\n  on: registered_at", "cannot be dated by 'registered_at'"),
        ("of: contact_centre.calls", "of: contact_centre.call", "there is no dataset"),
        ("mean: answered_at - queued_at", "mean: answered_at - queued_at\n  count: all", "Exactly one of"),
        ("repeat_share:", "mean_wait:", "written twice"),
        ("on: received_at, look_back", "on: closed_at, look_back", "runs along 'closed_at'"),
    ],
)
def test_what_a_computation_may_not_say(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(Problem) as caught:
        catalogue = _changed_catalogue(tmp_path, "contact_centre", "kpis.yaml", before, after)
        planner = Planner(catalogue, Context(EDITION, (Stretch(None, "district"),)))
        for kpi in EDITION.kpis.values():
            if kpi.system == "contact_centre":
                planner.figures(kpi.id)
    problem = caught.value.problems[0] if isinstance(caught.value, Problems) else caught.value
    assert said in problem.message
    if "there is no dataset" not in said:
        assert "contact_centre/kpis.yaml:" in problem.where
