"""Free fields are looked through for what looks personal; nothing else is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "measures"))
from small_lakes import CATALOGUE, deliver, new_lake

from qala.lake.border.personal import free_fields, is_iin, looks_personal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("жилец 900101300017 просит", "iin"),
        ("жилец 900101300018 просит", None),  # a wrong check digit
        ("тел. +7 (701) 123-45-67", "phone"),
        ("8 727 2501234", "phone"),
        ("карта 4111 1111 1111 1111", "card"),
        ("карта 4111 1111 1111 1112", None),
        ("акт № 123 от 05.11.2026", None),
        ("76.912345 43.238949", None),
        ("991340000123", None),  # a company's number: its fifth and sixth digits are no day
    ],
)
def test_what_looks_personal(text: str, kind: str | None) -> None:
    assert looks_personal(text) == kind


def test_the_check_digit_of_an_iin_is_that_of_the_resolution() -> None:
    """Of the ten last digits at most one fits: none where both rows of weights give ten."""
    fitting = [
        sum(is_iin(f"{900101300000 + number:012d}"[:11] + str(last)) for last in range(10))
        for number in range(0, 900, 10)
    ]
    assert set(fitting) <= {0, 1}
    assert fitting.count(1) > 80


def test_keys_words_and_pseudonyms_are_no_free_fields() -> None:
    assert free_fields(CATALOGUE.contract("city.districts")) == ["name_ru", "name_kk", "name_en"]
    for contract in CATALOGUE.contracts.values():
        assert not set(free_fields(contract)) & {*contract.key, *contract.pseudonyms}


def test_a_delivery_says_how_many_rows_look_personal(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    lot = {
        "act": "№ 7",
        "object_kind": "school",
        "valid_from": "2026-01-01",
        "valid_to": None,
        "district": None,
        "lat": None,
        "lon": None,
    }
    rows = [
        {**lot, "object_id": str(n), "title": title} for n, title in enumerate(["№ 1", "школа, +7 701 123 45 67", None])
    ]
    receipt = deliver(lake, "situation_centre.critical_objects", rows)
    assert receipt.personal == {"title: phone": 1}
    assert lake.ledger.receipts("situation_centre.critical_objects")[0].personal == receipt.personal
