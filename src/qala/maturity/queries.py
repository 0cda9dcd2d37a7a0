"""Assessments: who may see them, what a published one is compared with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.surveys.queries import MANAGE
from qala.maturity.models import Assessment
from qala.people.access import Somebody, access_city_by_code, may, require
from qala.scoring.maturity import Scores
from qala.standard import Text
from qala.standard.maturity import MaturityModel, load_maturity

SEE = "maturity.see"
METHOD = "qala_self_assessment"
"""Our own survey by our own descriptors: not IDC's instrument, and never compared with its scores."""


def model() -> MaturityModel:
    """The maturity model."""
    return load_maturity()


def asked_digest() -> str:
    """What makes two assessments comparable: the ladders and how they add up, word by word; not our catalogue of actions."""
    said = {
        id_: {step: text.model_dump() for step, text in sub.ladder.items()}
        for id_, sub in model().sub_dimensions.items()
    }
    return hashlib.sha256(json.dumps([list(model().dimensions), said], ensure_ascii=False).encode()).hexdigest()


def access_assessment_by_id(user: Somebody, city: str, number: int) -> Assessment:
    """An assessment that is published, or that a user leads; 404 if there is none, `Refused` if it is not theirs to see."""
    access_city_by_code(user, city, SEE)
    found = Assessment.objects.select_related("survey", "interviews", "experts").filter(pk=number, city=city).first()
    if found is None:
        raise Http404(_("There is no such assessment."))
    if found.published_at is None:
        require(user, MANAGE, city=city)
    return found


def assessments(user: Somebody, city: str) -> QuerySet[Assessment]:
    """Those of a city that a user may see, the newest first."""
    found = Assessment.objects.filter(city=city).select_related("survey", "interviews", "experts")
    return found if may(user, MANAGE, city=city) else found.exclude(published_at=None)


def previous(one: Assessment) -> Assessment | None:
    """The published assessment before, of the same city, sphere and model."""
    found = Assessment.objects.filter(city=one.city, sphere=one.sphere, model_digest=one.model_digest)
    return found.exclude(published_at=None).filter(made_at__lt=one.made_at).first()


def peers(one: Assessment) -> list[Assessment]:
    """The newest published assessment of every other city, of the same sphere and model."""
    found = Assessment.objects.filter(sphere=one.sphere, model_digest=one.model_digest).exclude(published_at=None)
    return list(found.exclude(city=one.city).order_by("city", "-year", "-made_at").distinct("city"))


def by_sphere(city: str) -> list[Assessment]:
    """The newest published assessment of each sphere of a city, and of the whole."""
    found = Assessment.objects.filter(city=city).exclude(published_at=None)
    newest = list(found.order_by("sphere", "-year", "-made_at").distinct("sphere"))
    return [one for one in newest if one.model_digest == newest[0].model_digest]


def published_scores(one: Assessment, variant: str = "raw") -> Scores | None:
    """What was published by a variant; None where it was not."""
    kept = one.scores.get(variant)
    if kept is None:
        return None
    subs, dimensions = (
        {key: None if score is None else Fraction(score) for key, score in kept[name].items()}
        for name in ("sub_dimensions", "dimensions")
    )
    return Scores(subs, dimensions, None if kept["overall"] is None else Fraction(kept["overall"]))


@dataclass(frozen=True)
class Published:
    """A line of the library."""

    city: object
    year: int
    method: str
    dimensions: Mapping[str, Fraction | None]
    overall: Fraction | None
    people: int | None
    told: Text | None
    source: str
    here: Assessment | None = None
    simulated: bool = False


def library() -> dict[str, list[Published]]:
    """Published assessments by method: those of the literature as data, and those of this site."""
    found: dict[str, list[Published]] = {}
    for one in model().references.values():
        line = Published(
            one.city, one.year, one.instrument, one.scores, one.overall, one.questionnaires, one.method, one.source
        )
        found.setdefault(one.instrument, []).append(line)
    cities = facts.lake().cities
    for here in Assessment.objects.filter(sphere="").exclude(published_at=None).order_by("city", "year"):
        scores = published_scores(here)
        if scores is None or here.city not in cities:
            continue
        city = cities.get(here.city)
        line = Published(
            city.names,
            here.year,
            METHOD,
            scores.dimensions,
            scores.overall,
            here.scores.get("people"),
            None,
            "",
            here,
            city.simulated,
        )
        found.setdefault(METHOD, []).append(line)
    return found
