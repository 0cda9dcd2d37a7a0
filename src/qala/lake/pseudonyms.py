"""Personal columns become keyed hashes (HMAC-SHA256) in the query that reads them: no file ever holds the original.

The key is made on first use in `secrets/` (mode 0600) and belongs to this lake: the same citizen has the same hash in
every dataset of the lake, and nobody without the key can test a guess. Whoever loses the key loses that link, not data.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any

from qala.lake.durable import held, write_whole

_BLOCK = 64  # bytes of a SHA-256 block


class Pseudonyms:
    """The lake's key and the SQL that applies it.

    Args:
        folder: where the key lies, or will.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def key(self) -> bytes:
        """32 random bytes; created once, readable by the owner only."""
        file = self.folder / "pseudonyms.key"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PermissionError):
                os.chmod(self.folder, 0o700)  # noqa: PTH101 - the folder may belong to somebody else
            with held(self.folder / "pseudonyms.lock"):
                if not file.exists():
                    write_whole(file, secrets.token_bytes(32), mode=0o600)
        return file.read_bytes()

    def of(self, text: str) -> str:
        """The pseudonym of one text: the first 32 hexadecimal digits of the HMAC."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def sql(self, expression: str) -> str:
        """SQL for the pseudonym of a text expression; empty stays empty. Equal to `of`, digit for digit.

        The connection must have been through `prepare`: the key stands in variables of it and not in the text of the
        query, which could turn up in an error message.
        """
        inner = f"sha256(getvariable('qala_inner') || encode({expression}))"
        return f"left(sha256(getvariable('qala_outer') || unhex({inner})), 32)"

    def prepare(self, connection: Any) -> None:
        """Give a DuckDB connection the padded key."""
        padded = self.key.ljust(_BLOCK, b"\0")
        connection.execute("SET VARIABLE qala_inner = ?", [bytes(byte ^ 0x36 for byte in padded)])
        connection.execute("SET VARIABLE qala_outer = ?", [bytes(byte ^ 0x5C for byte in padded)])
