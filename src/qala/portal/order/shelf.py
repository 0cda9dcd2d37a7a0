"""Everything of an edition and the maturity model that can be found and has an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from qala.portal.order.queries import items_of
from qala.standard import Edition, Text
from qala.standard.maturity import MaturityModel

Said = Text | str
"""A text in three languages, or the order's own Russian."""


@dataclass(frozen=True)
class Item:
    """A thing that has an address.

    Attributes:
        kind: kpi, function, initiative, reading, open_term, slip, item, definition, abbreviation, term, crossing,
            methodology, country, category, sphere, stage, sub_dimension.
        label: what stands before its title: a row, an id, a number.
        names: what one may type to get exactly it.
        page, arguments, anchor: its address.
        texts: all else that it says.
    """

    kind: str
    label: str
    title: Said
    page: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    texts: tuple[Said, ...] = ()
    anchor: str = ""

    def url(self, keep: str = "") -> str:
        """Its address in the page's language."""
        return (
            reverse(f"order:{self.page}", kwargs=dict(self.arguments))
            + keep
            + (f"#{self.anchor}" if self.anchor else "")
        )


def shelf(edition: Edition, model: MaturityModel | None) -> Iterator[Item]:
    """All items, in the sequence in which equals are shown."""
    yield from _annexes(edition)
    yield from _ours(edition)
    yield from _body(edition)
    yield from _annex_1(edition)
    if model is not None:
        yield from _maturity(model)


def _annexes(edition: Edition) -> Iterator[Item]:
    for kpi in edition.kpis.values():
        law = kpi.law
        yield Item(
            "kpi", kpi.row, kpi.name, "kpi", {"row": kpi.row}, (kpi.row, f"kpi {kpi.row}", kpi.id),
            (law.description, law.formula, law.source, law.system, law.influence, kpi.id.replace(".", " ")),
        )  # fmt: skip
    for one in edition.initiatives.values():
        names = (one.system, f"{one.no}")
        yield Item("initiative", str(one.no), one.name, "initiative", {"number": one.no}, names, (one.sphere_written,))
        for function in one.functions:
            where = {"initiative": one.no, "number": function.no}
            label = f"{one.no}/{function.no}"
            yield Item("function", label, function.name, "function", where, (label,), (function.need,))


def _ours(edition: Edition) -> Iterator[Item]:
    for reading in edition.readings.values():
        texts = (reading.rule, *((reading.variant,) if reading.variant else ()))
        yield Item("reading", reading.id, reading.case, "reading", {"name": reading.id}, (reading.id,), texts)
    for term in edition.open_terms.values():
        texts = (term.default.text, *((term.variant.text,) if term.variant else ()))
        yield Item("open_term", "", term.word, "term", {"name": term.id}, (term.id,), texts)
    for slip in edition.slips.values():
        yield Item("slip", "", slip.text, "slips", {}, (slip.id,), (), slip.id)


def _body(edition: Edition) -> Iterator[Item]:
    for step in edition.procedure.steps:
        number = items_of(step)[0]
        names = (step.id, f"{number}", f"п. {number}", f"пункт {number}", f"item {number}", f"{number}-тармақ")
        texts = (*step.parts, *((step.deadline.as_written,) if step.deadline else ()))
        yield Item("item", step.item, step.what, "item", {"number": number}, names, texts)
    for name, definition in edition.act.definitions.items():
        yield Item("definition", "", definition.word, "glossary", {}, (), (definition.means,), f"definition-{name}")
    for short, means in edition.act.abbreviations.items():
        yield Item("abbreviation", short, means, "glossary", {}, (short,), (), "abbreviations")
    for term in edition.glossary.values():
        yield Item("term", "", term, "glossary", {}, (), (term.remark,) if term.remark else (), f"term-{term.id}")
    for category in edition.categories.values():
        yield Item("category", "", category.name, "glossary", {}, (), (category.members,), "categories")
    for sphere in edition.spheres.values():
        yield Item("sphere", str(sphere.no), sphere.name, "index", {}, (), (), f"sphere-{sphere.id}")
    for one in edition.crosswalk:
        label = " ".join(part for part in (one.standard, one.number or one.clause or "") if part)
        texts = (one.difference, label)
        yield Item("crossing", label, one.indicator, "crosswalk", {}, (), texts, f"kpi-{one.kpi}")


def _annex_1(edition: Edition) -> Iterator[Item]:
    if edition.international is None:
        return
    for one in edition.international.methodologies:
        told = (one.by, one.says, one.strengths)
        yield Item("methodology", "", one.name, "international", {}, (), told, f"methodology-{one.no}")
    for country in edition.international.experience:
        texts = (
            country.programme, country.aims, country.directions, country.technologies, country.examples, country.outlook,
        )  # fmt: skip
        yield Item("country", "", country.country, "international", {}, (), texts, f"country-{country.no}")


def _maturity(model: MaturityModel) -> Iterator[Item]:
    for stage in model.stages.values():
        texts = (stage.portrait, stage.aim, *((stage.also_called,) if stage.also_called else ()))
        yield Item("stage", str(stage.number), stage.name, "maturity", {}, (), texts, f"stage-{stage.number}")
    for dimension in model.dimensions.values():
        for sub in dimension.sub_dimensions.values():
            texts = (sub.question, *sub.ladder.values())
            where = {"name": dimension.id}
            yield Item("sub_dimension", "", sub.name, "dimension", where, (sub.id,), texts, sub.id)
