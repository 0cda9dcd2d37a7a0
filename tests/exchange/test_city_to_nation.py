"""Two lakes, one city: what the receiver computes is what the city's own lake has, whatever was sent in whatever steps."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "measures"))
import small_lakes
import test_news as news
from small_lakes import amounts, deliver, new_lake

from qala.exchange import packing, taking
from qala.exchange.agreement import Admission, Agreement, admit, agree, agreement_of
from qala.exchange.keys import private_key, public_text
from qala.exchange.packing import Parcel, acknowledge, pack
from qala.exchange.taking import take
from qala.lake import Lake
from qala.lake.audit import audit
from qala.lake.table import Table
from qala.lake.upkeep import compact
from qala.measures.compute import Computer
from qala.measures.following import PARTIAL_SUMS as DATASET
from qala.standard.problems import Problem

GROUPS = news.GROUPS


def computer(lake: Lake) -> Computer:
    """The lake's one computer: compiling 118 computations takes longer than these tests."""
    if "computer" not in lake.__dict__:
        lake.__dict__["computer"] = small_lakes.computer(lake)
    found: Computer = lake.__dict__["computer"]
    found.look_again()
    return found


def two_lakes(folder: Path, **agreed: Any) -> tuple[Lake, Lake]:
    """A city's own lake, and the ministry's that has admitted it."""
    city, ministry = new_lake(folder / "city"), new_lake(folder / "ministry", "T", "U")
    agree(city, Agreement(city="T", to=str(folder / "disk"), **agreed))
    admit(ministry, Admission(city="T", key=public_text(private_key(city.folder / "secrets"))))
    return city, ministry


def send(city: Lake, ministry: Lake) -> dict[str, Any] | None:
    parcel = pack(computer(city), agreement_of(city, "T"))
    if parcel is None:
        return None
    receipt = take(ministry, parcel)
    acknowledge(city, parcel, receipt)
    return receipt


def same(city: Lake, ministry: Lake, kpis: list[str]) -> None:
    there, here = computer(city), computer(ministry)
    there.compute("T")
    here.compute("T")
    keys = {one.key for one in there.sums("T", kpis)}
    assert keys == {one.key for one in here.sums("T", kpis)}

    def of(lake: Lake) -> dict[Any, Any]:
        return {name: days for name, days in amounts(computer(lake).store.load("T")).items() if name[0] in keys}

    assert of(ministry) == of(city)
    assert of(ministry) == {k: v for k, v in amounts(here.in_memory("T", kpis)).items() if k[0] in keys}
    assert here.years("T") == there.years("T")


