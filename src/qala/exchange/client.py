"""Sending parcels: to a receiving site over HTTP, resumed where it was cut off, or into a folder (a disk that is carried)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import urllib3

from qala.exchange.agreement import Agreement, agreement_file, agreement_of, in_force
from qala.exchange.packing import Parcel, acknowledge, alone, pack, parcel_in, sent
from qala.lake import Lake
from qala.lake.durable import write_whole
from qala.measures.compute import Computer
from qala.standard.problems import Problem

PATH = "/api/v1/exchange"
CHUNK = 4 * 1024 * 1024
_TIMEOUT = urllib3.Timeout(connect=20, read=600)
Said = Callable[[int, int], None]
"""Is told how many bytes of how many were sent."""


def send(computer: Computer, city: str, said: Said | None = None) -> dict[str, Any] | None:
    """Send what is new of a city; the receipt, or None where nothing is.

    Raises:
        Problem: no agreement, one that ended, a receiver that cannot be reached or refuses. What was sent so far is kept there.
    """
    lake = computer.lake
    agreement = agreement_of(lake, city)
    in_force(agreement, _today(computer, city))
    with alone(lake, city):
        parcel = pack(computer, agreement)
        if parcel is None:
            return None
        if not agreement.to.startswith(("http://", "https://")):
            _into_folder(Path(agreement.to), parcel)
            return {"city": city, "sequence": parcel.manifest.sequence, "laid_into": agreement.to}
        receipt = _over_http(agreement.to.rstrip("/"), parcel, said)
        acknowledge(lake, parcel, receipt)
        return receipt


def acknowledged(lake: Lake, agreement: Agreement, receipt: dict[str, Any]) -> None:
    """Take in the receipt of a parcel that was carried on a disk.

    Raises:
        Problem: no parcel waits for it.
    """
    number = sent(lake, agreement.city)["sequence"] + 1
    with alone(lake, agreement.city):
        acknowledge(lake, parcel_in(agreement_file(lake, agreement.city).parent / "outbox" / f"{number:08d}"), receipt)


def _today(computer: Computer, city: str) -> date:
    return datetime.now(ZoneInfo(computer.lake.cities.get(city).zone)).date()


def _into_folder(folder: Path, parcel: Parcel) -> None:
    """Lay the parcel down; its receipt comes back in a file (`qala exchange receipt`)."""
    manifest = parcel.manifest
    place = folder / f"{manifest.city}-{manifest.sequence:08d}"
    if place.exists():
        return
    making = place.with_name(f".{place.name}.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for name in ("manifest.json", "manifest.sig", "SHA256SUMS"):
        write_whole(making / name, (parcel.folder / name).read_bytes())
    (making / "pieces").mkdir()
    for sha in manifest.pieces:
        shutil.copyfile(parcel.piece(sha), making / "pieces" / sha)
    making.rename(place)


def _over_http(address: str, parcel: Parcel, said: Said | None) -> dict[str, Any]:
    manifest = parcel.manifest
    url = f"{address}{PATH}/{manifest.city}/parcels"
    envelope = {"Content-Type": "application/json", "Qala-Signature": parcel.signature}
    with urllib3.PoolManager(
        timeout=_TIMEOUT, retries=urllib3.Retry(3, backoff_factor=1, allowed_methods=None)
    ) as pool:
        answer = _ask(pool, "POST", url, parcel.content, envelope)
        if "missing" in answer:
            _send_pieces(pool, f"{url}/{manifest.sequence}", parcel, answer["missing"], said)
            answer = _ask(pool, "POST", url, parcel.content, envelope)
        if "missing" in answer:
            raise Problem("The receiver still misses pieces.", where=url, hint="send again: it goes on where it was")
        return answer


def _send_pieces(
    pool: urllib3.PoolManager, url: str, parcel: Parcel, missing: dict[str, int], said: Said | None
) -> None:
    """Send what the receiver lacks, each piece from the byte up to which it has it."""
    pieces = parcel.manifest.pieces
    total = sum(pieces[sha].size - have for sha, have in missing.items() if sha in pieces)
    done = 0
    for sha, have in missing.items():
        if sha not in pieces:
            raise Problem("The receiver asks for a piece that the parcel does not have.", where=url)
        at = int(have)
        with parcel.piece(sha).open("rb") as stream:
            while at < pieces[sha].size:
                stream.seek(at)
                headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(at)}
                after = int(_ask(pool, "PATCH", f"{url}/{sha}", stream.read(CHUNK), headers)["offset"])
                if after <= at:
                    raise Problem("The receiver does not take more of a piece.", where=f"{url}/{sha}")
                done, at = done + after - at, after
                if said:
                    said(done, total)


def _ask(pool: urllib3.PoolManager, method: str, url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    try:
        answer = pool.request(method, url, body=body, headers=headers)
    except urllib3.exceptions.HTTPError as error:
        raise Problem(
            f"The receiver cannot be reached: {str(error)[:200]}", where=url,
            hint="nothing is lost: the parcel waits, and the next try goes on where this one was cut off",
        ) from error  # fmt: skip
    try:
        found = json.loads(answer.data)
    except ValueError:
        found = {}
    if answer.status >= 400 or not isinstance(found, dict):
        detail = found.get("title") if isinstance(found, dict) else None
        raise Problem(
            f"The receiver refused it ({answer.status}): {detail or answer.data[:200]!r}", where=url,
            hint=str(found.get("mend", "")) if isinstance(found, dict) else "",
        )  # fmt: skip
    return found
