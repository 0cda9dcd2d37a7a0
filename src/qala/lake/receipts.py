"""What is given for every delivery: how many rows were read and what became of each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from qala.datasets import Way


class Receipt(BaseModel):
    """One delivery of one dataset by one city. `read = stored + replaced + duplicate + quarantined`, always.

    Args:
        id: sorts by time; also names the files that it wrote.
        source: the file's name, or what the sender called it.
        sha256: of the content as it came.
        border: of everything else that decides what becomes of a row (contract, mapping, zone): the same content through
            another border is not the same delivery.
        received_at: UTC.
        skipped: rows that the mapping's `where` left out before they were counted as read.
        first_day, last_day: city-local days of the stored rows.
        zero_period: the days for which the source says that nothing happened.
        reasons: rows in quarantine by rule.
        version: the table's version that holds the rows, or None where nothing was written.
        files: paths below the table's folder that it wrote.
        notes: what a person should be told.
        personal: `column: kind` -> rows whose free field looks like an IIN, a card or a telephone (`border.personal`).
        dropped: header that no column takes -> rows with a value under it; the values are kept nowhere.
        replays: the receipt whose refused rows came again with this one; a source sent them once.
        stands_for: how many receipts it was folded of (`folding`).
        machine: which of the machines that share the lake took it in.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    city: str
    dataset: str
    source: str
    sha256: str = ""
    border: str = ""
    received_at: datetime
    way: Way
    simulated: bool
    read: int = 0
    stored: int = 0
    replaced: int = 0
    duplicate: int = 0
    quarantined: int = 0
    skipped: int = 0
    first_day: date | None = None
    last_day: date | None = None
    zero_period: tuple[date, date] | None = None
    reasons: Mapping[str, int] = {}
    version: int | None = None
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    personal: Mapping[str, int] = {}
    dropped: Mapping[str, int] = {}
    undoes: str | None = None
    undone_by: str | None = None
    kind: Literal["delivery", "nothing_happened", "undo", "replay"] = "delivery"
    replays: str | None = None
    stands_for: int = 1
    machine: str = ""

    @field_validator("received_at")
    @classmethod
    def _in_utc(cls, moment: datetime) -> datetime:
        """With its zone: what is compared with others must be of one kind, and some doors write times without."""
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment

    @property
    def balances(self) -> bool:
        return self.read == self.stored + self.replaced + self.duplicate + self.quarantined


def new_receipt_id(moment: datetime | None = None) -> str:
    """A name that sorts by time and that nobody else has: `20260301T090512.250000-4f1c9a7e`."""
    return (moment or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S.%f-") + secrets.token_hex(4)
