"""What the platform writes about itself into the lake, through the border like any source: probes (KPI 1.2)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from qala import facts
from qala.lake import IngestRequest, Receipt

VARIABLE = "QALA_PLATFORM_OF"


def cities() -> list[str]:
    """Cities whose situational centre this installation is: codes in `QALA_PLATFORM_OF`, joined by commas.

    A simulated city has probes of its own, and is left out.
    """
    registry = facts.lake().cities
    named = [code.strip() for code in os.environ.get(VARIABLE, "").split(",") if code.strip()]
    return [code for code in named if code in registry and not registry.get(code).simulated]


def deliver_probes() -> list[Receipt]:
    """Bring the probes of this month and the last to the lake; what is there already stays once."""
    now = datetime.now(UTC)
    last = f"{now.year - (now.month == 1)}-{(now.month - 2) % 12 + 1:02d}"
    files = [Path(settings.HOME) / "probes" / f"{month}.csv" for month in (last, f"{now:%Y-%m}")]
    return [
        facts.lake().ingest(IngestRequest(city, "situation_centre.probes", file, way="integration"))
        for city in cities()
        for file in files
        if file.exists()
    ]
