"""What somebody with a link sees: what is asked and why, one page after the other, a last look, thanks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qala import facts
from qala.kits.surveys import services
from qala.kits.surveys.links import invitation_of
from qala.kits.surveys.models import Invitation
from qala.kits.surveys.questionnaire import Page
from qala.standard.problems import Problem
from qala.ui.problems import line

_WRONG = {
    "unknown": gettext_noop("Choose one of the answers."),
    "twice": gettext_noop("Choose a different one each time."),
}

Shown = Callable[..., HttpResponse]


def _by_link(view: Shown) -> Shown:
    """The invitation that a key opens; a page that says so where it opens none, or none any more."""

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, key: str, **more: str) -> HttpResponse:
        mine = invitation_of(key)
        if mine is None:
            return render(request, "surveys/over.html", {"why": "unknown"}, status=HTTPStatus.NOT_FOUND)
        why = "done" if mine.done else "" if mine.survey.state == "open" else mine.survey.state
        if why:
            context = {"why": why, "survey": mine.survey, **_around(mine)}
            return render(
                request, "surveys/over.html", context, status=HTTPStatus.OK if why == "done" else HTTPStatus.GONE
            )
        answer = view(request, key, mine, **more)
        answer["X-Robots-Tag"] = "noindex"
        return answer

    return page


@_by_link
@require_http_methods(["GET", "HEAD"])
def begin(request: HttpRequest, key: str, mine: Invitation) -> HttpResponse:
    """What is asked, how long it takes, what becomes of the answers; and the way back to where one was."""
    asks = mine.survey.asks
    at = asks.page_at(mine.page) or 0
    context = {**_around(mine), "key": key, "page": asks.pages[at], "resumes": bool(mine.draft.get("answers"))}
    return render(request, "surveys/begin.html", context)


@_by_link
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str, mine: Invitation, name: str) -> HttpResponse:
    """One page. What stands in it is kept with every change (with scripts) and with every button."""
    asks = mine.survey.asks
    at = asks.page_at(name)
    if at is None:
        raise Http404
    shown, troubles, trouble = asks.pages[at], {}, ""
    if request.method == "POST":
        try:
            troubles = services.keep(mine, shown, *_given(request, shown))
            _files(request, mine, shown)
        except Problem as problem:
            trouble = line(problem)
        if request.headers.get("X-Autosave"):
            status = HTTPStatus.CONFLICT if trouble or troubles else HTTPStatus.OK
            return JsonResponse({"said": trouble or next(iter(_said(troubles).values()), "")}, status=status)
        go = "stay" if "detach" in request.POST else request.POST.get("go", "next")
        if not trouble and (not troubles or go == "back") and go != "stay":
            if go == "later":
                return redirect("surveys:begin", key)
            to = at + (-1 if go == "back" else 1)
            if to < 0:
                return redirect("surveys:begin", key)
            return (
                redirect("surveys:page", key, asks.pages[to].id)
                if to < len(asks.pages)
                else redirect("surveys:send", key)
            )
    draft = mine.draft
    context = {
        **_around(mine), "key": key, "page": shown, "number": at + 1, "last": at + 1 == len(asks.pages), "trouble": trouble,
        "questions": [
            (one, draft.get("answers", {}).get(one.id, ""), draft.get("remarks", {}).get(one.id, ""), _said(troubles).get(one.id),
             [file for file in mine.evidence.all() if file.question == one.id])
            for one in shown.questions
        ],
    }  # fmt: skip
    return render(request, "surveys/page.html", context)


@_by_link
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, key: str, mine: Invitation) -> HttpResponse:
    """A last look at what is not answered; then the answers are sent, for good."""
    trouble = ""
    if request.method == "POST":
        try:
            services.submit(mine)
            return render(request, "surveys/over.html", {"why": "thanks", "survey": mine.survey, **_around(mine)})
        except Problem as problem:
            trouble = line(problem)
    answered = mine.draft.get("answers", {})
    open_ = [
        (page, one)
        for page in mine.survey.asks.pages
        for one in page.questions
        if one.choices and one.id not in answered
    ]
    return render(request, "surveys/send.html", {**_around(mine), "key": key, "open": open_, "trouble": trouble})


def _around(mine: Invitation) -> dict[str, Any]:
    """What stands around every page of a link."""
    cities = facts.lake().cities
    city = cities.get(mine.survey.city) if mine.survey.city in cities else None
    questions = [one.id for one in mine.survey.asks.questions() if one.choices]
    return {
        "survey": mine.survey,
        "asks": mine.survey.asks,
        "city": city,
        "mine": mine,
        "role": mine.survey.asks.roles[mine.role],
        "answered": sum(one in mine.draft.get("answers", {}) for one in questions),
        "questions_in_all": len(questions),
        "simulated": city is not None and city.simulated,
    }


def _given(request: HttpRequest, shown: Page) -> tuple[dict[str, str], dict[str, str]]:
    """What the form holds. A group of buttons of which none is pressed sends nothing and changes nothing."""
    answers = {one.id: request.POST[one.id] for one in shown.questions if one.id in request.POST}
    remarks = {
        one.id: request.POST[f"{one.id}.remark"] for one in shown.questions if f"{one.id}.remark" in request.POST
    }
    return answers, remarks


def _files(request: HttpRequest, mine: Invitation, shown: Page) -> None:
    for one in shown.questions:
        for file in request.FILES.getlist(f"{one.id}.file"):
            services.attach(mine, shown, one.id, file)
    if gone := request.POST.get("detach"):
        services.detach(mine, gone)


def _said(troubles: dict[str, str]) -> dict[str, str]:
    return {question: _(_WRONG[kind]) for question, kind in troubles.items()}
