"""Telling people what is due: one mail a person a day with all that is new, each stage of each deadline once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from qala import facts
from qala.kits.deadlines.due import Due, Stage, everything
from qala.kits.deadlines.models import Told
from qala.people import letters
from qala.people.letters import Unsent
from qala.people.models import User
from qala.people.queries import holders


def today_of(city: str) -> date:
    """The day in a city; of the country that of the site's own zone."""
    registry = facts.lake().cities
    return facts.today(registry.get(city).zone) if city in registry else facts.today()


def to_tell(due: Due, stage: Stage) -> list[User]:
    """Who is told at a stage: whoever has to do it; once it stays undone, whoever stands above."""
    return holders(due.above if stage == "escalated" else due.permission, city=due.city)


def remind() -> int:
    """Tell everybody what they were not told yet; where a mail does not go out it is tried the next day.

    Returns:
        How many people were mailed.
    """
    news: dict[int, list[tuple[Due, Stage]]] = defaultdict(list)
    people: dict[int, User] = {}
    known = set(Told.objects.values_list("key", "stage", "user_id"))
    for due in everything():
        stage = due.stage(today_of(due.city))
        for user in to_tell(due, stage) if stage else ():
            if stage and (due.key, stage, user.pk) not in known:
                people[user.pk] = user
                news[user.pk].append((due, stage))
    return sum(_mailed(people[number], found) for number, found in news.items())


def _mailed(user: User, news: list[tuple[Due, Stage]]) -> bool:
    with override(user.language):
        told = {"lines": [_line(due, stage) for due, stage in news]}
    try:
        letters.write(user.email, user.language, "deadlines/mail/due", told)
    except Unsent:
        return False
    Told.objects.bulk_create([Told(key=due.key, stage=stage, user=user) for due, stage in news], ignore_conflicts=True)
    return True


def _line(due: Due, stage: Stage) -> dict[str, Any]:
    registry = facts.lake().cities
    return {
        "due": due,
        "what": due.what(),
        "stage": stage,
        "city": registry.get(due.city).names if due.city in registry else None,
        "link": f"{settings.PUBLIC_URL}{reverse(due.url[0], args=due.url[1])}",
    }
