"""What a pull is asked with, and what it brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from qala.intake.fetchers.addresses import Allowed
from qala.intake.fetchers.web import Bounds, Web
from qala.intake.payloads.limits import USUAL, Limits, Row
from qala.standard.problems import Problem


@dataclass(frozen=True)
class Turn:
    """One turn of a pull.

    Args:
        now: UTC, with its zone.
        format: kind of payload, where the fetcher does not know it by itself.
        rows_at: where the rows are in it.
        work: an existing folder for what is too big for memory; the caller clears it.
        allowed: internal networks that may be reached.
        secret: gives a secret of this source by its name.
    """

    now: datetime
    work: Path
    format: str = "json"
    rows_at: str = ""
    allowed: Allowed = field(default_factory=Allowed)
    bounds: Bounds = field(default_factory=Bounds)
    limits: Limits = USUAL
    secret: Callable[[str], str] | None = None
    web: Web | None = None

    def client(self) -> Web:
        return self.web or Web(self.allowed, self.bounds)

    def opened(self, value: Secret | str) -> str:
        """A value of the settings, or the secret that it names."""
        if isinstance(value, str):
            return value
        if self.secret is None:
            raise Problem(f"the secret {value.secret!r} is not there", where="settings")
        return self.secret(value.secret)


@dataclass(frozen=True)
class Fetched:
    """What one turn brought.

    Args:
        position: to be remembered when what came is on the disk, not before.
        rows: texts by header.
        file: rows in a file instead, in a format of `qala ingest`, and its suffix.
        unreadable: what came and could not be read: why, and the bytes.
        more: whether there is more to fetch at once.
        unchanged: whether the source said, or its content showed, that nothing has changed.
    """

    position: Mapping[str, Any]
    rows: Sequence[Row] = ()
    file: tuple[Path, str] | None = None
    unreadable: Sequence[tuple[str, bytes]] = ()
    more: bool = False
    unchanged: bool = False


class Settings(BaseModel):
    """Settings of a way to pull; an unknown one is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Secret(Settings):
    """A secret by name: `{"secret": "password"}`."""

    secret: str


def read_settings[Kind: Settings](kind: type[Kind], said: Mapping[str, Any]) -> Kind:
    """Settings as they are written with a source.

    Raises:
        Problem: with the path of each setting that is wrong, and what it may be.
    """
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        wrong = {".".join(map(str, one["loc"])): one["msg"] for one in error.errors()}
        raise Problem(
            "; ".join(f"{path}: {why}" if path else why for path, why in wrong.items()),
            where="settings: " + ", ".join(wrong),
            hint="they are: " + ", ".join(kind.model_fields),
        ) from None
