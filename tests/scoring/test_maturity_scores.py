"""Maturity from answers: who counts how much, what corrections do, what is missing, how wide an interval is."""

from __future__ import annotations

import importlib.util
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from qala.cli import app
from qala.scoring.maturity import Respondent, blended, corrected, score_city, sheet
from qala.scoring.maturity_corrections import calibrated, rank_among, ranks, shifted
from qala.scoring.maturity_intervals import intervals
from qala.standard.maturity import MaturityModel, load_maturity

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT.parent / "shared" / "standard" / "scoring_examples.csv"


@pytest.fixture(scope="module")
def model() -> MaturityModel:
    return load_maturity()


def person(model: MaturityModel, department: str, step: int, **more: object) -> Respondent:
    return Respondent(department, dict.fromkeys(model.sub_dimensions, step), **more)  # type: ignore[arg-type]


def test_published_dimensions_of_almaty_2021_give_2_68(model: MaturityModel) -> None:
    printed = model.references["almaty_2021"].scores
    answered = {name: printed[sub.dimension] for name, sub in model.sub_dimensions.items()}
    found = sheet(model, answered)
    assert found.dimensions == dict(printed)
    assert found.overall == Fraction("2.68")
    assert (model.nearest_stage(found.overall), model.completed_stage(found.overall)) == (3, 2)


def test_without_process_almaty_2017_has_no_overall_score(model: MaturityModel) -> None:
    printed = model.references["almaty_2017"].scores
    found = sheet(model, {name: printed[sub.dimension] for name, sub in model.sub_dimensions.items()})
    assert found.dimensions["process"] is None
    assert found.overall is None


def test_a_large_department_outvotes_no_small_one(model: MaturityModel) -> None:
    people = [person(model, "large", 5) for _ in range(9)] + [person(model, "small", 1)]
    found = score_city(model, people)
    assert found.whole.overall == 3
    assert found.departments["large"].overall == 5
    assert found.respondents == 10


def test_two_thirds_of_a_dimension_are_enough(model: MaturityModel) -> None:
    vision, culture = (list(model.dimensions[name].sub_dimensions) for name in ("vision", "culture"))
    answered = {name: Fraction(4) for name in (*vision[:3], *culture[:2])}
    found = sheet(model, answered)
    assert found.dimensions["vision"] == found.dimensions["culture"] == 4
    assert sheet(model, {name: answered[name] for name in vision[:2]}).dimensions["vision"] is None
    assert found.overall is None, "the other three dimensions have no score"


def test_who_answered_nothing_does_not_count(model: MaturityModel) -> None:
    assert score_city(model, [person(model, "a", 2), Respondent("b", {})]).respondents == 1


@pytest.mark.parametrize(("c1", "c2", "becomes"), [(2, 4, "3.5"), (5, 1, "2"), (3, 3, "3")])
def test_control_questions_shift_every_answer(model: MaturityModel, c1: int, c2: int, becomes: str) -> None:
    found = score_city(model, [person(model, "a", 3, self_rated=c1, benefits=c2)], "control")
    assert found.whole.overall == Fraction(becomes)
    assert shifted(model, Fraction(1), 5, 1) == 1
    assert found.uncorrected == 0


def test_without_control_answers_the_raw_ones_stay_and_are_counted(model: MaturityModel) -> None:
    found = score_city(model, [person(model, "a", 3, self_rated=5)], "control")
    assert found.whole.overall == 3
    assert found.uncorrected == 1


def test_a_lenient_scale_is_straightened_through_vignettes(model: MaturityModel) -> None:
    assert calibrated(model, Fraction(4), {2: 3, 4: 5}) == 3
    assert calibrated(model, Fraction(2), {2: 3, 4: 5}) == Fraction(3, 2)
    assert calibrated(model, Fraction(1), {2: 1, 4: 3}) == 2, "a city rated at the end of the scale moves the end"
    lenient = person(model, "a", 4, vignettes={id_: {2: 3, 4: 5} for id_ in model.dimensions})
    assert score_city(model, [lenient], "vignettes").whole.overall == 3


@pytest.mark.parametrize("ratings", [{}, {2: 3, 4: 3}, {2: 4, 3: 3, 4: 5}])
def test_ratings_that_do_not_rise_leave_the_raw_answer(model: MaturityModel, ratings: dict[int, int]) -> None:
    assert calibrated(model, Fraction(4), ratings) is None
    one = person(model, "a", 4, vignettes=dict.fromkeys(model.dimensions, ratings))
    known, lacking = corrected(model, one, "vignettes")
    assert set(known.values()) == {4}
    assert lacking


