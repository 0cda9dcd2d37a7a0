"""Publication of what a demo has computed."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from qala import facts
from qala.ratings.models import Publication
from qala.ratings.queries import published
from qala.ratings.services import publish


def publish_newest() -> int:
    """Publish the newest run of every last day of which nothing is published yet, the earliest day first; gives how many.

    What somebody computes on the site later is theirs to publish.
    """
    newest = {
        (head.year, head.as_of, category): head.id  # of one day the last in the chain
        for head in facts.run_store().heads()
        for category in dict.fromkeys(city.category for city in head.cities)
    }
    made = 0
    for (year, as_of, category), run in sorted(newest.items()):
        holding = published(year, category)
        known = Publication.objects.filter(year=year, as_of=as_of, category=category).exists()
        if not known and (holding is None or holding.as_of < as_of):
            with translation.override(settings.LANGUAGE_CODE):
                publish(None, run, category, "" if holding is None else _("The demo publishes what it computed."))
            made += 1
    return made
