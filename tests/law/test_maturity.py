"""The maturity model as data: complete, in three languages, in our own words, and true to what was published."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from typer.testing import CliRunner

from qala.standard import Problem
from qala.standard.loader import law_folder
from qala.standard.maturity import MaturityModel, load_maturity
from qala.standard.values import LANGUAGES, Text

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "standard"
IDC = SHARED / "idc_almaty_2021.ru.txt"
EXAMPLES = SHARED / "scoring_examples.csv"
LONGEST = 200
RUN = 8


@pytest.fixture(scope="module")
def model() -> MaturityModel:
    return load_maturity()


def texts(value: Any, where: str = "") -> Iterator[tuple[str, Text]]:
    """Every text of a model, with the path to it."""
    if isinstance(value, Text):
        yield where, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from texts(item, f"{where}[{index}]")
    elif hasattr(value, "items"):
        for key, item in value.items():
            yield from texts(item, f"{where}.{key}")


def letters(text: str) -> str:
    """Only letters and digits: the table of the source breaks words over lines."""
    return re.sub(r"[\W_]+", "", text.casefold())


def example(name: str) -> dict[str, str]:
    if not EXAMPLES.is_file():
        pytest.skip(f"the worked examples are not here ({EXAMPLES})")
    with EXAMPLES.open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["id"] == name)


def test_counts(model: MaturityModel) -> None:
    assert len(model.stages) == 5
    assert {id_: len(one.sub_dimensions) for id_, one in model.dimensions.items()} == {
        "vision": 4, "culture": 3, "process": 4, "technology": 4, "data": 4,
    }  # fmt: skip
    assert len(model.sub_dimensions) == 19
    ladders = [text for sub in model.sub_dimensions.values() for text in sub.ladder.values()]
    assert len(ladders) == 95
    for tongue in LANGUAGES:
        assert len({text.say(tongue) for text in ladders}) == 95, f"two descriptors are the same in {tongue}"


def test_three_languages(model: MaturityModel) -> None:
    kazakh = set("әғқңөұүһі")
    for where, text in texts(model):
        assert not re.search(r"[а-яё]", text.en.casefold()), where
        assert not kazakh & set(text.ru.casefold()), where
        if len(text.kk) > 40:
            assert kazakh & set(text.kk.casefold()), where
            assert text.kk != text.ru, where


def test_descriptors_can_be_read_on_a_phone(model: MaturityModel) -> None:
    for sub in model.sub_dimensions.values():
        for stage, text in sub.ladder.items():
            for tongue in LANGUAGES:
                said = text.say(tongue)
                assert 20 <= len(said) <= LONGEST, f"{sub.id} {stage} {tongue}: {len(said)} characters"
                assert said.endswith("."), f"{sub.id} {stage} {tongue}"


def test_words_are_our_own(model: MaturityModel) -> None:
    if not IDC.is_file():
        pytest.skip(f"the published assessment is not here to compare with ({IDC})")
    source = letters(IDC.read_text(encoding="utf-8"))
    for where, text in texts(model):
        for tongue in LANGUAGES:
            words = re.findall(r"\w+", text.say(tongue))
            for start in range(len(words) - RUN + 1):
                run = words[start : start + RUN]
                assert letters("".join(run)) not in source, f"{where} {tongue}: {' '.join(run)}"


def test_names_of_stages_are_the_published_ones(model: MaturityModel) -> None:
    if not IDC.is_file():
        pytest.skip(f"the published assessment is not here to compare with ({IDC})")
    said = IDC.read_text(encoding="utf-8")
    for stage in model.stages.values():
        assert re.search(rf"^{stage.name.ru}\s*$", said, re.MULTILINE), stage.name.ru


def test_weights(model: MaturityModel) -> None:
    assert sum(model.weight(name) for name in model.sub_dimensions) == 1
    assert model.weight("strategy") == Fraction(1, 20)
    assert f"{float(model.weight('innovation')):.6f}" == example("M06")["expected"]


def test_almaty_2021(model: MaturityModel) -> None:
    almaty = model.references["almaty_2021"]
    mean = almaty.mean()
    assert mean == Fraction("2.68")
    assert round(mean, model.about.shown_decimals) == almaty.overall == Fraction("2.7")
    assert (model.completed_stage(mean), model.nearest_stage(mean)) == almaty.stage_said == (2, 3)


def test_almaty_2017(model: MaturityModel) -> None:
    almaty = model.references["almaty_2017"]
    assert almaty.mean() is None, "the score of process was not published"
    assert [name for name, score in almaty.scores.items() if score is None] == ["process"]
    assert almaty.parts is not None
    blend = model.about.expert_blend
    blended = blend.experts * almaty.parts["experts"] + blend.respondents * almaty.parts["respondents"]
    assert blended == almaty.overall == Fraction(example("M08")["expected"])
    assert (model.nearest_stage(almaty.overall),) == almaty.stage_said


def test_published_numbers_stand_in_the_source(model: MaturityModel) -> None:
    if not IDC.is_file():
        pytest.skip(f"the published assessment is not here to compare with ({IDC})")
    said = " ".join(IDC.read_text(encoding="utf-8").replace(",", ".").split())
    for old, name in (("2.1", "vision"), ("2.1", "culture"), ("1.7", "technology"), ("1.6", "data")):
        assert model.references["almaty_2017"].scores[name] == Fraction(old)
    for phrase in (
        "с 2.1 в 2017 году до 2.7",
        "с 1.7 в 2017 году до 2.6",
        "с 1.6 до 2.7",
        "120 опросников",
        "56 опросников",
    ):
        assert phrase in said, phrase
    for line in ("Видение и Стратегия = 2.9", "Культура = 2.7", "Процесс = 2.5", "Технологии = 2.6", "Данные = 2.7"):
        assert line in said, line
        score = Fraction(line.rpartition(" ")[2])
        assert score in model.references["almaty_2021"].scores.values()


@pytest.mark.parametrize(
    ("score", "nearest", "completed"),
    [
        ("1", 1, 1),
        ("1.49", 1, 1),
        ("1.5", 2, 1),
        ("2.5", 3, 2),
        ("3.499", 3, 3),
        ("4.5", 5, 4),
        ("4.99", 5, 4),
        ("5", 5, 5),
    ],
)
def test_stages_of_scores(model: MaturityModel, score: str, nearest: int, completed: int) -> None:
    assert model.nearest_stage(Fraction(score)) == nearest
    assert model.completed_stage(Fraction(score)) == completed


def test_stages_of_the_worked_examples(model: MaturityModel) -> None:
    for name in ("M02", "M04"):
        row = example(name)
        number = model.nearest_stage(Fraction(row["input"].removeprefix("score=")))
        assert f"{number} {model.stages[str(number)].name.ru}" == row["expected"]


@pytest.mark.parametrize("score", ["0.99", "5.01"])
def test_a_score_off_the_scale_is_refused(model: MaturityModel, score: str) -> None:
    with pytest.raises(Problem, match="outside the scale"):
        model.nearest_stage(Fraction(score))


def test_control_shift_of_the_worked_example(model: MaturityModel) -> None:
    given = {part.split("=")[0]: Fraction(part.split("=")[1]) for part in example("M10")["input"].split(";")}
    control = model.about.control
    shifted = given["answer"] + control.strength * (given["C2"] - given["C1"]) / control.divide_by
    assert min(shifted, Fraction(model.about.scale.highest)) == Fraction(example("M10")["expected"])
    assert {question.symbol for question in model.questions.control.values()} == {"C1", "C2"}


def test_too_few_answers_of_the_worked_example(model: MaturityModel) -> None:
    marks = example("M18")["input"].split(":")[1].split(",")
    answered = Fraction(sum(mark.strip() != "missing" for mark in marks), len(marks))
    assert answered < model.about.answered.share
    assert Fraction(3, 4) >= model.about.answered.share


def test_vignettes_are_told_by_the_ladders_without_the_stage(model: MaturityModel) -> None:
    for level in model.vignettes.levels:
        for id_, dimension in model.dimensions.items():
            told = model.vignette(id_, level)
            for sub in dimension.sub_dimensions.values():
                assert sub.at(level).kk in told.kk
            assert not any(stage.name.ru.casefold() in told.ru.casefold() for stage in model.stages.values())
    with pytest.raises(Problem, match="no dimension"):
        model.vignette("weather", 3)


def test_a_model_cannot_be_changed(model: MaturityModel) -> None:
    with pytest.raises(TypeError):
        model.stages["6"] = model.stages["5"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("dimensions/data.yaml", "    5:\n", "    6:\n", "steps 1 to 5"),
        ("stages.yaml", "nearest_from: 2.5", "nearest_from: 1.5", "must rise"),
        ("model.yaml", 'experts: "7/10"', 'experts: "8/10"', "must make 1"),
        ("references.yaml", ", data: 1.6}", "}", "wants its score"),
        ("dimensions/data.yaml", "open_data:", "strategy:", "already one of vision"),
        ("vignettes.yaml", "levels: [2, 3, 4]", "levels: [2, 3, 9]", "Levels are steps"),
        ("questions.yaml", "plain_scale:", "plain_scales:", "not known|missing|wrong"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    folder = tmp_path / "maturity"
    shutil.copytree(law_folder() / "maturity", folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem, match=message) as caught:
        load_maturity(folder)
    assert file.rpartition("/")[2] in str(caught.value)


def test_command() -> None:
    from qala.cli.maturity import maturity

    app = typer.Typer()
    app.command()(maturity)
    run = CliRunner()
    for name in ("stages", "dimensions", "rules", "questions", "references", "vision", "open_data"):
        for tongue in LANGUAGES:
            for form in ("table", "json", "csv"):
                assert run.invoke(app, [name, "--lang", tongue, "--format", form]).exit_code == 0, (name, tongue, form)
    told = run.invoke(app, ["open_data", "--lang", "en", "--format", "csv"]).stdout.splitlines()
    assert told[0] == "stage,name,looks_like"
    assert len(told) == 6
    failed = run.invoke(app, ["weather"])
    assert isinstance(failed.exception, Problem)
    assert "open_data" in str(failed.exception)
