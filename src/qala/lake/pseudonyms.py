"""Personal columns become keyed hashes in the query that reads them: no file ever holds the original.

The key is made on first use in `secrets/` (mode 0600) and belongs to this lake: the same citizen has the same hash in
every dataset of the lake, and nobody without the key can test a guess. Whoever loses the key loses that link, not data.

The hash is SHA-256 over key and text, cut to 128 bits. HMAC would hash four blocks instead of one, 1.3 µs a row and more
than all other checks together; what it guards against beyond this, extending a known hash, the cut rules out.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any

from qala.lake.durable import held, write_whole

KEY_VARIABLE = "getvariable('qala_key')"
"""Where the key stands in the SQL."""


class Pseudonyms:
    """The lake's key and the SQL that applies it.

    Args:
        folder: where the key lies, or will.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def key(self) -> str:
        """32 random letters (192 bits); created once, readable by the owner only."""
        file = self.folder / "pseudonyms.key"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PermissionError):
                self.folder.chmod(0o700)
            with held(self.folder / "pseudonyms.lock"):
                if not file.exists():
                    write_whole(file, secrets.token_urlsafe(24).encode(), mode=0o600)
        return file.read_text()

    def of(self, text: str) -> str:
        """The pseudonym of one text: 32 hexadecimal digits."""
        return hashlib.sha256((self.key + text).encode()).hexdigest()[:32]

    def sql(self, expression: str) -> str:
        """SQL for the pseudonym of a text expression; empty stays empty. Equal to `of`, digit for digit.

        The connection must have been through `prepare`: the key stands in a variable of it and not in the text of the
        query, which could turn up in an error message.
        """
        return f"left(sha256({KEY_VARIABLE} || {expression}), 32)"

    def prepare(self, connection: Any) -> None:
        """Give a DuckDB connection the key."""
        connection.execute("SET VARIABLE qala_key = ?", [self.key])
