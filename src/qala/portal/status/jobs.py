"""What the platform does about itself by timetable."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qala.portal.status import services


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="deliver_probes", name="status.deliver_probes")
def deliver_probes(timestamp: int) -> None:
    """Hourly: probes to the lake."""
    services.deliver_probes()


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="deliver_offers", name="status.deliver_offers")
def deliver_offers(timestamp: int) -> None:
    """Hourly: what the platform offers, where it changed."""
    services.deliver_offers()
