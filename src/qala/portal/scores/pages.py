"""The front page and the rating."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qala import facts
from qala.lake.outlines import country
from qala.people.access import known_regions, memberships, require
from qala.people.places import Place
from qala.portal.scores import queries, services
from qala.portal.scores.country import Point, country_map
from qala.portal.scores.said import View, places_said, rating_row, ratings_to_choose, run_query, weak_and_gaps
from qala.ratings import queries as ratings
from qala.ratings.lines import words_of
from qala.ratings.queries import Shown
from qala.reports.rating_view import comments
from qala.reports.wording import Wording
from qala.standard import Edition, Problem
from qala.ui.downloads import table_response, wanted
from qala.ui.maps import MapView

_LEADERS = 5


def front(request: HttpRequest) -> HttpResponse:
    """What Qala is at one glance: the newest ratings, the country, a search for one's city."""
    require(request.user, "rating.see")
    asked = request.GET.get("q", "").strip()
    found = queries.found_cities(asked) if asked else []
    if len(found) == 1:
        return redirect("scores:city", found[0].code)
    edition = facts.edition()
    parts: list[View] = []
    rows: list[View] = []
    for name in edition.categories:
        publication = ratings.published(None, name)
        if publication is None:
            continue
        shown = ratings.shown(request.user, category=name)
        assert shown is not None
        words = words_of(shown.run.edition)
        data = queries.rating_data(shown)
        lines = [rating_row(line, words, run_query(shown)) for line in queries.rating_lines(data)]
        rows += lines
        parts.append(
            {
                "id": name,
                "name": words.title(edition.categories[name].name),
                "shown": shown,
                "publication": publication,
                "lines": lines[:_LEADERS],
                "cities": len(lines),
                "moved": data.before is not None,
            }
        )
    words = words_of(edition)
    return render(
        request,
        "portal/scores/front.html",
        {
            "parts": parts,
            "asked": asked,
            "found": found,
            "map": map_of(rows, words, edition, 3),
            "kpis": len(edition.kpis),
            "initiatives": len(edition.initiatives),
            "sections": [words.section(name) for name in edition.sections],
            "simulated": any(row["simulated"] for row in rows),
            "yours": _yours(request),
        },
    )


def _yours(request: HttpRequest) -> list[View]:
    """The regions and cities in which the reader has a role, each with its page."""
    found: dict[str, View] = {}
    for membership in memberships(request.user):
        place = Place.of(membership)
        where = place.asked
        if "region" in where and where["region"] in known_regions():
            url = reverse("scores:region", args=[where["region"]])
            found[url] = {"url": url, "name": known_regions()[where["region"]].names, "city": ""}
        elif "city" in where and where["city"] in facts.lake().cities:
            url = reverse("scores:city", args=[where["city"]])
            names = facts.lake().cities.get(where["city"]).names
            found[url] = {"url": url, "name": names, "city": where["city"]}
    return list(found.values())


def rating(request: HttpRequest) -> HttpResponseBase:
    """The rating of a category: places with bounds, coverage and what moved; sorted and filtered by the address."""
    require(request.user, "rating.see")
    edition = facts.edition()
    asked = request.GET.get("category") or ""
    category = asked if asked in edition.categories else _first_published(edition)
    shown = queries.asked_run(request, category=category)
    years = ratings.years()
    if shown is None:
        return render(
            request,
            "portal/scores/rating_empty.html",
            {
                "categories": _categories(edition, category),
                "years": years,
                "category": edition.categories[category].name,
            },
        )
    words = words_of(shown.run.edition)
    data = queries.rating_data(shown)
    if request.GET.get("format") in ("pdf", "report"):
        form = "pdf" if request.GET["format"] == "pdf" else "xlsx"
        file = services.rating_file(shown.run, shown.category, data, words.language, form)  # type: ignore[arg-type]
        return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)
    section = request.GET.get("section") or ""
    section = section if section in shown.run.edition.sections else ""
    rows = [rating_row(line, words, run_query(shown)) for line in queries.rating_lines(data)]
    regions = _regions_of(rows)
    region = request.GET.get("region") or ""
    rows = [row for row in rows if not region or row["region"] == region]
    sort = request.GET.get("sort") or (section or "place")
    rows = _sorted(rows, sort)
    if wanted(request):
        return _rating_table(request, shown, words, rows)
    lines = data.categories[0] if data.categories else None
    sure = ratings.sureness(shown.run.id, shown.category)
    return render(
        request,
        "portal/scores/rating.html",
        {
            "shown": shown,
            "run": shown.run,
            "rows": [{**row, "places": places_said(sure, row["code"])} for row in rows],
            "sure": sure is not None,
            "before": data.before,
            "categories": _categories(edition, shown.category),
            "category": words.title(shown.run.edition.categories[shown.category].name),
            "category_id": shown.category,
            "ratings": ratings_to_choose(shown),
            "regions": regions,
            "region": region,
            "section": section,
            "section_name": words.section(section) if section else "",
            "sections": [
                (one, words.section(one), words.percent(words.short(words.law.weights[one])))
                for one in words.law.weights
            ],
            "sort": sort,
            "map": map_of(rows, words, shown.run.edition, 2),
            "comments": comments(lines, words) if lines and not region else [],
            **weak_and_gaps(data, words),
            "notice": _notice(shown),
            "simulated": shown.run.simulated,
        },
    )


