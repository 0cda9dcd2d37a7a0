"""Annex 4 as data: every Russian cell stands as in the order, and the sums come out (readings.md, «Checks»)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
EDITION = ROOT / "standard" / "order_469"
ORDER = ROOT.parent / "shared" / "standard" / "order_469.ru.txt"
CATEGORIES = ("republican", "oblast", "district")
CELLS = ("name", "description", "formula", "source", "system", "every", "target", "points", "influence")
PERIODS = {
    "Ежедневно": "day",
    "Еженедельно": "week",
    "Ежемесячно": "month",
    "Ежеквартально": "quarter",
    "Ежегодно": "year",
}


class _NoTwins(yaml.SafeLoader):
    """Refuses a key that is written twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key is written twice near {node.start_mark}"
        return super().construct_mapping(node, deep)


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _NoTwins)
    return found


KPIS = {
    (int(path.parent.name[:2]), key): entry
    for path in sorted(EDITION.glob("initiatives/*/kpis.yaml"))
    for key, entry in read(path).items()
}
ROADMAPS = {int(path.parent.name[:2]): read(path) for path in sorted(EDITION.glob("initiatives/*/roadmap.yaml"))}
TERMS = read(EDITION / "open_terms.yaml")
SLIPS = read(EDITION / "slips.yaml")
READINGS = read(EDITION / "readings.yaml")
SCORING = read(EDITION / "scoring.yaml")


def one_space(text: str) -> str:
    return " ".join(text.split())


def annex_4() -> Iterator[tuple[str, dict[str, str]]]:
    """(row, cells) read from the order's text, where each cell is a line and a few are broken inside a word."""
    text = ORDER.read_text(encoding="utf-8")
    annex = text[text.index("1. Ситуационный центр города с ИИ-помощником главы города") :]
    annex = annex[: annex.index("Расшифровка аббревиатур")]
    for number, table in enumerate(re.split(r"^\s+(?=\d+\. )", annex, flags=re.M), start=1):
        lines = [one_space(line) for line in table.splitlines() if line.strip()]
        lines = lines[lines.index("Влияние на рейтинг города с обоснованием") + 1 :]
        start, row = 0, 1
        while start < len(lines):
            assert lines[start] == str(row)
            after = len(CELLS) + 1
            following = [at for at in range(start + after, len(lines)) if lines[at] == str(row + 1)]
            end = following[0] if following else len(lines)
            cells: list[str] = []
            for line in lines[start + 1 : end]:
                if cells and line[:1].islower():
                    cells[-1] += line
                else:
                    cells.append(line)
            assert len(cells) == len(CELLS), (number, row, cells)
            yield f"{number}.{row}", dict(zip(CELLS, cells, strict=True))
            start, row = end, row + 1


@pytest.mark.skipif(not ORDER.is_file(), reason="the text of the order (../shared/standard) is not there")
def test_every_cell_stands_as_in_the_order() -> None:
    order = dict(annex_4())
    ours = {entry["row"]: {"name": entry["name"]["ru"], **entry["law"]} for entry in KPIS.values()}
    assert list(ours) == list(order)
    for row, cells in order.items():
        for cell in CELLS:
            assert one_space(ours[row][cell]) == cells[cell], f"{row} {cell}"


def test_all_kpis_are_there_with_their_points() -> None:
    assert len(KPIS) == 118
    assert sum(entry["points"] for entry in KPIS.values()) == 1003
    for (initiative, key), entry in KPIS.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", key)
        assert entry["row"].startswith(f"{initiative}.")
        assert entry["points"] == int(entry["law"]["points"])
        assert entry["every"] == PERIODS[entry["law"]["every"]]
        assert set(entry["target"]) == set(CATEGORIES)


def test_points_by_section() -> None:
    sums: dict[str, int] = {}
    for (initiative, _), entry in KPIS.items():
        sphere = ROADMAPS[initiative]["sphere"]
        sums[sphere] = sums.get(sphere, 0) + entry["points"]
    assert sums == {"governance": 235, "safety": 132, "transport": 296, "ecology": 100, "housing": 240}
    assert set(sums) == set(SCORING["sections"])
    assert sum(section["weight"] for section in SCORING["sections"].values()) == SCORING["maximum"] == 100


@pytest.mark.parametrize(
    ("category", "counts"),
    [("republican", (65, 98, 98, 118)), ("oblast", (51, 77, 77, 97)), ("district", (7, 23, 23, 50))],
)
def test_kpis_due_by_year(category: str, counts: tuple[int, ...]) -> None:
    stages = read(EDITION / "stages.yaml")
    for year, expected in zip((2026, 2027, 2028, 2029), counts, strict=True):
        due = 0
        for initiative, _ in KPIS:
            step = ROADMAPS[initiative]["levels"].get(category)
            due += step is not None and stages[str(step["stage"])]["due_from"] <= year
        assert due == expected, (category, year)


def test_forty_kpis_stay_below_a_limit() -> None:
    kinds = [set(entry["target"]["republican"]) for entry in KPIS.values()]
    assert sum("at_most" in kind or "each_at_most" in kind for kind in kinds) == 40


