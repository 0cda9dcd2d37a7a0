"""Pages of the overview of a city: statements with what they rest on, experts' scores, what comes first."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.groundwork import overviews
from qala.groundwork.evidence import FILE, KINDS, kind_name, said_now
from qala.groundwork.forms import StatementForm
from qala.groundwork.models import Overview, Statement
from qala.groundwork.needs import needs, topic_words
from qala.groundwork.overview_document import document
from qala.groundwork.overview_said import address, need_words, ranked, section_title, sections, statements_of
from qala.groundwork.overviews import access_evidence, access_overview, access_statement
from qala.groundwork.queries import LEAD, SEE
from qala.kits.documents import answer
from qala.people import audit
from qala.people.access import access_city_by_code, may
from qala.people.services import Impossible
from qala.standard.values import Language
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said
from qala.ui.sent import whole

MOST_NEEDS = 15


def _about(one: Overview | None, city: str) -> dict[str, Any]:
    """What every page of an overview says."""
    found = facts.lake().cities.get(city)
    name = said(found.names, language_of(get_language()))
    return {"overview": one, "city": found, "city_name": name, "simulated": found.simulated}


@require_safe
def index(request: HttpRequest, city: str) -> HttpResponse:
    """Overviews of a city."""
    access_city_by_code(request.user, city, SEE)
    lines = []
    for one in Overview.objects.filter(city=city):
        stated = statements_of(one)
        lines.append((one, len(stated), sum(not each.evidence.all() for each in stated)))
    leads = may(request.user, LEAD, city=city)
    free = leads and not any(one.closed_on is None for one, _count, _bare in lines)
    return render(request, "groundwork/overviews.html", {**_about(None, city), "lines": lines, "may_begin": free})


@require_POST
def begin(request: HttpRequest, city: str) -> HttpResponse:
    """Begin the next overview."""
    access_city_by_code(request.user, city, LEAD)
    try:
        made = overviews.begin(request, city)
    except Impossible as why:
        messages.error(request, str(why))
        return redirect("groundwork:overviews", city)
    return redirect("groundwork:overview", made.pk)


@require_safe
def overview(request: HttpRequest, number: int) -> HttpResponseBase:
    """One overview; `?bare=1`: only statements that rest on nothing."""
    one = access_overview(request.user, number)
    language, bare = language_of(get_language()), request.GET.get("bare") == "1"
    stated = statements_of(one)
    if wanted(request):
        return _table(request, one, stated, language)
    found = overviews.findings(one)
    parts: dict[str, list[Any]] = {}
    for each in stated:
        if not bare or not each.evidence.all():
            parts.setdefault(each.section, []).append((each, each.say(language), _rests(each, one, language)))
    return render(
        request,
        "groundwork/overview.html",
        {
            **_about(one, one.city),
            "parts": [(name, section_title(name, language), parts.get(name, [])) for name in sections()],
            "count": len(stated),
            "bare_count": sum(not each.evidence.all() for each in stated),
            "bare": bare,
            "thought": found["thought"],
            "weights": [(need_words(row[0], language), *row[1:]) for row in ranked(found["thought"])],
            "agreement": Fraction(found["thought"]["agreement"]) if found["thought"]["agreement"] else None,
            "first": _first(found["annex"]),
            "leads": one.closed_on is None and may(request.user, LEAD, city=one.city),
        },
    )


def _table(request: HttpRequest, one: Overview, stated: list[Statement], language: Language) -> HttpResponseBase:
    heads = [_("Section"), _("Statement"), _("Kind"), _("What it rests on"), _("Added on"), "sha256"]
    rows: list[list[Any]] = []
    for each in stated:
        start = [section_title(each.section, language), each.say(language)]
        proofs = [[str(kind_name(e.kind)), e.said.get(language, ""), e.added_on, e.sha256] for e in each.evidence.all()]
        rows += [[*start, *proof] for proof in proofs] or [[*start, None, None, None, None]]
    return table_response(request, f"overview_{one.city}_{one.number}", heads, rows)


def _rests(each: Statement, one: Overview, language: Language) -> list[Any]:
    """Evidence, its words, its address, and what it says today where that is something else."""
    found = []
    for e in each.evidence.all():
        words = e.said.get(language, "")
        now = (
            ""
            if e.kind == FILE or one.closed_on
            else said_now(e.kind, one.city, e.ref).get(language, _("not there any more"))
        )
        found.append((e, kind_name(e.kind), words, address(e.kind, e.ref, e.pk, one.city), now if now != words else ""))
    return found


def _first(annex: Any) -> list[Any]:
    if not annex:
        return []
    law = facts.editions()[annex["edition"]]

    def part(value: Any) -> Fraction | None:
        return None if value is None else Fraction(value)

    return [
        (law.initiatives[no], stage, begun, part(need), part(gap), live, asked, part(priority))
        for no, stage, begun, need, gap, live, asked, priority in annex["first"]
    ]


@require_http_methods(["GET", "POST"])
def statement(request: HttpRequest, number: int, of: int | None = None) -> HttpResponse:
    """A new statement of overview `number`, or statement `number` of overview `of` changed."""
    if of is None:
        one = access_overview(request.user, number, LEAD)
        asked = request.GET.get("section", "")
        instance = Statement(overview=one, section=asked if asked in sections() else next(iter(sections())))
        before = None
    else:
        instance = access_statement(request.user, number)
        one = instance.overview
        before = audit.said(instance)
        if one.pk != of:
            raise Http404
    form = StatementForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        try:
            overviews.keep_statement(request, form.instance, before)
        except Impossible as why:
            form.add_error(None, str(why))
        except ValidationError as why:
            form.add_error(None, why.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect("groundwork:overview", one.pk)
    title = _("New statement") if of is None else _("Change the statement")
    context = {**_about(one, one.city), "form": form, "title": title, "fields": list(form)}
    return render(request, "groundwork/statement.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def rest(request: HttpRequest, number: int) -> HttpResponse:
    """Say what a statement rests on: a kind, then one of what there is, or a file."""
    each = access_statement(request.user, number)
    one, language = each.overview, language_of(get_language())
    kind = request.GET.get("kind", next(iter(KINDS)))
    if kind != FILE and kind not in KINDS:
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            if kind == FILE:
                overviews.attach(request, each, request.FILES.get("file"))
            else:
                overviews.rest_on(request, each, kind, request.POST.get("ref", ""))
        except Impossible as why:
            refused = str(why)
        else:
            messages.success(request, _("Saved."))
            return redirect("groundwork:overview", one.pk)
    listed = list(KINDS[kind].listed(one.city, language).items()) if kind != FILE else []
    return render(
        request,
        "groundwork/rest.html",
        {
            **_about(one, one.city),
            "statement": each,
            "text": each.say(language),
            "kinds": [(name, kind_name(name)) for name in (*KINDS, FILE)],
            "kind": kind,
            "listed": listed,
            "refused": refused,
        },
        status=422 if refused else 200,
    )


@require_POST
def remove_statement(request: HttpRequest, number: int) -> HttpResponse:
    """Take a statement out."""
    one = access_statement(request.user, number)
    return _done(request, one.overview_id, lambda: overviews.remove(request, one))


@require_POST
def remove_evidence(request: HttpRequest, number: int) -> HttpResponse:
    """Take a piece of evidence out."""
    one = access_evidence(request.user, number, LEAD)
    return _done(request, one.statement.overview_id, lambda: overviews.remove(request, one))


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close an overview."""
    one = access_overview(request.user, number, LEAD)
    return _done(request, one.pk, lambda: overviews.close(request, one.pk))


