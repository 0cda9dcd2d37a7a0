"""One sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that an auditor should look at.

    Attributes:
        rule: id of the rule that found it.
        city: code.
        kpi: row of the KPI; "" where it is about a dataset.
        dataset: id; "" where it is about a KPI's months.
        reason: why, by language, with the numbers.
        months: the KPI's months, `2026-03` -> value or None, for the eye; empty of other kinds.
        rows: some of the rows, at most `SHOWN`; personal columns stay pseudonyms.
        count: how many rows or months it is about.
    """

    rule: str
    city: str
    kpi: str
    dataset: str
    reason: Mapping[str, str]
    months: Mapping[str, float | None] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Any]] = ()
    count: int = 0


SHOWN = 20
