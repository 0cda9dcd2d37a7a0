"""Pages of one city's survey: needs and what comes first, functions without a system, the digital profile."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qala import facts
from qala.groundwork.gathered import places_of
from qala.groundwork.models import Statistic
from qala.groundwork.needs import DAYS, PLATFORM, Need, district_names, needs, residents, topic_words
from qala.groundwork.priorities import gaps, priorities
from qala.groundwork.queries import SEE, place_name
from qala.groundwork.topics import TOPICS, media_topics, topic_names
from qala.intake.models import Source
from qala.inventory.queries import SEE as SEE_REGISTER
from qala.inventory.queries import extent, objects_of, served
from qala.kits.procedure.queries import papers_for
from qala.lake import City
from qala.maturity.models import Assessment
from qala.maturity.queries import model, published_scores
from qala.people.access import Somebody, access_city_by_code, may
from qala.ratings.queries import newest_of
from qala.roadmaps.models import Roadmap
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said


def newest_roadmap(user: Somebody, city: str) -> Roadmap | None:
    """The newest version of a city's roadmap that somebody may see."""
    return papers_for(user, Roadmap).filter(city=city).order_by("-version").first()


@require_safe
def city_needs(request: HttpRequest, city: str) -> HttpResponseBase:
    """What people need by topic, and which base initiatives that, the KPIs and the register put first."""
    found = access_city_by_code(request.user, city, SEE)
    language, day = language_of(get_language()), facts.today(found.zone)
    last = day - timedelta(days=1)
    topics = needs(city, last)
    if wanted(request):
        heads = [
            _("Source"),
            _("Topic"),
            _("A year"),
            _("The year before"),
            _("Per 1,000 residents"),
            _("Change, percent"),
        ]
        rows = [
            [
                x.dataset or x.source,
                topic_words(x.source, x.topic, language),
                x.now,
                x.before,
                x.per_1000,
                x.trend and round(float(x.trend), 1),
            ]
            for x in topics
        ]
        return table_response(request, f"needs_{city}", heads, rows)
    districts = district_names(city)
    return render(
        request,
        "groundwork/needs.html",
        {
            "city": found,
            "city_name": said(found.names, language),
            "last": last,
            "residents": residents(facts.lake(), city),
            "topics": [(one, topic_words(one.source, one.topic, language)) for one in topics],
            "districts": [(code, names[language]) for code, names in districts.items()],
            "by_district": [
                (
                    topic_words(one.source, one.topic, language),
                    [(code, one.districts.get(code, 0)) for code in districts],
                )
                for one in topics[:12]
                if one.source != PLATFORM or districts.keys() & one.districts.keys()
            ]
            if districts
            else [],
            "priorities": priorities(found, day, topics),
            "by_topic": _by_topic(city, topics, last),
            "rated": newest_of(found.code),
            "simulated": found.simulated,
        },
    )


@require_safe
def city_gaps(request: HttpRequest, city: str) -> HttpResponseBase:
    """Functions of annex 3 that the order asks and no system in use serves, beside the roadmap and other cities' solutions."""
    found = access_city_by_code(request.user, city, SEE)
    language = language_of(get_language())
    roadmap = newest_roadmap(request.user, city)
    lines = gaps(found, facts.today(found.zone), roadmap)
    if wanted(request):
        heads = [
            _("Function"), _("Function in words"), _("Stage"), _("Years of annex 2"), _("Coming"), _("Action of the roadmap"),
            _("Solutions of other cities"),
        ]  # fmt: skip
        rows = [
            [
                f"f{x.key}", x.function.name.say(language), x.stage, f"{x.from_year}–{x.to_year}", "; ".join(x.coming),
                x.action.name if x.action else None, x.elsewhere,
            ]
            for x in lines
        ]  # fmt: skip
        return table_response(request, f"gaps_{city}", heads, rows)
    return render(
        request,
        "groundwork/gaps.html",
        {
            "city": found, "city_name": said(found.names, language), "lines": lines, "roadmap": roadmap,
            "extent": extent(city), "year": facts.today(found.zone).year, "simulated": found.simulated,
        },
    )  # fmt: skip


