"""Groups that somebody may see, their members on a day, and what keeps a protocol from being signed."""

from __future__ import annotations

from datetime import date

from django.http import Http404
from django.utils.translation import gettext as _

from qala import facts
from qala.groundwork.composition import accepted, checked, quorum
from qala.groundwork.models import Group, Meeting, Member, Point
from qala.people.access import Refused, Somebody, known_regions, may, require, visible_regions
from qala.standard.values import Language
from qala.ui.formats import said

SEE, LEAD = "groundwork.see", "groundwork.lead"


def sees(user: Somebody, group: Group) -> bool:
    """Whether somebody sees a group: where its place is theirs, or a city that it leads."""
    return may(user, SEE, region=group.place) or any(may(user, SEE, city=one) for one in group.cities)


def groups_for(user: Somebody) -> list[Group]:
    """Those that somebody may see, that of today first in each place."""
    return [one for one in Group.objects.order_by("place", "-id") if sees(user, one)]


def access_group(user: Somebody, number: int, permission: str = SEE) -> Group:
    """One by its number; 404 if there is none, `Refused` if it is not theirs."""
    found = Group.objects.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such working group."))
    if permission != SEE:
        require(user, permission, region=found.place)
    elif not sees(user, found):
        raise Refused(SEE, guest=not user.is_authenticated)
    return found


def access_meeting(user: Somebody, number: int, permission: str = SEE) -> Meeting:
    """A meeting by its number, with the rights of its group."""
    found = Meeting.objects.select_related("group").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such meeting."))
    access_group(user, found.group_id, permission)
    return found


def free_places(user: Somebody) -> list[str]:
    """Places without a group where somebody may set one up."""
    taken = set(Group.objects.filter(dissolved_on=None).values_list("place", flat=True))
    return [one.code for one in visible_regions(user, LEAD) if one.code not in taken]


def place_name(code: str, language: Language) -> str:
    """A region's name, or a city's."""
    registry = facts.lake().cities
    if code in registry:
        return said(registry.get(code).names, language)
    found = known_regions().get(code)
    return said(found.names, language) if found else code


def cities_of(place: str) -> list[str]:
    """Codes of the rated cities of a place."""
    return [one.code for one in facts.lake().cities.all() if one.region == place or one.code == place]


def today_at(place: str) -> date:
    """The day there, by its first city's zone."""
    own = cities_of(place)
    return facts.today(facts.lake().cities.get(own[0]).zone) if own else facts.today()


def members_on(group: Group, day: date) -> list[Member]:
    """Who is a member on a day."""
    return [one for one in group.members.all() if one.since <= day and (one.until is None or one.until >= day)]


def is_accepted(point: Point, present: list[int]) -> bool:
    """Whether a point's decision is accepted."""
    return accepted({int(member): vote for member, vote in point.votes.items()}, present)


def in_the_way(meeting: Meeting, members: list[Member], points: list[Point]) -> list[str]:
    """What keeps a protocol from being signed, in words."""
    found = [
        _("Item 18 asks for: %(kind)s; there are %(there)s.") % {"kind": rule.words, "there": rule.there}
        for rule in checked(one.kind for one in members)
        if not rule.held
    ]
    there = [one for one in members if one.pk in meeting.present]
    needed = quorum(len(members))
    if len(there) < needed:
        found.append(
            _("There is no quorum: %(there)s of %(all)s members are present, %(needed)s are needed.")
            % {"there": len(there), "all": len(members), "needed": needed}
        )
    if not points:
        found.append(_("The agenda is empty."))
    for point in points:
        if not point.decision.strip():
            found.append(_("Point %(number)s has no decision.") % {"number": point.number})
        elif not set(map(str, meeting.present)) <= point.votes.keys():
            found.append(_("At point %(number)s not everybody present has voted.") % {"number": point.number})
    if meeting.day > today_at(meeting.group.place):
        found.append(_("The meeting is still to come."))
    return found
