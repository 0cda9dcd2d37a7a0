"""Pages of working groups: which there are, one with its members and the rules of item 18, meetings, protocols."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.groundwork import services, signing
from qala.groundwork.composition import SHORT, checked, counted, quorum
from qala.groundwork.forms import GroupForm, MeetingForm, MemberForm, PointForm
from qala.groundwork.models import Group, Meeting, Member, Point
from qala.groundwork.protocol import people_of, protocol
from qala.groundwork.queries import (
    LEAD,
    SEE,
    access_group,
    access_meeting,
    free_places,
    groups_for,
    in_the_way,
    is_accepted,
    members_on,
    place_name,
    today_at,
)
from qala.kits.documents import answer
from qala.people import audit
from qala.people.access import may, require, require_somewhere
from qala.people.services import Impossible
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Working groups: place, cities, whether they are composed as item 18 asks, their last meeting."""
    require_somewhere(request.user, SEE)
    language = language_of(get_language())
    lines = [_line(one, language) for one in groups_for(request.user) if one.dissolved_on is None]
    if wanted(request):
        heads = [
            _("Region or city"),
            _("Cities that it leads"),
            _("Act by which it was set up"),
            _("Members"),
            _("Meetings"),
        ]
        rows = [[x["name"], x["cities"], x["group"].act, x["members"], x["meetings"]] for x in lines]
        return table_response(request, "working_groups", heads, rows)
    free = [(code, place_name(code, language)) for code in free_places(request.user)]
    return render(request, "groundwork/index.html", {"lines": lines, "free": free})


def _line(one: Group, language: Any) -> dict[str, Any]:
    members = members_on(one, today_at(one.place))
    meetings = list(one.meetings.all())
    return {
        "group": one,
        "name": place_name(one.place, language),
        "cities": ", ".join(place_name(code, language) for code in one.cities),
        "members": len(members),
        "lacking": [rule for rule in checked(each.kind for each in members) if not rule.held],
        "meetings": len(meetings),
        "last": meetings[0] if meetings else None,
    }


@require_safe
def group(request: HttpRequest, number: int) -> HttpResponse:
    """One group: rules of item 18, members, meetings."""
    one = access_group(request.user, number)
    language, day = language_of(get_language()), today_at(one.place)
    members = members_on(one, day)
    return render(
        request,
        "groundwork/group.html",
        {
            "group": one,
            "name": place_name(one.place, language),
            "cities": [(code, place_name(code, language)) for code in one.cities],
            "rules": checked(each.kind for each in members),
            "members": [(each, SHORT[each.kind]) for each in members],
            "former": [each for each in one.members.all() if each.until and each.until < day],
            "quorum": quorum(len(members)),
            "meetings": list(one.meetings.all()),
            "leads": may(request.user, LEAD, region=one.place) and one.dissolved_on is None,
            "simulated": _simulated(one),
        },
    )


def _simulated(one: Group) -> bool:
    registry = facts.lake().cities
    return any(code in registry and registry.get(code).simulated for code in one.cities)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, place: str = "", number: int | None = None) -> HttpResponse:
    """A new group of a place, or a changed one."""
    if number is None:
        require(request.user, LEAD, region=place)
        if place not in free_places(request.user):
            raise Http404(_("There is no such working group."))
        one, before = Group(place=place), None
    else:
        one = access_group(request.user, number, LEAD)
        before = audit.said(one)
    name = place_name(one.place, language_of(get_language()))
    form = GroupForm(request.POST or None, instance=one)
    return _form(
        request, form, _("Working group: %(place)s") % {"place": name},
        lambda: services.keep_group(request, form.instance, before), lambda: redirect("groundwork:group", one.pk),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, number: int, group: int | None = None) -> HttpResponse:
    """A new member of group `number`, or member `number` changed."""
    if group is None:
        of = access_group(request.user, number, LEAD)
        one, before = Member(group=of, since=today_at(of.place)), None
    else:
        of = access_group(request.user, group, LEAD)
        found = of.members.filter(pk=number).first()
        if found is None:
            raise Http404(_("There is no such member."))
        one, before = found, audit.said(found)
    form = MemberForm(request.POST or None, instance=one)
    title = one.name if group is not None else _("New member")
    return _form(
        request, form, title, lambda: services.keep_member(request, form.instance, before),
        lambda: redirect("groundwork:group", of.pk),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, number: int) -> HttpResponse:
    """A new meeting."""
    of = access_group(request.user, number, LEAD)
    form = MeetingForm(request.POST or None, instance=Meeting(group=of, day=today_at(of.place)))
    made: list[Meeting] = []
    return _form(
        request, form, _("New meeting"),
        lambda: made.append(services.call(request, of, form.cleaned_data["day"], form.cleaned_data["where"])),
        lambda: redirect("groundwork:meeting", made[0].pk),
    )  # fmt: skip


