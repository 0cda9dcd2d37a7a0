"""Rows that were refused: kept with the reason, the row number and the original text, so that they can be mended.

One Parquet file per receipt. Personal values are hashed before they get here, and a line that is no row at all (and so
could hold anything anywhere) is kept as text only where the contract has no personal columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qala.lake.durable import append_line, whole_lines
from qala.lake.sealing import Sealer

COLUMNS = ("receipt", "row", "rules", "reason", "original", "status")
"""What may be looked at. `status` is `open`, `replayed` (it came again, mended) or `dropped` (nobody will mend it)."""


@dataclass(frozen=True)
class Original:
    """A refused row as it came: JSON of its values by header, or, where it was no row at all, the bytes.

    Args:
        row: its number in the receipt, from 1.
        reason: a sentence in English.
        sent, sent_row: the receipt that its sender got, if any, and its number (from 1; the line of a text) there.
    """

    row: int
    rules: tuple[str, ...]
    content: bytes
    reason: str = ""
    sent: str = ""
    sent_row: int = 0
    status: str = "open"

    @property
    def is_row(self) -> bool:
        return not {"unreadable", "not_a_row"} & set(self.rules)


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
        sent = "sent, sent_row" if "sent_row" in _columns(connection, file) else "NULL AS sent, row AS sent_row"
        query = f"""SELECT {", ".join(COLUMNS)}, {sent} FROM read_parquet(?, hive_partitioning = false)
                    ORDER BY row LIMIT {limit:d}"""
        found = connection.execute(query, [str(file)]).fetchall()
        states = self._states(file)
        names = (*COLUMNS, "sent", "sent_row")
        return [dict(zip(names, row, strict=True)) | {"status": states.get(row[1], row[5])} for row in found]

    def originals(
        self, connection: Any, dataset: str, city: str, receipt_id: str, sealer: Sealer, *, settled: bool = False
    ) -> list[Original]:
        """The rows of a receipt that wait to be mended, as they came, personal values included: for a replay.

        Args:
            settled: also those that wait no more.
        """
        file = self.file(dataset, city, receipt_id)
        if not file.exists():
            return []
        states = self._states(file)
        names = _columns(connection, file)
        sealed = "sealed" if "sealed" in names else "NULL::BLOB"
        sent = "sent, sent_row" if "sent_row" in names else "NULL, row"
        rows = connection.execute(
            f"""SELECT row, rules, original, {sealed}, reason, {sent} FROM read_parquet(?, hive_partitioning = false)
                ORDER BY row""",
            [str(file)],
        ).fetchall()
        found = []
        for row, rules, original, closed, reason, of, at in rows:
            status = states.get(row, "open")
            if settled or status == "open":
                content = sealer.open(closed) if closed is not None else (original or "").encode()
                found.append(Original(row, tuple(rules.split()), content, reason, of or "", at or row, status))
        return found

    def settle(
        self, dataset: str, city: str, receipt_id: str, rows: Iterable[int], status: str, by: str, replay: str = ""
    ) -> None:
        """Put down what became of refused rows; the rows themselves stay as they are.

        Args:
            replay: the receipt that a replay got.
        """
        line = {"rows": sorted(rows), "status": status, "by": by, "at": datetime.now(UTC).isoformat()}
        line |= {"receipt": replay} if replay else {}
        append_line(self._state_file(self.file(dataset, city, receipt_id)), json.dumps(line, ensure_ascii=False))

    def states(self, dataset: str, city: str, receipt_id: str) -> dict[int, str]:
        """Status of each row of a receipt of which something was put down."""
        return self._states(self.file(dataset, city, receipt_id))

    def outcomes(self, dataset: str, city: str, receipt_id: str) -> dict[int, dict[str, Any]]:
        """What became of each row that does not wait: status, by, at (UTC) and the receipt that a replay got."""
        lines, _ = whole_lines(self._state_file(self.file(dataset, city, receipt_id)))
        found = {row: one for line in lines for one in (json.loads(line),) for row in one["rows"]}
        return {row: one for row, one in found.items() if one["status"] != "open"}

    def open_rows(self, dataset: str, city: str, receipt_id: str, quarantined: int) -> int:
        """How many of a receipt's refused rows wait to be mended."""
        states = self._states(self.file(dataset, city, receipt_id))
        return quarantined - sum(status != "open" for status in states.values())

    def _states(self, file: Path) -> dict[int, str]:
        lines, _ = whole_lines(self._state_file(file))
        said = [json.loads(line) for line in lines]
        return {row: one["status"] for one in said for row in one["rows"]}

    @staticmethod
    def _state_file(file: Path) -> Path:
        return file.with_suffix(".state.jsonl")


def _columns(connection: Any, file: Path) -> set[str]:
    return {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{file}')").fetchall()}
