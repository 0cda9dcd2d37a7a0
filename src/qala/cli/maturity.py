"""`qala standard maturity`: the maturity model's stages, dimensions, ladders, questions and published results."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from qala.cli.output import Format, show_rows
from qala.cli.session import FormatOption
from qala.standard.maturity import MaturityModel, load_maturity
from qala.standard.problems import Problem
from qala.standard.values import Language

Rows = list[dict[str, Any]]

SENTENCES = ("method", "not_published", "source")


def maturity(
    name: Annotated[
        str,
        typer.Argument(
            help="stages, dimensions, rules, questions, references; the id of a dimension or of a sub-dimension."
        ),
    ] = "dimensions",
    lang: Annotated[Language, typer.Option("--lang", help="Language of names and texts.")] = "ru",
    form: FormatOption = Format.table,
) -> None:
    """The maturity model (IDC Smart City MaturityScape, descriptors in our own words).

    Examples:

      qala standard maturity

      qala standard maturity stages --lang kk

      qala standard maturity data --lang en

      qala standard maturity open_data --lang en

      qala standard maturity references --format csv
    """
    model = load_maturity()
    title, rows = _table(model, name, lang)
    if name == "references" and form is Format.table:
        # Sentences do not fit beside fifteen columns, and a year is not a quantity.
        narrow = [{**row, "year": str(row["year"])} for row in rows]
        show_rows(narrow, form, title=title, columns=[key for key in rows[0] if key not in SENTENCES])
        for row in rows:
            typer.echo("\n".join([f"{row['id']}: {row['method']}", *(f"  — {text}" for text in row["not_published"])]))
            typer.echo(f"  {row['source']}")
        typer.echo(model.about.warning.say(lang))
        return
    show_rows(rows, form, title=title)


def _table(model: MaturityModel, name: str, lang: str) -> tuple[str, Rows]:
    """The title and the rows that a name asks for."""
    whole = model.about.name.say(lang)
    if name == "stages":
        return whole, _stages(model, lang)
    if name == "dimensions":
        return whole, [row for id_ in model.dimensions for row in _dimension(model, id_, lang)]
    if name == "rules":
        return whole, _rules(model, lang)
    if name == "questions":
        return whole, _questions(model, lang)
    if name == "references":
        return whole, _references(model, lang)
    if name in model.dimensions:
        dimension = model.dimensions[name]
        return f"{dimension.name.say(lang)}. {dimension.about.say(lang)}", _dimension(model, name, lang)
    if name in model.sub_dimensions:
        sub = model.sub_dimensions[name]
        rows = [
            {"stage": stage.number, "name": stage.name.say(lang), "looks_like": sub.at(stage.number).say(lang)}
            for stage in model.stages.values()
        ]
        return f"{sub.name.say(lang)}. {sub.question.say(lang)}", rows
    raise Problem(
        f"The maturity model has no '{name}'.",
        hint=f"Ask for stages, dimensions, rules, questions or references; for {', '.join(model.dimensions)}; "
        f"or for one of {', '.join(model.sub_dimensions)}.",
    )


def _stages(model: MaturityModel, lang: str) -> Rows:
    return [
        {
            "stage": stage.number,
            "name": stage.name.say(lang),
            "nearest_from": stage.nearest_from,
            "completed_from": stage.completed_from,
            "portrait": stage.portrait.say(lang),
            "aim": stage.aim.say(lang),
        }
        for stage in model.stages.values()
    ]


def _dimension(model: MaturityModel, id_: str, lang: str) -> Rows:
    return [
        {
            "dimension": id_,
            "id": sub.id,
            "name": sub.name.say(lang),
            "question": sub.question.say(lang),
            "weight": model.weight(sub.id),
        }
        for sub in model.dimensions[id_].sub_dimensions.values()
    ]


def _rules(model: MaturityModel, lang: str) -> Rows:
    about = model.about
    rows: Rows = [
        {"rule": key, "says": rule.text.say(lang), "source": rule.source.kind, "where": rule.source.where}
        for key, rule in ((key, getattr(about.rules, key)) for key in type(about.rules).model_fields)
    ]
    control, blend = about.control, about.expert_blend
    said = {
        "answered": (f">= {about.answered.share}", about.answered.source),
        "smallest_group": (f">= {about.smallest_group.people}", about.smallest_group.source),
        "control": (f"x + {control.strength} * (C2 - C1) / {control.divide_by}", control.source),
        "interval": (
            f"{float(about.interval.level):.0%} of {about.interval.draws} draws of departments, {about.interval.fewest} or more",
            about.interval.source,
        ),
        "expert_blend": (f"{blend.experts} * experts + {blend.respondents} * respondents", blend.source),
    }
    return rows + [
        {"rule": key, "says": text, "source": source.kind, "where": source.where}
        for key, (text, source) in said.items()
    ]


def _questions(model: MaturityModel, lang: str) -> Rows:
    asked = model.questions
    rows: Rows = []
    for key, question in asked.control.items():
        labels = asked.plain_scale if isinstance(question.answers, str) else question.answers
        rows += [
            {
                "id": key,
                "symbol": question.symbol,
                "asked": question.asked,
                "question": question.text.say(lang),
                "step": int(step),
                "answer": label.say(lang),
            }
            for step, label in labels.items()
        ]
    return rows


def _references(model: MaturityModel, lang: str) -> Rows:
    return [
        {
            "id": one.id,
            "city": one.city.say(lang),
            "year": one.year,
            **{id_: one.scores[id_] for id_ in model.dimensions},
            "mean": one.mean(),
            "published": one.overall,
            "nearest_stage": model.nearest_stage(one.mean() or one.overall),
            "completed_stage": model.completed_stage(one.mean() or one.overall),
            "method": one.method.say(lang),
            "not_published": [text.say(lang) for text in one.not_published],
            "source": one.source,
        }
        for one in model.references.values()
    ]
