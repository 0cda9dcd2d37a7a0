"""The maturity model as a reference: five stages, five dimensions, what each sub-dimension looks like on each stage."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from qala.portal.order.pages import maturity_model
from qala.portal.order.queries import Book, neighbours
from qala.portal.order.reading import of_the_order, shown
from qala.standard.maturity import MaturityModel
from qala.ui.downloads import table_response, wanted


@of_the_order
def maturity(request: HttpRequest, book: Book) -> HttpResponseBase:
    """Stages, dimensions, how scores add up, published assessments."""
    model = _model()
    if wanted(request):
        columns = ["dimension", "sub_dimension", "stage", "name_kk", "name_ru", "name_en"]
        columns += ["descriptor_kk", "descriptor_ru", "descriptor_en"]
        rows = [
            [sub.dimension, sub.id, int(stage), sub.name.kk, sub.name.ru, sub.name.en, told.kk, told.ru, told.en]
            for sub in model.sub_dimensions.values()
            for stage, told in sub.ladder.items()
        ]
        return table_response(request, "maturity_model", columns, rows)
    rules = model.about.rules
    context = {
        "model": model,
        "rules": [rules.dimension, rules.overall, rules.nearest_stage, rules.completed_stage],
        "references": [(one, [one.scores[name] for name in model.dimensions]) for one in model.references.values()],
    }
    return shown(request, "maturity", book, context)


@of_the_order
def dimension(request: HttpRequest, book: Book, name: str) -> HttpResponseBase:
    """One dimension: its sub-dimensions and their ladders."""
    model = _model()
    if name not in model.dimensions:
        raise Http404(_("There is no dimension %(name)s in the maturity model.") % {"name": name})
    one = model.dimensions[name]
    before, after = neighbours(list(model.dimensions.values()), one)
    ladders = [
        (sub, [(stage, sub.at(stage.number)) for stage in model.stages.values()]) for sub in one.sub_dimensions.values()
    ]
    context = {"model": model, "dimension": one, "ladders": ladders, "before": before, "after": after}
    return shown(request, "dimension", book, context)


def _model() -> MaturityModel:
    model = maturity_model()
    if model is None:
        raise Http404(_("No maturity model is loaded."))
    return model