@require_safe
def meeting(request: HttpRequest, number: int) -> HttpResponse:
    """One meeting: who is present, the agenda with decisions and votes, what keeps it from being signed."""
    one = access_meeting(request.user, number)
    points = list(one.points.all())
    members = members_on(one.group, one.day)
    people = people_of(one)
    leads = may(request.user, LEAD, region=one.group.place) and one.signed_on is None
    lacking = in_the_way(one, members, points) if leads else []
    return render(
        request,
        "groundwork/meeting.html",
        {
            "meeting": one,
            "name": place_name(one.group.place, language_of(get_language())),
            "people": [(each, SHORT[str(each["kind"])], each["number"] in one.present) for each in people],
            "surveyed": [(code, place_name(code, language_of(get_language()))) for code in one.about],
            "quorum": quorum(len(people)),
            "there": sum(each["number"] in one.present for each in people),
            "points": [(each, counted(each.votes.values()), is_accepted(each, one.present)) for each in points],
            "lacking": lacking,
            "leads": leads,
            "signing": signing.shown(
                one, may_sign=may(request.user, LEAD, region=one.group.place) and (bool(one.signed_on) or not lacking)
            ),
            "sign_url": reverse("groundwork:sign_electronically", args=[one.pk]),
            "simulated": _simulated(one.group),
        },
    )


@require_http_methods(["GET", "POST"])
def edit_meeting(request: HttpRequest, number: int) -> HttpResponse:
    """Day, place and attendance."""
    one = access_meeting(request.user, number, LEAD)
    form = MeetingForm(request.POST or None, instance=one)
    return _form(
        request, form, _("Meeting No. %(number)s") % {"number": one.number},
        lambda: services.keep_meeting(request, one.pk, form.cleaned_data),
        lambda: redirect("groundwork:meeting", one.pk),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def point(request: HttpRequest, number: int, meeting: int | None = None) -> HttpResponse:
    """A new point on the agenda of meeting `number`, or point `number` changed."""
    of = access_meeting(request.user, number if meeting is None else meeting, LEAD)
    one = Point(meeting=of) if meeting is None else of.points.filter(pk=number).first()
    if one is None:
        raise Http404(_("There is no such point."))
    form = PointForm(request.POST or None, instance=one)
    return _form(
        request, form, one.title or _("New point of the agenda"),
        lambda: services.keep_point(request, form.instance, form.given()),
        lambda: redirect("groundwork:meeting", of.pk),
    )  # fmt: skip


@require_POST
def dissolve(request: HttpRequest, number: int) -> HttpResponse:
    """End a group."""
    one = access_group(request.user, number, LEAD)
    services.dissolve(request, one)
    messages.success(request, _("Saved."))
    return redirect("groundwork:index")


@require_POST
def remove_point(request: HttpRequest, meeting: int, number: int) -> HttpResponse:
    """Take a point off the agenda."""
    of = access_meeting(request.user, meeting, LEAD)
    one = of.points.filter(pk=number).first()
    if one is None:
        raise Http404(_("There is no such point."))
    return _done(request, lambda: services.remove_point(request, one), of)


@require_POST
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Sign a protocol."""
    of = access_meeting(request.user, number, LEAD)
    return _done(request, lambda: services.sign(request, of.pk), of)


@require_POST
def sign_electronically(request: HttpRequest, number: int) -> HttpResponse:
    """Sign a protocol as head of the group or its secretary."""
    of = access_meeting(request.user, number, LEAD)
    role, position = request.POST.get("role", ""), request.POST.get("position", "")
    return _done(
        request, lambda: signing.sign(request, of.pk, role, position, simulated=_simulated(of.group)), of
    )  # fmt: skip


@require_safe
def paper(request: HttpRequest, number: int, form: str) -> HttpResponseBase:
    """The protocol as DOCX or PDF."""
    one = access_meeting(request.user, number)
    language = language_of(get_language())
    name = f"protocol_{one.group.place}_{one.number}_{language}"
    return answer(protocol(one, language, _simulated(one.group)), form, name)


def _done(request: HttpRequest, what: Any, of: Meeting) -> HttpResponse:
    try:
        what()
    except Impossible as why:
        messages.error(request, str(why))
    else:
        messages.success(request, _("Saved."))
    return redirect("groundwork:meeting", of.pk)


def _form(request: HttpRequest, form: forms.BaseForm, title: str, keep: Any, leads_to: Any) -> HttpResponse:
    """A form's page, or what follows once it is kept."""
    if request.method == "POST" and form.is_valid():
        try:
            keep()
        except Impossible as why:
            form.add_error(None, str(why))
        except ValidationError as why:
            form.add_error(None, why.messages)
        else:
            messages.success(request, _("Saved."))
            answered: HttpResponse = leads_to()
            return answered
    status = 422 if request.method == "POST" else 200
    votes = form.votes() if isinstance(form, PointForm) else []
    fields = form.others() if isinstance(form, PointForm) else list(form)
    return render(
        request, "groundwork/form.html", {"form": form, "title": title, "fields": fields, "votes": votes}, status=status
    )
