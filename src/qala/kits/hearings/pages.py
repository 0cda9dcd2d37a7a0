"""Discussions: which there are, one of them to be read and commented on, and its remarks to be looked at and answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.kits.documents import FORMS, answer
from qala.kits.hearings import services
from qala.kits.hearings.models import LONGEST, LONGEST_NAME, Hearing, Remark
from qala.kits.hearings.paper import document
from qala.kits.hearings.published import published
from qala.kits.hearings.queries import access_hearing, access_remark, hearing_of, leads, paper_of, state_of, text_of
from qala.kits.procedure.queries import today_of
from qala.people.access import require
from qala.people.services import Impossible
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said
from qala.ui.sent import whole

LOOKS = {"ahead": ("quiet", "clock"), "open": ("good", "edit"), "closed": ("quiet", "check")}
_JUDGED = ("state", "why", "verdict", "answer")


def _state(hearing: Hearing) -> tuple[str, str, str, str]:
    """Code, tone, icon and words of a discussion's state today."""
    code = state_of(hearing, today_of(hearing.city))
    words = {
        "ahead": pgettext("hearing", "not open yet"),
        "open": pgettext("hearing", "open"),
        "closed": pgettext("hearing", "closed"),
    }
    return code, *LOOKS[code], words[code]


def _about(hearing: Hearing) -> dict[str, Any]:
    registry, language = facts.lake().cities, language_of(get_language())
    known = hearing.city in registry
    return {
        "hearing": hearing,
        "text": text_of(hearing),
        "state": _state(hearing),
        "city_name": said(registry.get(hearing.city).names, language) if known else hearing.city,
        "simulated": known and registry.get(hearing.city).simulated,
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All discussions, the open ones first."""
    found = [(one, _state(one)) for one in Hearing.objects.all()]
    found = [(one, state) for one, state in found if state[0] != "ahead" or leads(request.user, one)]
    found.sort(key=lambda line: (line[1][0] != "open", -line[0].closes.toordinal()))
    lines = [
        {
            "one": one,
            "state": state,
            "title": text_of(one).title,
            "remarks": one.remarks.exclude(state="hidden").count(),
        }
        for one, state in found
    ]
    return render(request, "hearings/index.html", {"lines": lines})


@require_http_methods(["GET", "POST"])
def hearing(request: HttpRequest, number: int) -> HttpResponseBase:
    """The draft, what was said of it, and a form to say something; nobody needs an account."""
    one = access_hearing(request.user, number)
    if wanted(request):
        return table_response(request, f"discussion_{one.city}_{one.pk}", *_table(one))
    refused, sent = "", {"section": "", "name": "", "text": ""}
    if request.method == "POST":
        sent = {name: request.POST.get(name, "") for name in sent}
        try:
            if request.POST.get("address"):  # a field that no person sees
                raise Impossible(_("This was not sent by a person."))
            services.say(request, one, whole(sent["section"]), sent["name"], sent["text"])
        except Impossible as why:
            refused = str(why)
        else:
            messages.success(request, _("Thank you. It is shown once somebody has looked at it."))
            return redirect("hearings:hearing", one.pk)
    shown = list(one.remarks.filter(state="shown"))
    context = _about(one)
    sections = [
        (no, title, mark_safe(html), [each for each in shown if each.section == no])  # made by the program itself
        for no, (title, html) in enumerate(context["text"].sections, 1)
    ]
    return render(
        request,
        "hearings/hearing.html",
        {
            **context, "sections": sections, "whole": [each for each in shown if each.section is None], "refused": refused,
            "sent": sent, "section": whole(sent["section"]), "most": LONGEST, "most_name": LONGEST_NAME, "forms": FORMS,
            "leads": leads(request.user, one), "waiting": one.remarks.filter(state="waiting").count(), "count": len(shown),
            "hidden": [each.why for each in one.remarks.filter(state="hidden")],
        },
        status=422 if refused else 200,
    )  # fmt: skip


def _table(one: Hearing) -> tuple[list[str], list[list[Any]]]:
    heads = [_("Section"), pgettext("remark", "From"), _("Remark"), _("What becomes of it"), _("Answer")]
    rows = [
        [each.section, each.name, each.text, str(each.get_verdict_display()) if each.verdict else "", each.answer]
        for each in one.remarks.filter(state="shown")
    ]
    return heads, rows


@require_safe
def summary(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The summary as DOCX or PDF."""
    one = access_hearing(request.user, number)
    language = language_of(get_language())
    return answer(document(one, language), form, f"discussion_{one.city}_{one.pk}_{language}")


class TermForm(forms.ModelForm):  # type: ignore[type-arg]
    """First and last day of a discussion."""

    class Meta:
        model = Hearing
        fields = ("opens", "closes")
        widgets = {name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in fields}  # noqa: RUF012


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, part: str, paper: int) -> HttpResponse:
    """Open a draft for discussion: what will be read, and the term."""
    found = paper_of(part, paper)
    require(request.user, f"{part}.lead", city=found.city)
    if (there := hearing_of(found)) is not None:
        return redirect("hearings:hearing", there.pk)
    today = today_of(found.city)
    form = TermForm(request.POST or None, initial={"opens": today, "closes": today + timedelta(days=services.TERM)})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.open_hearing(request, found, form.cleaned_data["opens"], form.cleaned_data["closes"])
        except Impossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, _("The draft is open for discussion."))
            return redirect("hearings:hearing", made.pk)
    text = published(found, language_of(get_language()))
    context = {"form": form, "paper": found, "text": text, "most": services.LONGEST_TERM}
    return render(request, "hearings/begin.html", context, status=422 if request.method == "POST" else 200)


