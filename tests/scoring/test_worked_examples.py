"""Worked examples of single scores, as a file that `qala standard check-examples` reads, and what it says of bad files."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from qala.cli.check import check_examples
from qala.cli.check_examples import check, read
from qala.standard import Edition, Problem

EXAMPLES = Path(__file__).with_name("worked_examples.csv")
app = typer.Typer()
app.command()(check_examples)

HEADER = "id,row,category,year,profile,input,expected_score,expected_status,note\n"


def test_every_worked_example_comes_out(edition: Edition) -> None:
    passed, failed, mismatches = check(EXAMPLES, {edition.id: edition})
    assert mismatches == []
    assert (passed, failed) == (len(list(read(EXAMPLES))), 0)
    assert passed > 100


def test_the_command_counts_and_exits_with_0() -> None:
    result = CliRunner().invoke(app, [str(EXAMPLES)])
    assert result.exit_code == 0, result.output
    assert result.output.endswith("103 passed, 0 failed\n")


def test_the_command_prints_each_mismatch_and_exits_with_1(tmp_path: Path) -> None:
    file = tmp_path / "examples.csv"
    file.write_text(
        HEADER
        + "A,2.3,republican,2026,annex2,value=8.1,0.9,ok,\n"
        + "B,2.3,republican,2026,annex2,value=8.1,0.8,ok,\n"
        + "C,2.3,republican,2026,annex2,,0.8,ok,\n"
    )
    result = CliRunner().invoke(app, [str(file), "--edition", "order_469"])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "B, expected_score: expected 0.8, got 0.9",
        "C, expected_status: expected ok, got missing",
        "C, expected_score: expected 0.8, got no score",
        "1 passed, 2 failed",
    ]


@pytest.mark.parametrize(
    ("row", "message", "where"),
    [
        ("A,99.9,republican,2026,annex2,value=1,1,ok,", "no KPI '99.9'", "row 2, column row"),
        ("A,2.3,capital,2026,annex2,value=1,1,ok,", "no category 'capital'", "row 2, column category"),
        ("A,2.3,republican,soon,annex2,value=1,1,ok,", "'soon' is not a year", "row 2, column year"),
        ("A,2.3,republican,2026,annex9,value=1,1,ok,", "unknown word 'annex9'", "row 2, column profile"),
        ("A,2.3,republican,2026,annex2,value=many,1,ok,", "'many' is not a number", "row 2, column input"),
        ("A,2.3,republican,2026,annex2,value,1,ok,", "is not key=value", "row 2, column input"),
        ("A,2.3,republican,2026,annex2,value=1;value=2,1,ok,", "stands twice", "row 2, column input"),
        ("A,2.3,republican,2026,annex2,speed=1,1,ok,", "cannot be read from 'speed'", "row 2, column input"),
        ("A,2.3,republican,2026,annex2,network=none,,not_applicable,", "does not depend", "row 2, column input"),
        ("A,1.4,republican,2026,annex2,parks_h=1,1,ok,", "has no part 'parks'", "row 2, column input"),
        ("A,1.17,republican,2026,annex2,norms=1|2;concentrations=1,1,ok,", "2 norms and 1", "row 2, column input"),
        ("A,1.17,republican,2026,annex2,norms=0;concentrations=1,1,ok,", "not above 0", "row 2, column input"),
        ("A,2.3,republican,2026,annex2,value=1,nought,ok,", "'nought' is not a number", "column expected_score"),
        ("A,2.3,republican,2026,annex2,value=1,1,fine,", "no status 'fine'", "row 2, column expected_status"),
        ("A,2.3,republican", "has 3 cells", "row 2"),
        (",2.3,republican,2026,annex2,value=1,1,ok,", "cell is empty", "row 2, column id"),
        ('A,"2.3,republican,2026,annex2,value=1,1,ok,', "not a CSV table", "row 2"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_its_place(
    tmp_path: Path, edition: Edition, row: str, message: str, where: str
) -> None:
    file = tmp_path / "examples.csv"
    file.write_text(HEADER + row + "\n")
    with pytest.raises(Problem) as problem:
        check(file, {edition.id: edition})
    assert message in str(problem.value)
    assert where in problem.value.where


def test_other_faults_of_a_file(tmp_path: Path, edition: Edition) -> None:
    loaded = {edition.id: edition}
    with pytest.raises(Problem, match="cannot be read"):
        check(tmp_path / "none.csv", loaded)
    file = tmp_path / "examples.csv"
    file.write_text("id,row\nA,2.3\n")
    with pytest.raises(Problem, match="'category' is missing"):
        check(file, loaded)
    file.write_bytes("id,row\nA,\xff\n".encode("latin-1"))
    with pytest.raises(Problem, match="not UTF-8"):
        check(file, loaded)
    file.write_text(HEADER + "A,2.3,republican,2019,,value=1,1,ok,\n")
    with pytest.raises(Problem, match="No edition is loaded that began by 2019"):
        check(file, loaded)
    with pytest.raises(Problem, match="'order_141' is not loaded"):
        check(file, loaded, "order_141")


def test_a_table_program_may_write_a_mark_before_the_header_and_blank_lines(tmp_path: Path, edition: Edition) -> None:
    file = tmp_path / "examples.csv"
    file.write_text(
        "\ufeff" + HEADER.replace(",note", "") + "A,2.3,republican,2026,,value=9,1,ok\n\n,,,,,,,\n", "utf-8"
    )
    assert check(file, {edition.id: edition}) == (1, 0, [])
