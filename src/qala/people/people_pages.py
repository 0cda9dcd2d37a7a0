"""The people and organisations that one leads."""

from __future__ import annotations

from http import HTTPStatus

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qala.people import access, queries, services
from qala.people.forms import InviteForm, OrganisationForm, PersonForm, RoleForm
from qala.people.letters import Unsent
from qala.people.models import Membership, Organisation, User
from qala.people.pages import roles_of
from qala.people.places import Place
from qala.people.rights import organisation_kinds, rights
from qala.ui import downloads
from qala.ui.formats import language_of, said

_ON_A_PAGE = 50


def people(request: HttpRequest) -> HttpResponseBase:
    """The people whom one leads: filters by text, role and city in the address."""
    access.require_somewhere(request.user, "people.manage")
    found = queries.people_of(request.user).select_related("organisation").order_by("email")
    found = found.prefetch_related(Prefetch("memberships", Membership.objects.select_related("organisation")))
    if text := request.GET.get("q", "").strip():
        found = found.filter(Q(email__icontains=text) | Q(name__icontains=text))
    if role := request.GET.get("role", ""):
        found = found.filter(memberships__role=role).distinct()
    if city := request.GET.get("city", ""):
        found = found.filter(memberships__code=city).distinct()
    if downloads.wanted(request):
        return downloads.table_response(request, "people", *_people_table(list(found)))
    page = Paginator(found, _ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "people/people.html",
        {
            "page": page,
            "listed": [(person, roles_of(person)) for person in page],
            "roles": [(code, one.name) for code, one in rights().appointed().items()],
            "cities": [(city.code, city.names) for city in access.visible_cities(request.user, "people.manage")],
        },
    )


def invite(request: HttpRequest) -> HttpResponse:
    """Invite a person by mail, with a first role."""
    access.require_somewhere(request.user, "people.manage")
    giver = _user(request)
    form = InviteForm(giver, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.invite(request, **form.cleaned_data)
        except Unsent as problem:
            form.add_error(None, f"{problem.message} {_('Nobody was invited.')} {problem.hint}")
            return render(request, "people/invite.html", {"form": form}, status=HTTPStatus.SERVICE_UNAVAILABLE)
        messages.success(request, _("The invitation went to %(email)s.") % {"email": person.email})
        return redirect("people:person", person.pk)
    return render(request, "people/invite.html", {"form": form})


def person(request: HttpRequest, number: int) -> HttpResponse:
    """A person: roles given and taken, name and organisation, ways in."""
    found = access_person_by_id(request.user, number)
    giver = _user(request)
    about = PersonForm(giver, instance=User.objects.get(pk=found.pk))
    giving = RoleForm(giver)
    if request.method == "POST" and "role" in request.POST:
        giving = RoleForm(giver, request.POST)
        if giving.is_valid():
            services.give_role(request, found, giving.cleaned_data["role"], giving.cleaned_data["place"])
            messages.success(request, _("The role is given."))
            return redirect("people:person", number)
    elif request.method == "POST":
        about = PersonForm(giver, request.POST, instance=User.objects.get(pk=found.pk))
        if about.is_valid():
            services.change_user(request, found, about.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("people:person", number)
    return render(
        request,
        "people/person.html",
        {
            "person": found,
            "about": about,
            "giving": giving,
            "roles": [
                (role, place, one, access.may_give(giver, one.role, **place.asked))
                for role, place, one in roles_of(found)
            ],
            "leads": found.pk != giver.pk and queries.leads(giver, found),
            "second_factor": Authenticator.objects.filter(user=found, type=Authenticator.Type.TOTP).exists(),
        },
    )


@require_POST
def take_role(request: HttpRequest, number: int) -> HttpResponse:
    """Take a role that one may give."""
    membership = get_object_or_404(Membership.objects.select_related("user", "organisation"), pk=number)
    if not access.may_give(request.user, membership.role, **Place.of(membership).asked):
        raise access.Refused("people.manage", guest=not request.user.is_authenticated)
    try:
        services.take_role(request, membership)
        messages.success(request, _("The role is taken."))
    except services.Impossible as error:
        messages.error(request, str(error))
    return redirect("people:person", membership.user_id)


@require_POST
def do(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Deactivate, activate, invite again, or let set up the second factor anew."""
    found = access_person_by_id(request.user, number)
    if found.pk == request.user.pk or not queries.leads(request.user, found):
        raise access.Refused("people.manage", guest=False)
    verbs = {
        "deactivate": (services.deactivate, _("The account is closed.")),
        "activate": (services.activate, _("The account is open again.")),
        "invite": (services.send_invitation, _("The invitation is sent again.")),
        "second-factor": (services.reset_second_factor, _("At the next sign-in a new second factor is set up.")),
    }
    if verb not in verbs:
        raise Http404
    act, done = verbs[verb]
    try:
        act(request, found)
        messages.success(request, done)
    except services.Impossible as error:
        messages.error(request, str(error))
    return redirect("people:person", number)


def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations whose people one leads."""
    access.require_somewhere(request.user, "people.manage")
    found = queries.organisations_of(request.user)
    if kind := request.GET.get("kind", ""):
        found = found.filter(kind=kind)
    page = Paginator(found, _ON_A_PAGE).get_page(request.GET.get("page"))
    kinds = organisation_kinds()
    return render(
        request,
        "people/organisations.html",
        {
            "page": page,
            "listed": [(one, kinds.get(one.kind), _where(one)) for one in page],
            "kinds": kinds.items(),
        },
    )


def organisation(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """One organisation, or a new one."""
    access.require_somewhere(request.user, "people.manage")
    found = access.access_organisation_by_id(request.user, number, "people.manage") if number else None
    form = OrganisationForm(_user(request), request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.save_organisation(request, form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("people:organisations")
    return render(request, "people/organisation.html", {"form": form, "organisation": found})


def access_person_by_id(user: access.Somebody, number: int) -> User:
    """A person whom a user leads; 404 for everyone else, so that nobody learns who has an account."""
    access.require_somewhere(user, "people.manage")
    found = queries.people_of(user).filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such person among those whom you lead."))
    return found


def _people_table(found: list[User]) -> tuple[list[str], list[list[str]]]:
    language = language_of(get_language())
    columns = [_("Email"), _("Full name"), _("Organisation"), _("Roles"), _("Active"), _("Last sign-in")]
    rows = [
        [
            one.email,
            one.name,
            one.organisation.names.say(language) if one.organisation else "",
            "; ".join(
                f"{role.name.say(language)}: {said(place.name, language)}" for role, place, _one in roles_of(one)
            ),
            _("yes") if one.is_active else _("no"),
            one.last_login.isoformat() if one.last_login else "",
        ]
        for one in found
    ]
    return columns, rows


def _where(one: Organisation) -> object:
    if one.city:
        return Place(Membership.Scope.CITY, one.city).name
    return Place(Membership.Scope.REGION, one.region).name if one.region else _("the country")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
