"""What sources need that a page cannot wait for, or that is done by timetable."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from qala.intake import quarantined
from qala.intake.models import Replaying
from qala.standard.problems import Problem

_LOG = logging.getLogger(__name__)


@app.task(name="intake.replay_all", queue="runs")
def replay_all(work: int) -> None:
    """Send all refused rows of a source that break a rule again."""
    found = Replaying.objects.get(pk=work)
    try:
        quarantined.work_off(found)
    except Problem as problem:
        found.state, found.problem = Replaying.FAILED, str(problem)
        found.save()
    except Exception as error:  # noqa: BLE001  whoever waits at the page must be told
        _LOG.exception("replay %s", work)
        found.state, found.problem = Replaying.FAILED, f"{type(error).__name__}: {error}"
        found.save()
