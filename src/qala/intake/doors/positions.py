"""How far each pull has read: in the database, and in a file beside it, so that pulls go on while the database is gone."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections

from qala.intake.models import Door, Source
from qala.lake.durable import write_whole

_LOG = logging.getLogger(__name__)


class Positions:
    """Positions of sources, by name. May be used by several threads, one a source.

    The database is right, unless the file says that it could not be told: then the file is, and the database is told.

    Args:
        folder: `QALA_HOME/intake/positions`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, name: str) -> Mapping[str, Any]:
        """Where a source's next turn begins; empty at the beginning."""
        kept = self._kept(name)
        if kept.get("untold"):
            if self._tell(name, position=kept["position"]):
                self._keep(name, kept["position"], untold=False)
            return dict(kept["position"])
        try:
            close_old_connections()
            found = Door.objects.filter(source__name=name).values_list("position", flat=True).first()
        except DatabaseError as error:
            _LOG.warning("%s: the database does not answer, its file is used: %s", name, _line(error))
            return dict(kept.get("position", {}))
        return dict(found or {})

    def save(self, name: str, position: Mapping[str, Any]) -> None:
        """Remember a position; it is on the disk when this returns, whatever the database does."""
        self._keep(name, position, untold=True)
        if self._tell(name, position=dict(position)):
            self._keep(name, position, untold=False)

    def note(self, name: str, asked_at: datetime, answered_at: datetime | None, trouble: str) -> None:
        """Put down how a turn went, for the source's page."""
        told = {"asked_at": asked_at, "trouble": trouble} | ({"answered_at": answered_at} if answered_at else {})
        self._tell(name, **told)

    def _tell(self, name: str, **what: Any) -> bool:
        try:
            close_old_connections()
            source = Source.objects.filter(name=name).first()
            if source is not None:
                Door.objects.update_or_create(source=source, defaults=what)
        except DatabaseError as error:
            _LOG.warning("%s: the database is told later: %s", name, _line(error))
            return False
        return True

    def _kept(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self._folder / f"{name}.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _keep(self, name: str, position: Mapping[str, Any], *, untold: bool) -> None:
        text = json.dumps({"position": position, "untold": untold}, ensure_ascii=False)
        write_whole(self._folder / f"{name}.json", text.encode(), mode=0o600)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