@pytest.mark.parametrize("group", GROUPS)
@given(data=st.data())
@settings(
    max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip
def test_the_receiver_has_the_amounts_of_the_sender(group: str, data: st.DataObject) -> None:
    kpis, datasets = GROUPS[group]
    shared = data.draw(st.lists(st.sampled_from(datasets), unique=True))
    with tempfile.TemporaryDirectory() as folder:
        city, ministry = two_lakes(Path(folder), rows=tuple(shared))
        receipts: list[str] = []
        for what, with_ in data.draw(news.steps(datasets)):
            if what == "deliver":
                dataset, rows, way = with_
                receipts.append(deliver(city, dataset, rows, way=way).id)
            elif what == "undo" and receipts:
                with contextlib.suppress(Problem):
                    city.undo(receipts[with_ % len(receipts)])
                    receipts.pop(with_ % len(receipts))
            elif what == "compact":
                for lake in (city, ministry):
                    for dataset in lake.tables():
                        compact(lake, dataset)
            else:
                send(city, ministry)
                same(city, ministry, kpis)
        send(city, ministry)
        same(city, ministry, kpis)
        assert send(city, ministry) is None
        assert audit(ministry, keys=False) == []  # a sender may have put one key on two days


def _appeals(count: int) -> list[dict[str, Any]]:
    row = {"status": "open", "spam": False, "topic": "roads", "citizen": "x", "address": "p", "district": "a"}
    return [{**row, "appeal_id": str(n), "received_at": f"2026-02-{n % 27 + 1:02d} 10:00:00"} for n in range(count)]


KPIS = GROUPS["appeals"][0]


def test_of_a_dataset_with_persons_no_row_leaves_the_city(tmp_path: Path) -> None:
    city, ministry = two_lakes(tmp_path)
    deliver(city, "contact_centre.appeals", _appeals(30))
    send(city, ministry)
    same(city, ministry, KPIS)
    assert "contact_centre.appeals" not in ministry.tables()
    assert DATASET in ministry.tables()


def test_an_agreement_that_changes_moves_no_number(tmp_path: Path) -> None:
    """From sums to rows and back: nothing is counted twice, nothing is lost."""
    city, ministry = two_lakes(tmp_path)
    deliver(city, "contact_centre.appeals", _appeals(30))
    for rows in ((), ("contact_centre.appeals",), ()):
        agree(city, Agreement(city="T", to="x", rows=rows))
        deliver(city, "contact_centre.appeals", _appeals(40 + len(rows)))
        send(city, ministry)
        same(city, ministry, KPIS)


def _break(parcel: Parcel, how: str) -> Parcel:
    said = json.loads(parcel.content)
    if how == "a changed manifest":
        said["sequence"] = 1
        said["parts"][0]["after"] = 7
        return Parcel(parcel.folder, json.dumps(said).encode(), parcel.signature)
    piece = next(iter((parcel.folder / "pieces").iterdir()))
    content = piece.read_bytes()
    piece.unlink()
    if how == "a changed piece":
        piece.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    return parcel


@pytest.mark.parametrize("how", ["a changed manifest", "a changed piece", "a missing piece"])
def test_what_was_changed_on_the_way_is_refused_whole(tmp_path: Path, how: str) -> None:
    city, ministry = two_lakes(tmp_path, rows=("contact_centre.appeals",))
    deliver(city, "contact_centre.appeals", _appeals(5))
    parcel = pack(computer(city), agreement_of(city, "T"))
    assert parcel is not None
    kept = shutil.copytree(parcel.folder, tmp_path / "kept")
    with pytest.raises(Problem, match=r"signed|missing or was changed"):
        take(ministry, _break(Parcel(kept, parcel.content, parcel.signature), how))
    assert ministry.tables() == []
    take(ministry, parcel)
    same(city, ministry, KPIS)


def test_twice_sent_is_taken_once_and_answered_twice(tmp_path: Path) -> None:
    city, ministry = two_lakes(tmp_path, rows=("contact_centre.appeals",))
    deliver(city, "contact_centre.appeals", _appeals(5))
    parcel = pack(computer(city), agreement_of(city, "T"))
    assert parcel is not None
    assert take(ministry, parcel) == take(ministry, parcel)
    again = pack(computer(city), agreement_of(city, "T"))
    assert again == parcel  # not acknowledged: the very same one once more
    same(city, ministry, KPIS)


def test_a_parcel_out_of_order_waits_for_those_before_it(tmp_path: Path) -> None:
    city, ministry = two_lakes(tmp_path, rows=("contact_centre.appeals",))
    deliver(city, "contact_centre.appeals", _appeals(5))
    first = pack(computer(city), agreement_of(city, "T"))
    assert first is not None
    kept = Parcel(shutil.copytree(first.folder, tmp_path / "first"), first.content, first.signature)
    elsewhere = new_lake(tmp_path / "elsewhere")
    admit(elsewhere, Admission(city="T", key=public_text(private_key(city.folder / "secrets"))))
    acknowledge(city, first, take(elsewhere, first))
    deliver(city, "contact_centre.appeals", _appeals(9))
    second = pack(computer(city), agreement_of(city, "T"))
    assert second is not None
    with pytest.raises(Problem, match="does not follow parcel 0"):
        take(ministry, second)
    take(ministry, kept)
    take(ministry, second)
    same(city, ministry, KPIS)


def _fail_at(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, call: int) -> Callable[[], int]:
    """Have the n-th call of a function end as a kill would: before it does anything."""
    real, count = getattr(where, name), [0]

    def failing(*args: Any, **kwargs: Any) -> Any:
        count[0] += 1
        if count[0] == call:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(where, name, failing)
    return lambda: count[0]


def test_wherever_taking_is_cut_off_the_next_try_finishes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every write of the receiver in turn, till none is left to cut off."""
    city, ministry = two_lakes(tmp_path, rows=("contact_centre.appeals", "parking.sessions"))
    deliver(city, "contact_centre.appeals", _appeals(5))
    session = {"session_id": "s", "lot_id": "A", "vehicle": "u", "paid_by": "app", "parked_at": "2026-02-01 10:00:00"}
    deliver(city, "parking.sessions", [session])
    parcel = pack(computer(city), agreement_of(city, "T"))
    assert parcel is not None
    cuts = 0
    for where, name in ((Lake, "table"), (Table, "commit"), (type(ministry.ledger), "append"), (taking, "write_whole")):
        for call in range(1, 12):
            fresh = new_lake(tmp_path / f"{name}{call}")
            admit(fresh, Admission(city="T", key=public_text(private_key(city.folder / "secrets"))))
            with monkeypatch.context() as patch:
                calls = _fail_at(patch, where, name, call)
                with contextlib.suppress(KeyboardInterrupt):
                    take(fresh, parcel)
                if calls() < call:
                    break
            cuts += 1
            take(fresh, parcel)
            same(city, fresh, KPIS)
            assert audit(fresh) == []
    assert cuts > 8


def test_who_was_not_admitted_or_whose_agreement_ended_is_refused(tmp_path: Path) -> None:
    city, ministry = two_lakes(tmp_path)
    deliver(city, "contact_centre.appeals", _appeals(5))
    parcel = pack(computer(city), agreement_of(city, "T"))
    assert parcel is not None
    with pytest.raises(Problem, match="not admitted"):
        take(new_lake(tmp_path / "stranger"), parcel)
    admit(ministry, Admission(city="T", key=public_text(private_key(city.folder / "secrets")), until=date(2026, 1, 1)))
    with pytest.raises(Problem, match="ended on 2026-01-01"):
        take(ministry, parcel)
    admit(ministry, Admission(city="T", key=public_text(private_key(ministry.folder / "secrets"))))
    with pytest.raises(Problem, match="not signed with the key"):
        take(ministry, parcel)


def test_a_city_with_rows_of_its_own_is_not_admitted(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    deliver(lake, "contact_centre.appeals", _appeals(1))
    with pytest.raises(Problem, match="cannot both be its own"):
        admit(lake, Admission(city="T", key=public_text(private_key(lake.folder / "secrets"))))


def test_a_receipt_of_somebody_else_acknowledges_nothing(tmp_path: Path) -> None:
    city, ministry = two_lakes(tmp_path)
    agree(city, Agreement(city="T", to="x", receiver=public_text(private_key(city.folder / "secrets"))))
    deliver(city, "contact_centre.appeals", _appeals(5))
    parcel = pack(computer(city), agreement_of(city, "T"))
    assert parcel is not None
    with pytest.raises(Problem, match="not signed by the receiver"):
        acknowledge(city, parcel, take(ministry, parcel))
    assert packing.sent(city, "T")["sequence"] == 0
