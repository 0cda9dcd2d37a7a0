"""A roadmap of a demo's own city, as one that is being written: simulated figures in a simulated city."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from qala import facts
from qala.roadmaps import services
from qala.roadmaps.models import Roadmap
from qala.standard.problems import Problem

MONEY = {2: (120, 40), 4: (310, 260), 6: (95,), 12: (180, 180, 60), 13: (75,)}
"""Initiative -> millions of tenge, from the first year on."""
EFFECTS = {2: {"2.2": ["by", "4"], "2.1": ["by_percent", "-15"]}, 12: {"1.18": ["by", "5"]}}


def write(city: str) -> None:
    """Begin the roadmap of a simulated city and say of some initiatives what they cost and bring; one that is there stays.

    Raises:
        Problem: this is no demo.
    """
    if not settings.DEMO:
        raise Problem("A simulated roadmap is for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only.")
    registry = facts.lake().cities
    if city not in registry or not registry.get(city).simulated or Roadmap.objects.filter(city=city).exists():
        return
    first = facts.today(registry.get(city).zone).year + 1
    found = services.begin(None, city, first, first + 3, "kk")
    for action in found.actions.all():
        money = MONEY.get(action.initiative or 0, ())
        action.money = {str(year): str(Decimal(part)) for year, part in zip(action.years, money, strict=False)}
        action.source = "local" if money else ""
        action.effects = EFFECTS.get(action.initiative or 0, {})
        action.save()
    actions = sorted(found.actions.all(), key=lambda one: (one.to_year, one.number))
    last = actions[-1]
    last.new_system = True
    last.save(update_fields=["new_system"])
    if before := [one for one in actions if one.to_year < last.from_year]:
        last.after.set(before[-1:])
