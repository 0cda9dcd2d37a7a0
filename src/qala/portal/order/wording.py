"""Words of the order's pages for what an edition says by an id: rhythms, phases, ways of making a year, deadlines, fields."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from qala.reports.wording import Wording
from qala.standard import Edition, Kpi
from qala.standard.papers import Deadline
from qala.standard.types import Limit
from qala.standard.values import Language
from qala.ui import formats

EVERY = {
    "day": gettext_lazy("every day"),
    "week": gettext_lazy("every week"),
    "month": gettext_lazy("every month"),
    "quarter": gettext_lazy("every quarter"),
    "year": gettext_lazy("every year"),
}
YEAR = {
    "pool": gettext_lazy("the year's rows taken together, counted once"),
    "last": gettext_lazy("the state at the end of the year"),
    "mean_of_months": gettext_lazy("the mean of the months"),
}
COMPARE = {
    "previous_year": gettext_lazy("the previous year"),
    "baseline": gettext_lazy("the base that the city filed with an act"),
}
NETWORK = {
    "power": gettext_lazy("a city without a power network"),
    "water": gettext_lazy("a city without a water network"),
    "heat": gettext_lazy("a city without central heating"),
    "gas": gettext_lazy("a city without a gas network"),
}
PHASE = {
    "requirements": gettext_lazy("Requirements"),
    "survey": pgettext_lazy("order", "Survey"),
    "strategy": gettext_lazy("Strategy"),
    "roadmap": gettext_lazy("Roadmap"),
    "approval": gettext_lazy("Approval"),
    "publication": gettext_lazy("Publication"),
    "work": pgettext_lazy("order", "Work"),
    "rating": gettext_lazy("Evaluation and rating"),
}
KIND = {
    "kpi": gettext_lazy("KPI"),
    "function": gettext_lazy("Function"),
    "initiative": gettext_lazy("Initiative"),
    "reading": gettext_lazy("Reading"),
    "open_term": gettext_lazy("Open term"),
    "slip": pgettext_lazy("order", "Slip"),
    "item": gettext_lazy("Item"),
    "definition": gettext_lazy("Definition"),
    "abbreviation": gettext_lazy("Abbreviation"),
    "term": gettext_lazy("Glossary"),
    "crossing": gettext_lazy("International standard"),
    "methodology": gettext_lazy("Methodology"),
    "country": pgettext_lazy("order", "Experience"),
    "category": gettext_lazy("Category"),
    "sphere": gettext_lazy("Sphere"),
    "stage": gettext_lazy("Stage of maturity"),
    "sub_dimension": gettext_lazy("Maturity"),
}
SET_BY = {"ministry": gettext_lazy("the ministry"), "city": gettext_lazy("the city, by its own act")}
MATCH = {"same": gettext_lazy("the same"), "near": pgettext_lazy("order", "near")}
AFTER = {
    "submission": gettext_lazy("after the draft was submitted"),
    "approval": gettext_lazy("after approval"),
}


_MARK = {"да": gettext_lazy("yes"), "да (базовая)": gettext_lazy("yes (basic)"), "нет": gettext_lazy("no")}


def mark(written: str) -> str:
    """A mark of annex 3 in the page's language; one that is not known as it is written."""
    return str(_MARK.get(written, written))


def targets(law: Edition, kpi: Kpi, language: Language) -> list[tuple[str, str]]:
    """(category, its target as the program reads it) of a KPI."""
    said = Wording(language, law)
    return [(name, said.target(kpi, kpi.target[name])) for name in law.categories]


def limit(law: Edition, one: Limit, category: str, language: Language) -> str:
    """An inner limit of a KPI for a category."""
    value = one.values.get(category)
    return formats.NOTHING if value is None else Wording(language, law).amount(value, one.unit)


def deadline(one: Deadline, language: Language) -> str:
    """When something must be done, in words."""
    if one.working_days is not None:
        days = ngettext("within %(count)d working day", "within %(count)d working days", one.working_days)
        said = days % {"count": one.working_days}
        after = AFTER.get(one.after or "")
        return f"{said}, {after}" if after else said
    if one.on is not None:
        return _("by %(day)s") % {"day": formats.day(one.on, language, "long")}
    if one.by is not None:
        month, day = (int(part) for part in one.by.split("-"))
        values = {"day": f"{day:02d}.{month:02d}"}
        if one.year == "next":
            return _("each year by %(day)s of the following year") % values
        return _("each year by %(day)s") % values
    return _("every year")
