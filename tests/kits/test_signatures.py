"""The port of signatures: what is signed can be read again, and nothing else than what was signed holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qala.kits.signatures import Request, Unreadable
from qala.kits.signatures.file_signer import FORM, FileSigner

SIGNED = Request(
    "ab" * 32, "rating_year.claim:7 v1", "Ә. Тест", "deputy akim", datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
)


def test_a_statement_is_read_again_and_nothing_else_is() -> None:
    assert Request.of(SIGNED.statement()) == SIGNED
    for wrong in (
        b"",
        b"{}",
        b"[]",
        b"null",
        SIGNED.statement().replace(b'"name"', b'"Name"'),
        SIGNED.statement() + b" ",
    ):
        with pytest.raises(Unreadable):
            Request.of(wrong)


def test_a_signature_says_who_signed_when_and_holds(tmp_path: Path) -> None:
    by = FileSigner(tmp_path)
    found = by.verify(SIGNED.sha256, by.sign(SIGNED))
    assert (found.valid, found.name, found.position, found.at) == (True, SIGNED.name, SIGNED.position, SIGNED.at)
    assert FileSigner(tmp_path).verify(SIGNED.sha256, by.sign(SIGNED)).valid  # the key stays
    assert by.file.stat().st_mode & 0o077 == 0
    assert not by.legal and "no legal force" in FORM


def test_what_does_not_hold_says_why(tmp_path: Path) -> None:
    by, other = FileSigner(tmp_path / "a"), FileSigner(tmp_path / "b")
    made = by.sign(SIGNED)
    assert by.verify("cd" * 32, made).wrong == "other_document"
    assert other.verify(SIGNED.sha256, made).wrong == "other_key"
    said = json.loads(made)
    better = replace(SIGNED, position="akim").statement().decode()
    assert by.verify(SIGNED.sha256, json.dumps({**said, "statement": better}).encode()).wrong == "forged"
    for wrong in (b"", b"[]", b"{}", made[:-9], json.dumps({**said, "key": "00"}).encode()):
        assert by.verify(SIGNED.sha256, wrong).wrong == "unreadable"
