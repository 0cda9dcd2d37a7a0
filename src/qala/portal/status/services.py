"""What the platform writes about itself into the lake, through the border like any source.

Probes (KPI 1.2), and what it offers: visualisations (1.3), critical objects on the map (1.5), layers (1.6).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from django.conf import settings

from qala import facts
from qala.intake import platform
from qala.lake import IngestRequest, Receipt
from qala.portal.status import offers


def cities() -> list[str]:
    """Cities whose situational centre this installation is."""
    return platform.cities(facts.lake())


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


def deliver_offers() -> list[Receipt]:
    """Bring what changed in the platform's offer since the last time; days are the city's own."""
    receipts = []
    for code in cities():
        city = facts.lake().cities.get(code)
        day = facts.today(city.zone)
        for dataset, offered in offers.offered(city, day).items():
            rows = offers.changes(dataset, city, offered, day)
            if rows:
                table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]})
                request = IngestRequest(code, dataset, table, way="integration", source_name=offers.MARK)
                receipts.append(facts.lake().ingest(request))
    return receipts
