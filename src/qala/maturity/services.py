"""Making and publishing assessments."""

from __future__ import annotations

import random
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.surveys import services as surveys
from qala.maturity.asking import levels_of, questionnaire
from qala.maturity.models import Assessment
from qala.maturity.queries import asked_digest, model
from qala.maturity.results import Results, results
from qala.people import audit
from qala.people.models import User
from qala.scoring.maturity import Scores
from qala.standard.problems import Problem


@transaction.atomic
def create(
    by: HttpRequest | None, city: str, year: int, sphere: str = "", vignettes: str = "none", parts: tuple[str, ...] = ()
) -> Assessment:
    """A new assessment with its surveys as drafts; the survey itself is always one of them.

    Args:
        parts: `interviews`, `experts`.

    Raises:
        Problem: there is no such sphere, kind of vignettes, or the year is none.
    """
    maturity, spheres = model(), facts.edition().spheres
    if sphere and sphere not in spheres:
        raise Problem(_("There is no such sphere."))
    if vignettes not in Assessment.Vignettes.values:
        raise Problem(_("Choose how many imagined cities are asked."))
    if not 2015 <= year <= facts.today().year + 1:
        raise Problem(_("%(year)s is no year of an assessment.") % {"year": year})
    lots = list(range(len(levels_of(maturity, vignettes))))
    random.SystemRandom().shuffle(lots)
    names = {id_: one.name for id_, one in spheres.items()}
    made = {
        part: surveys.create(
            by, city, "maturity", part,
            questionnaire(maturity, part, vignettes, names, names[sphere] if sphere else None, lots=lots),
            maturity.about.smallest_group.people,
        )
        for part in ("survey", *parts)
    }  # fmt: skip
    one = Assessment.objects.create(
        city=city, year=year, sphere=sphere, vignettes=vignettes, model_digest=asked_digest(), survey=made["survey"],
        interviews=made.get("interviews"), experts=made.get("experts"),
    )  # fmt: skip
    audit.wrote(by, "create_assessment", one, after={"year": year, "sphere": sphere, "parts": list(made)})
    return one


@transaction.atomic
def publish(by: HttpRequest | None, one: Assessment) -> None:
    """Show the results to everybody, for good.

    Raises:
        Problem: it is published, a survey of it is not over, or too few people answered.
    """
    if one.published_at is not None:
        raise Problem(_("It is published already."))
    if any(part.state == "open" for part in one.parts) or one.survey.state != "closed":
        raise Problem(_("The survey is not over yet."), hint=_("End it on its page, then publish."))
    found = results(model(), one, list(facts.edition().spheres))
    if not found.enough:
        raise Problem(
            _("Only %(n)s people answered; nothing is shown of fewer than %(least)s.")
            % {"n": found.people, "least": found.smallest}
        )
    one.scores = _kept(found)
    one.published_at = timezone.now()
    one.published_by = by.user if by and isinstance(by.user, User) else None
    one.save(update_fields=["scores", "published_at", "published_by"])
    audit.wrote(by, "publish_assessment", one, after={"people": found.people})


def _kept(found: Results) -> dict[str, Any]:
    sheets: dict[str, Scores | None] = {variant: city.whole for variant, city in found.variants.items()}
    sheets |= {"experts": found.experts, "blend": found.blend, "interviews": found.interviews}
    kept = {name: _plain(sheet) for name, sheet in sheets.items() if sheet is not None}
    return {**kept, "people": found.people}


def _plain(scores: Scores) -> dict[str, Any]:
    def said(score: Any) -> str | None:
        return None if score is None else str(score)

    return {
        "sub_dimensions": {key: said(score) for key, score in scores.sub_dimensions.items()},
        "dimensions": {key: said(score) for key, score in scores.dimensions.items()},
        "overall": said(scores.overall),
    }
