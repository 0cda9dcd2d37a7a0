"""Annexes of a protocol (item 20): review of the city and the base initiatives to be solved first, as they were on a day.

What a signed protocol annexes is kept with it as plain data, so that it never changes with the lake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from qala import facts
from qala.groundwork import overview_said
from qala.groundwork.models import Overview
from qala.groundwork.needs import needs, residents, topic_words
from qala.groundwork.overview_said import told
from qala.groundwork.priorities import gaps, priorities
from qala.inventory.queries import extent
from qala.kits.documents import Block, Break, Heading, Numbers, Paragraph, Table
from qala.ratings.queries import newest_of
from qala.standard.values import Language
from qala.ui.formats import number, said

MOST_TOPICS = 15


def annexes(cities: Sequence[str], *, overviews: bool = True) -> list[dict[str, Any]]:
    """What is annexed of each city today, as JSON keeps it; cities that the registry does not know are left out.

    Args:
        overviews: whether the newest closed overview of a city is annexed with it.
    """
    registry = facts.lake().cities
    return [_annex(code) | (_overview(code) if overviews else {}) for code in cities if code in registry]


def _overview(code: str) -> dict[str, Any]:
    one = Overview.objects.filter(city=code).exclude(closed_on=None).first()
    if one is None:
        return {}
    about = {"number": one.number, "day": one.closed_on.isoformat()} if one.closed_on else {}
    return {"overview": about | {"told": told(one), "thought": (one.kept or {}).get("thought")}}


def _annex(code: str) -> dict[str, Any]:
    city = facts.lake().cities.get(code)
    day = facts.today(city.zone)
    topics, there, at = needs(code, day - timedelta(days=1)), extent(code), newest_of(code)
    return {
        "city": code,
        "edition": facts.edition().id,
        "day": day.isoformat(),
        "residents": residents(facts.lake(), code),
        "index": None if at is None or at.score.index is None else _text(at.score.index),
        "run": at.run.id if at else "",
        "in_use": there.in_use,
        "live": there.live,
        "asked": there.asked,
        "without": len(gaps(city, day, None)),
        "topics": [[one.source, one.topic, one.now, _text(one.per_1000), _text(one.trend)] for one in topics[:MOST_TOPICS]],
        "first": [
            [one.initiative.no, one.stage, one.begun, _text(one.need), _text(one.gap), one.live, one.asked, _text(one.priority)]
            for one in priorities(city, day, topics)
        ],
    }  # fmt: skip


def blocks(kept: Sequence[Mapping[str, Any]], language: Language, *, headed: bool = True) -> list[Block]:
    """The annexes as parts of a document, one for each city.

    Args:
        headed: whether each begins on a page of its own with a heading.
    """
    found: list[Block] = []
    for no, one in enumerate(kept, 1):
        if headed:
            found += [Break(), Heading(_head(no, one, language))]
        if stated := one.get("overview"):
            day = date.fromisoformat(stated["day"])
            about = _("Overview No. %(number)s of %(day)s") % {"number": stated["number"], "day": f"{day:%d.%m.%Y}"}
            found += [
                Paragraph(about, quiet=True),
                *overview_said.blocks(stated["told"], one["city"], language, level=2),
            ]
            found += overview_said.thoughts(stated["thought"], language, level=2) if stated["thought"] else []
        found += _blocks(one, language)
    return found


def _head(no: int, one: Mapping[str, Any], language: Language) -> str:
    registry = facts.lake().cities
    name = said(registry.get(one["city"]).names, language) if one["city"] in registry else one["city"]
    return _("Annex %(number)s. %(city)s: review of the situation and what comes first") % {"number": no, "city": name}


def _blocks(one: Mapping[str, Any], language: Language) -> list[Block]:
    law = facts.editions()[one["edition"]]
    day = date.fromisoformat(one["day"])

    def shown(value: Any, digits: int = 0, factor: int = 1) -> str:
        return "—" if value is None else number(Fraction(value) * factor, digits, language)

    functions = f"{one['live']} / {one['asked']}"
    return [
        Paragraph(
            _("From the platform's data on %(day)s: the lake's rows, the register of digital objects, run %(run)s.")
            % {"day": f"{day:%d.%m.%Y}", "run": one["run"] or "—"},
            quiet=True,
        ),
        Numbers(
            [
                (_("Residents"), shown(one["residents"]), ""),
                (_("Index"), shown(one["index"], 1), ""),
                (_("Systems in use"), str(one["in_use"]), ""),
                (_("Functions live, of those asked"), functions, ""),
            ]
        ),
        Heading(_("Needs by topic"), 2),
        Table(
            [_("Topic"), _("A year"), _("Per 1,000 residents"), _("Change, percent")],
            [
                [topic_words(source, topic, language), shown(now), shown(per, 1), shown(trend)]
                for source, topic, now, per, trend in one["topics"]
            ],
            numbers=(1, 2, 3), widths=(6, 2, 3, 3),
        ),
        Heading(_("Base initiatives to be solved first"), 2),
        Table(
            [_("Base initiative"), _("Stage"), _("Needs"), _("KPI points not earned"), _("Functions live"), _("Priority")],
            [
                [
                    f"{row}. {law.initiatives[row].name.say(language)}", str(stage), shown(need, 0, 100), shown(gap, 0, 100),
                    f"{live} / {asked}", shown(priority, 0, 100),
                ]
                for row, stage, _begun, need, gap, live, asked, priority in one["first"]
            ],
            numbers=(2, 3, 4, 5), widths=(7, 2, 2, 3, 3, 2), caption=_("Percent; stages that have begun stand first"),
        ),
    ]  # fmt: skip


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
