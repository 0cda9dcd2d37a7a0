"""A nation-wide rating on the receiving side is the cities' own, whatever the agreements share."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from tests.small_demo import Demo

sys.path.insert(0, str(Path(__file__).parents[1] / "measures"))
from small_lakes import CATALOGUE, EDITION

from qala.lake import Lake
from qala.measures.values import Values
from qala.standard.period import Period

QALA = str(Path(sys.executable).with_name("qala"))


def qala(*words: str, lake: Path) -> str:
    done = subprocess.run(
        [QALA, *words, "--lake", str(lake)], capture_output=True, text=True, check=False,
        env={**os.environ, "QALA_EDITION": "order_469"}, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rating_of_the_receiver_is_the_rating_of_the_senders(demo: Demo, tmp_path: Path) -> None:
    """Parcels of three cities on a disk: one shares sums, one rows of some datasets, one nearly all; then both sides rate."""
    sender, receiver, disk = tmp_path / "sender", tmp_path / "receiver", tmp_path / "disk"
    shutil.copytree(demo.folder / "lake", sender)
    (receiver / "cities").mkdir(parents=True)
    shutil.copytree(sender / "cities", receiver / "cities", dirs_exist_ok=True)
    key = qala("exchange", "key", lake=sender).strip()
    codes = [one["code"] for one in json.loads(qala("city", "list", "--format", "json", lake=sender))]
    named = [
        [],
        ["roads.defects", "stops.stops"],
        ["contact_centre.appeals", "transport.boardings", "parking.sessions"],
    ]
    for code, rows in zip(codes, named, strict=False):
        qala("exchange", "admit", code, key, lake=receiver)
        shared = [word for dataset in rows for word in ("--rows", dataset)]
        qala("exchange", "agree", "--city", code, "--to", str(disk), *shared, lake=sender)
    qala("exchange", "send", lake=sender)
    parcels = sorted(str(folder) for folder in disk.iterdir())
    qala("exchange", "take", *parcels, lake=receiver)
    for parcel in parcels:
        qala("exchange", "receipt", f"{parcel}.receipt.json", lake=sender)
    assert "nothing is new" in qala("exchange", "send", lake=sender)
    qala("compute", lake=receiver)
    when = ("--year", "2026", "--as-of", "2026-12-31", "--format", "json")
    for category in ("republican", "oblast"):
        sent, came = (qala("rank", *when, "--category", category, lake=lake) for lake in (sender, receiver))
        assert _rating(came) == _rating(sent)
    there, here = (Values(Lake(lake, CATALOGUE), EDITION, CATALOGUE) for lake in (sender, receiver))
    for code in codes:
        for kpi in EDITION.kpis.values():
            asked = (code, kpi, Period.parse("2026"), date(2026, 12, 31))
            assert here.value(*asked) == there.value(*asked), (code, kpi.row)
    assert "identical" in qala("verify", "latest", lake=receiver)


def _rating(answer: str) -> dict[str, object]:
    """A rating, less what names the run that it is."""
    return {name: value for name, value in json.loads(answer).items() if name not in ("run", "hash", "changes")}
