"""A strategy of a demo's own city, as one that is being written: simulated figures in a simulated city."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from qala import facts
from qala.standard import read_yaml
from qala.standard.problems import Problem
from qala.strategies import services
from qala.strategies.models import Comment, Strategy

TEXTS = Path(__file__).parent / "demo.yaml"
YEARS = 9
BEING_WRITTEN = (7, 8)
"""Sections that are not ready yet."""


def write(city: str) -> None:
    """Write the strategy of a simulated city, two sections of it not ready yet; one that is there stays.

    Raises:
        Problem: this is no demo.
    """
    if not settings.DEMO:
        raise Problem("A simulated strategy is for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only.")
    registry = facts.lake().cities
    if city not in registry or not registry.get(city).simulated or Strategy.objects.filter(city=city).exists():
        return
    first = facts.today(registry.get(city).zone).year + 1
    found = services.begin(None, city, first, first + YEARS)
    texts, now = read_yaml(TEXTS).data, timezone.now()
    for section in found.sections.all():
        section.text = str(texts["sections"][section.number - 1][section.language]).strip()
        section.saved, section.changed_at = 1, now
        section.state = "reading" if section.number in BEING_WRITTEN else "ready"
        section.save()
        section.versions.create(text=section.text, begun_at=now, at=now, rests_on=0)
        if section.number == BEING_WRITTEN[0]:
            Comment.objects.create(section=section, text=texts["comment"][section.language])
