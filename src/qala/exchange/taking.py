"""The receiving side: a parcel is checked whole, then its files become part of the tables, each once.

A kill in between loses nothing and doubles nothing: each table's commit carries the parcel's name as Delta's application
transaction, ledger lines that are there are not added again, and the sender sends until it has its receipt.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from qala.datasets import Contract
from qala.exchange.agreement import ALWAYS, Admission, admission_of, in_force
from qala.exchange.keys import private_key, public_key, public_text, sign, signed_by
from qala.exchange.manifest import File, Manifest, Part, Piece, read_manifest, sha256_of
from qala.exchange.packing import Parcel, canonical
from qala.lake import DataFile, Lake
from qala.lake.durable import held, write_whole
from qala.lake.receipts import Receipt
from qala.measures.store import SumStore
from qala.standard.problems import Problem


def opened(lake: Lake, content: bytes, signature: str) -> Manifest:
    """A manifest that an admitted city has signed.

    Raises:
        Problem: it is not, or the city is not admitted (any more).
    """
    manifest = read_manifest(content)
    admission = admission_of(lake, manifest.city)
    if not signed_by(public_key(admission.key), content, signature):
        raise Problem(
            f"The parcel is not signed with the key under which {manifest.city} was admitted.",
            hint="compare `qala exchange key` on the sending side with `qala exchange status` here",
        )
    in_force(admission, datetime.now(UTC).date())
    return manifest


def taken(lake: Lake, city: str) -> dict[str, Any]:
    """The last parcel of a city that was taken: sequence and sha256 of its manifest."""
    try:
        found: dict[str, Any] = json.loads((_home(lake, city) / "taken.json").read_text())
    except FileNotFoundError:
        found = {"sequence": 0, "manifest": ""}
    return found


def receipt_for(lake: Lake, content: bytes, manifest: Manifest) -> dict[str, Any] | None:
    """The receipt of a parcel that was taken already; None where it is the next.

    Raises:
        Problem: it is neither: parcels are missing in between, or another one had its number.
    """
    last = taken(lake, manifest.city)
    digest = hashlib.sha256(content).hexdigest()
    if manifest.sequence <= last["sequence"]:
        file = _home(lake, manifest.city) / "receipts" / f"{manifest.sequence:08d}.json"
        found: dict[str, Any] = json.loads(file.read_text())
        if found["manifest"] != digest:
            raise Problem(
                f"Parcel {manifest.sequence} of {manifest.city} was taken already, and it was another one.",
                hint="the sender's lake was set back: receive the city anew into an empty lake, or ask for its newer backup",
            )
        return found
    if manifest.sequence != last["sequence"] + 1 or manifest.previous != last["manifest"]:
        raise Problem(
            f"Parcel {manifest.sequence} of {manifest.city} does not follow parcel {last['sequence']}, the last that was taken.",
            hint="take the parcels in between first; they are in the sender's outbox or its archive",
        )
    return None


def take(lake: Lake, parcel: Parcel) -> dict[str, Any]:
    """Take a parcel, or say once more what became of it.

    Returns:
        The receipt: city, sequence, sha256 of the manifest, when (UTC), rows by dataset, notes, key and signature.

    Raises:
        Problem: it is refused; nothing of it was taken, or it is finished when it comes again.
    """
    manifest = opened(lake, parcel.content, parcel.signature)
    admission = admission_of(lake, manifest.city)
    with _alone(lake, manifest.city):
        known = receipt_for(lake, parcel.content, manifest)
        if known is not None:
            return known
        for part in manifest.parts:
            _check(lake, admission, manifest, part, parcel)
        notes = _differences(lake, manifest)
        for part in manifest.parts:
            _apply(lake, manifest, part, parcel)
        receipt: dict[str, Any] = {
            "city": manifest.city,
            "sequence": manifest.sequence,
            "manifest": hashlib.sha256(parcel.content).hexdigest(),
            "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "rows": {part.dataset: sum(one.rows for one in part.files) for part in manifest.parts},
            "notes": notes,
        }
        key = private_key(lake.folder / "secrets")
        receipt["key"] = public_text(key)
        receipt["signature"] = sign(key, canonical(receipt))
        home = _home(lake, manifest.city)
        write_whole(home / "receipts" / f"{manifest.sequence:08d}.json", json.dumps(receipt, indent=1).encode())
        last = {"sequence": manifest.sequence, "manifest": receipt["manifest"]}
        write_whole(home / "taken.json", json.dumps(last).encode())
        return receipt


def _home(lake: Lake, city: str) -> Path:
    return lake.folder / "exchange" / "from" / city


@contextmanager
def _alone(lake: Lake, city: str) -> Iterator[None]:
    with held(lake.folder / "locks" / f"exchange-from-{city}.lock"):
        yield


def _check(lake: Lake, admission: Admission, manifest: Manifest, part: Part, parcel: Parcel) -> None:
    """That a part is what it says, may come, and can be read here.

    Raises:
        Problem: it is not.
    """
    where = f"parcel {manifest.sequence} of {manifest.city}, {part.dataset}"
    if part.dataset not in lake.catalogue.contracts:
        raise Problem("There is no such dataset here.", where=where, hint="bring this program to the sender's version")
    contract = lake.catalogue.contract(part.dataset)
    if part.contract_version > contract.version:
        raise Problem(
            f"The sender writes version {part.contract_version} of the contract; here it is {contract.version}.",
            where=where, hint="bring this program to the sender's version",
        )  # fmt: skip
    by_rows = manifest.agreement.level(contract) == "rows"
    if part.files and not by_rows:
        raise Problem("Rows came, and the parcel's own agreement says sums only.", where=where)
    if part.files and admission.rows is not None and part.dataset not in (*admission.rows, *ALWAYS):
        raise Problem(
            "Rows came of a dataset that this side does not take.", where=where,
            hint="`qala exchange admit … --rows` here, or sums only there",
        )  # fmt: skip
    for piece in [*part.files, *([part.receipts] if part.receipts else [])]:
        _is_whole(parcel, piece, where)
    for file in part.files:
        _is_as_said(lake, contract, file, parcel, where)
    for receipt in _receipts(part, parcel, where):
        if (receipt.city, receipt.dataset) != (manifest.city, part.dataset):
            raise Problem(f"Receipt {receipt.id} is about something else.", where=where)


def _is_whole(parcel: Parcel, piece: Piece, where: str) -> None:
    path = parcel.piece(piece.sha256)
    if not path.is_file() or path.stat().st_size != piece.size or sha256_of(path) != piece.sha256:
        raise Problem(
            f"Piece {piece.sha256[:12]}… is missing or was changed.", where=where, hint="send the parcel again"
        )


def _is_as_said(lake: Lake, contract: Contract, file: File, parcel: Parcel, where: str) -> None:
    """A data file has the contract's columns and the rows, days and signs that the manifest says."""
    where = f"{where}, {file.name}"
    path = parcel.piece(file.sha256)
    try:
        columns = set(pq.read_schema(path).names)
    except Exception as error:
        raise Problem(f"This is no Parquet file: {str(error)[:200]}", where=where) from error
    types = contract.stored_types()
    strange = columns - set(types)
    if strange or not {"day", "_key", "_row", "_sign", "_receipt"} <= columns:
        raise Problem(
            f"Its columns are not those of the contract: {', '.join(sorted(strange)) or 'some lack'}.", where=where
        )
    cast = ", ".join(f'"{name}"::{types[name]} AS "{name}"' for name in sorted(columns))
    way = '"way"' if "way" in columns else "NULL"
    try:
        with lake.connection() as con:
            rows, first, last, least, most, ways, one = con.execute(
                f"""SELECT count(*), min(day), max(day), min(_sign), max(_sign), count(DISTINCT {way}), min({way})
                    FROM (SELECT {cast} FROM read_parquet($1))""",
                [str(path)],
            ).fetchone()
    except duckdb.Error as error:
        raise Problem(f"It cannot be read as the contract says: {str(error)[:200]}", where=where) from error
    sign_ = -1 if file.minus else 1
    if (rows, first, last) != (file.rows, file.first_day, file.last_day) or {first.year, last.year} != {file.year}:
        raise Problem(f"It holds {rows} rows of {first} to {last}, and the manifest says otherwise.", where=where)
    if (least, most) != (sign_, sign_):
        raise Problem("Its rows do not all have the sign of its name.", where=where)
    if file.way is not None and (ways, one) != (1, file.way):
        raise Problem("Its rows did not all come in the way that the manifest says.", where=where)


