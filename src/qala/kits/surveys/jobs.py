"""What surveys need by timetable: reminders, and an end on their last day."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from qala import facts
from qala.kits.surveys import services
from qala.kits.surveys.models import Invitation, Survey
from qala.people.letters import Unsent

MOST_REMINDERS = 3


@app.periodic(cron="11 4 * * *")
@app.task(name="surveys.follow", queueing_lock="surveys.follow", lock="surveys.follow")
def follow(timestamp: int) -> None:  # noqa: ARG001  Procrastinate tells when it was due
    """Every morning: end what is over, mail whoever was mailed some days ago and has not answered."""
    follow_surveys()


def follow_surveys() -> tuple[int, int]:
    """How many surveys were ended, and how many people mailed."""
    ended = mailed = 0
    for survey in Survey.objects.filter(closed_at=None).exclude(opened_at=None):
        cities = facts.lake().cities
        zone = cities.get(survey.city).zone if survey.city in cities else "Asia/Almaty"
        if survey.closes_on is not None and facts.today(zone) > survey.closes_on:
            services.close(None, survey)
            ended += 1
        elif survey.remind_after:
            try:
                mailed += services.send(_waited_for(survey))
            except Unsent:  # who was not mailed is waited for tomorrow too; the log says why
                continue
    return ended, mailed


def _waited_for(survey: Survey) -> list[Invitation]:
    since = timezone.now() - timedelta(days=survey.remind_after)
    found = survey.invitations.select_related("survey").filter(done=False, reminders__lt=MOST_REMINDERS)
    return list(found.exclude(email="").filter(Q(mailed_at=None) | Q(mailed_at__lte=since)))
