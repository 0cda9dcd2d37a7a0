"""What a statement of an overview may rest on: each kind lists what there is, says it in words, and leads to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from qala import facts
from qala.groundwork.gathered import places_of
from qala.groundwork.models import Meeting, Mention, Statistic
from qala.groundwork.needs import needs, topic_words
from qala.groundwork.queries import place_name
from qala.groundwork.topics import topic_names
from qala.inventory.queries import objects_of
from qala.ratings.lines import kpi_lines, words_of
from qala.ratings.queries import newest_of
from qala.standard.values import LANGUAGES, Language
from qala.ui.formats import number


@dataclass(frozen=True)
class Kind:
    """A kind of evidence.

    Attributes:
        name: in words.
        listed: (city, language) -> ref -> what it says today, in the language that is active.
        leads: (city, ref) -> address of the page where it is found; empty where there is none.
    """

    name: Any
    listed: Callable[[str, Language], Mapping[str, str]]
    leads: Callable[[str, str], str]


def _kpis(city: str, _language: Language) -> dict[str, str]:
    at = newest_of(city)
    if at is None:
        return {}
    words = words_of(at.run.edition)
    found = {}
    for line in kpi_lines(at.run, city):
        value = words.value(line) if line.score.status == "ok" else words.status(line.score)
        found[line.kpi.row] = _("KPI %(row)s, %(name)s: %(value)s (%(year)s, run %(run)s)") % {
            "row": line.kpi.row, "name": words.text(line.kpi.name), "value": value, "year": at.run.year, "run": at.run.id,
        }  # fmt: skip
    return found


def _objects(city: str, _language: Language) -> dict[str, str]:
    return {
        str(one.pk): _("Register of digital objects: %(name)s, %(state)s")
        % {"name": one.name, "state": one.get_state_display()}
        + (f", {one.used_since}" if one.used_since else "")
        for one in objects_of(city)
    }


def _topics(city: str, language: Language) -> dict[str, str]:
    last = facts.today(facts.lake().cities.get(city).zone) - timedelta(days=1)
    heads = {
        "appeals": _("Appeals to 109"),
        "platform": _("Appeals of the national platform"),
        "incidents": _("Incidents of the situational centre"),
    }
    return {
        f"{one.source}:{one.topic}": _("%(source)s, %(topic)s: %(count)s in the year up to %(day)s")
        % {
            "source": heads.get(one.source, one.source), "topic": topic_words(one.source, one.topic, language),
            "count": number(one.now, 0, language), "day": f"{last:%d.%m.%Y}",
        }
        for one in needs(city, last)
    }  # fmt: skip


def _meetings(city: str, language: Language) -> dict[str, str]:
    return {
        str(one.pk): _("Meeting of the working group, %(place)s, No. %(number)s of %(day)s")
        % {"place": place_name(one.group.place, language), "number": one.number, "day": f"{one.day:%d.%m.%Y}"}
        for one in Meeting.objects.select_related("group").filter(group__cities__contains=[city])
    }


def _statistics(city: str, language: Language) -> dict[str, str]:
    names = places_of(city)
    return {
        str(one.pk): _("Statistics: %(indicator)s, %(place)s, %(period)s: %(value)s %(unit)s (%(source)s)")
        % {
            "indicator": one.indicator, "place": names.get(one.kato, one.kato), "period": one.period,
            "value": number(one.value.normalize(), None, language), "unit": one.unit, "source": one.source,
        }
        for one in Statistic.objects.filter(city=city)
    }  # fmt: skip


def _mentions(city: str, _language: Language) -> dict[str, str]:
    names = topic_names()
    return {
        str(one.pk): _("Media: %(outlet)s, %(day)s, %(topic)s, %(tone)s. %(note)s")
        % {
            "outlet": one.outlet, "day": f"{one.day:%d.%m.%Y}", "topic": names.get(one.topic, one.topic),
            "tone": one.get_tone_display(), "note": one.note,
        }
        for one in Mention.objects.filter(city=city)[:500]
    }  # fmt: skip


def _to(name: str, city: str, ref: str) -> str:
    return reverse(name, args=[city, ref])


def _gathered(table: str, city: str, _ref: str) -> str:
    return reverse("groundwork:gathered", args=[city, table])


KINDS: dict[str, Kind] = {
    "kpi": Kind(gettext_lazy("value of a KPI"), _kpis, partial(_to, "kpi:kpi")),
    "topic": Kind(
        gettext_lazy("number of appeals or incidents"), _topics, lambda city, _ref: reverse("groundwork:needs", args=[city])
    ),
    "statistic": Kind(gettext_lazy("figure of statistics"), _statistics, partial(_gathered, "statistics")),
    "mention": Kind(gettext_lazy("mention in the media"), _mentions, partial(_gathered, "media")),
    "object": Kind(
        gettext_lazy("row of the register"), _objects, lambda _city, ref: reverse("inventory:object", args=[ref])
    ),
    "meeting": Kind(
        gettext_lazy("meeting of the working group"), _meetings, lambda _city, ref: reverse("groundwork:meeting", args=[ref])
    ),
}  # fmt: skip
"""Kinds that are chosen from what there is; an attached `file` is the other one."""
FILE = "file"


def kind_name(kind: str) -> Any:
    """A kind in words."""
    return _("attached file") if kind == FILE else KINDS[kind].name if kind in KINDS else kind


def said_now(kind: str, city: str, ref: str) -> dict[str, str]:
    """Language -> what it says today; nothing where it is not there."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with override(language):
            text = KINDS[kind].listed(city, language).get(ref)
        if text is not None:
            found[language] = text
    return found
