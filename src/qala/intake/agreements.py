"""Data-sharing agreements and integration passports: who gives what to whom, for what, on what basis, until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qala.intake.models import Agreement, Passport, Source
from qala.intake.queries import SEE
from qala.people import audit
from qala.people.access import Somebody, reach, require

type Paper = Agreement | Passport


def papers_for[P: (Agreement, Passport)](model: type[P], user: Somebody, permission: str = SEE) -> QuerySet[P]:
    """Agreements or passports of the cities for which a user has a permission, and of the organisations."""
    found: QuerySet[P] = model._default_manager.select_related("organisation").filter(removed_at=None)
    where = reach(user, permission)
    if where.everywhere:
        return found
    return found.filter(Q(city__in=where.cities) | Q(organisation__in=where.organisations))


def access_paper[P: (Agreement, Passport)](model: type[P], user: Somebody, number: int, permission: str = SEE) -> P:
    """One by its number; 404 if there is none, `Refused` if the user lacks the permission there."""
    found = model._default_manager.filter(pk=number, removed_at=None).first()
    if found is None:
        raise Http404(_("There is no such paper."))
    require(user, permission, **place_of_paper(found))
    return found


def place_of_paper(paper: Paper) -> dict[str, Any]:
    """Where a paper belongs: its city, and the organisation whose it is."""
    place: dict[str, Any] = {"city": paper.city}
    return place | ({"organisation": paper.organisation_id} if paper.organisation_id else {})


@transaction.atomic
def keep(by: HttpRequest | None, paper: Paper, before: Mapping[str, Any] | None) -> None:
    """Write a new paper or a changed one down, and into the log what it was and is."""
    paper.full_clean()
    paper.save()
    kind = "agreement" if isinstance(paper, Agreement) else "passport"
    audit.wrote(by, f"{'add' if before is None else 'change'}_{kind}", paper, before, audit.said(paper))


@transaction.atomic
def remove(by: HttpRequest, paper: Paper) -> None:
    """Take a paper off the list; it stays in the log."""
    kind = "agreement" if isinstance(paper, Agreement) else "passport"
    audit.wrote(by, f"remove_{kind}", paper, audit.said(paper))
    paper.removed_at = timezone.now()
    paper.save(update_fields=["removed_at"])


def in_force(city: str, dataset: str, day: date) -> Agreement | None:
    """The agreement by which a city's dataset is shared on a day (of the city); None if there is none."""
    return (
        Agreement.objects.filter(city=city, datasets__contains=[dataset], first_day__lte=day, removed_at=None)
        .filter(Q(last_day=None) | Q(last_day__gte=day))
        .order_by("-first_day")
        .first()
    )


def without_agreement(city: str, day: date) -> list[Source]:
    """Sources of a city that no agreement covers on a day; simulated ones need none."""
    own = Source.objects.filter(city=city, removed_at=None, simulated=False)
    return [one for one in own if in_force(city, one.dataset, day) is None]
