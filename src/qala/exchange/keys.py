"""Ed25519 keys (RFC 8032): with them a city signs its parcels and a receiver its receipts."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qala.lake.durable import held, write_whole
from qala.standard.problems import Problem

PREFIX = "ed25519:"


def private_key(secrets: Path) -> Ed25519PrivateKey:
    """The lake's own key, made on first use (mode 0600).

    Args:
        secrets: `secrets/` of the lake.
    """
    file = secrets / "exchange.key"
    if not file.exists():
        secrets.mkdir(parents=True, exist_ok=True)
        with held(secrets / "exchange.lock"):
            if not file.exists():
                write_whole(file, Ed25519PrivateKey.generate().private_bytes_raw(), 0o600)
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())


def public_text(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """The public half as one word: `ed25519:` and base64."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return PREFIX + base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """A public key out of its word.

    Raises:
        Problem: it is none.
    """
    try:
        raw = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
        return Ed25519PublicKey.from_public_bytes(raw)
    except (binascii.Error, ValueError) as error:
        raise Problem(
            f"'{text[:60]}' is no public key.", hint="`qala exchange key` on the sending side prints it: ed25519:…"
        ) from error


def sign(key: Ed25519PrivateKey, content: bytes) -> str:
    """The signature, as base64."""
    return base64.b64encode(key.sign(content)).decode()


def signed_by(key: Ed25519PublicKey, content: bytes, signature: str) -> bool:
    """Whether the content was signed by the key's owner."""
    try:
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
