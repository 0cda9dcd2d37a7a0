"""What sources need that a page cannot wait for, or that is done by timetable."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from procrastinate.contrib.django import app

from qala import facts
from qala.intake import balancing, calendar, quarantined
from qala.intake.activity import silent
from qala.intake.incidents import Wrong, follow
from qala.intake.models import Incident, Replaying
from qala.intake.receipts import KEPT_DAYS
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


@app.periodic(cron="* * * * *")
@app.task(name="intake.look_for_silence", queueing_lock="intake.look_for_silence", lock="intake.look_for_silence")
def look_for_silence(timestamp: int) -> None:  # noqa: ARG001  Procrastinate tells when it was due
    """Tell the owners of sources that missed their cadence, once, and again when they are back."""
    found = [
        Wrong(one.name, {"since": how.since and how.since.isoformat(), "expected": how.expected.isoformat()}, one)
        for one, how in silent(facts.lake(), datetime.now(UTC))
        if how.expected is not None
    ]
    follow(Incident.Kind.SILENT, found)


@app.periodic(cron="23 * * * *")
@app.task(name="intake.balance", queueing_lock="intake.balance", lock="intake.balance")
def balance(timestamp: int) -> None:  # noqa: ARG001
    """Hourly: do doors, ledger and sources' own counts agree?"""
    balancing.balance_ledger()
    balancing.balance_counts()


@app.periodic(cron="41 1 * * *")
@app.task(name="intake.balance_tables", queueing_lock="intake.balance_tables", lock="intake.balance_tables")
def balance_tables(timestamp: int) -> None:  # noqa: ARG001
    """Nightly: do the tables hold what the ledger says? And forget receipts of senders that are
    too old to be asked for, and fold the small ones of live sources."""
    balancing.balance_tables()
    ledger, today = facts.lake().ledger, datetime.now(UTC).date()
    ledger.forget_sent(today - timedelta(days=KEPT_DAYS))
    for dataset in ledger.datasets():
        ledger.fold(dataset, today)


@app.periodic(cron="11 2 * * *")
@app.task(name="intake.look_for_overdue", queueing_lock="intake.look_for_overdue", lock="intake.look_for_overdue")
def look_for_overdue(timestamp: int) -> None:  # noqa: ARG001
    """Nightly: tell the owners of sources what the order makes due and did not come."""
    calendar.alarm()
