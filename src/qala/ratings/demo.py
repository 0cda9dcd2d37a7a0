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
    """Publish every run of the lake that is not published yet and not of an earlier day; gives how many were."""
    made = 0
    for head in sorted(facts.run_store().heads(), key=lambda one: (one.year, one.as_of)):  # of one day as in the chain
        for category in dict.fromkeys(city.category for city in head.cities):
            holding = published(head.year, category)
            known = Publication.objects.filter(run=head.id, category=category).exists()
            if not known and (holding is None or holding.as_of <= head.as_of):
                with translation.override(settings.LANGUAGE_CODE):
                    publish(
                        None, head.id, category, "" if holding is None else _("The demo publishes what it computed.")
                    )
                made += 1
    return made
