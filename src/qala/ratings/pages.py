"""Pages about runs: the list, one run, what it changes, its publication, and work that is going on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qala import facts
from qala.people.access import may, require
from qala.ratings import services
from qala.ratings.changes import CityChange
from qala.ratings.changes import changes as changed
from qala.ratings.lines import words_of
from qala.ratings.models import Publication, Work
from qala.ratings.queries import RunLine, before, line_of, published, run_lines
from qala.ratings.rated_run import RatedRun, rated_run
from qala.ratings.switches import profile_of, switches
from qala.scoring import Profile
from qala.standard import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.problems import line, told

_CHANGED = {
    "package": gettext_lazy("the program's version has changed since"),
    "sources": gettext_lazy("the program has changed since"),
    "edition": gettext_lazy("the files of the edition have changed since"),
}
_CONFIRMED_BY = 8
"""So many last letters of a run's name are typed to publish it."""


def runs(request: HttpRequest) -> HttpResponse:
    """The runs that the reader may see, what is published, and work that is going on."""
    require(request.user, "rating.see")
    inside = may(request.user, "runs.see_unpublished")
    return render(
        request,
        "ratings/runs.html",
        {
            "lines": [_line_view(line) for line in run_lines(request.user)],
            "inside": inside,
            "works": [(one, _category(one.category)) for one in Work.objects.select_related("asked_by")[:10]]
            if inside
            else (),
            "form": _form(request) if may(request.user, "runs.compute") else None,
            "problem": None,
        },
    )


@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    """Ask for a run to be computed."""
    require(request.user, "runs.compute")
    said = request.POST
    try:
        as_of = date.fromisoformat(said.get("as_of", ""))
        made = services.ask_to_compute(request, as_of.year, as_of, said.get("category", ""), profile_of(said.dict()))
    except ValueError:
        messages.error(request, _("Write the last day as a date, such as 2026-06-30."))
        return redirect("ratings:runs")
    except Problem as problem:
        messages.error(request, line(problem))
        return redirect("ratings:runs")
    return redirect("ratings:work", made.pk)


def work(request: HttpRequest, number: int) -> HttpResponse:
    """How far a computation or verification is, and what came of it."""
    require(request.user, "runs.see_unpublished")
    found = get_object_or_404(Work.objects.select_related("asked_by"), pk=number)
    context = {
        "work": found,
        "category": _category(found.category),
        "switches": switches(Profile.parse(found.profile)) if found.kind == Work.COMPUTE else (),
        "changed": [(_CHANGED[name], old, new) for name, old, new in found.result.get("changed", ())],
        "differences": [_difference(one) for one in found.result.get("differences", ())],
    }
    response = render(request, "ratings/work.html", context)
    if found.running and not found.silent:
        response["Refresh"] = "3"
    return response


def run(request: HttpRequest, run: str) -> HttpResponse:
    """One run: by what it was made, what it rates, what of it is published."""
    require(request.user, "rating.see")
    line = _line(request, run)
    found = rated_run(run)
    content = found.head.content
    parts = [
        {
            "id": name,
            "name": found.edition.categories[name].name,
            "cities": len(found.scores(name)),
            "publication": line.publications.get(name),
            "holding": published(found.year, name),
        }
        for name in found.categories
        if name in line.publications or may(request.user, "runs.see_unpublished")
    ]
    return render(
        request,
        "ratings/run.html",
        {
            "run": found,
            "content": content,
            "switches": switches(found.profile),
            "parts": parts,
            "tables": sorted(found.head.versions.items()),
            "may_publish": may(request.user, "runs.publish"),
            "may_verify": may(request.user, "runs.see_unpublished"),
            "verified": Work.objects.filter(kind=Work.VERIFY, run=run).first(),
            "simulated": found.simulated,
        },
    )


@require_POST
def verify(request: HttpRequest, run: str) -> HttpResponse:
    """Ask for a run to be computed again from the versions that it pins."""
    require(request.user, "runs.see_unpublished")
    _line(request, run)
    return redirect("ratings:work", services.ask_to_verify(request, run).pk)


def publish(request: HttpRequest, run: str, category: str) -> HttpResponse:
    """Look at what a publication would change, give the reason, confirm it by the run's name, publish."""
    require(request.user, "runs.publish")
    _line(request, run)
    found = _rates(run, category)
    holding = published(found.year, category)
    problem = ""
    note = request.POST.get("note", "")
    if request.method == "POST":
        if request.POST.get("confirmed", "").strip() != run[-_CONFIRMED_BY:]:
            problem = _("The letters that you typed are not the last ones of the run's name.")
        else:
            try:
                services.publish(request, run, category, note)
            except Problem as error:
                problem = told(error.message)
            else:
                messages.success(request, _("The rating is published."))
                return redirect("ratings:run", run)
    old = None if holding is None or holding.run == run else rated_run(holding.run)
    context = _changes_view(old, found, category) if old is not None else {"cities": ()}
    already = Publication.objects.filter(run=run, category=category).first()
    return render(
        request,
        "ratings/publish.html",
        {
            **context,
            "run": found,
            "category": found.edition.categories[category].name,
            "category_id": category,
            "holding": holding,
            "already": already,
            "passed": holding is not None and found.as_of < holding.as_of,
            "problem": problem,
            "note": note,
            "wanted": run[-_CONFIRMED_BY:],
            "simulated": found.simulated,
        },
        status=422 if problem else 200,
    )


