"""Sums follow the facts: what came into the lake is computed within a minute, without anybody asking; and what a city agreed to
send to another lake goes every hour.
"""

from __future__ import annotations

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from qala import facts
from qala.exchange import client
from qala.exchange.agreement import agreements
from qala.standard.problems import Problem

_LOG = logging.getLogger(__name__)
_done: dict[str, object] = {}
"""Versions of the tables at the last round of this process: without a new one there is nothing to do."""


@app.periodic(cron="* * * * *")
@app.task(name="facts.take_up", queueing_lock="facts.take_up", pass_context=True)
async def take_up(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Queue again what a process that was killed had begun; else it would stay begun, and its lock with it, for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        _LOG.warning("job %s (%s) is taken up again: who did it is gone", job.id, job.task_name)
        try:
            await manager.retry_job(job)
        except ConnectorException:  # the same waits already, as what comes every minute does
            await manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="* * * * *")
@app.task(name="facts.follow", queueing_lock="facts.follow", lock="facts.follow")
def follow(timestamp: int) -> None:  # noqa: ARG001  Procrastinate tells when it was due
    """Bring the sums of every city up to date; a city without news costs some milliseconds."""
    values = facts.values()
    now = (str(facts.lake().folder), dict(values.versions()), [city.code for city in facts.lake().cities.all()])
    if _done.get("round") == now:
        return
    for city in facts.lake().cities.all():
        try:
            values.computer.compute(city.code)
        except Problem as problem:  # one city's trouble is not the others'
            _LOG.warning("%s: %s", city.code, problem)
    values.renew()
    _done["round"] = now


@app.periodic(cron="23 * * * *")
@app.task(name="facts.send", queueing_lock="facts.send", lock="facts.send")
def send(timestamp: int) -> None:  # noqa: ARG001
    """Send every city that has an agreement with a receiving site; what fails waits for the next hour."""
    lake = facts.lake()
    for agreement in agreements(lake):
        if agreement.to.startswith(("http://", "https://")):
            try:
                client.send(facts.values().computer, agreement.city)
            except Problem as problem:
                _LOG.warning("nothing of %s was sent: %s", agreement.city, problem)
