"""What whoever leads a survey sees and does: departments, links, progress, reminders, paper, the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qala import facts
from qala.kits.surveys import paper, services
from qala.kits.surveys.links import path_of
from qala.kits.surveys.models import Evidence, Group, Survey
from qala.kits.surveys.queries import access_survey_by_id, progress
from qala.people import audit
from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES
from qala.ui.downloads import table_response
from qala.ui.formats import language_of, said
from qala.ui.problems import line
from qala.ui.sent import whole

LINKS_SHOWN = 20


@require_safe
def manage(request: HttpRequest, number: int) -> HttpResponse:
    """Everything about one survey, on one page."""
    return _shown(request, access_survey_by_id(request.user, number))


def _shown(request: HttpRequest, survey: Survey, wrong: Any = (), status: int = HTTPStatus.OK) -> HttpResponse:
    lines = progress(survey)
    cities = facts.lake().cities
    city = cities.get(survey.city) if survey.city in cities else None
    unopened = _unopened(survey)
    context = {
        "survey": survey,
        "asks": survey.asks,
        "city": city,
        "home": _home(survey),
        "lines": [(one, survey.asks.roles[one.role]) for one in lines],
        "invited": sum(one.invited for one in lines),
        "answers": sum(one.answers for one in lines),
        "by_link": sum(one.done for one in lines),
        "begun": sum(one.opened - one.done for one in lines),
        "groups": survey.groups.all(),
        "roles": survey.asks.roles.items(),
        "links": [
            (one, survey.asks.roles[one.role], request.build_absolute_uri(path_of(one)))
            for one in unopened[:LINKS_SHOWN]
        ],
        "more_links": max(unopened.count() - LINKS_SHOWN, 0),
        "evidence": [(one, _short(survey, one.question)) for one in _sent(survey).select_related("group")],
        "waiting": survey.invitations.filter(done=False).exclude(email="").count(),
        "wrong": wrong,
        "simulated": city is not None and city.simulated,
    }
    return render(request, "surveys/manage.html", context, status=status)


@require_safe
def links(request: HttpRequest, number: int) -> HttpResponseBase:
    """The links to hand over that nobody followed yet, as a table."""
    survey = access_survey_by_id(request.user, number)
    language = language_of(get_language())
    rows = [
        [
            said(one.group.names, language),
            survey.asks.roles[one.role].say(language),
            request.build_absolute_uri(path_of(one)),
        ]
        for one in _unopened(survey)
    ]
    return table_response(request, f"survey-{survey.pk}-links", [_("Department"), _("Role"), _("Link")], rows)


@require_safe
def evidence(request: HttpRequest, number: int, key: UUID) -> HttpResponseBase:
    """A file that came with sent answers, to be kept and opened outside of the browser; that it was taken is logged."""
    survey = access_survey_by_id(request.user, number)
    found = _sent(survey).filter(pk=key).first()
    if found is None or not found.file.storage.exists(found.file.name or ""):
        raise Http404(_("There is no such file."))
    audit.read(request, found, city=survey.city)
    return FileResponse(found.file.open(), as_attachment=True, filename=found.name)


@require_safe
def template(request: HttpRequest, number: int) -> HttpResponse:
    """The workbook for answers on paper."""
    survey = access_survey_by_id(request.user, number)
    answer = HttpResponse(
        paper.template(survey, language_of(get_language())),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    answer["Content-Disposition"] = f'attachment; filename="survey-{survey.pk}.xlsx"'
    return answer


@require_POST
def do(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """One thing that is done to the survey; then back to its page."""
    survey = access_survey_by_id(request.user, number)
    if verb not in _VERBS:
        raise Http404
    try:
        if verb == "import":
            return _import(request, survey)
        messages.success(request, _VERBS[verb](request, survey))
    except Problem as problem:
        messages.error(request, line(problem))
    return redirect("surveys:manage", survey.pk)


def _groups(request: HttpRequest, survey: Survey) -> str:
    """Lines of names; kk, ru and en parted by bars, or one for all; a star before a department of IT."""
    named = []
    for text in request.POST.get("groups", "").splitlines():
        if not text.strip():
            continue
        it = text.strip().startswith("*")
        parts = [part.strip() for part in text.strip().lstrip("* ").split("|")]
        names = dict(zip(LANGUAGES_IN_ORDER, [*parts, *[parts[0]] * 3], strict=False))
        named.append({"names": names, "traits": {"it": "yes" if it else "no"}})
    made = services.add_groups(request, survey, named)
    return ngettext("%(n)s department is added.", "%(n)s departments are added.", len(made)) % {"n": len(made)}


LANGUAGES_IN_ORDER = ("kk", "ru", "en")
assert set(LANGUAGES_IN_ORDER) == set(LANGUAGES)


def _open(request: HttpRequest, survey: Survey) -> str:
    services.open_survey(request, survey, _day(request.POST.get("closes_on", "")))
    sent = services.send(survey.invitations.select_related("survey").exclude(email=""))
    return ngettext(
        "The survey is open; %(n)s person was mailed.", "The survey is open; %(n)s people were mailed.", sent
    ) % {"n": sent}


def _invite(request: HttpRequest, survey: Survey) -> str:
    group = _group(request, survey)
    links = whole(request.POST.get("links", "") or "0")
    made = services.invite(
        request, survey, group, request.POST.get("role", ""), request.POST.get("language", ""),
        emails=request.POST.get("emails", "").splitlines(), links=-1 if links is None else links,
    )  # fmt: skip
    return ngettext("%(n)s link is made.", "%(n)s links are made.", len(made)) % {"n": len(made)}


def _remind(request: HttpRequest, survey: Survey) -> str:
    sent = services.remind(request, survey)
    return ngettext("%(n)s person was mailed.", "%(n)s people were mailed.", sent) % {"n": sent}


def _close(request: HttpRequest, survey: Survey) -> str:
    services.close(request, survey)
    return _("The survey is over.")


def _import(request: HttpRequest, survey: Survey) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise Problem(_("Choose a file."))
    found = paper.read(survey, file.read())
    if found.wrong:
        messages.error(request, _("Nothing was taken in: some cells are wrong."))
        return _shown(request, survey, wrong=found.wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    taken = services.take_in(request, survey, found.sha, file.name or "", found.rows)
    said = ngettext("%(n)s answer is taken in.", "%(n)s answers are taken in.", taken) % {"n": taken}
    messages.success(request, said)
    return redirect("surveys:manage", survey.pk)


_VERBS: Mapping[str, Callable[[HttpRequest, Survey], Any]] = {
    "groups": _groups,
    "open": _open,
    "invite": _invite,
    "remind": _remind,
    "import": _import,
    "close": _close,
}


def _group(request: HttpRequest, survey: Survey) -> Group:
    found = survey.groups.filter(pk=whole(request.POST.get("group", "")) or 0).first()
    if found is None:
        raise Problem(_("Choose a department."))
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem(_("“%(said)s” is no day.") % {"said": text}) from None


def _unopened(survey: Survey) -> Any:
    """Links that were mailed to nobody and followed by nobody: only these are shown."""
    if survey.state == "closed":
        return survey.invitations.none()
    return survey.invitations.filter(email="", opened=False, done=False).select_related("group", "survey")


def _sent(survey: Survey) -> QuerySet[Evidence]:
    """Files of answers that were sent; those of a draft are still their owner's alone."""
    return survey.evidence.filter(invitation=None)


def _short(survey: Survey, question: str) -> Any:
    """What a question is called; its id where it is asked no more."""
    return next((one.short for one in survey.asks.questions() if one.id == question), question)


def _home(survey: Survey) -> str:
    """The page of whoever asks, by its name `<kind>:of_survey`; nothing if it has none."""
    try:
        return reverse(f"{survey.kind}:of_survey", args=(survey.pk,))
    except NoReverseMatch:
        return ""
