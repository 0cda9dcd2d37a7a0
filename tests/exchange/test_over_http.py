"""Parcels over a real server: cut off, killed, gone on with; and what a stranger is told."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from test_city_to_nation import KPIS, _appeals, computer, deliver, same, two_lakes

from qala.exchange import client
from qala.exchange.agreement import Agreement, agree, agreement_of
from qala.exchange.packing import pack, sent
from qala.lake import Lake
from qala.standard.problems import Problem


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def served(lake: Lake, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--no-ws", "door_app:app"],
        cwd=Path(__file__).parent,
        env={
            **os.environ,
            "QALA_LAKE": str(lake.folder),
            "QALA_EDITION": "order_469",
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        },
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def test_a_parcel_goes_on_where_it_was_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is killed after some pieces came; the next try sends only what it lacks."""
    city, ministry = two_lakes(tmp_path)
    port = _free_port()
    agree(city, Agreement(city="T", to=f"http://127.0.0.1:{port}", rows=("contact_centre.appeals",)))
    deliver(city, "contact_centre.appeals", _appeals(2000))
    monkeypatch.setattr(client, "CHUNK", 4096)
    chunks: list[int] = []

    with served(ministry, port) as server:

        def kill_at_the_third(done: int, total: int) -> None:
            chunks.append(done)
            if len(chunks) == 3:
                os.killpg(server.pid, 9)

        with pytest.raises(Problem, match="cannot be reached"):
            client.send(computer(city), "T", kill_at_the_third)
    assert sent(city, "T")["sequence"] == 0
    assert ministry.tables() == []
    with served(ministry, port):
        again: list[tuple[int, int]] = []
        receipt = client.send(computer(city), "T", lambda done, total: again.append((done, total)))
        assert receipt is not None
        assert again[0][1] <= _size(tmp_path) - chunks[1]  # what had come was not sent once more
        assert client.send(computer(city), "T") is None
    same(city, ministry, KPIS)


def _size(folder: Path) -> int:
    """Bytes of the city's data files: no less than a parcel's pieces that matter here."""
    return sum(file.stat().st_size for file in (folder / "city" / "lake").rglob("*.parquet")) + 100_000


def test_who_is_not_the_city_gets_no_byte_onto_the_disk(tmp_path: Path) -> None:
    city, ministry = two_lakes(tmp_path)
    deliver(city, "contact_centre.appeals", _appeals(5))
    parcel = pack(computer(city), agreement_of(city, "T"))
    assert parcel is not None
    port = _free_port()
    pool = urllib3.PoolManager(retries=False)
    url = f"http://127.0.0.1:{port}/api/v1/exchange"
    sha = next(iter(parcel.manifest.pieces))

    def ask(method: str, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        answer = pool.request(method, url + path, body=body, headers=headers)
        return answer.status, answer.json()

    with served(ministry, port):
        signature = {"Qala-Signature": parcel.signature}
        assert ask("PATCH", f"/T/parcels/1/{sha}", b"x", **{"Upload-Offset": "0"})[0] == 422  # nothing was announced
        for body, signed in ((parcel.content, "AAAA"), (b"{}", parcel.signature), (b"\xff" * 50, parcel.signature)):
            status, said = ask("POST", "/T/parcels", body, **{"Qala-Signature": signed})
            assert status == 422
            assert said["title"]
        assert ask("POST", "/U/parcels", parcel.content, **signature)[0] == 422
        assert not (ministry.folder / "exchange" / "coming").exists()
        status, said = ask("POST", "/T/parcels", parcel.content, **signature)
        assert (status, said["missing"][sha]) == (202, 0)
        size = parcel.manifest.pieces[sha].size
        too_much = ask("PATCH", f"/T/parcels/1/{sha}", b"x" * (size + 1), **{"Upload-Offset": "0"})
        assert too_much[0] == 422
        assert ask("PATCH", f"/T/parcels/1/{sha}", b"x", **{"Upload-Offset": "7"})[0] == 409
        assert ask("PATCH", f"/T/parcels/1/{'0' * 64}", b"x", **{"Upload-Offset": "0"})[0] == 422
        assert ask("PATCH", f"/T/parcels/1/{sha}", b"x" * size, **{"Upload-Offset": "0"})[0] == 422  # not its content
        assert ask("PATCH", f"/T/parcels/1/{sha}", parcel.piece(sha).read_bytes(), **{"Upload-Offset": "0"})[0] == 200
