"""Own indicators: declared in YAML, measured by the same scans as the law's KPIs, shown, never scored."""

from __future__ import annotations

import json
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from small_lakes import CATALOGUE, EDITION, computer, deliver, new_lake, same_as_from_scratch
from typer.testing import CliRunner

from qala.cli import app
from qala.lake import Lake
from qala.measures import indicators
from qala.measures.values import Values
from qala.scoring import Profile
from qala.standard.period import Period
from qala.standard.problems import Problem, Problems

PARKING = """
parking_answer_time:
  name: {ru: Ответ о парковках, kk: Тұрақтар туралы жауап, en: Time to answer about parking}
  owner: {ru: Управление мобильности, kk: Мобилділік басқармасы, en: Mobility department}
  sphere: transport
  cities: [T]
  unit: hour
  every: month
  target: {at_most: 24.5}
  measure:
    of: contact_centre.appeals
    mean: closed_at - received_at
    where: topic = 'parking' and status = 'resolved'
    on: closed_at
    beside:
      forwarded: {of: contact_centre.appeals, share: forwarded, where: topic = 'parking', unit: percent}
lot_spaces:
  name: {ru: Места, kk: Орындар, en: Spaces}
  owner: {ru: Министерство, kk: Министрлік, en: Ministry}
  sphere: transport
  cities: all
  unit: count
  every: quarter
  year: last
  target: {none: {ru: наблюдение, kk: бақылау, en: watched only}}
  measure: {of: parking.lots, sum: spaces}
repeats:
  name: {ru: Повторы, kk: Қайталау, en: Repeats}
  owner: {ru: Министерство, kk: Министрлік, en: Ministry}
  sphere: governance
  cities: all
  unit: percent
  every: month
  target: {at_least: 1}
  measure:
    of: contact_centre.appeals
    share: since_previous <= :repeat_within
    since_previous: {by: [[citizen]], on: received_at, look_back: ":repeat_look_back"}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = new_lake(tmp_path, "T", "U")
    lot = {"kind": "garage", "counts_spaces": True, "takes_online_payment": True, "reads_plates": True}
    appeal = {"status": "resolved", "topic": "parking", "spam": False, "citizen": "x", "forwarded": True}
    for city in ("T", "U"):
        deliver(
            lake,
            "parking.lots",
            [{**lot, "lot_id": n, "spaces": 10, "valid_from": f"2026-0{n}-01"} for n in (1, 5)],
            city,
        )
        rows = [
            {
                **appeal,
                "appeal_id": n,
                "received_at": f"2026-03-0{n} 10:00:00",
                "closed_at": f"2026-03-0{n + 1} 12:00:00",
            }
            for n in (1, 2)
        ]
        deliver(lake, "contact_centre.appeals", rows, city)
    return lake


def _file(folder: Path, text: str, name: str = "parking.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_indicator_is_measured_with_the_kpis_and_never_scored(lake: Lake, tmp_path: Path) -> None:
    taken = indicators.add(lake, EDITION, _file(tmp_path, PARKING))
    assert [one.id for one in taken] == ["own.parking_answer_time", "own.lot_spaces", "own.repeats"]
    values = Values(lake, EDITION, CATALOGUE)
    values.computer.compute("T")
    same_as_from_scratch(lake)
    march = Period.parse("2026-03")
    hours = values.value("T", taken[0], march, march.last_day)
    assert (hours.status, hours.value, hours.rows) == ("ok", 26, 2)
    assert taken[0].met(hours.value) is False and hours.beside["forwarded"] == (100, "percent")
    assert values.value("T", taken[1], Period.parse("2026-Q1"), date(2026, 12, 31)).value == 10
    year = Period.parse("2026")
    assert values.value("T", taken[1], year, year.last_day).value == 20
    assert values.value("T", taken[2], march, march.last_day).value == Fraction(50)
    assert taken[2].open_terms == ("repeat_within", "repeat_look_back")
    assert [one.id for one in values.own_indicators("U")] == ["own.lot_spaces", "own.repeats"]
    assert not [kpi for kpi in EDITION.kpis if kpi.startswith("own.")]
    observed = values.observation("T", EDITION.kpi("1.9"), 2026, year.last_day, Profile())
    assert observed.status == "missing"


def test_an_indicator_shares_the_scans_of_the_kpis(lake: Lake, tmp_path: Path) -> None:
    of_city = computer(lake)
    of_city.compute("T")
    spaces = """
