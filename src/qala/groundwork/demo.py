"""A working group of a demo's own region with one meeting: offices without names of people, simulated cities."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from qala import facts
from qala.groundwork import services
from qala.groundwork.composition import KINDS
from qala.groundwork.models import Group, Member, Point
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
