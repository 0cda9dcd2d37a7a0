"""Taking a delivery back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qala.lake.receipts import Receipt
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from qala.lake.folder import Lake


def take_back(lake: Lake, receipt_id: str) -> Receipt:
    raise Problem(f"not yet: {receipt_id}")
