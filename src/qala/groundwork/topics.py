"""One topic map (`topics.yaml`) for appeals of the city, those of the national platform and mentions in the media."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import get_language
from pydantic import TypeAdapter

from qala.groundwork.models import CategoryTopic, Mention, PlatformAppeal
from qala.people import audit
from qala.people.models import User
from qala.places.layers import word
from qala.standard.yaml_file import read_yaml
from qala.ui.formats import language_of

TOPICS = "appeals"
"""The list of topics that all three share."""
_WORDS = "contact_centre.appeals.topic"


@cache
def systems_of() -> Mapping[str, Mapping[str, list[str]]]:
    """Source -> topic -> the systems that it speaks for, as `topics.yaml` says."""
    file = read_yaml(Path(__file__).parent / "topics.yaml")
    return TypeAdapter(dict[str, dict[str, list[str]]]).validate_python(file.data)


def topic_names() -> dict[str, str]:
    """Topic -> its name in the language that is active."""
    return {topic: _name(topic) for topic in systems_of()[TOPICS]}


def topic_choices() -> dict[str, Any]:
    """Topic -> its name in whatever language is active when it is read."""
    return {topic: lazy(_name, str)(topic) for topic in systems_of()[TOPICS]}


def _name(topic: str) -> str:
    return word(topic, language_of(get_language()), _WORDS)


def mapped(city: str) -> dict[str, str]:
    """Category of the national platform, casefolded -> topic; empty where it speaks for none."""
    return dict(CategoryTopic.objects.filter(city=city).values_list("category", "topic"))


@dataclass(frozen=True)
class Category:
    """A category that the city's appeals of the platform have.

    Attributes:
        topic: what a person said it is; None: nobody has yet. guess: what other cities say, or its own name.
    """

    name: str
    count: int
    topic: str | None
    guess: str


def categories(city: str) -> list[Category]:
    """All of a city's, those that nobody has mapped first, then the most frequent."""
    known, names = mapped(city), {name.casefold(): topic for topic, name in topic_names().items()}
    elsewhere = dict(CategoryTopic.objects.exclude(city=city).order_by("at").values_list("category", "topic"))
    counted = PlatformAppeal.objects.filter(city=city).values_list("category").annotate(n=Count("id")).order_by()
    found = [
        Category(name, n, known.get(key), elsewhere.get(key, names.get(key, "")))
        for name, n in counted
        for key in (name.casefold(),)
    ]
    return sorted(found, key=lambda one: (one.topic is not None, -one.count, one.name))


@transaction.atomic
def map_categories(by: HttpRequest, city: str, given: Mapping[str, str]) -> int:
    """Remember what categories are; how many changed.

    Args:
        given: category -> topic; empty: it speaks for none.
    """
    known = mapped(city)
    user = by.user if isinstance(by.user, User) else None
    new = {name.casefold(): topic for name, topic in given.items() if known.get(name.casefold()) != topic}
    for category, topic in new.items():
        CategoryTopic.objects.update_or_create(city=city, category=category, defaults={"topic": topic, "by": user})
    if new:
        before = {category: known.get(category) for category in new}
        audit.wrote(by, "map_categories", f"groundwork.categorytopic:{city}", before, new, city=city)
    return len(new)


def platform_topics(city: str, first: date, last: date) -> dict[str, tuple[int, int, dict[str, int]]]:
    """Topic -> appeals of the platform from `first` to `last`, those of as long a time before, and the former by KATO."""
    known, span = mapped(city), last - first + timedelta(days=1)
    now, before = Counter[str](), Counter[str]()
    districts: dict[str, Counter[str]] = {}
    rows = PlatformAppeal.objects.filter(city=city, day__range=(first - span, last)).values_list(
        "category", "day", "kato"
    )
    for category, day, kato in rows:
        topic = known.get(category.casefold())
        if not topic:
            continue
        (now if day >= first else before)[topic] += 1
        if day >= first and kato:
            districts.setdefault(topic, Counter())[kato] += 1
    return {topic: (now[topic], before[topic], dict(districts.get(topic, {}))) for topic in now | before}


def oldest_platform_day(city: str) -> date | None:
    """The first day of which there is an appeal of the platform."""
    return PlatformAppeal.objects.filter(city=city).order_by("day").values_list("day", flat=True).first()


def media_topics(city: str, first: date, last: date) -> dict[str, tuple[int, int]]:
    """Topic -> mentions in the media, and how many of them criticise."""
    found: dict[str, list[int]] = {}
    rows = Mention.objects.filter(city=city, day__range=(first, last)).values_list("topic", "tone")
    for topic, tone in rows:
        counts = found.setdefault(topic, [0, 0])
        counts[0] += 1
        counts[1] += tone == "bad"
    return {topic: (count, bad) for topic, (count, bad) in found.items()}