def changes(request: HttpRequest, run: str, category: str) -> HttpResponseBase:
    """What a run changed against the publication that it replaced (or the day before it), city by city, and why."""
    require(request.user, "rating.see")
    line = _line(request, run)
    found = _rates(run, category)
    own = line.publications.get(category)
    if own is None:
        require(request.user, "runs.see_unpublished")
        other = published(found.year, category)
    else:
        other = own.supersedes or before(own)
    old = None if other is None or other.run == run else rated_run(other.run)
    if wanted(request) and old is not None:
        return _changes_file(request, old, found, category)
    context = _changes_view(old, found, category) if old is not None else {"cities": ()}
    return render(
        request,
        "ratings/changes.html",
        {
            **context,
            "run": found,
            "category": found.edition.categories[category].name,
            "category_id": category,
            "own": own,
            "other": other,
            "simulated": found.simulated,
        },
    )


def _line(request: HttpRequest, run: str) -> RunLine:
    line = line_of(request.user, run)
    if line is None:
        raise Http404(_("There is no such run, or it is not published."))
    return line


def _rates(run: str, category: str) -> RatedRun:
    found = rated_run(run)
    if category not in found.categories:
        raise Http404(_("The run does not rate this category."))
    return found


def _line_view(line: RunLine) -> dict[str, Any]:
    edition = facts.editions().get(line.head.content["edition"])
    parts = [
        {
            "name": edition.categories[name].name if edition and name in edition.categories else name,
            "publication": line.publications.get(name),
        }
        for name in line.categories
    ]
    return {
        "head": line.head,
        "made_at": datetime.fromisoformat(line.head.content["made_at"]),
        "parts": parts,
        "cities": len(line.head.cities),
        "edition": edition.act.short if edition else line.head.content["edition"],
        "profile": line.head.content["profile"],
        "simulated": any(city.simulated for city in line.head.cities),
    }


def _category(name: str) -> Any:
    known = facts.edition().categories
    return known[name].name if name in known else name


def _difference(one: list[str]) -> list[Any]:
    """A field that comes out otherwise, with the city's name for its code."""
    registry = facts.lake().cities
    return [registry.get(one[0]).names if one[0] in registry else one[0], *one[1:]]


def _form(request: HttpRequest) -> dict[str, Any]:
    edition = facts.edition()
    today = facts.today()
    return {
        "categories": [(name, one.name) for name, one in edition.categories.items()],
        "as_of": request.GET.get("as_of") or today.isoformat(),
        "switches": switches(Profile()),
    }


def _changes_view(old: RatedRun, new: RatedRun, category: str) -> dict[str, Any]:
    words = words_of(new.edition)
    names = facts.lake().cities
    return {
        "old": old,
        "cities": [
            {
                "code": one.code,
                "name": names.get(one.code).names if one.code in names else one.code,
                "old": None if one.old is None else words.index(one.old.final),
                "new": None if one.new is None else words.index(one.new.final),
                "moved": one.moved,
                "old_place": one.old_place,
                "new_place": one.new_place,
                "band": None if one.new is None else one.new.band,
                "because": one.because,
                "kpis": _kpis_view(one, words),
            }
            for one in changed(old, new, category)
        ],
    }


def _changes_file(request: HttpRequest, old: RatedRun, new: RatedRun, category: str) -> HttpResponseBase:
    """The same as a table: a line for each KPI that is different, and one for each city."""
    words, names = words_of(new.edition), facts.lake().cities
    columns = [
        _("City"), _("Name"), _("KPI"), _("Before"), _("After"), _("Score before"), _("Score after"), _("Index points"),
        _("Why"), _("Run before"), _("Run after"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for one in changed(old, new, category):
        name = words.text(names.get(one.code).names) if one.code in names else one.code
        finals = [None if score is None else score.final for score in (one.old, one.new)]
        rows.append([one.code, name, "", *finals, None, None, one.moved, "; ".join(one.because), old.id, new.id])
        for kpi in one.kpis:
            sides = (kpi.old, kpi.new)
            values = [None if side is None else side.score.observation.value for side in sides]
            scores = [None if side is None else side.score.score for side in sides]
            why = "; ".join(kpi.because)
            rows.append([one.code, name, kpi.line.kpi.row, *values, *scores, kpi.added, why, old.id, new.id])
    return table_response(request, f"changes_{new.id}_{category}", columns, rows)


def _kpis_view(change: CityChange, words: Any) -> list[dict[str, Any]]:
    return [
        {
            "row": one.line.kpi.row,
            "name": one.line.kpi.name,
            "old": "—" if one.old is None else words.value(one.old),
            "new": "—" if one.new is None else words.value(one.new),
            "old_score": "—" if one.old is None else words.maybe_share(one.old.score.score),
            "new_score": "—" if one.new is None else words.maybe_share(one.new.score.score),
            "added": one.added,
            "because": one.because,
        }
        for one in change.kpis
    ]