class RemarkForm(forms.ModelForm):  # type: ignore[type-arg]
    """What whoever leads the paper says of a remark."""

    class Meta:
        model = Remark
        fields = _JUDGED
        widgets = {"answer": forms.Textarea(attrs={"rows": 3})}  # noqa: RUF012

    def __init__(self, *args: Any, **more: Any) -> None:
        more["prefix"] = f"r{more['instance'].pk}"
        super().__init__(*args, **more)
        verdict: Any = self.fields["verdict"]
        verdict.choices = [("", "—"), *Remark.VERDICTS.items()]


@require_safe
def remarks(request: HttpRequest, number: int) -> HttpResponse:
    """Everything that was said, for whoever looks at it and answers."""
    one = access_hearing(request.user, number, leads=True)
    return _remarks(request, one)


@require_POST
def judge(request: HttpRequest, remark: int) -> HttpResponse:
    """Show or hide a remark, answer it."""
    one = access_remark(request.user, remark)
    form = RemarkForm(request.POST, instance=one)
    if form.is_valid():
        try:
            services.judge(request, form.instance)
        except Impossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, _("Saved."))
            return redirect("hearings:remarks", one.hearing_id)
    return _remarks(request, one.hearing, form)


def _remarks(request: HttpRequest, one: Hearing, wrong: RemarkForm | None = None) -> HttpResponse:
    show = request.GET.get("show", "")
    found = list(one.remarks.all())
    groups = {
        "waiting": [each for each in found if each.state == "waiting"],
        "unanswered": [each for each in found if each.state == "shown" and not each.answer],
        "hidden": [each for each in found if each.state == "hidden"],
    }
    left = [wrong.instance] if wrong is not None else groups.get(show, found)
    titles = [title for title, _html in text_of(one).sections]
    words = {
        "": _("all"),
        "waiting": pgettext("remark", "waiting"),
        "unanswered": _("not answered"),
        "hidden": pgettext("remark", "hidden"),
    }
    return render(
        request,
        "hearings/remarks.html",
        {
            **_about(one),
            "lines": [
                (each, titles[each.section - 1] if each.section else "", wrong or RemarkForm(instance=each)) for each in left
            ],
            "show": show,
            "filters": [(name, said_, len(groups.get(name, found))) for name, said_ in words.items()],
        },
        status=422 if wrong is not None else 200,
    )  # fmt: skip
