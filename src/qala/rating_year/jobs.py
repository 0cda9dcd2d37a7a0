"""What a rating year does by its timetable without anybody's hand: the data freeze, and the recomputation after objections."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from qala import facts
from qala.people import audit
from qala.rating_year.models import YearStep
from qala.rating_year.queries import timetable
from qala.rating_year.recomputing import freeze_said, freeze_year, needed, prepare, waiting
from qala.runs.rated import rated_in
from qala.standard import Problem

_LOG = logging.getLogger(__name__)


@app.periodic(cron="17 19 * * *")
@app.task(name="rating_year.keep_to_timetable", queueing_lock="rating_year.keep_to_timetable")
def keep_to_timetable(timestamp: int) -> None:  # noqa: ARG001  Procrastinate tells when it was due
    """Soon after midnight in Kazakhstan (19:17 UTC): freeze when the day is over, recompute when objections are decided."""
    keep_up()


def keep_up() -> None:
    """For the year that is being rated, category by category; what a person has done already stays."""
    year, today = facts.today().year - 1, facts.today()
    for category in facts.edition().categories:
        if not rated_in(facts.lake(), category, year):
            continue
        days = {line.dated.id: line.dated.day for line in timetable(year, category)}
        freezes, recomputes = days["data_freeze"], days["recomputation"]
        if freezes is not None and today > freezes and freeze_said(year, category) is None:
            freeze_year(year, category)
            YearStep.objects.update_or_create(
                year=year, category=category, step="data_freeze", defaults={"done_at": timezone.now()}
            )
            audit.wrote(None, "freeze", f"rating_year:{year}_{category}", None, {"day": freezes.isoformat()})
        if recomputes is not None and today >= recomputes and needed(year, category) and not waiting(year, category):
            try:
                prepare(None, year, category)
            except Problem as problem:
                _LOG.warning("recomputation of %s %s: %s", year, category, problem)
