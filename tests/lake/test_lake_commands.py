"""The commands of cities and data, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qala.cli import app
from qala.standard.problems import Problem

APPEALS = "contact_centre.appeals"
HEADER = "appeal_id,received_at,topic,status,contacts\n"


class Desk:
    """Types commands into one lake."""

    def __init__(self, lake: Path) -> None:
        self.lake = lake

    def __call__(self, *words: object, code: int = 0) -> str:
        done = CliRunner().invoke(app, [*map(str, words)], env={"QALA_LAKE": str(self.lake), "COLUMNS": "200"})
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.stdout

    def json(self, *words: object) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self(*words, "--format", "json"))
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "lake")


def test_from_a_city_to_receipts_quarantine_and_undo(desk: Desk, tmp_path: Path) -> None:
    desk("city", "add", "750000000")
    [city] = desk.json("city", "list", "--on", "2026-06-30")
    assert (city["name_en"], city["category"], city["districts"]) == ("Almaty", "republican", 8)
    good = required_columns()
    file = tmp_path / "appeals.csv"
    rows = [good, {**good, "appeal_id": "2", "status": "lost"}]
    file.write_text(",".join(good) + "\n" + "".join(",".join(row.values()) + "\n" for row in rows))
    take = ("ingest", file, "--city", "750000000", "--dataset", APPEALS)
    assert desk.json(*take, "--dry-run")[0]["stored"] == 1
    assert desk.json("lake", "receipts") == []
    [receipt] = desk.json(*take)
    assert (receipt["read"], receipt["stored"], receipt["quarantined"]) == (2, 1, 1)
    [bad] = desk.json("lake", "quarantine", receipt["receipt"])
    assert bad["row"] == 2 and "'lost' is not one of" in str(bad["reason"])
    [table] = desk.json("lake", "tables")
    assert (table["dataset"], table["rows"]) == (APPEALS, 1)
    desk("ingest", "--undo", receipt["receipt"])
    assert "sound" in desk("lake", "check")
    assert desk.json("lake", "compact")[0]["files_after"] == 0
    assert "files removed" in desk("lake", "vacuum", "--older-than", "0")
    nothing = ("ingest", "--city", "750000000", "--dataset", APPEALS, "--nothing-happened", "2026-03-01..2026-03-31")
    assert desk.json(*nothing)[0]["days"] == "nothing on 2026-03-01..2026-03-31"
    assert len(desk.json("lake", "receipts", "--city", "750000000")) == 3


def required_columns() -> dict[str, str]:
    from qala.datasets import load_catalogue

    values = {
        "time": "2026-03-02 10:00",
        "whole": "1",
        "decimal": "1.5",
        "day": "2026-03-02",
        "yes_no": "true",
        "text": "1",
    }
    columns = load_catalogue().contract(APPEALS).all_columns
    return {
        name: column.one_of[0] if column.one_of else values[column.type]
        for name, column in columns.items()
        if not column.optional
    }


def test_a_file_of_which_nothing_can_be_taken_in_ends_with_1(desk: Desk, tmp_path: Path) -> None:
    desk("city", "add", "750000000")
    good = required_columns()
    file = tmp_path / "appeals.csv"
    file.write_text(",".join(good) + "\n" + ",".join({**good, "status": "lost"}.values()) + "\n")
    desk("ingest", file, "--city", "750000000", "--dataset", APPEALS, code=1)


def test_cities_are_imported_and_added(desk: Desk) -> None:
    assert "42 cities registered" in desk("city", "import")
    assert "0 cities registered; 42 in all" in desk("city", "import")
    assert len(desk.json("city", "list", "--regions")) == 20
    assert len(desk.json("city", "list", "--on", "2026-06-30", "--category", "oblast")) == 39
    trial = ("--name", "Boston", "--zone", "America/New_York")
    desk("city", "add", "boston", *trial, "--category", "republican", "--since", "2014-01-01", "--reason", "a trial")
    [boston] = [city for city in desk.json("city", "list") if city["code"] == "boston"]
    assert (boston["zone"], boston["category"]) == ("America/New_York", "republican")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("city", "add", "x"), "the name and the time zone must be said"),
        (("city", "add", "x", "--name", "X", "--zone", "Mars/Base"), "not an IANA time zone"),
        (
            ("city", "add", "750000000", "--category", "huge", "--since", "2026-01-01", "--reason", "r"),
            "is no category",
        ),
        (("city", "add", "750000000", "--category", "oblast"), "needs its first day"),
        (("ingest",), "say whose rows"),
        (("ingest", "--city", "1", "--dataset", APPEALS), "no file to take in"),
        (("ingest", "x.csv", "--city", "1", "--dataset", APPEALS, "--way", "pigeon"), "'pigeon' is no way in"),
        (("ingest", "x.csv", "--city", "1", "--dataset", "contact_centre.appeal"), "no dataset"),
        (("ingest", "--city", "1", "--dataset", APPEALS, "--nothing-happened", "March"), "is not a period"),
        (("ingest", "--undo", "nothing"), "no receipt 'nothing'"),
        (("lake", "quarantine", "nothing"), "no receipt 'nothing'"),
    ],
)
def test_mistakes_are_told_and_not_traced(desk: Desk, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(Problem, match=message):
        desk(*words)


def test_what_to_send_lists_datasets_with_the_kpis_that_need_them(desk: Desk, tmp_path: Path) -> None:
    desk("city", "import")
    listed = desk.json(
        "what-to-send", "--city", "750000000", "--year", "2026", "--edition", "order_469", "--out", tmp_path / "out"
    )
    needed = {line["dataset"]: line["needed_by"] for line in listed}
    assert "2.2" in str(needed[APPEALS])
    assert (tmp_path / "out" / f"{APPEALS}.xlsx").exists() and (tmp_path / "out" / "dictionary.kk.md").exists()
