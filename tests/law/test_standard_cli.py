"""`qala standard`: tables with exactly the columns that the order's readers were promised."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qala.cli.standard import app
from qala.standard import Edition, Problem


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def table(*words: str) -> list[dict[str, str]]:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_kpis_are_exported_with_their_columns() -> None:
    rows = table("export", "--what", "kpis", "--format", "csv")
    assert ",".join(rows[0]) == (
        "initiative,row,id,name_ru,unit,every,target_ru,points,source_ru,formula_ru,description_ru,system_ru,influence_ru"
    )
    assert len(rows) == 118
    assert sum(int(row["points"]) for row in rows) == 1003
    assert {row["every"] for row in rows} <= {"day", "week", "month", "quarter", "year"}
    assert rows[9]["row"] == "1.10"


def test_functions_are_exported_with_their_columns() -> None:
    rows = table("export", "--what", "functions", "--format", "csv")
    assert ",".join(rows[0]) == "initiative,no,function_ru,republican,oblast,district,need_ru"
    assert len(rows) == 157
    assert {row["district"] for row in rows} == {"да", "нет", "да (базовая)"}


def test_initiatives_are_exported_by_level() -> None:
    rows = table("export", "--what", "initiatives", "--format", "csv")
    assert len({row["initiative"] for row in rows}) == 16
    assert len(rows) == 37


def test_due_counts_and_carries_the_notice() -> None:
    result = run("due", "--year", "2027", "--category", "oblast", "--format", "json")
    assert len(json.loads(result.stdout)) == 77
    assert "which is not loaded" in " ".join(result.stderr.split())
    assert (
        len(table("due", "--year", "2026", "--category", "district", "--profile", "citywide", "--format", "csv")) == 21
    )


def test_show_takes_a_row_an_id_and_a_reading(edition: Edition) -> None:
    by_row = json.loads(run("show", "2.3", "--format", "json", "--lang", "en").stdout)
    by_id = json.loads(run("show", by_row["id"], "--format", "json", "--lang", "en").stdout)
    assert by_row == by_id
    assert by_row["law_target"] == edition.kpi("2.3").law.target
    assert json.loads(run("show", "R4", "--format", "json").stdout)["id"] == "R4"
    assert "value" in json.loads(run("show", "peak_hours", "--format", "json").stdout)["default"]


@pytest.mark.parametrize("lang", ["ru", "kk", "en"])
def test_every_kpi_can_be_shown(edition: Edition, lang: str) -> None:
    for row in ("1.4", "1.17", "5.2", "1.13", "16.5"):
        assert edition.kpi(row).id in run("show", row, "--lang", lang).stdout


def test_an_unknown_kpi_is_a_problem_and_not_a_traceback() -> None:
    result = run("show", "2.33")
    assert isinstance(result.exception, Problem)


def test_diff_of_a_draft_folder(small_edition: Path) -> None:
    rows = table("diff", "order_469", str(small_edition), "--format", "csv")
    assert list(rows[0]) == ["what", "name", "change", "field", "before", "after"]
    assert {"kpi", "function", "category", "edition"} <= {row["what"] for row in rows}
    assert "say the same" in run("diff", "order_469", "order_469").stdout


def test_search_finds_in_three_languages() -> None:
    for words in ("ожидания ответа", "күтудің орташа уақыты", "mean wait"):
        assert "contact_centre.mean_wait" in " ".join(row["id"] for row in table("search", words, "--format", "csv"))


def test_the_list_names_the_successor() -> None:
    (row,) = table("list", "--format", "csv")
    assert (row["id"], row["replaced_by"], row["replacement_loaded"]) == ("order_469", "141/НҚ", "no")