@require_safe
def profile(request: HttpRequest, city: str) -> HttpResponse:
    """The city's digital profile on one page (item 21(4)), to be read and printed; what somebody may not see is not there."""
    found = access_city_by_code(request.user, city)
    language, day = language_of(get_language()), facts.today(found.zone)
    sees = may(request.user, SEE_REGISTER, city=city)
    objects = [one for one in objects_of(city) if one.state != "retired"]
    at = newest_of(found.code)
    return render(
        request,
        "groundwork/profile.html",
        {
            "city": found,
            "city_name": said(found.names, language),
            "region": place_name(found.region, language) if found.region else "",
            "category": _category(found, language),
            "day": day,
            "residents": residents(facts.lake(), city),
            "districts": len(district_names(city)),
            "extent": extent(city, objects),
            "systems": [(one, one.age(day.year)) for one in objects] if sees else None,
            "initiatives": _initiatives(found, objects),
            "sources": Source.objects.filter(city=city, removed_at=None).count(),
            "rated": at,
            "maturity": _maturity(city),
            "roadmap": newest_roadmap(request.user, city),
            "statistics": _statistics(city),
            "simulated": found.simulated,
        },
    )


def _by_topic(city: str, topics: list[Need], last: date) -> list[tuple[str, int, int, int, int]]:
    """Topic of the one map, appeals to 109, those of the national platform, mentions in the media, of them critical.

    Nothing where only the city's own appeals are there.
    """
    media = media_topics(city, last - timedelta(days=DAYS - 1), last)
    own, platform = ({one.topic: one.now for one in topics if one.source == source} for source in (TOPICS, PLATFORM))
    if not media and not platform:
        return []
    names = topic_names()
    rows = [
        (names.get(topic, topic), own.get(topic, 0), platform.get(topic, 0), *media.get(topic, (0, 0)))
        for topic in {*own, *platform, *media}
        if topic in names
    ]
    return sorted(rows, key=lambda row: (-sum(row[1:4]), row[0]))


def _statistics(city: str) -> list[dict[str, Any]]:
    """The newest figure of each indicator, of the city and by its districts."""
    names, found = places_of(city), dict[str, dict[str, Any]]()
    for one in Statistic.objects.filter(city=city).order_by("indicator", "-period", "kato"):
        about = {"indicator": one.indicator, "period": one.period, "unit": one.unit, "source": one.source, "places": []}
        line = found.setdefault(one.indicator, about)
        if one.period == line["period"]:
            line["places"].append((names.get(one.kato, one.kato), one.value.normalize(), one.kato == city))
    return list(found.values())


def _category(city: City, language: Any) -> str:
    category = city.category_on(facts.today(city.zone))
    return facts.edition().category(category).name.say(language) if category else ""


def _initiatives(city: City, objects: list[Any]) -> list[tuple[Any, int, int]]:
    """Base initiatives of the category: functions live and asked."""
    law, category = facts.edition(), city.category_on(facts.today(city.zone))
    live = {key for key, some in served(objects).items() if any(one.live for one in some)}
    found = []
    for number, one in law.initiatives.items():
        if category in one.roadmap:
            own = [f"{number}.{row.no}" for row in one.functions if row.asked_of(category or "")]
            found.append((one, len(live & set(own)), len(own)))
    return found


def _maturity(city: str) -> dict[str, Any] | None:
    """The newest published assessment of the whole city: score, nearest and completed stage."""
    newest = Assessment.objects.filter(city=city, sphere="").exclude(published_at=None).first()
    scores = published_scores(newest) if newest else None
    if newest is None or scores is None or scores.overall is None:
        return None
    stages = model().stages
    numbers = model().nearest_stage(scores.overall), model().completed_stage(scores.overall)
    named = [next((one.name for one in stages.values() if one.number == number), None) for number in numbers]
    return {"assessment": newest, "score": scores.overall, "nearest": named[0], "completed": named[1]}