def _first_published(edition: Edition) -> str:
    found = next((name for name in edition.categories if ratings.published(None, name) is not None), None)
    return found or next(iter(edition.categories))


def _categories(edition: Edition, here: str) -> list[View]:
    return [{"id": name, "name": one.name, "here": name == here} for name, one in edition.categories.items()]


def _regions_of(rows: list[View]) -> list[tuple[str, Any]]:
    known = known_regions()
    codes = [row["region"] for row in rows if row["region"]]
    if len(set(codes)) == len(rows):  # each is its own, as cities of republican significance are
        return []
    return [(code, known[code].names) for code in sorted(set(codes))]


def _sorted(rows: list[View], sort: str) -> list[View]:
    """By place (the default), name, index, coverage, change of place, or the score of a section."""
    if sort == "city":
        return sorted(rows, key=lambda row: row["city"])
    numbers = {"index": "final", "coverage": "coverage_number", "moved": "moved_by"}
    if sort == "place" or not rows:
        return rows
    if sort in rows[0]["by_section"]:
        found = [(row["by_section"].get(sort, {}).get("score"), row) for row in rows]
    elif sort in numbers:
        found = [(row[numbers[sort]], row) for row in rows]
    else:
        raise Http404(sort)
    return [row for _key, row in sorted(found, key=lambda one: (one[0] is None, -(one[0] or Fraction(0))))]


def _notice(shown: Shown) -> Any:
    """Why the edition is not in force on the run's last day, where the page's head does not say it already."""
    try:
        now = facts.edition_notice()
    except Problem:  # no edition today: the run says its own
        now = None
    return None if now is not None else shown.run.notice


def map_of(rows: list[View], words: Wording, edition: Edition, heading: int) -> MapView | None:
    """The country with the cities of some rows; None where no place is known."""
    points = [
        Point(row["code"], row["city"], row["index"], row["band_id"], row["band"], str(row["place"]), row["url"])
        for row in rows
    ]
    return country_map(points, edition, words.text, heading, without=_("No band: not ranked"))


def outlines(request: HttpRequest) -> HttpResponse:
    """The outlines beneath the country's map, as GeoJSON."""
    require(request.user, "rating.see")
    found = country(facts.lake().folder / "cities")
    if found is None:
        raise Http404(_("No outlines of the country were imported."))
    return JsonResponse(found, content_type="application/geo+json", headers={"Cache-Control": "public, max-age=3600"})


def _rating_table(request: HttpRequest, shown: Shown, words: Wording, rows: list[View]) -> HttpResponseBase:
    sections = list(words.law.weights)
    columns = [
        _("Place"),
        _("Change of place"),
        _("Code"),
        _("City"),
        _("Index"),
        _("Low bound"),
        _("High bound"),
        _("Coverage"),
        _("Band"),
        _("Standing"),
        *(words.section(name) for name in sections),
        _("Simulated"),
        pgettext("of a rating", "Run"),
    ]
    return table_response(
        request,
        f"rating_{shown.run.year}_{shown.category}",
        columns,
        [
            [
                row["place_number"],
                row["moved_by"],
                row["code"],
                row["city"],
                row["final"],
                row["low"],
                row["high"],
                row["coverage_number"],
                row["band"],
                row["standing_said"],
                *(row["by_section"].get(name, {}).get("score") for name in sections),
                row["simulated"],
                shown.run.id,
            ]
            for row in rows
        ],
    )