def _done(request: HttpRequest, number: int, what: Any) -> HttpResponse:
    try:
        what()
    except Impossible as why:
        messages.error(request, str(why))
    else:
        messages.success(request, _("Saved."))
    return redirect("groundwork:overview", number)


@require_safe
def file(request: HttpRequest, number: int) -> HttpResponse:
    """An attached file, as it came; never shown in the page itself."""
    one = access_evidence(request.user, number)
    if one.content is None:
        raise Http404
    name = quote(str(one.said.get("kk", "file")), safe="")
    return HttpResponse(
        bytes(one.content), content_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )  # fmt: skip


@require_safe
def paper(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The overview as DOCX or PDF."""
    one = access_overview(request.user, number)
    language = language_of(get_language())
    made = document(one, language, request.build_absolute_uri("/").rstrip("/"))
    return answer(made, form, f"overview_{one.city}_{one.number}_{language}")


@require_http_methods(["GET", "POST"])
def experts(request: HttpRequest, number: int) -> HttpResponse:
    """Scores of needs by a member of the group, whom `?member=` names."""
    one = access_overview(request.user, number, LEAD)
    language = language_of(get_language())
    members = overviews.experts_of(one.city)
    chosen = whole(request.GET.get("member", ""))
    member = next((each for each in members if each.pk == chosen), None)
    last = facts.today(facts.lake().cities.get(one.city).zone) - timedelta(days=1)
    given = dict(one.scores.filter(member=member).values_list("need", "score")) if member else {}
    listed = [
        (f"{n.source}:{n.topic}", topic_words(n.source, n.topic, language), n.now)
        for n in needs(one.city, last)[:MOST_NEEDS]
    ]
    refused = ""
    if request.method == "POST" and member is not None:
        sent = {need: request.POST.get(need, "") for need, _words, _now in listed}
        try:
            overviews.keep_scores(request, one, member, {need: _score(text) for need, text in sent.items()})
        except Impossible as why:
            refused = str(why)
        else:
            messages.success(request, _("Saved."))
            return redirect("groundwork:overview", one.pk)
    scored = set(one.scores.values_list("member_id", flat=True))
    return render(
        request,
        "groundwork/experts.html",
        {
            **_about(one, one.city),
            "members": [(each, each.pk in scored) for each in members],
            "member": member,
            "needs": [(need, words, now, given.get(need)) for need, words, now in listed],
            "steps": range(1, 6),
            "refused": refused,
        },
        status=422 if refused else 200,
    )


def _score(text: str) -> int | None:
    """A score that was sent; what is none is told by the service."""
    found = whole(text, 1, 5)
    return (0 if found is None else found) if text else None
