"""The sending side: what is new since the last parcel that was acknowledged becomes the next one.

A parcel lies in the outbox until it is acknowledged, so that whatever is interrupted is sent again as it was. Its pieces are
hard links to data files, which are never changed, so that packing a year costs no disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qala.exchange.agreement import Agreement, agreement_file
from qala.exchange.keys import private_key, public_key, sign, signed_by
from qala.exchange.manifest import FORMAT, File, Manifest, Part, Piece, read_manifest, sha256_of
from qala.exchange.partial import publish
from qala.lake import Lake
from qala.lake.durable import held, sync_folder, write_whole
from qala.lake.receipts import Receipt
from qala.measures.compute import Computer
from qala.standard.problems import Problem


@dataclass(frozen=True)
class Parcel:
    """A parcel in a folder."""

    folder: Path
    content: bytes
    signature: str

    @property
    def manifest(self) -> Manifest:
        return read_manifest(self.content)

    def piece(self, sha256: str) -> Path:
        """The file of a piece."""
        return self.folder / "pieces" / sha256


def parcel_in(folder: Path) -> Parcel:
    """A parcel that lies in a folder.

    Raises:
        Problem: there is none.
    """
    try:
        return Parcel(folder, (folder / "manifest.json").read_bytes(), (folder / "manifest.sig").read_text().strip())
    except OSError as error:
        raise Problem(
            f"There is no parcel in {folder}.", hint="a parcel is a folder with manifest.json in it"
        ) from error


@contextmanager
def alone(lake: Lake, city: str) -> Iterator[None]:
    """Only one process at a time packs or sends a city.

    Raises:
        Problem: another does.
    """
    with held(lake.folder / "locks" / f"exchange-to-{city}.lock", wait=False) as ours:
        if not ours:
            raise Problem(
                f"Parcels of {city} are being sent by another process just now.", hint="try again in a minute"
            )
        yield


def pack(computer: Computer, agreement: Agreement) -> Parcel | None:
    """The parcel that waits, or one of what is new; None where nothing is.

    Whoever calls it holds `alone`.
    """
    lake, city = computer.lake, agreement.city
    home = agreement_file(lake, city).parent
    outbox = home / "outbox"
    state = sent(lake, city)
    waiting = outbox / f"{state['sequence'] + 1:08d}"
    if waiting.is_dir():
        return parcel_in(waiting)
    shutil.rmtree(outbox, ignore_errors=True)  # what a kill left half-packed, or acknowledged and not removed
    making = outbox / ".making"
    (making / "pieces").mkdir(parents=True)
    publish(computer, agreement)
    parts = [
        part
        for name in sorted(lake.catalogue.contracts)
        if (part := _part(lake, agreement, name, state, making)) is not None
    ]
    if not parts:
        return None
    manifest = Manifest(
        format=FORMAT,
        city=city,
        sequence=state["sequence"] + 1,
        previous=state["previous"],
        made_at=datetime.now(UTC),
        program=version("qala"),
        agreement=agreement,
        city_card=lake.cities.get(city).model_dump(mode="json", by_alias=True),
        parts=tuple(parts),
    )
    content = manifest.model_dump_json(exclude_defaults=True).encode()
    write_whole(making / "manifest.json", content)
    write_whole(making / "manifest.sig", sign(private_key(lake.folder / "secrets"), content).encode())
    sums = "".join(f"{sha}  pieces/{sha}\n" for sha in sorted(manifest.pieces))
    write_whole(making / "SHA256SUMS", f"{hashlib.sha256(content).hexdigest()}  manifest.json\n{sums}".encode())
    sync_folder(making / "pieces")
    making.rename(waiting)
    sync_folder(outbox)
    return parcel_in(waiting)


def sent(lake: Lake, city: str) -> dict[str, Any]:
    """How far the receiver has acknowledged: sequence, sha256 of that manifest, and per dataset version and ledger lines."""
    try:
        found: dict[str, Any] = json.loads((agreement_file(lake, city).parent / "sent.json").read_text())
    except FileNotFoundError:
        found = {"sequence": 0, "previous": "", "datasets": {}}
    return found


def acknowledge(lake: Lake, parcel: Parcel, receipt: dict[str, Any]) -> None:
    """The receiver has it: keep its receipt, remember how far, and take the parcel out of the outbox.

    Raises:
        Problem: the receipt is about another parcel, or not the receiver's.
    """
    manifest = parcel.manifest
    digest = hashlib.sha256(parcel.content).hexdigest()
    if receipt.get("manifest") != digest:
        raise Problem(
            "The receipt is about another parcel.", where=f"{manifest.city}, parcel {manifest.sequence}",
            hint="nothing was marked as sent; send again",
        )  # fmt: skip
    receiver = manifest.agreement.receiver
    said = {name: value for name, value in receipt.items() if name != "signature"}
    if receiver and not signed_by(public_key(receiver), canonical(said), str(receipt.get("signature", ""))):
        raise Problem(
            "The receipt is not signed by the receiver that the agreement names.",
            where=manifest.agreement.to, hint="compare its key: `qala exchange key` on the receiving side",
        )  # fmt: skip
    state = sent(lake, manifest.city)
    datasets = state["datasets"]
    ledger = json.loads((parcel.folder / "ledger.json").read_text())
    for part in manifest.parts:
        datasets[part.dataset] = {"version": part.upto, "receipts": ledger[part.dataset]}
    home = agreement_file(lake, manifest.city).parent
    write_whole(home / "receipts" / f"{manifest.sequence:08d}.json", json.dumps(receipt, indent=1).encode())
    write_whole(
        home / "sent.json",
        json.dumps({"sequence": manifest.sequence, "previous": digest, "datasets": datasets}, indent=1).encode(),
    )
    shutil.rmtree(parcel.folder, ignore_errors=True)


def canonical(said: dict[str, Any]) -> bytes:
    """The bytes that are signed of a JSON object."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _part(lake: Lake, agreement: Agreement, dataset: str, state: dict[str, Any], making: Path) -> Part | None:
    """What is new of a dataset; its pieces are laid into `making`."""
    contract, city = lake.catalogue.contract(dataset), agreement.city
    known = state["datasets"].get(dataset, {"version": -1, "receipts": 0})
    rows = agreement.level(contract) == "rows"
    table = lake.table(dataset)
    with table.lock(city):  # so that every file has its receipt, and every receipt its file
        snapshot = table.snapshot()
        lines, given = lake.ledger.since(dataset, known["receipts"])
        whole = False
        files = []
        if rows and snapshot.version > known["version"]:
            came = table.changes(known["version"])
            whole = came is None
            files = snapshot.files(city) if came is None else [f for f in came if f.city == city]
        receipts = [r for r in lines if r.city == city and (rows or r.zero_period is not None)]
        if not files and not receipts:
            return None
        ledger = making / "ledger.json"
        told = json.loads(ledger.read_text()) if ledger.exists() else {}
        write_whole(ledger, json.dumps(told | {dataset: given}).encode())
        return Part(
            dataset=dataset,
            contract_version=contract.version,
            after=known["version"],
            upto=snapshot.version if rows else -1,
            whole=whole,
            files=tuple(_file(file, making) for file in files),
            receipts=_lines(receipts, making) if receipts else None,
        )


def _file(file: Any, making: Path) -> File:
    path = Path(file.path)
    sha = sha256_of(path)
    piece = making / "pieces" / sha
    if not piece.exists():
        try:
            os.link(path, piece)
        except OSError:  # another file system, or one without links
            shutil.copyfile(path, piece)
    return File(
        sha256=sha, size=path.stat().st_size, name=path.name, year=file.year, rows=file.rows, first_day=file.first_day,
        last_day=file.last_day, contract_version=file.contract_version, way=file.way,
    )  # fmt: skip


def _lines(receipts: Iterable[Receipt], making: Path) -> Piece:
    content = "".join(r.model_dump_json(exclude_defaults=True) + "\n" for r in receipts).encode()
    sha = hashlib.sha256(content).hexdigest()
    write_whole(making / "pieces" / sha, content)
    return Piece(sha256=sha, size=len(content))
