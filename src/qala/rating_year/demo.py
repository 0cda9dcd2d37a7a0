"""A rating year in progress, for a demo: a claim that waits for its decision, an objection, steps that are done."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from qala import facts
from qala.people.models import User
from qala.rating_year import completion, year_reports
from qala.rating_year.models import Claim, Objection, YearStep
from qala.rating_year.recomputing import freeze_year
from qala.rating_year.timetable import dated
from qala.ratings import queries as ratings


def begin() -> None:
    """For the newest published year, where nothing was filed yet; simulated cities only."""
    years = ratings.years()
    cities = [one for one in facts.lake().cities.all() if one.simulated]
    if not years or not cities or Claim.objects.exists() or Objection.objects.exists():
        return
    year, city = years[0], cities[0]
    with translation.override(settings.LANGUAGE_CODE):
        filed = {"city": city.code, "year": year, "state": Claim.State.FILED, "filed_at": timezone.now()}
        claim = Claim.objects.create(
            city=city.code,
            year=year,
            title=_("Watering of courtyards by a heat map"),
            sphere="ecology",
            in_roadmap=True,
            roadmap_item="7.3",
            measures=_("Sensors were set up in 40 courtyards; watering follows their readings."),
            started_on=date(year, 2, 1),
            finished_on=date(year, 9, 1),
            results=_("Less water for the same lawns."),
            indicators=_("courtyards measured: 0, 40"),
        )
        if lead := User.objects.filter(email="city-lead@demo.example").first():
            completion.sign(lead, claim.pk, _("deputy akim"))
        Claim.objects.filter(pk=claim.pk).update(state=Claim.State.FILED, filed_at=timezone.now())
        text = _("Calls of the line's test on 3 March were counted.")
        Objection.objects.create(**filed, kpi="2.1", period=f"{year}-03", text=text)
    for category in facts.edition().categories:
        if ratings.published(year, category) is not None and year_reports.holding(year, category) is None:
            year_reports.begin(None, year, category)
        day = next(one.day for one in dated(year) if one.id == "data_freeze")
        if ratings.published(year, category) is not None and day is not None and day <= facts.today():
            freeze_year(year, category)
            YearStep.objects.get_or_create(
                year=year, category=category, step="data_freeze", defaults={"done_at": timezone.now()}
            )
