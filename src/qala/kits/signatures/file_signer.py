"""Test signatures by a key in the site's folder: Ed25519, no legal force.

The key is the site's and not the person's: it attests that whoever was signed in said that they sign. It shows the whole way
of a signed paper without keys of the national certification centre.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings

from qala.kits.signatures.port import Checked, Request

FORM = "qala test signature, no legal force; Ed25519"
FILE = "test_signature.key"


class FileSigner:
    """The adapter that comes along."""

    id = "test"
    legal = False

    def __init__(self, folder: Path | None = None) -> None:
        self.file = (folder or Path(settings.HOME)) / FILE

    def sign(self, request: Request) -> bytes:
        """JSON with form, statement, key and signature; the last two in hexadecimal digits."""
        key, statement = self._key(), request.statement()
        said = {
            "form": FORM, "statement": statement.decode(), "key": _public(key.public_key()),
            "signature": key.sign(statement).hex(),
        }  # fmt: skip
        return json.dumps(said, ensure_ascii=False, indent=1).encode()

    def verify(self, sha256: str, signature: bytes) -> Checked:
        try:
            said = json.loads(signature)
            statement = said["statement"].encode()
            request, key = Request.of(statement), Ed25519PublicKey.from_public_bytes(bytes.fromhex(said["key"]))
            made = bytes.fromhex(said["signature"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return Checked(wrong="unreadable")
        try:
            key.verify(made, statement)
        except InvalidSignature:
            return Checked(wrong="forged")
        wrong = ""
        if request.sha256 != sha256:
            wrong = "other_document"
        elif _public(key) != _public(self._key().public_key()):
            wrong = "other_key"
        return Checked(request.name, request.position, request.at, wrong)

    def _key(self) -> Ed25519PrivateKey:
        """The site's key; one is made where there is none, readable by its owner only."""
        if not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            made = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            part = self.file.with_name(f"{FILE}.{os.getpid()}")
            part.touch(mode=0o600)
            part.write_text(made.hex())
            with suppress(FileExistsError):  # whole or not at all, and only the first of two processes
                os.link(part, self.file)
            part.unlink()
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.file.read_text().strip()))


def _public(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
