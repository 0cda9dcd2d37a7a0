"""What a city sends to whom, and what a receiver admits: the two sides of a data-sharing agreement.

`exchange/to/<city>/agreement.json` on the sending side, `exchange/from/<city>.json` on the receiving one.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qala.datasets import Catalogue, Contract
from qala.lake import Lake
from qala.lake.durable import write_whole
from qala.measures.filings import FILED
from qala.measures.following import PARTIAL_SUMS as DATASET
from qala.standard.problems import Problem

Level = Literal["rows", "sums"]
ALWAYS = (DATASET, *FILED)


class Agreement(BaseModel):
    """The sending side.

    Attributes:
        city: whose data.
        to: address of the receiving site (`https://…`), or a folder into which parcels are laid.
        purpose, basis: what for, and by which act or contract.
        until: last day on which it holds; None for no end.
        receiver: the receiver's public key; with it only its receipts count.
        rows: datasets whose rows are sent, beside registries.
        sums: registries of which sums only are sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    city: str
    to: str
    purpose: str = ""
    basis: str = ""
    until: date | None = None
    receiver: str = ""
    rows: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()

    def level(self, contract: Contract) -> Level:
        """Registries without personal columns go as rows; of all else only sums, unless the agreement names it.

        What a city filed by its own acts is read as rows by every rating, and always goes.
        """
        if contract.id in ALWAYS or contract.id in self.rows:
            return "rows"
        if contract.id in self.sums or contract.pseudonyms:
            return "sums"
        return "rows" if contract.kind == "registry" else "sums"


class Admission(BaseModel):
    """The receiving side.

    Attributes:
        key: the sender's public key.
        rows: datasets that the receiver takes as rows; None for whatever the sender's agreement says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    city: str
    key: str
    since: date = Field(default_factory=lambda: datetime.now(UTC).date())
    until: date | None = None
    rows: tuple[str, ...] | None = None


def agreement_file(lake: Lake, city: str) -> Path:
    return lake.folder / "exchange" / "to" / city / "agreement.json"


def agreements(lake: Lake) -> list[Agreement]:
    """All of a lake, by city."""
    return [_read(Agreement, file) for file in sorted((lake.folder / "exchange" / "to").glob("*/agreement.json"))]


def agreement_of(lake: Lake, city: str) -> Agreement:
    """The agreement under which a city's data are sent.

    Raises:
        Problem: there is none.
    """
    file = agreement_file(lake, city)
    if not file.exists():
        raise Problem(
            f"No agreement says to whom data of {city} are sent.",
            hint=f"qala exchange agree --city {city} --to ADDRESS",
        )
    return _read(Agreement, file)


def in_force(agreement: Agreement | Admission, today: date) -> None:
    """Nothing where it holds.

    Raises:
        Problem: it has ended.
    """
    if agreement.until is not None and agreement.until < today:
        raise Problem(
            f"The agreement about {agreement.city} ended on {agreement.until}; nothing is sent or taken without one.",
            hint="set a later --until when it is renewed",
        )


def agree(lake: Lake, agreement: Agreement) -> None:
    """Write the sending side down.

    Raises:
        Problem: it names a city or dataset that there is not.
    """
    lake.cities.get(agreement.city)
    _known(lake.catalogue, (*agreement.rows, *agreement.sums))
    write_whole(agreement_file(lake, agreement.city), agreement.model_dump_json(indent=1).encode())


def admission_file(lake: Lake, city: str) -> Path:
    return lake.folder / "exchange" / "from" / f"{city}.json"


def admission_of(lake: Lake, city: str) -> Admission:
    """What a receiver takes of a city.

    Raises:
        Problem: it was not admitted.
    """
    file = admission_file(lake, city)
    if "/" in city or not file.exists():
        raise Problem(
            f"Nothing of '{city[:40]}' is taken here: it was not admitted.",
            hint="the receiving side says `qala exchange admit CITY KEY`",
        )
    return _read(Admission, file)


def admit(lake: Lake, admission: Admission) -> None:
    """Write the receiving side down.

    Raises:
        Problem: the city is not in the registry, or has rows here that no other lake sent.
    """
    lake.cities.get(admission.city)
    _known(lake.catalogue, admission.rows or ())
    file = admission_file(lake, admission.city)
    if not file.exists():
        own = [name for name in lake.tables() if lake.table(name).snapshot().files(admission.city)]
        if own:
            raise Problem(
                f"{admission.city} has rows here already ({', '.join(own[:3])}…): two lakes cannot both be its own.",
                hint="undo these deliveries, or receive into another lake",
            )
    write_whole(file, admission.model_dump_json(indent=1).encode())


def _known(catalogue: Catalogue, names: tuple[str, ...]) -> None:
    for name in names:
        catalogue.contract(name)


def _read[M: BaseModel](kind: type[M], file: Path) -> M:
    try:
        return kind.model_validate(json.loads(file.read_text()))
    except (ValidationError, json.JSONDecodeError) as error:
        raise Problem(f"{file.name} is damaged: {str(error).splitlines()[0]}", where=str(file)) from error