def _receipts(part: Part, parcel: Parcel, where: str) -> list[Receipt]:
    if part.receipts is None:
        return []
    try:
        lines = parcel.piece(part.receipts.sha256).read_text().splitlines()
        return [Receipt.model_validate_json(line) for line in lines]
    except ValueError as error:
        raise Problem(f"The receipts cannot be read: {str(error)[:200]}", where=where) from error


def _differences(lake: Lake, manifest: Manifest) -> list[str]:
    """What the two registries say differently of the city: the receiver's own counts here."""
    ours = lake.cities.get(manifest.city).model_dump(mode="json", by_alias=True)
    return [
        f"the registries differ in {name}: here {ours[name]!r}, there {manifest.city_card.get(name)!r}"
        for name in ("zone", "categories", "simulated")
        if ours[name] != manifest.city_card.get(name)
    ]


def _apply(lake: Lake, manifest: Manifest, part: Part, parcel: Parcel) -> None:
    """Files into the table, then lines into the ledger; what is there already is passed over."""
    table, city = lake.table(part.dataset), manifest.city
    name = f"parcel-{city}-{manifest.sequence}-{hashlib.sha256(parcel.content).hexdigest()[:12]}"
    with table.lock(city):
        version = table.version_of(name) if part.files else None
        if part.files and version is None:
            before = table.snapshot()
            there = {file.path for file in before.files(city)}
            files = [_placed(table.new_path(city, one.year, one.name), one, city, parcel) for one in part.files]
            gone = [file for file in before.files(city) if part.whole and file.path not in {f.path for f in files}]
            if part.whole and there:  # what was added up of the files that go cannot be told from the log
                store = SumStore(lake.folder / "sums")
                with store.alone(city):
                    version = table.commit(name, [f for f in files if f.path not in there], gone)
                    store.forget(city)
            else:
                version = table.commit(name, [f for f in files if f.path not in there])
        known = {receipt.id for receipt in lake.ledger.receipts(part.dataset, city)}
        for receipt in _receipts(part, parcel, name):
            if receipt.id not in known:
                of_rows = version if receipt.version is not None else None
                lake.ledger.append(receipt.model_copy(update={"version": of_rows}))


def _placed(path: Path, file: File, city: str, parcel: Parcel) -> DataFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        beside = path.with_name(f".{path.name}.part")
        beside.unlink(missing_ok=True)
        try:
            os.link(parcel.piece(file.sha256), beside)
        except OSError:
            shutil.copyfile(parcel.piece(file.sha256), beside)
        beside.rename(path)
    return DataFile(
        str(path), city, file.year, file.rows, file.first_day, file.last_day, file.rows if file.minus else 0,
        file.contract_version, file.size, file.way,
    )  # fmt: skip
