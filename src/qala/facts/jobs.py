"""Sums follow the facts: what came into the lake is computed within a minute, without anybody asking."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from qala import facts
from qala.standard.problems import Problem

_LOG = logging.getLogger(__name__)
_done: dict[str, object] = {}
"""Versions of the tables at the last round of this process: without a new one there is nothing to do."""


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