def test_targets_carry_the_numbers_of_the_order() -> None:
    """Every number of a typed target stands in the order's cell (R6, R7 and R9 have none)."""
    millions = {"млн": 1_000_000, "тыс": 1_000}
    for entry in KPIS.values():
        cell = entry["law"]["target"].replace(" из 5", "")
        cell = re.sub(r"(?<=\d) (?=\d{3}\b)", "", cell)
        written = {
            Fraction(number) * millions.get(scale, 1)
            for number, scale in re.findall(r"(\d+(?:\.\d+)?)(?: (млн|тыс))?", cell)
        }
        ours: set[Fraction] = set()
        for rule in entry["target"].values():
            for value in rule.values():
                found = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
                ours |= {Fraction(str(n)) for n in found if isinstance(n, int | float) and n is not True}
        assert ours == written, entry["row"]


def test_inner_limits_and_strict_ends() -> None:
    by_row = {entry["row"]: entry for entry in KPIS.values()}
    assert {row for row, entry in by_row.items() if "limits" in entry} == {"1.8", "1.11"}
    assert by_row["1.8"]["limits"]["answer_time"]["district"] == 90
    assert by_row["1.11"]["limits"]["arrival_time"]["strict"] == {"oblast": 7, "district": 10}
    strict = {row for row, entry in by_row.items() if any("strict" in rule for rule in entry["target"].values())}
    assert strict == {"1.9", "1.11", "1.12", "1.13", "1.16"}


def test_everything_named_exists_both_ways() -> None:
    units = read(EDITION / "units.yaml")
    rows = {entry["row"] for entry in KPIS.values()}
    for entry in KPIS.values():
        assert entry["unit"] in units
        assert set(entry["readings"]) <= set(READINGS)
        assert set(entry.get("open_terms", ())) == {key for key, term in TERMS.items() if entry["row"] in term["kpis"]}
        assert set(entry.get("slips", ())) == {key for key, slip in SLIPS.items() if entry["row"] in slip["kpis"]}
    for parts in (TERMS, SLIPS):
        assert rows.issuperset(row for part in parts.values() for row in part["kpis"])
    assert rows >= {row for part in TERMS.values() for row in part["kpis"]}


def test_rows_by_their_readings() -> None:
    def cited(reading: str) -> set[str]:
        return {entry["row"] for entry in KPIS.values() if reading in entry["readings"]}

    assert cited("R3") == {"5.2"}
    assert cited("R4") == {"1.12", "1.13", "1.16"}
    assert cited("R14") == {"2.4", "3.3", "4.3", "9.6", "11.2", "9.2"}
    assert cited("R15") == {"1.2", "1.3", "1.5", "1.6", "1.7"}
    assert cited("U1") == {"7.5", "8.5", "13.4", "14.4", "15.4", "16.4"}
    closed = {entry["row"] for entry in KPIS.values() if entry.get("closed_year_only")}
    assert closed == {"1.16", "1.20", "1.21", "6.4", "7.7", "11.2", "11.3"}
    compared = {entry["row"]: entry["compare"] for entry in KPIS.values() if "compare" in entry}
    assert compared == {
        "1.12": "previous_year",
        "1.13": "previous_year",
        "1.16": "baseline",
        "1.20": "previous_year",
        "1.21": "previous_year",
    }


def test_every_reading_is_there() -> None:
    ids = "R1 R2 R3 R4 R4b R5 R6 R7 R9 R10 R11 R12 R13 R14 R15 U1 U2 U3 U4 Y1 N1 N1b N2 N3 V1 S1 S2 T1 T2 A1 A4 "
    ids += "C1 C2 C3 D1 D2 E1 E2 PR1 PR2 PR3 PR4 PR5 PR6 PR7"
    assert list(READINGS) == ids.split()


def test_open_terms_are_dated_and_permitted() -> None:
    for key, term in TERMS.items():
        assert isinstance(term["from"], date), key
        assert set(term["set_by"]) <= {"ministry", "city"}, key
        for setting in (term["default"], term.get("variant", term["default"])):
            assert "value" in setting, key
        value, permitted = term["default"]["value"], term["permitted"]
        for one in value if isinstance(value, list) else [value]:
            if "one_of" in permitted:
                assert one in permitted["one_of"], key
            else:
                assert Fraction(permitted["min"]) <= Fraction(one) <= Fraction(permitted["max"]), key


def _texts(found: Any, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(found, dict):
        if "ru" in found:
            yield path, found
        for key, value in found.items():
            yield from _texts(value, f"{path}.{key}")
    elif isinstance(found, list):
        for at, value in enumerate(found):
            yield from _texts(value, f"{path}[{at}]")


OWN = [
    *sorted(EDITION.glob("initiatives/*/kpis.yaml")),
    *(EDITION / f"{name}.yaml" for name in ("units", "open_terms", "readings", "slips", "scoring", "norms", "stages")),
]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(EDITION).as_posix())
def test_files_are_tidy_and_speak_three_languages(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 140
    assert not any("\t" in line or line != line.rstrip() for line in lines)
    for where, text in _texts(read(path), path.name):
        assert set(text) == {"ru", "kk", "en"} and all(text.values()), where
        assert not re.search(
            "[А-Яа-яЁё]{4}", text["en"].replace("посёлки", "").replace("«Периодичность выгрузки»", "")
        ), where
