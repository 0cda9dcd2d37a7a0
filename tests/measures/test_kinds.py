"""Sums over rows of one kind each are added up by kind: the amounts are those of a condition for each sum."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_lakes import CATALOGUE, amounts, computer, deliver, new_lake

from qala.measures.kinds import kinds_of

SURVEYS = [kpi for kpi, entry in CATALOGUE.computations.items() if entry.default.of == "contact_centre.survey_answers"]
APPEALS = [kpi for kpi, entry in CATALOGUE.computations.items() if entry.default.of == "contact_centre.appeals"]


def test_sums_by_kind_are_those_of_a_condition_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = new_lake(tmp_path)
    topics = ["power", "water", "heat", "contact_centre", "appeal_closing", "settlement"]
    deliver(lake, "contact_centre.survey_answers", [
        {"answer_id": n, "topic": topics[n % 6], "asked_at": f"2026-0{n % 3 + 1}-1{n % 2} 10:00:00", "mark": n % 5 + 1,
         "answered_at": f"2026-0{n % 3 + 1}-1{n % 2} 10:00:00", "district": ["a", "b", None][n % 3]}
        for n in range(90)
    ])  # fmt: skip
    subjects = ["roads", "potholes", "lighting", "waste", "other"]
    deliver(lake, "contact_centre.appeals", [
        {"appeal_id": n, "received_at": f"2026-02-{n % 9 + 1:02d} 10:00:00", "topic": subjects[n % 5], "spam": n % 7 == 0,
         "status": "resolved", "closed_at": f"2026-02-{n % 9 + 2:02d} 10:00:00", "contacts": n % 2 + 1}
        for n in range(60)
    ])  # fmt: skip
    of_city, kpis = computer(lake), [*SURVEYS, *APPEALS]
    wanted = [s for s in of_city.sums("T", SURVEYS) if s.shape.form == "flow"]
    kinds = kinds_of(wanted, CATALOGUE.contract("contact_centre.survey_answers"))
    assert kinds is not None and kinds.column == "topic" and len(kinds.parts) < len(wanted) / 4
    by_kind = amounts(of_city.in_memory("T", kpis))
    monkeypatch.setattr("qala.measures.scan.kinds_of", lambda *_: None)
    assert by_kind == amounts(computer(lake).in_memory("T", kpis))
    assert by_kind
