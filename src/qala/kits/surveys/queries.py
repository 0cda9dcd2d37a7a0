"""What surveys know: who may lead one, how far it is, what was answered, what is shown of few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import Http404
from django.utils.translation import gettext as _

from qala.kits.surveys.models import Group, Invitation, Response, Survey
from qala.people.access import Somebody, require

MANAGE = "surveys.manage"


def access_survey_by_id(user: Somebody, number: int) -> Survey:
    """A survey that a user leads; 404 if there is none, `Refused` if it is not theirs to lead."""
    found = Survey.objects.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such survey."))
    require(user, MANAGE, city=found.city)
    return found


@dataclass(frozen=True)
class Progress:
    """How far a group and role is: links made, followed, answered by link; answers on paper."""

    group: Group
    role: str
    invited: int
    opened: int
    done: int
    paper: int

    @property
    def answers(self) -> int:
        """All answers."""
        return self.done + self.paper


def progress(survey: Survey) -> list[Progress]:
    """By group and role, as far as anybody is invited or has answered."""
    counts = {
        (one["group"], one["role"]): one
        for one in Invitation.objects.filter(survey=survey)
        .values("group", "role")
        .annotate(
            invited=Count("pk"), opened_=Count("pk", filter=Q(opened=True)), done_=Count("pk", filter=Q(done=True))
        )
    }
    paper = {
        (one["group"], one["role"]): one["n"]
        for one in Response.objects.filter(survey=survey)
        .exclude(way="link")
        .values("group", "role")
        .annotate(n=Count("pk"))
    }
    found = []
    for group in survey.groups.all():
        for role in survey.asks.roles:
            key = (group.pk, role)
            if key in counts or key in paper:
                one = counts.get(key, {"invited": 0, "opened_": 0, "done_": 0})
                found.append(Progress(group, role, one["invited"], one["opened_"], one["done_"], paper.get(key, 0)))
    return found


def shown(counts: Mapping[str, int], smallest: int) -> frozenset[str]:
    """Of which groups results may be shown: none of fewer people than `smallest`, and none that is had by subtracting.

    What is hidden must hide among others: where it is one group alone, or too few people together, the next smallest
    group is hidden too.
    """
    by_size = sorted((size, name) for name, size in counts.items() if size)
    hidden = [(size, name) for size, name in by_size if size < smallest]
    rest = by_size[len(hidden) :]
    while hidden and rest and (len(hidden) == 1 or sum(size for size, _ in hidden) < smallest):
        hidden.append(rest.pop(0))
    return frozenset(name for _, name in rest)
