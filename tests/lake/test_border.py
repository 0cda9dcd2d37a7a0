"""What the border refuses, why, and what it keeps of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trial_lake import CITY, VISITS, Take, current, refused

from qala.lake import Lake

HEADER = "visit_id,came_at,left_at,kind,persons,paid,planned_on,alone,citizen\n"
GOOD = "1,2025-01-01 10:00,,short,1,,,,\n"


@pytest.mark.parametrize(
    ("line", "rule", "says"),
    [
        (",2025-01-01 10:00,,short,1,,,,", "visit_id:empty", "visit_id is empty"),
        ("2,,,short,1,,,,", "came_at:empty", "came_at is empty"),
        ("2,31.02.2025 10:00,,short,1,,,,", "came_at:unreadable", "'31.02.2025 10:00' is not a time"),
        ("2,2025-01-01,,short,1,,,,", "came_at:unreadable", "'2025-01-01' is not a time"),
        ("2,1812-01-01 10:00,,short,1,,,,", "came_at:far_away", "is outside of"),
        ("2,2025-01-01 10:00,,tall,1,,,,", "kind:not_listed", "'tall' is not one of short, long"),
        ("2,2025-01-01 10:00,,short,1.5,,,,", "persons:unreadable", "'1.5' is not a whole number"),
        ("2,2025-01-01 10:00,,short,0x1F,,,,", "persons:unreadable", "'0x1F' is not a whole number"),
        ("2,2025-01-01 10:00,,short,-1,,,,", "persons:below", "-1 is below 0"),
        ("2,2025-01-01 10:00,,short,100001,,,,", "persons:above", "100001 is above 100000"),
        ("2,2025-01-01 10:00,,short,1,ten,,,", "paid:unreadable", "'ten' is not a number"),
        ("2,2025-01-01 10:00,,short,1,,13/13/13,,", "planned_on:unreadable", "is not a day"),
        ("2,2025-01-01 10:00,,short,1,,,perhaps,", "alone:unreadable", "is not yes or no"),
        ("2,2025-01-01 10:00,2025-01-01 09:00,short,1,,,,", "left_before_came", "left_at < came_at"),
    ],
)
def test_each_fault_has_a_rule_and_a_sentence(lake: Lake, take: Take, line: str, rule: str, says: str) -> None:
    receipt = take(HEADER + GOOD + line + "\n")
    assert (receipt.read, receipt.stored, receipt.quarantined) == (2, 1, 1)
    assert receipt.reasons == {rule: 1}
    [row] = refused(lake, receipt)
    assert row["rules"] == rule and says in row["reason"] and row["row"] == 2 and row["status"] == "open"
    assert json.loads(row["original"])["came_at"] == (line.split(",")[1] or None)


def test_all_faults_of_a_row_are_told_and_rows_are_numbered_past_broken_lines(lake: Lake, take: Take) -> None:
    lines = [
        GOOD,
        "2,x,,tall,1,,,,\n",
        "too,few\n",
        GOOD.replace("1,", "3,", 1),
        "4,2025-01-01 10:00,,short,1,,,,,,,too many\n",
    ]
    lines += ['"5\n in two lines",2025-01-01 10:00,,short,1,,,,\n', "6,2025-01-01 10:00,,,1,,,,\n"]
    receipt = take(HEADER + "".join(lines))
    assert (receipt.read, receipt.stored, receipt.quarantined) == (7, 3, 4)
    rows = {row["row"]: row for row in refused(lake, receipt)}
    assert sorted(rows) == [2, 3, 5, 7]
    assert rows[2]["rules"] == "came_at:unreadable kind:not_listed" and "; " in rows[2]["reason"]
    assert rows[3]["rules"] == rows[5]["rules"] == "not_a_row"
    assert rows[3]["original"] is None  # the contract has a personal column: the line might hold it anywhere
    assert rows[7]["rules"] == "kind:empty"


def test_blank_values_are_empty_and_blanks_around_do_not_matter(lake: Lake, take: Take) -> None:
    take(HEADER + " 1 , 2025-01-01 10:00:00 ,  , short , 1 ,  1.5 , , ,  \n")
    [row] = current(lake, VISITS)
    assert (row["visit_id"], row["kind"], row["persons"], row["left_at"], row["citizen"]) == (
        "1",
        "short",
        1,
        None,
        None,
    )


def test_no_personal_value_reaches_the_disk(lake: Lake, take: Take, tmp_path: Path) -> None:
    secret = "990101300123"
    good = f"1,2025-01-01 10:00,,short,1,,,,{secret}\n"
    bad = f"2,2025-01-01 10:00,,short,x,,,,{secret}\n{secret},short line\n"
    take(HEADER + good + bad)
    take((HEADER + good.replace("1,", "3,", 1) + bad).encode("cp1251"))
    mapping = {"dataset": VISITS, "columns": {"citizen": {"sql": "'KZ' || ИИН"}, "district": "ИИН"}, "ignore": ["Имя"]}
    take(f"visit_id,came_at,kind,persons,ИИН,Имя\n4,2025-01-01 10:00,short,x,{secret},{secret}\n", mapping=mapping)
    connection = lake.connection()
    texts = [path.read_bytes() for path in lake.folder.rglob("*") if path.is_file()]
    files = [str(file) for file in lake.folder.rglob("*.parquet")]
    texts += [str(connection.execute("SELECT * FROM read_parquet(?)", [file]).fetchall()).encode() for file in files]
    assert texts and not any(secret.encode() in text for text in texts)
    assert {row["citizen"] for row in current(lake, VISITS, "citizen")} == {lake.pseudonyms.of(secret)}
    assert (lake.folder / "secrets" / "pseudonyms.key").stat().st_mode & 0o777 == 0o600


def test_a_dry_run_says_the_same_and_changes_nothing(lake: Lake, take: Take) -> None:
    content = HEADER + GOOD + "2,x,,short,1,,,,\n"
    said = take(content, dry_run=True)
    assert (said.read, said.stored, said.quarantined) == (2, 1, 1)
    assert lake.table(VISITS).version() == -1 and lake.ledger.receipts() == [] and refused(lake, said) == []
    assert not list((lake.folder / "tables").rglob("*.parquet"))
    assert take(content).stored == 1


def test_the_same_file_twice_changes_nothing_but_another_border_looks_again(lake: Lake, take: Take) -> None:
    content = HEADER + GOOD + "2,2025-01-01 10:00,,short,,,,,\n"
    take(content)
    version = lake.table(VISITS).version()
    again = take(content)
    assert (again.read, again.duplicate, again.version) == (2, 2, None)
    assert lake.table(VISITS).version() == version
    mended = take(
        content, mapping={"dataset": VISITS, "columns": {"persons": {"from": "persons", "default_for_empty": 1}}}
    )
    assert (mended.stored, mended.duplicate, mended.quarantined) == (1, 1, 0)


def test_nothing_happened_is_a_receipt_and_silence_is_not(lake: Lake) -> None:
    from datetime import date

    from qala.standard.problems import Problem

    assert lake.ledger.zero_reports(CITY, VISITS) == []
    receipt = lake.report_nothing(CITY, VISITS, date(2026, 3, 1), date(2026, 3, 31))
    assert lake.ledger.zero_reports(CITY, VISITS) == [(date(2026, 3, 1), date(2026, 3, 31))]
    lake.undo(receipt.id)
    assert lake.ledger.zero_reports(CITY, VISITS) == []
    with pytest.raises(Problem, match="before it begins"):
        lake.report_nothing(CITY, VISITS, date(2026, 3, 2), date(2026, 3, 1))
