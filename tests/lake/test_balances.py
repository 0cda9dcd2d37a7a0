"""Whatever is delivered, in whatever order, the lake holds what a plain dictionary would, and the ledger balances."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trial_lake import CITY, TAPS, VISITS, current, trial_lake

from qala.lake import IngestRequest
from qala.lake.audit import audit
from qala.lake.upkeep import compact, vacuum

START = datetime(2025, 12, 30, 12)
LANDING = datetime(2026, 2, 1, tzinfo=UTC)

row = st.fixed_dictionaries(
    {
        "key": st.integers(0, 7),
        "amount": st.integers(0, 2),
        "changed": st.one_of(st.none(), st.integers(0, 3)),
        "bad": st.sampled_from([False, False, False, True]),
    }
)
steps = st.lists(
    st.one_of(
        st.lists(row, max_size=8).map(lambda rows: ("deliver", rows)),
        st.just(("again", None)),
        st.just(("undo", None)),
        st.just(("compact", None)),
    ),
    min_size=1,
    max_size=7,
)


class Model:
    """What the lake should hold: key → (time that decides, content)."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[datetime, tuple[Any, ...]]] = {}

    def deliver(self, rows: list[dict[str, Any]], landing: datetime) -> dict[str, int]:
        counts = {"read": len(rows), "stored": 0, "replaced": 0, "duplicate": 0, "quarantined": 0}
        newest: dict[str, tuple[datetime, int, tuple[Any, ...]]] = {}
        for at, one in enumerate(rows):
            if one["bad"]:
                counts["quarantined"] += 1
                continue
            changed = changed_at(one)
            found = (changed or landing.replace(tzinfo=None), at, (one["amount"], changed))
            key = str(one["key"])
            if key in newest:
                counts["duplicate"] += 1
            if key not in newest or found[:2] > newest[key][:2]:
                newest[key] = found
        for key, (time, _, content) in newest.items():
            old = self.rows.get(key)
            if old is None:
                counts["stored"] += 1
            elif old[1] == content or old[0] > time:
                counts["duplicate"] += 1
                continue
            else:
                counts["replaced"] += 1
            said = content[1]  # a stored row that does not say when it was changed yields to a later delivery
            self.rows[key] = (said or datetime.min, content)
        return counts


def changed_at(one: dict[str, Any]) -> datetime | None:
    return None if one["changed"] is None else START + timedelta(days=one["changed"])


def as_rows(rows: list[dict[str, Any]], dataset: str) -> list[dict[str, Any]]:
    found = []
    for one in rows:
        when = START + timedelta(days=one["key"] // 2)  # a key has one day, and the days cross a new year
        amount = None if one["bad"] else one["amount"]
        if dataset == TAPS:
            found.append(
                {"tap_id": str(one["key"]), "tapped_at": when, "amount": amount, "changed_at": changed_at(one)}
            )
        else:
            found.append(
                {
                    "visit_id": str(one["key"]),
                    "came_at": when,
                    "kind": "short",
                    "persons": amount,
                    "changed_at": changed_at(one),
                }
            )
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=steps, dataset=st.sampled_from([VISITS, TAPS]))
def test_the_lake_equals_a_dictionary(steps: list[tuple[str, Any]], dataset: str) -> None:
    import pyarrow as pa

    counted = {"deliver", "again"}
    with tempfile.TemporaryDirectory() as folder:
        lake = trial_lake(Path(folder) / "lake")
        schema = empty_schema(dataset)
        key, amount = ("tap_id", "amount") if dataset == TAPS else ("visit_id", "persons")
        model, before = Model(), []
        last: list[dict[str, Any]] = []
        for number, (what, rows) in enumerate(steps):
            landing = LANDING + timedelta(hours=number)
            if what in counted:
                last = rows if what == "deliver" else last
                before.append((dict(model.rows), None))
                table = pa.Table.from_pylist(as_rows(last, dataset), schema=schema)
                receipt = lake.ingest(IngestRequest(CITY, dataset, table, received_at=landing))
                assert receipt.balances
                before[-1] = (before[-1][0], receipt.id)
                if not any("the same content" in note for note in receipt.notes):
                    expected = model.deliver(last, landing)
                    assert {name: getattr(receipt, name) for name in expected} == expected
            elif what == "undo" and before:
                model.rows, receipt_id = before.pop()
                lake.undo(receipt_id)
            elif what == "compact" and lake.table(dataset).version() >= 0:
                compact(lake, dataset)
            held = {
                one[key]: (one[amount], one["changed_at"]) for one in current(lake, dataset, key, amount, "changed_at")
            }
            assert held == {name: content for name, (_, content) in model.rows.items()}
        assert audit(lake) == []
        if lake.table(dataset).version() >= 0:
            compact(lake, dataset)
            vacuum(lake, dataset, older_than_days=0)
            assert audit(lake) == []
        assert len(current(lake, dataset, key)) == len(model.rows)


def empty_schema(dataset: str) -> Any:
    import pyarrow as pa

    time = pa.timestamp("us")
    if dataset == TAPS:
        return pa.schema([("tap_id", pa.string()), ("tapped_at", time), ("amount", pa.int64()), ("changed_at", time)])
    return pa.schema(
        [
            ("visit_id", pa.string()),
            ("came_at", time),
            ("kind", pa.string()),
            ("persons", pa.int64()),
            ("changed_at", time),
        ]
    )