spaces_again:
  name: {ru: Места, kk: Орындар, en: Spaces}
  owner: {ru: М, kk: М, en: M}
  sphere: transport
  cities: all
  unit: count
  every: month
  target: {none: watched}
  measure: {of: parking.lots, sum: spaces}
"""
    indicators.add(lake, EDITION, _file(tmp_path, spaces))
    # the denominator of 5.7 is this very sum; only the count of its rows is new
    report = computer(lake).compute("T")
    assert report.datasets <= {"parking.lots"} and report.scans <= 1


def test_of_the_command_line(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QALA_EDITION", raising=False)  # the site's settings name one
    run, at = CliRunner(), ["--lake", str(lake.folder)]
    file = _file(tmp_path, PARKING)
    assert run.invoke(app, ["indicator", "check", str(file), *at]).output.startswith("3 own indicators")
    assert not (lake.folder / "indicators").exists()
    assert run.invoke(app, ["indicator", "add", str(file), *at]).exit_code == 0
    listed = json.loads(run.invoke(app, ["indicator", "list", "--city", "U", "--format", "json", *at]).output)
    assert [row["id"] for row in listed] == ["own.lot_spaces", "own.repeats"]
    asked = ["own.parking_answer_time", "--city", "T", "--period", "2026-03", *at]
    value = json.loads(run.invoke(app, ["value", *asked, "--format", "json"]).output)
    assert (value["value"], value["target_met"], value["own_indicator"]) == (26, False, "never scored")
    assert value["owner"] == "Mobility department"
    rows = run.invoke(app, ["rows", *asked, "--side", "numerator", "--format", "csv"]).output
    assert len(rows.strip().splitlines()) == 3


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("unit: hour", "unit: fortnight", "has no unit 'fortnight'"),
        ("sphere: governance", "sphere: magic", "has no sphere 'magic'"),
        ("cities: [T]", "cities: [X]", "City X is not in the registry"),
        ("at_most: 24.5", "between: [1, 2]", "at_least, at_most or none"),
        ("at_most: 24.5", "at_most: soon", "'soon' is not a number"),
        ("kk: Орындар, ", "", "'kk' is missing"),
        ("sum: spaces", "sum: places", "names the column 'places'"),
        ("sum: spaces", "sum: spaces * 1e0", "whole or decimal"),
        ("sum: spaces", "total: spaces", "field 'total' is not known"),
        ("sum: spaces", "sum: spaces, by_component: kind", "belongs to the vectors of the law"),
        ("of: parking.lots", "of: parking.plots", "there is no dataset 'parking.plots'"),
        (":repeat_within", ":whenever", "neither a limit of the KPI nor an open term"),
        ("lot_spaces:", "repeats:", "is written twice"),
        ("lot_spaces:", "Lot spaces:", "no name for an indicator"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    lake: Lake, tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert before in PARKING
    file = _file(tmp_path, PARKING.replace(before, after, 1))
    with pytest.raises(Problem) as caught:
        indicators.add(lake, EDITION, file)
    assert said in str(caught.value) and f"{file}:" in str(caught.value)
    assert not (lake.folder / "indicators").exists()


def test_a_file_takes_the_place_of_its_namesake_and_a_name_is_taken_once(lake: Lake, tmp_path: Path) -> None:
    indicators.add(lake, EDITION, _file(tmp_path, PARKING))
    indicators.add(lake, EDITION, _file(tmp_path, PARKING.replace("at_most: 24.5", "at_most: 30")))
    with pytest.raises(Problems, match=r"3 things are wrong") as caught:
        indicators.add(lake, EDITION, _file(tmp_path, PARKING, "other.yaml"))
    assert "own.repeats is declared twice" in str(caught.value)


def test_the_how_to_declares_an_indicator_that_works(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "howto" / "own-indicators.md").read_text(encoding="utf-8")
    (declared,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = _file(tmp_path, declared, "trees.yaml")
    (console,) = [block for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL) if "check" in block]
    checked = CliRunner().invoke(app, ["indicator", "check", str(file), "--lake", str(lake.folder)])
    assert checked.output.strip() in console
    (one,) = indicators.add(lake, EDITION, file)
    with pytest.raises(Problem) as caught:
        indicators.add(lake, EDITION, _file(tmp_path, declared.replace("closed_at - ", "close_at - "), "trees.yaml"))
    assert caught.value.message in page
    assert set(indicators.Declared.model_fields) <= set(re.findall(r"`(\w+)`", page)) and one.cities is None