@pytest.mark.parametrize(
    ("own", "ratings", "rank"),
    [
        (1, [2, 3, 4], (1, 1)),
        (2, [2, 3, 4], (2, 2)),
        (5, [2, 3, 4], (7, 7)),
        (3, [2, 4, 5], (3, 3)),
        (3, [2, 3, 3], (4, 6)),
        (2, [3, 2], (1, 4)),
        (3, [4, 2], (1, 5)),
    ],
)
def test_rank_among_imagined_cities(own: int, ratings: list[int], rank: tuple[int, int]) -> None:
    assert rank_among(own, ratings) == rank


def test_intervals_of_ranks_are_spread_evenly() -> None:
    found = ranks([(1, {2: 2, 3: 3, 4: 4}), (3, {2: 2, 3: 3, 4: 3}), (4, {2: 2})], (2, 3, 4))
    assert found is not None
    assert (found.people, found.open) == (2, 1), "who rated one city of three is left out"
    third = Fraction(1, 6)
    assert found.shares == (Fraction(1, 2), 0, 0, third, third, third, 0)
    assert (found.low, found.high) == (Fraction(5, 2), Fraction(7, 2))


def test_blend_with_experts_wants_both(model: MaturityModel) -> None:
    panel = sheet(model, dict.fromkeys(model.sub_dimensions, Fraction("1.4")))
    people = sheet(model, dict.fromkeys(model.sub_dimensions, Fraction("2.4")))
    assert blended(model, panel, people).overall == Fraction("1.7")
    assert blended(model, panel, sheet(model, {})).overall is None


def test_an_interval_wants_three_departments_and_holds_the_score(model: MaturityModel) -> None:
    steps = [1, 2, 2, 3, 4, 5]
    city = score_city(model, [person(model, f"D{number}", step) for number, step in enumerate(steps)])
    found = intervals(model, city)
    assert found is not None and found.overall is not None and city.whole.overall is not None
    low, high = found.overall
    assert low < float(city.whole.overall) < high
    assert intervals(model, city) == found, "the same draws every time"
    assert intervals(model, score_city(model, [person(model, name, 3) for name in "ab"])) is None


def test_intervals_are_as_wide_as_the_spread_of_departments_says(model: MaturityModel) -> None:
    steps = [1, 2, 3, 4, 5] * 4
    city = score_city(model, [person(model, f"D{number}", step) for number, step in enumerate(steps)])
    found = intervals(model, city)
    assert found is not None and found.overall is not None
    variance = sum((step - 3) ** 2 for step in steps) / (len(steps) - 1)
    wanted = 2 * 1.96 * (variance / len(steps)) ** 0.5
    assert found.overall[1] - found.overall[0] == pytest.approx(wanted, rel=0.06)


def test_the_worked_examples_of_maturity_come_out() -> None:
    if not EXAMPLES.is_file():
        pytest.skip(f"the worked examples are not here ({EXAMPLES})")
    answer = CliRunner().invoke(app, ["standard", "check-examples", str(EXAMPLES)])
    assert answer.exit_code == 0, answer.output
    assert "9 passed, 0 failed" in answer.output


def test_a_wrong_expectation_is_told(tmp_path: Path) -> None:
    file = tmp_path / "examples.csv"
    file.write_text(
        "id,level,kpi,rule,input,expected,expected_status,alternative\n"
        'X1,maturity,vignette,Q3,"z=2,3,4;y=1",2,ok,\n'
        "X2,city,index,,,,,\n"
        'X3,maturity,dimension,few,"Vision: 3,missing,missing,4",,missing,\n',
        encoding="utf-8",
    )
    answer = CliRunner().invoke(app, ["standard", "check-examples", str(file)])
    assert answer.exit_code == 1
    assert "X1, expected: expected 2, got 1" in answer.output
    assert "1 passed, 1 failed; 1 of other levels" in answer.output


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("maturity_corrections", ROOT / "scripts" / "maturity_corrections.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def test_corrections_help_and_harm_where_the_page_says(script: ModuleType, model: MaturityModel) -> None:
    lenient, late = (script.Case("", lenient=0.8), script.Case("", rosy=-1.0))
    draw = script.np.random.default_rng(3)
    helped, harmed = (script.measured(model, case, draw, 2).rms for case in (lenient, late))
    assert helped["vignettes"] < helped["control"] < helped["raw"]
    assert harmed["control"] > harmed["raw"] + 0.1
