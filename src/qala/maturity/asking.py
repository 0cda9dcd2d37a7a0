"""The model's questionnaire: control question, imagined cities, 19 ladders, control question, what is needed first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qala.kits.surveys.questionnaire import Choice, Page, Question, Questionnaire
from qala.maturity.models import Assessment
from qala.maturity.said import SAID, filled
from qala.standard.maturity import MaturityModel
from qala.standard.values import Text

C1, C2 = "self_rated_maturity", "perceived_benefits"
PICKS = 3
"""How many needs a person names."""
INSTRUMENTS = ("survey", "interviews", "experts")


def questionnaire(
    model: MaturityModel,
    part: str,
    vignettes: str,
    spheres: Mapping[str, Text],
    sphere: Text | None = None,
    *,
    lots: Sequence[int] = (),
) -> Questionnaire:
    """What an instrument asks: all of it in the survey, only the ladders in interviews and of experts.

    Args:
        spheres: id -> name, to choose from which is needed first.
        sphere: name of the one that is asked about; None for the whole city.
        lots: the order in which imagined cities are shown, as places in the levels.
    """
    pages: list[Page] = []
    whole = part == "survey"
    if whole:
        pages.append(_control(model, C1))
        levels = levels_of(model, vignettes)
        if levels:
            pages += [_imagined(model, id_, levels, lots or range(len(levels))) for id_ in model.dimensions]
    pages += [_ladder(model, name) for name in model.sub_dimensions]
    if whole:
        pages += [_control(model, C2), _needs(model, spheres)]
    title = SAID[f"title_{part}"] if sphere is None else filled(SAID[f"title_{part}_sphere"], sphere=sphere)
    return Questionnaire(
        title=title,
        lead=SAID[f"lead_{part}"],
        minutes=30 if whole else 20,
        roles={code: SAID[f"role_{code}"] for code in (("management", "staff") if whole else ("expert",))}
        if part != "interviews"
        else {code: SAID[f"role_{code}"] for code in ("management", "staff")},
        pages=tuple(pages),
    )


def levels_of(model: MaturityModel, vignettes: str) -> tuple[int, ...]:
    """The levels of the imagined cities that are asked."""
    scheme = model.vignettes
    kinds = Assessment.Vignettes
    return {kinds.NONE.value: (), kinds.SHORT.value: scheme.levels_short, kinds.FULL.value: scheme.levels}[vignettes]


def _plain(model: MaturityModel) -> tuple[Choice, ...]:
    return tuple(Choice(value=step, text=text) for step, text in model.questions.plain_scale.items())


def _not_known(model: MaturityModel) -> tuple[Choice, ...]:
    return tuple(Choice(value=key, text=text, counts=False) for key, text in model.questions.no_answer.items())


def _control(model: MaturityModel, name: str) -> Page:
    one = model.questions.control[name]
    choices = (
        _plain(model)
        if isinstance(one.answers, str)
        else tuple(Choice(value=step, text=text) for step, text in one.answers.items())
    )
    short = SAID[f"short_{name}"]
    return Page(
        id=name.replace("_", "-"),
        title=short,
        questions=(Question(id=name, short=short, text=one.text, choices=choices),),
    )


def _imagined(model: MaturityModel, id_: str, levels: Sequence[int], lots: Sequence[int]) -> Page:
    """One set of imagined cities: named in the order in which they are shown, not in that of their levels."""
    scheme, name = model.vignettes, model.dimensions[id_].name
    shown = [levels[at] for at in lots]
    asked = [
        Question(
            id=f"vignette.{id_}.{level}",
            short=filled(SAID["short_city"], dimension=name, city=city),
            text=filled(SAID["imagined"], city=city, asked=scheme.ask_rating),
            lead=model.vignette(id_, level),
            choices=_plain(model),
        )
        for level, city in zip(shown, scheme.cities, strict=False)
    ]
    own = Question(
        id=f"own.{id_}", short=filled(SAID["short_own"], dimension=name), text=scheme.ask_own, choices=_plain(model)
    )
    return Page(id=f"cities-{id_}", title=filled(SAID["title_cities"], dimension=name), questions=(*asked, own))


def _ladder(model: MaturityModel, name: str) -> Page:
    sub = model.sub_dimensions[name]
    choices = tuple(Choice(value=step, text=text) for step, text in sub.ladder.items())
    return Page(
        id=name.replace("_", "-"),
        title=filled(SAID["title_ladder"], dimension=model.dimensions[sub.dimension].name, name=sub.name),
        questions=(
            Question(
                id=name,
                short=sub.name,
                text=sub.question,
                choices=(*choices, *_not_known(model)),
                remarks=True,
                files=True,
            ),
        ),
    )


def _needs(model: MaturityModel, spheres: Mapping[str, Text]) -> Page:
    subs = tuple(Choice(value=name, text=sub.name) for name, sub in model.sub_dimensions.items())
    fields = tuple(Choice(value=id_, text=name) for id_, name in spheres.items())
    asked = [
        Question(
            id=f"{kind}.{place}",
            short=filled(SAID[f"short_{kind}"], place=Text(ru=str(place), kk=str(place), en=str(place))),
            text=filled(SAID[f"ask_{kind}"], place=SAID[f"place_{place}"]),
            choices=choices,
            listed=True,
            distinct=kind,
        )
        for kind, choices in (("need", subs), ("sphere", fields))
        for place in range(1, PICKS + 1)
    ]
    return Page(id="needs", title=SAID["title_needs"], questions=tuple(asked))
