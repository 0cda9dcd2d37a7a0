"""What a parcel says of itself. A parcel is a folder: `manifest.json`, `manifest.sig`, `SHA256SUMS`, `pieces/<sha256>`."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qala.exchange.agreement import Agreement
from qala.lake.cities import CODE
from qala.standard.problems import Problem

FORMAT = "qala-parcel/1"
MOST_BYTES = 32 * 1024 * 1024
SHA = r"^[0-9a-f]{64}$"


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Piece(_Said):
    """A file of the parcel, named by its content."""

    sha256: str = Field(pattern=SHA)
    size: int = Field(ge=0)


class File(Piece):
    """A data file of a table, as the table's log describes it (`lake.table.DataFile`)."""

    name: str = Field(pattern=r"^[A-Za-z0-9.-]{1,120}-c\d{1,4}-(plus|minus)-\d{1,6}\.parquet$")
    year: int = Field(ge=1900, le=2200)
    rows: int = Field(gt=0)
    first_day: date
    last_day: date
    contract_version: int
    way: str | None = None

    @property
    def minus(self) -> bool:
        """Whether its rows take others back."""
        return "-minus-" in self.name


class Part(_Said):
    """What is new of one dataset.

    Attributes:
        after, upto: versions of the sender's table.
        whole: the files are all that the sender has, not only what came since.
        receipts: the sender's ledger lines about it, as JSON lines; None where there is none.
    """

    dataset: str
    contract_version: int
    after: int
    upto: int
    whole: bool = False
    files: tuple[File, ...] = ()
    receipts: Piece | None = None


class Manifest(_Said):
    """A parcel.

    Attributes:
        sequence: 1, 2, 3 … of the city; previous: sha256 of the manifest before it.
        made_at: UTC.
        program: version of the sending program.
        city_card: the city as the sender's registry has it.
    """

    format: str
    city: str = Field(pattern=CODE)
    sequence: int = Field(ge=1)
    previous: str
    made_at: datetime
    program: str
    agreement: Agreement
    city_card: dict[str, Any]
    parts: tuple[Part, ...]

    @property
    def pieces(self) -> dict[str, Piece]:
        """By sha256."""
        found: dict[str, Piece] = {}
        for part in self.parts:
            found |= {one.sha256: one for one in part.files}
            if part.receipts is not None:
                found[part.receipts.sha256] = part.receipts
        return found

    @property
    def rows(self) -> int:
        """Rows that came and were taken back, of all datasets."""
        return sum(one.rows for part in self.parts for one in part.files)


def read_manifest(content: bytes) -> Manifest:
    """A manifest out of its bytes.

    Raises:
        Problem: it is none, or of another format.
    """
    if len(content) > MOST_BYTES:
        raise Problem(f"A manifest of {len(content)} bytes is too large; {MOST_BYTES} is the most.")
    try:
        said = json.loads(content)
        found = Manifest.model_validate(said)
    except (ValidationError, ValueError) as error:
        raise Problem(f"This is no manifest of a parcel: {str(error)[:300]}") from error
    if found.format != FORMAT:
        raise Problem(f"The parcel has the format {found.format[:40]!r}; this program takes {FORMAT!r}.")
    return found


def sha256_of(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
