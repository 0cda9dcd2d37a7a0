"""A working group of a demo's own region with one meeting: offices without names of people, simulated cities."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings

from qala import facts
from qala.groundwork import overviews, services
from qala.groundwork.composition import KINDS
from qala.groundwork.evidence import KINDS as EVIDENCE
from qala.groundwork.gathered import keep_rows
from qala.groundwork.models import CategoryTopic, Group, Member, Point, Statement
from qala.groundwork.needs import district_names, needs
from qala.groundwork.queries import cities_of
from qala.standard.problems import Problem

OFFICES = {
    "chair": "Әкімнің цифрландыруға жетекшілік ететін орынбасары",
    "secretary": "Цифрландыру басқармасының басшысы",
    "department": "Тұрғын үй-коммуналдық шаруашылық басқармасы",
    "territorial": "Төтенше жағдайлар департаменті",
    "science": "Өңірлік университет",
    "business": "Өңірлік кәсіпкерлер палатасы",
    "maslikhat": "Мәслихат депутаты",
    "public": "Тұрғындар бірлестігі",
}


def gather(city: str) -> None:
    """Set up the group of a simulated city's region and hold its first meeting; one that is there stays.

    Raises:
        Problem: this is no demo.
    """
    if not settings.DEMO:
        raise Problem(
            "A simulated working group is for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only."
        )
    registry = facts.lake().cities
    if city not in registry or not registry.get(city).simulated:
        return
    place = registry.get(city).region or city
    if Group.objects.filter(place=place).exists():
        return
    day = facts.today(registry.get(city).zone)
    first = date(day.year, 1, 15)
    group = Group(place=place, act="SIM-1", act_on=first, cities=cities_of(place))
    services.keep_group(None, group, None)
    for number, kind in enumerate(KINDS, 1):
        services.keep_member(
            None, Member(group=group, kind=kind, position=OFFICES[kind], name=f"SIM-{number:02}", since=first), None
        )
    meeting = services.call(None, group, day, "")
    members = [one.pk for one in group.members.all()]
    services.keep_meeting(
        None, meeting.pk, {"day": day, "where": "", "present": members[:6], "about": [city], "additional": ""}
    )
    services.keep_point(
        None,
        Point(
            meeting=meeting, title="Қаланы зерттеуді бастау туралы", speaker=OFFICES["secretary"],
            heard="Бұйрықтың 19-тармағы бойынша цифрлық инфрақұрылым мен енгізілген жүйелерге аудит жүргізу.",
            decision="Зерттеу басталсын; цифрлық объектілер тізілімі толтырылсын.", doer=OFFICES["secretary"],
            due=date(day.year, 12, 31),
        ),
        dict.fromkeys(members[:5], "for") | {members[5]: "abstained"},
    )  # fmt: skip
    gather_figures(city)
    survey(city)


STATED = {
    "situation": (
        "Қала өсіп келеді.",
        "Город растёт.",
        "The city is growing.",
    ),
    "residents": (
        "Тұрғындар көбіне осы тақырып бойынша жүгінеді.",
        "Чаще всего жители обращаются по этой теме.",
        "Most often residents turn to the city on this topic.",
    ),
    "systems": (
        "Жүйе бұйрық сұраған функцияларды орындайды.",
        "Система выполняет функции, которых требует приказ.",
        "The system serves functions that the order asks for.",
    ),
    "business": (
        "Бизнес өтініштердің қаралу барысын бір жерден көргісі келеді.",
        "Бизнес хочет видеть ход рассмотрения заявлений в одном месте.",
        "Business wants to see in one place how its applications go.",
    ),
    "additional": (
        "Аулалардың жылу картасы бойынша суару.",
        "Полив дворов по тепловой карте.",
        "Watering of courtyards by a heat map.",
    ),
}
"""Section -> what is stated in kk, ru and en; one of them rests on nothing, which the page shows."""


def survey(city: str) -> None:
    """Begin the overview of a simulated city: statements, what some rest on, and three members' scores of needs."""
    one = overviews.begin(None, city)
    rests = {"situation": "statistic", "residents": "topic", "systems": "object", "additional": "meeting"}
    for section, (kk, ru, en) in STATED.items():
        made = Statement(overview=one, section=section, text_kk=kk, text_ru=ru, text_en=en)
        overviews.keep_statement(None, made, None)
        kind = rests.get(section)
        if kind and (ref := next(iter(EVIDENCE[kind].listed(city, "kk")), "")):
            overviews.rest_on(None, made, kind, ref)
    last = facts.today(facts.lake().cities.get(city).zone) - timedelta(days=1)
    topics = [f"{need.source}:{need.topic}" for need in needs(city, last)[:8]]
    for no, member in enumerate(overviews.experts_of(city)[:3]):
        scores = {need: 5 - (at + no * at % 3) // 2 for at, need in enumerate(topics)}
        overviews.keep_scores(None, one, member, {need: max(1, score) for need, score in scores.items()})


FIGURES = (
    ("Орташа жалақы", 310, "мың теңге", "economy"),
    ("Жұмыссыздық деңгейі", 5, "%", "economy"),
    ("Әкімдіктің АТ мамандары", 14, "адам", "staff"),
)
"""Indicator, figure of the city, unit, what it is of."""


def gather_figures(city: str) -> None:
    """Statistics of a simulated city and its districts, mentions in simulated media, appeals of a simulated platform."""
    day, districts = facts.today(facts.lake().cities.get(city).zone), list(district_names(city))
    known = {"period": str(day.year - 1), "source": "SIM"}
    figures = [
        {"kato": code, "indicator": indicator, "value": Decimal(value + at), "unit": unit, "about": about, **known}
        for indicator, value, unit, about in FIGURES
        for at, code in enumerate([city, *districts])
    ]
    keep_rows(None, city, "statistics", figures)
    media = [
        {
            "day": day - timedelta(days=3 * at), "outlet": f"SIM-{1 + at % 2}", "address": "", "topic": topic,
            "tone": ("bad", "neutral", "good")[at % 3], "note": "Симуляция",
        }
        for at, topic in enumerate(("waste", "roads", "water", "waste", "lighting", "waste", "heat"))
    ]  # fmt: skip
    keep_rows(None, city, "media", media)
    kinds = ("Жолдар", "Тұрғын үй-коммуналдық шаруашылық", "Білім")
    platform = [
        {"number": f"SIM-{at}", "day": day - timedelta(days=at), "category": kinds[at * at % 3], "kato": city}
        for at in range(1, 61)
    ]
    keep_rows(None, city, "platform", platform)
    CategoryTopic.objects.update_or_create(city=city, category=kinds[0].casefold(), defaults={"topic": "roads"})
