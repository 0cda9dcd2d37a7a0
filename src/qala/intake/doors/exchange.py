"""The door for parcels of cities: `POST …/exchange/{city}/parcels`, `PATCH …/parcels/{sequence}/{sha256}` (see qala.exchange).

A manifest is sent first, signed. The answer is its receipt, or which pieces are missing and up to which byte each is there;
pieces are taken of a signed manifest only, so that nobody else can fill the disk. At last the manifest is sent once more.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qala import facts
from qala.exchange.manifest import MOST_BYTES, Manifest, Piece, read_manifest
from qala.exchange.packing import Parcel
from qala.exchange.taking import opened, receipt_for, take
from qala.lake import Lake
from qala.lake.durable import write_whole
from qala.standard.problems import Problem

SPARE_BYTES = 2 * 1024**3
"""So much of the disk is left free."""
_CHUNK = 32 * 1024 * 1024


def routes() -> list[Route]:
    """The addresses of this door."""
    return [
        Route("/api/v1/exchange/{city}/parcels", parcels, methods=["POST"]),
        Route("/api/v1/exchange/{city}/parcels/{sequence:int}/{sha256}", piece, methods=["PATCH"]),
    ]


async def parcels(request: Request) -> Response:
    """Take a manifest; with all its pieces there, the parcel."""
    try:
        content = await _read(request, MOST_BYTES)
        signature = request.headers.get("qala-signature", "")
        said, status = await asyncio.to_thread(_parcel, request.path_params["city"], content, signature)
    except ClientDisconnect:
        return Response(status_code=400)
    except Problem as error:
        return _problem(422, error)
    return JSONResponse(said, status)


async def piece(request: Request) -> Response:
    """Take the next bytes of a piece, from the byte that `Upload-Offset` names."""
    city, sequence, sha = (request.path_params[name] for name in ("city", "sequence", "sha256"))
    try:
        lake = facts.lake()
        folder = _folder(lake, city, sequence)
        manifest = await asyncio.to_thread(_pending, folder)
        known = manifest.pieces.get(sha)
        if known is None:
            raise Problem("The parcel has no such piece.", where=sha)
        offset = request.headers.get("upload-offset", "")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 20):
            raise Problem("Upload-Offset says from which byte on the piece goes on.", where="Upload-Offset")
        content = await _read(request, _CHUNK)
        after = await asyncio.to_thread(_add, folder / "pieces" / sha, known, int(offset), content)
    except ClientDisconnect:
        return Response(status_code=400)
    except Problem as error:
        return _problem(409 if "goes on at" in error.message else 422, error)
    return JSONResponse({"offset": after})


async def _read(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise Problem(f"The body is larger than {most} bytes.", hint="send it in smaller parts")
        parts.append(part)
    return b"".join(parts)


def _parcel(city: str, content: bytes, signature: str) -> tuple[dict[str, Any], int]:
    lake = facts.lake()
    manifest = opened(lake, content, signature)
    if manifest.city != city:
        raise Problem(f"The manifest is about {manifest.city}.", where=city)
    known = receipt_for(lake, content, manifest)
    if known is not None:
        return known, 200
    folder = _folder(lake, city, manifest.sequence)
    if folder.exists() and (folder / "manifest.json").read_bytes() != content:  # the sender packed it anew
        _keep_pieces(folder, manifest)
    (folder / "pieces").mkdir(parents=True, exist_ok=True)
    missing = {sha: have for sha, one in manifest.pieces.items() if (have := _have(folder / "pieces" / sha)) < one.size}
    _room(folder, sum(manifest.pieces[sha].size - have for sha, have in missing.items()))
    write_whole(folder / "manifest.json", content)
    write_whole(folder / "manifest.sig", signature.encode())
    if missing:
        return {"missing": missing}, 202
    try:
        receipt = take(lake, Parcel(folder, content, signature))
    except Problem:
        shutil.rmtree(folder, ignore_errors=True)  # a piece that was changed on the way is sent anew
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return receipt, 200


def _folder(lake: Lake, city: str, sequence: int) -> Path:
    return lake.folder / "exchange" / "coming" / city / f"{sequence:08d}"


def _pending(folder: Path) -> Manifest:
    try:
        return read_manifest((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise Problem("No such parcel was announced.", hint="send its signed manifest first") from None


def _have(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _keep_pieces(folder: Path, manifest: Manifest) -> None:
    for path in (folder / "pieces").iterdir():
        if path.name not in manifest.pieces:
            path.unlink()


def _room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free - wanted < SPARE_BYTES:
        raise Problem(
            f"The parcel needs {wanted} bytes and {free} are free here; {SPARE_BYTES} must stay free.",
            hint="the receiving side frees space; the parcel waits on yours",
        )


def _add(path: Path, known: Piece, offset: int, content: bytes) -> int:
    """Append; returns the bytes that are there. The last ones are forced to the disk, and the content compared with its name."""
    have = _have(path)
    if offset != have:
        raise Problem(f"The piece goes on at byte {have}, not at {offset}.", where=known.sha256)
    if have + len(content) > known.size:
        raise Problem(f"The piece has {known.size} bytes by its manifest; more came.", where=known.sha256)
    with path.open("ab") as stream:
        stream.write(content)
        if have + len(content) == known.size:
            stream.flush()
            os.fsync(stream.fileno())
    if have + len(content) == known.size:
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != known.sha256:
                path.unlink()
                raise Problem("The piece was changed on the way.", where=known.sha256, hint="send it again from byte 0")
    return have + len(content)


def _problem(status: int, error: Problem) -> JSONResponse:
    from qala.intake.doors.http import problem  # which has this door among its own

    return problem(status, error.message, where=error.where, hint=error.hint)
