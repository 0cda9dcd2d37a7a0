"""Originals of refused rows, sealed: kept so that they can be mended and replayed, readable only with the lake's key.

A refused row may hold personal values, and a message that cannot be decoded may hold anything. What everybody may look at in
quarantine is masked; the original lies beside it, encrypted by AES-256-GCM (NIST SP 800-38D) with a key in `secrets/`.
"""

from __future__ import annotations

import contextlib
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qala.lake.durable import held, write_whole
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Sealer:
    """The key of a lake's sealed originals, made on first use (mode 0600).

    Args:
        folder: `secrets/` of the lake.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 6 MB, and most processes seal nothing

        file = self.folder / "quarantine.key"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PermissionError):
                self.folder.chmod(0o700)
            with held(self.folder / "quarantine.lock"):
                if not file.exists():
                    write_whole(file, AESGCM.generate_key(256), mode=0o600)
        return AESGCM(file.read_bytes())

    def seal(self, content: bytes) -> bytes:
        """What only this lake can open."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        """The content.

        Raises:
            Problem: it was sealed with another key, or changed since.
        """
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except InvalidTag:
            raise Problem(
                "the original cannot be opened: it was sealed with another key",
                where=str(self.folder / "quarantine.key"),
                hint="restore the key from the backup that belongs to this lake",
            ) from None
