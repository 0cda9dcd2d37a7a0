"""Pages of the ministry's report: as it reads, its editing, its files; and the archive of all years."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qala import facts
from qala.kits.documents import FORMS, answer
from qala.people.access import may, require
from qala.rating_year import year_reports
from qala.rating_year.models import YearReport
from qala.rating_year.queries import DECIDE
from qala.rating_year.report_document import document_of
from qala.rating_year.report_draft import texts
from qala.ratings import queries as ratings
from qala.standard import Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of

_FIRST, _LAST = 2000, 2100


def report(request: HttpRequest, year: int, category: str) -> HttpResponseBase:
    """The report; a draft is read by whoever leads the rating year. `format` in the address gives it as a file."""
    require(request.user, "rating.see")
    edition, language = facts.edition(), language_of(get_language())
    if category not in edition.categories or not _FIRST <= year <= _LAST:
        raise Http404(category)
    found, leads = year_reports.holding(year, category), may(request.user, DECIDE)
    if found is not None and found.frozen_at is None and not leads:
        found = None
    form = next((one for one in FORMS if one == request.GET.get("format")), None)
    published = ratings.published(year, category)
    if found is not None and form is not None and published is not None:
        document = document_of(found, year_reports.basis_of(published), language)
        return answer(document, form, f"report_{year}_{category}_{language}")
    sentences = [] if found is None else year_reports.sentences_of(found, language)
    if found is not None and wanted(request):
        columns = [_("Part"), _("Sentence"), _("Edited"), _("Numbers")]
        rows = [
            [texts()["parts"][one.part][language], one.text, _("yes") if one.edited else _("no"), _numbers_line(one)]
            for one in sentences
            if not one.left_out
        ]
        return table_response(request, f"report_{year}_{category}_{language}", columns, rows)
    edits = leads and found is not None and found.frozen_at is None
    return render(
        request,
        "rating_year/report.html",
        {
            "year": year,
            "category": edition.categories[category].name,
            "category_id": category,
            "report": found,
            "published": published,
            "leads": leads,
            "edits": edits,
            "intact": found is None or not found.frozen_at or found.sha256 == year_reports.hash_of(found),
            "language": language,
            "parts": [
                (name, said, [_view(one, language) for one in sentences if one.part == name and (edits or one.text)])
                for name, said in texts()["parts"].items()
            ]
            if found is not None
            else [],
            "simulated": any(one.simulated for one in facts.lake().cities.all()),
        },
    )


def _numbers_line(one: year_reports.Sentence) -> str:
    return "; ".join(f"{whose} {which} {number}".strip() for whose, which, number in one.numbers)


def _view(one: year_reports.Sentence, language: str) -> dict[str, Any]:
    names = texts()["numbers"]
    link = ""
    if one.link:
        name, args, query = one.link
        link = reverse(name, args=args) + (f"?{query}" if query else "")
    return {
        "one": one,
        "numbers": [(whose, names[which][language], number) for whose, which, number in one.numbers],
        "link": link,
        "field": one.id.replace(".", "-").replace("_", "-"),
    }


@require_POST
def do(request: HttpRequest, year: int, category: str, what: str) -> HttpResponseBase:
    """Draft, edit, freeze."""
    require(request.user, DECIDE)
    found = year_reports.holding(year, category)
    try:
        if what == "draft":
            year_reports.begin(request, year, category)
        elif found is None:
            raise Http404(what)
        elif what == "edit":
            said, language = request.POST, language_of(get_language())
            year_reports.edit(
                request, found, said.get("sentence", ""), language, said.get("text", ""), said.get("part", "")
            )
            messages.success(request, _("Kept; the words before stay in its history."))
        elif what == "freeze":
            year_reports.freeze(request, found)
            messages.success(request, _("The report is frozen."))
        else:
            raise Http404(what)
    except Problem as problem:
        messages.error(request, problem.message)
    return redirect("rating_year:report", year, category)


def archive(request: HttpRequest) -> HttpResponseBase:
    """Every year and category that was ever published: which run holds, how often it was restated, its report."""
    require(request.user, "rating.see")
    edition, language = facts.edition(), language_of(get_language())
    lines: list[dict[str, Any]] = []
    for one in ratings.holding():
        every = ratings.publications(one.category, one.year)
        made = YearReport.objects.filter(run=one.run, category=one.category).exclude(frozen_at=None).first()
        known = edition.categories.get(one.category)
        lines.append(
            {
                "publication": one,
                "category": one.category if known is None else known.name,
                "first": every[-1],
                "restated": sum(each.restates for each in every),
                "report": made,
            }
        )
    lines.sort(
        key=lambda line: (-line["publication"].year, list(edition.categories).index(line["publication"].category))
    )
    if wanted(request):
        columns = [
            _("Year"),
            _("Category"),
            _("Run"),
            _("Data up to"),
            _("Published"),
            _("Restated"),
            _("Report frozen"),
        ]
        rows = [
            [
                line["publication"].year, line["publication"].category, line["publication"].run, line["publication"].as_of,
                line["publication"].published_at.isoformat(timespec="seconds"), line["restated"],
                line["report"].frozen_at.isoformat(timespec="seconds") if line["report"] else "",
            ]
            for line in lines
        ]  # fmt: skip
        return table_response(request, "archive", columns, rows)
    context = {"lines": lines, "language": language, "simulated": any(c.simulated for c in facts.lake().cities.all())}
    return render(request, "rating_year/archive.html", context)
