"""The daily look at deadlines."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qala.kits.deadlines import services


@app.periodic(cron="31 3 * * *")
@app.task(name="deadlines.remind", queueing_lock="deadlines.remind", lock="deadlines.remind")
def remind(timestamp: int) -> None:  # noqa: ARG001  Procrastinate tells when it was due
    """Every morning (03:31 UTC is 08:31 in Kazakhstan): tell whoever is due, and then whoever stands above."""
    services.remind()
