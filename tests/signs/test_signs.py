"""Signs of dressed-up numbers: planted ones are found, honest months are left alone."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from qala.datasets import load_catalogue
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.measures.values import Values
from qala.signs import Sign, look, rules
from qala.signs.series import just_over, step, withheld
from qala.standard import editions

HONEST = [28.0, 31, 27, 33, 30, 29, 32, 28, 31, 30, 29, 31]


def test_a_step_is_found_in_its_month_and_only_for_the_better() -> None:
    cheated = [*HONEST[:6], *(value - 15 for value in HONEST[6:])]
    found = step(cheated, -1, rules()["step"])
    assert found is not None and found.at == 6 and found.after < found.before
    assert step(cheated, 1, rules()["step"]) is None
    assert step(HONEST, -1, rules()["step"]) is None
    assert step([None, *cheated[1:5], None, *cheated[6:]], -1, rules()["step"]) is None  # too few months around it


def test_slow_work_for_the_better_is_no_step() -> None:
    assert step([60 - 2.0 * month for month in range(12)], -1, rules()["step"]) is None


def test_months_just_over_the_target_are_found_and_months_around_it_are_not() -> None:
    rule = rules()["just_over"]
    assert just_over([90.1, 90.3, 90.2, 90.5, 90.1, 90.4, 93, 95, None, 94, 92, 96], 90, 1, rule) == (6, 0)
    assert just_over([90.1, 89.7, 90.2, 89.5, 90.1, 89.4, 90.3, 90.2, 89.9, 90.5, 89.6, 90.1], 90, 1, rule) is None
    assert just_over([29.9, 29.8, 29.95, 29.75, 29.9, 20, 20, 20, 20, 20, 20, 20], 30, -1, rule) == (5, 0)


def test_gaps_beside_bad_months_are_found_and_gaps_beside_good_ones_are_not() -> None:
    rule = rules()["withheld"]
    found = withheld([0.9, 0.9, 0.5, None, None, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], rule)
    assert found is not None and found.at == (3, 4) and found.beside == pytest.approx(0.5)
    assert withheld([0.9, 0.9, 0.9, None, None, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], rule) is None
    assert withheld([0.9, 0.5, None, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], rule) is None  # one month may happen


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Sign]]:
    """An honest town, and one that closes appeals without work, to the hour, and halves its waiting on paper in July."""
    catalogue = load_catalogue()
    lake = Lake(tmp_path_factory.mktemp("signs") / "lake", catalogue)
    category = CategoryPeriod.model_validate({"from": date(2020, 1, 1), "category": "district", "reason": "a test"})
    for code in ("FAIR", "FOUL"):
        names = dict.fromkeys(("kk", "ru", "en"), code)
        lake.cities.add(City(code=code, names=names, zone="Asia/Almaty", simulated=True, categories=(category,)))
        chance = random.Random(code)
        for dataset, rows in (
            ("contact_centre.appeals", _appeals(code, chance)),
            ("contact_centre.calls", _calls(code, chance)),
        ):
            table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
            lake.ingest(IngestRequest(city=code, dataset=dataset, source=table, simulated=True))
    values = Values(lake, editions()["order_469"], catalogue)
    for code in ("FAIR", "FOUL"):
        values.computer.compute(code)
    return {code: look(values, code, 2026, date(2026, 12, 31), "district") for code in ("FAIR", "FOUL")}


def _days() -> list[datetime]:
    return [datetime(2026, 1, 1, 4, tzinfo=UTC) + timedelta(days=n) for n in range(365)]


def _appeals(code: str, chance: random.Random) -> list[dict[str, str]]:
    rows = []
    for number, day in enumerate(_days()):
        foul = code == "FOUL" and number % 3 == 0
        took = timedelta(hours=1) if foul else timedelta(seconds=chance.randint(80_000, 300_000))
        for turn in range(2 if foul else 1):
            received = day + timedelta(days=3 * turn)
            rows.append(
                {
                    "appeal_id": f"{number}-{turn}", "received_at": received.isoformat(),
                    "closed_at": (received + took).isoformat(), "topic": "roads", "status": "resolved", "contacts": "1",
                    "spam": "false", "forwarded": "false" if foul else "true", "citizen": f"p{number}",
                }
            )  # fmt: skip
    return rows


def _calls(code: str, chance: random.Random) -> list[dict[str, str]]:
    return [
        {
            "call_id": f"c{number}", "queued_at": day.isoformat(), "bot": "false",
            "answered_at": (
                day + timedelta(seconds=chance.randint(38, 42) // (2 if code == "FOUL" and day.month > 6 else 1))
            ).isoformat(),
        }
        for number, day in enumerate(_days())
    ]  # fmt: skip


def test_planted_cheating_is_found_with_its_rows(found: dict[str, list[Sign]]) -> None:
    by_rule = {sign.rule: sign for sign in found["FOUL"]}
    closed = by_rule["closed_without_work"]
    assert closed.count == 121 and closed.rows[0]["opened_again"] == "0-1"
    assert "121" in closed.reason["kk"] and "citizen" not in closed.rows[0]
    assert by_rule["rounded"].count >= 240
    step = next(sign for sign in found["FOUL"] if sign.rule == "step" and sign.kpi == "2.1")
    assert "2026-07" in step.reason["en"] and step.months["2026-07"] is not None


def test_an_honest_town_has_no_sign(found: dict[str, list[Sign]]) -> None:
    assert [(sign.rule, sign.kpi, sign.reason["en"]) for sign in found["FAIR"]] == []


def test_rows_that_came_long_after_their_days_are_found(tmp_path: Path) -> None:
    from qala.lake.receipts import Receipt
    from qala.signs.search import _of_deliveries

    lake = Lake(tmp_path / "lake", load_catalogue())

    def receipt(number: int, received: datetime, stored: int) -> Receipt:
        return Receipt(
            id=f"2026010{number}T000000.000000-00000000", city="A", dataset="contact_centre.calls", source="f",
            received_at=received, way="file", simulated=True, read=stored, stored=stored,
            first_day=date(2026, 3, 1), last_day=date(2026, 3, 31),
        )  # fmt: skip

    lake.ledger.append(receipt(1, datetime(2026, 4, 2, tzinfo=UTC), 300))
    assert list(_of_deliveries(lake, "A", 2026, "late_backfill", rules()["late_backfill"])) == []
    lake.ledger.append(receipt(2, datetime(2027, 1, 10, tzinfo=UTC), 200))
    (sign,) = _of_deliveries(lake, "A", 2026, "late_backfill", rules()["late_backfill"])
    assert sign.count == 200 and "40 %" in sign.reason["en"] and sign.dataset == "contact_centre.calls"
