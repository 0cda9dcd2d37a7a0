"""The key that signs sessions: `QALA_SECRET_KEY`, or one that is made once and kept in the site's folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(home: Path) -> str:
    """The key; a made one is readable by its owner only."""
    given = os.environ.get("QALA_SECRET_KEY")
    if given:
        return given
    file = home / "secret_key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return file.read_text()
