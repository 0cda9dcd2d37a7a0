"""Publication of what a demo has computed."""

from __future__ import annotations

from qala import facts
from qala.ratings.queries import published
from qala.ratings.services import publish


def publish_newest() -> int:
    """Publish every run of the lake whose day is not published yet, in the order of their days; gives how many."""
    made = 0
    for head in sorted(facts.run_store().heads(), key=lambda one: (one.year, one.as_of)):
        for category in dict.fromkeys(city.category for city in head.cities):
            holding = published(head.year, category)
            if holding is None or holding.as_of < head.as_of:
                publish(None, head.id, category, "" if holding is None else f"{head.as_of:%d.%m.%Y}")
                made += 1
    return made
