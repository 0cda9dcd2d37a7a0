"""Three district centres that sent what initiative 2 asks for: all of it, part of it, and next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from qala.datasets import Catalogue
from qala.lake import CategoryPeriod, City, IngestRequest, Lake

NAMES = {
    "WHOLE": {"kk": "Бүтінқала", "ru": "Целоград", "en": "Wholetown"},
    "PART": {"kk": "Жартықала", "ru": "Полоград", "en": "Halftown"},
    "SILENT": {"kk": "Үнсізқала", "ru": "Молчаград", "en": "Silenttown"},
}
WITHOUT_SURVEY = (2, 3)
"""Months in which the second city asks nobody."""


def make(folder: Path, catalogue: Catalogue) -> Lake:
    """The lake; the third city is not simulated."""
    lake = Lake(folder, catalogue)
    for code, names in NAMES.items():
        lake.cities.add(
            City(
                code=code,
                names=names,
                zone="Asia/Almaty",
                simulated=code != "SILENT",
                categories=(
                    CategoryPeriod.model_validate(
                        {"from": date(2020, 1, 1), "category": "district", "reason": "a test"}
                    ),
                ),
            )
        )
        for dataset, rows in _sent(code):
            table = pa.table({name: [str(row[name]) for row in rows] for name in rows[0]})
            lake.ingest(IngestRequest(city=code, dataset=dataset, source=table, simulated=code != "SILENT"))
    return lake


def _sent(code: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(181)]
    noons = [datetime(day.year, day.month, day.day, 6, tzinfo=UTC) for day in days]
    slow = {"WHOLE": 20, "PART": 50, "SILENT": 25}[code]
    yield (
        "contact_centre.calls",
        [
            {
                "call_id": f"c{n}",
                "queued_at": noon.isoformat(),
                "answered_at": (noon + timedelta(seconds=slow)).isoformat(),
                "bot": "false",
            }
            for n, noon in enumerate(noons)
        ],
    )
    if code == "SILENT":
        return
    yield (
        "contact_centre.appeals",
        [
            {
                "appeal_id": f"a{n}",
                "received_at": noon.isoformat(),
                "closed_at": (noon + timedelta(hours=30)).isoformat(),
                "topic": "roads",
                "status": "resolved",
                "contacts": "2" if code == "PART" and n % 3 == 0 else "1",
                "spam": "false",
                "forwarded": "true" if n % 9 == 0 else "false",
                "citizen": f"p{n}",
            }
            for n, noon in enumerate(noons)
        ],
    )
    yield (
        "contact_centre.survey_answers",
        [
            {"answer_id": f"s{n}", "topic": "contact_centre", "answered_at": noon.isoformat(), "mark": str(7 + n % 3)}
            for n, noon in enumerate(noons)
            if code == "WHOLE" or noon.month not in WITHOUT_SURVEY
        ],
    )
