"""How far each pull has read: in the database, and in a file beside it, so that pulls go on while the database is gone."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections

from qala.intake.models import Door, Source
from qala.lake.durable import write_whole

_AGAIN_S = 15.0
_NO_ANSWER = object()
_LOG = logging.getLogger(__name__)


class Positions:
    """Positions of sources, by name. May be used by several threads, one a source.

    The database is right, unless the file says that it could not be told: then the file is, and the database is told.

    Args:
        folder: `QALA_HOME/intake/positions`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._again = float("-inf")

    def load(self, name: str) -> Mapping[str, Any]:
        """Where a source's next turn begins; empty at the beginning."""
        kept = self._kept(name)
        if kept.get("untold"):
            if self._tell(name, position=kept["position"]):
                self._keep(name, kept["position"], untold=False)
            return dict(kept["position"])
        found = self._ask(lambda: Door.objects.filter(source__name=name).values_list("position", flat=True).first())
        return dict(kept.get("position", {}) if found is _NO_ANSWER else found or {})

    def save(self, name: str, position: Mapping[str, Any]) -> None:
        """Remember a position; it is on the disk when this returns, whatever the database does."""
        self._keep(name, position, untold=True)
        if self._tell(name, position=dict(position)):
            self._keep(name, position, untold=False)

    def note(self, name: str, asked_at: datetime, answered_at: datetime | None, trouble: str) -> None:
        """Put down how a turn went, for the source's page."""
        self._tell(name, asked_at=asked_at, trouble=trouble, **({"answered_at": answered_at} if answered_at else {}))

    def _tell(self, name: str, **what: Any) -> bool:
        def tell() -> None:
            source = Source.objects.filter(name=name).first()
            if source is not None:
                Door.objects.update_or_create(source=source, defaults=what)

        return self._ask(tell) is not _NO_ANSWER

    def _ask(self, question: Callable[[], Any]) -> Any:
        """What the database answers; it is left alone for a while after it did not."""
        if time.monotonic() < self._again:
            return _NO_ANSWER
        try:
            close_old_connections()
            return question()
        except DatabaseError as error:
            self._again = time.monotonic() + _AGAIN_S
            said = (str(error).splitlines() or [type(error).__name__])[0]
            _LOG.warning("the database does not answer, positions stay in files: %s", said)
            return _NO_ANSWER

    def _kept(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self._folder / f"{name}.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _keep(self, name: str, position: Mapping[str, Any], *, untold: bool) -> None:
        text = json.dumps({"position": position, "untold": untold}, ensure_ascii=False)
        write_whole(self._folder / f"{name}.json", text.encode(), mode=0o600)
