"""Groups are set up, members come and go, meetings are held, protocols signed. What is signed is not edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala.groundwork.annexes import annexes
from qala.groundwork.composition import VOTES
from qala.groundwork.models import Group, Meeting, Member, Point
from qala.groundwork.queries import cities_of, in_the_way, members_on, today_at
from qala.people import audit
from qala.people.services import Impossible


@transaction.atomic
def keep_group(by: HttpRequest | None, group: Group, before: Mapping[str, Any] | None) -> None:
    """Set a group up or change what is said of it.

    Raises:
        Impossible: it leads no city, or one that is not of its place.
    """
    if not group.cities or not set(group.cities) <= set(cities_of(group.place)):
        raise Impossible(_("Choose cities of this region, at least one."))
    _kept(by, group, before, "working_group")


@transaction.atomic
def dissolve(by: HttpRequest, group: Group) -> None:
    """End a group; its protocols stay."""
    group.dissolved_on = today_at(group.place)
    group.save(update_fields=["dissolved_on"])
    audit.wrote(by, "dissolve_working_group", group, None, audit.said(group))


@transaction.atomic
def keep_member(by: HttpRequest | None, member: Member, before: Mapping[str, Any] | None) -> None:
    """Add a member or change what is said of one; signed protocols keep what they said."""
    _kept(by, member, before, "member")


@transaction.atomic
def call(by: HttpRequest | None, group: Group, day: date, where: str) -> Meeting:
    """Call a meeting; its number is the next of the group.

    Raises:
        Impossible: the group is dissolved.
    """
    locked = Group.objects.select_for_update().get(pk=group.pk)
    if locked.dissolved_on:
        raise Impossible(_("The group is dissolved."))
    last = locked.meetings.aggregate(last=Max("number"))["last"] or 0
    made = Meeting(group=locked, number=last + 1, day=day, where=where)
    _kept(by, made, None, "meeting")
    return made


@transaction.atomic
def keep_meeting(by: HttpRequest | None, number: int, values: Mapping[str, Any]) -> Meeting:
    """Change day, place and who is present.

    Raises:
        Impossible: the protocol is signed.
    """
    meeting = unsigned(number)
    before = audit.said(meeting)
    for name in ("day", "where", "present", "about", "additional"):
        setattr(meeting, name, values[name])
    known = {one.pk for one in members_on(meeting.group, meeting.day)}
    meeting.present = sorted(known & set(meeting.present))
    _kept(by, meeting, before, "meeting")
    return meeting


@transaction.atomic
def keep_point(by: HttpRequest | None, point: Point, votes: Mapping[int, str]) -> None:
    """Put a point onto the agenda, or write down what came of it; only those present vote.

    Raises:
        Impossible: the protocol is signed.
    """
    meeting = unsigned(point.meeting_id)
    before = None if point.pk is None else audit.said(Point.objects.get(pk=point.pk))
    if point.pk is None:
        point.number = 1 + max((one.number for one in meeting.points.all()), default=0)
    point.votes = {str(one): votes[one] for one in meeting.present if votes.get(one) in VOTES}
    _kept(by, point, before, "agenda_point")


@transaction.atomic
def remove_point(by: HttpRequest, point: Point) -> None:
    """Take a point off the agenda; the log keeps it.

    Raises:
        Impossible: the protocol is signed.
    """
    meeting = unsigned(point.meeting_id)
    audit.wrote(by, "delete", point, audit.said(point), None)
    point.delete()
    for number, one in enumerate(meeting.points.all(), 1):
        if one.number != number:
            one.number = number
            one.save(update_fields=["number"])


@transaction.atomic
def sign(by: HttpRequest | None, number: int) -> Meeting:
    """Sign a protocol: from now on nothing of it is edited, and what it says of members and annexes stays as it is today.

    Raises:
        Impossible: it is signed already, or it is not whole.
    """
    meeting = unsigned(number)
    members = members_on(meeting.group, meeting.day)
    if lacking := in_the_way(meeting, members, list(meeting.points.all())):
        raise Impossible(" ".join(lacking))
    meeting.kept = [{"number": one.pk, "kind": one.kind, "position": one.position, "name": one.name} for one in members]
    meeting.annexed = annexes(meeting.about)
    meeting.signed_on = today_at(meeting.group.place)
    meeting.save()
    audit.wrote(by, "sign_protocol", meeting, None, audit.said(meeting))
    return meeting


def unsigned(number: int) -> Meeting:
    """A meeting, locked, if its protocol is not signed.

    Raises:
        Impossible: it is.
    """
    found = Meeting.objects.select_for_update().get(pk=number)
    if found.signed_on:
        raise Impossible(_("The protocol is signed: nothing of it is edited. A later meeting may decide otherwise."))
    return found


def _kept(by: HttpRequest | None, one: models.Model, before: Mapping[str, Any] | None, kind: str) -> None:
    one.full_clean()
    one.save()
    audit.wrote(by, f"{'add' if before is None else 'change'}_{kind}", one, before, audit.said(one))
