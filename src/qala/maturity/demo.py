"""Simulated assessments of a demo's simulated cities: published ones for all, one that takes answers for the demo's own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.utils import translation

from qala import facts
from qala.kits.surveys import services as surveys
from qala.kits.surveys.models import Group, Response, Survey
from qala.maturity import services
from qala.maturity.asking import C1, C2, levels_of
from qala.maturity.models import Assessment
from qala.maturity.queries import model
from qala.standard.problems import Problem
from qala.standard.values import Text

PEOPLE = (4, 6, 7, 8, 9, 11)
"""Answers of each department; the first is too small to be shown."""
DEPARTMENTS = (
    ("Мәдениет бөлімі", "Отдел культуры", "Culture"),
    ("Цифрландыру басқармасы", "Управление цифровизации", "Digital department"),
    ("Жолаушылар көлігі басқармасы", "Управление пассажирского транспорта", "Public transport"),
    ("Энергетика басқармасы", "Управление энергетики", "Energy"),
    ("Экология басқармасы", "Управление экологии", "Ecology"),
    ("Қоғамдық қауіпсіздік басқармасы", "Управление общественной безопасности", "Public safety"),
)
DIGITAL = 1
"""Which of them is of IT."""


def assess(own: str = "") -> int:
    """Make what lacks: an assessment of every simulated city, an earlier one, one of a sphere and an open one of `own`.

    Raises:
        Problem: this is no demo.
    """
    if not settings.DEMO:
        raise Problem(
            "Simulated assessments are for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only."
        )
    cities = [one.code for one in facts.lake().cities.all() if one.simulated]
    if not cities or Assessment.objects.filter(city__in=cities).exists():
        return 0
    year, made = facts.today().year, 0
    own = own if own in cities else cities[0]
    with translation.override(settings.LANGUAGE_CODE):
        for code in cities:
            draw = random.Random(code)
            level = draw.uniform(2.0, 3.4)
            plan = [(year, "", level)]
            if code == own:
                plan = [
                    (year - 2, "", level - 0.5),
                    *plan,
                    (year, "transport", level + 0.3),
                    (year, "safety", level - 0.2),
                ]
            for of, sphere, mean in plan:
                _published(code, of, sphere, mean, draw)
                made += 1
        _open(own, year + 1)
    return made + 1


def _published(code: str, year: int, sphere: str, level: float, draw: random.Random) -> None:
    one = services.create(None, code, year, sphere, Assessment.Vignettes.SHORT, ("experts",))
    assert one.experts is not None
    _answers(one, one.survey, level, draw)
    panel = surveys.add_groups(None, one.experts, [{"names": _names("Сарапшылар", "Эксперты", "Experts")}])[0]
    surveys.open_survey(None, one.experts, None)
    Response.objects.bulk_create(
        Response(survey=one.experts, group=panel, role="expert", answers=_ladders(one, level - 0.4, draw))
        for _ in range(3)
    )
    for part in one.parts:
        surveys.close(None, part)
    services.publish(None, one)


def _open(code: str, year: int) -> None:
    """One that takes answers: links to hand over, so that the demo's people can try them."""
    one = services.create(None, code, year)
    groups = _groups(one.survey)
    surveys.open_survey(None, one.survey, None)
    for group in groups:
        for role in ("management", "staff"):
            surveys.invite(None, one.survey, group, role, "kk", links=2)


def _groups(survey: Survey) -> list[Group]:
    named = [
        {"names": _names(*names), "traits": {"it": "yes" if at == DIGITAL else "no"}}
        for at, names in enumerate(DEPARTMENTS)
    ]
    return surveys.add_groups(None, survey, named)


def _names(kk: str, ru: str, en: str) -> Mapping[str, str]:
    return Text(kk=kk, ru=ru, en=en).model_dump()


def _answers(one: Assessment, survey: Survey, level: float, draw: random.Random) -> None:
    """Departments differ, managers are a little more lenient, everybody has a scale of their own."""
    groups = _groups(survey)
    surveys.open_survey(None, survey, None)
    rows = []
    for group, count in zip(groups, PEOPLE, strict=True):
        own = level + draw.gauss(0, 0.25)
        for number in range(count):
            role = "management" if number % 3 == 0 else "staff"
            leans = draw.gauss(0.3 if role == "management" else 0, 0.35)
            answers = _ladders(one, own + leans, draw)
            answers |= {C1: _step(own + leans, draw), C2: _step(own, draw)}
            answers |= dict(_imagined(one, own, leans, draw))
            answers |= dict(_picked(one, draw))
            rows.append(Response(survey=survey, group=group, role=role, answers=answers))
    Response.objects.bulk_create(rows)


def _ladders(one: Assessment, level: float, draw: random.Random) -> dict[str, str]:
    """Sub-dimensions differ from city to city, not from person to person; one answer in fifteen is “I do not know”."""
    lots = random.Random(f"{one.city} {one.sphere}")
    shift = {name: lots.gauss(0, 0.5) for name in model().sub_dimensions}
    return {
        name: "do_not_know" if draw.random() < 1 / 15 else _step(level + more, draw) for name, more in shift.items()
    }


def _imagined(one: Assessment, own: float, leans: float, draw: random.Random) -> Iterator[tuple[str, str]]:
    for id_ in model().dimensions:
        for level in levels_of(model(), one.vignettes):
            yield f"vignette.{id_}.{level}", _step(level + leans, draw, 0.3)
        yield f"own.{id_}", _step(own + leans, draw)


def _picked(one: Assessment, draw: random.Random) -> Iterator[tuple[str, str]]:
    lots = random.Random(one.city)
    for kind, things in (("need", list(model().sub_dimensions)), ("sphere", list(facts.edition().spheres))):
        lots.shuffle(things)
        weights = [1 / (at + 1) for at in range(len(things))]
        picked: list[str] = []
        while len(picked) < 3:
            thing = draw.choices(things, weights)[0]
            if thing not in picked:
                picked.append(thing)
        yield from ((f"{kind}.{place}", thing) for place, thing in enumerate(picked, 1))


def _step(level: float, draw: random.Random, noise: float = 0.6) -> str:
    return str(min(max(round(level + draw.gauss(0, noise)), 1), 5))
