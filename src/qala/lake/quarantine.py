"""Rows that were refused: kept with the reason, the row number and the original text, so that they can be mended.

One Parquet file per receipt. Personal values are hashed before they get here, and a line that is no row at all (and so
could hold anything anywhere) is kept as text only where the contract has no personal columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLUMNS = ("receipt", "row", "rules", "reason", "original", "status")


class Quarantine:
    """Refused rows of a lake, by dataset.

    Args:
        folder: `quarantine/` of the lake.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, dataset: str, city: str, receipt_id: str) -> Path:
        """Where the refused rows of a receipt are, if it has any."""
        return self.folder / dataset / f"city={city}" / f"{receipt_id}.parquet"

    def rows(self, connection: Any, dataset: str, city: str, receipt_id: str, limit: int = 100) -> list[dict[str, Any]]:
        """The first refused rows of a receipt, in the order of the source."""
        file = self.file(dataset, city, receipt_id)
        if not file.exists():
            return []
        query = (
            f"SELECT {', '.join(COLUMNS)} FROM read_parquet(?, hive_partitioning = false) ORDER BY row LIMIT {limit:d}"
        )
        found = connection.execute(query, [str(file)]).fetchall()
        return [dict(zip(COLUMNS, row, strict=True)) for row in found]
