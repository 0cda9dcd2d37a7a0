"""Previous rows found in this process are those that SQL finds, and the other way round."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_lakes import amounts, computer, deliver, new_lake

from qala.measures.compute import Computer

KPIS = ["contact_centre.repeat_share"]

# Days around the local midnight, the 30 days in which an appeal counts as repeated, and the 90 that are looked back.
MOMENTS = st.builds(
    lambda day, second: datetime(2026, 1, 1) + timedelta(days=day, seconds=second),
    st.sampled_from([0, 1, 29, 30, 31, 60, 89, 90, 91, 120, 210]),
    st.sampled_from([0, 1, 68_399, 68_400]),
)
APPEALS = st.fixed_dictionaries(
    {
        "received_at": MOMENTS,
        "status": st.just("open"),
        "spam": st.sampled_from([False, False, False, True]),
        "topic": st.sampled_from(["parking", "roads"]),
        "citizen": st.sampled_from(["x", "y", None]),
        "address": st.sampled_from(["x", "p", None]),  # the text of a citizen among them: another group all the same
        "district": st.sampled_from(["a", "b", None]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.lists(APPEALS, min_size=1, max_size=12), st.sampled_from(["file", "integration"])), max_size=3
    )
)
def test_rows_put_in_order_here_give_what_sql_gives(deliveries: list[tuple[list[dict[str, Any]], Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = new_lake(Path(folder))
        number = 0
        for rows, way in deliveries:
            named = [{**row, "appeal_id": number + n} for n, row in enumerate(rows)]
            number += len(rows)
            deliver(lake, "contact_centre.appeals", named, way=way)
        here, there = computer(lake), computer(lake)
        there.engine.at_once = 0
        assert amounts(here.in_memory("T", KPIS)) == amounts(there.in_memory("T", KPIS))


def test_the_engine_is_asked_once_for_rows_that_are_put_in_order_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = new_lake(tmp_path)
    row = {"status": "open", "spam": False, "topic": "roads", "citizen": "x", "address": None, "district": "a"}
    rows = [{**row, "appeal_id": n, "received_at": f"2026-02-{n + 1:02d} 10:00:00"} for n in range(5)]
    deliver(lake, "contact_centre.appeals", rows)
    of_city = computer(lake)
    asked = _queries(of_city, monkeypatch)
    of_city.compute("T", KPIS)
    (scan,) = [sql for sql in asked if "by_group" in sql]
    assert scan.count("read_parquet") == 1, "the rows are read once"


def _queries(of_city: Computer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    run = of_city.engine.run
    monkeypatch.setattr(of_city.engine, "run", lambda sql: (asked.append(sql), run(sql))[1])
    return asked
