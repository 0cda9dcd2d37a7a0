"""Two editions side by side."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from qala.people.access import require
from qala.portal.order import queries
from qala.portal.order.queries import Book
from qala.portal.order.reading import language, shown
from qala.standard import Edition
from qala.standard.tables import Difference, differences
from qala.ui.downloads import table_response, wanted

_ON_A_PAGE = 100
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_WHAT = {
    "category": gettext_lazy("Categories"),
    "initiative": gettext_lazy("Initiatives"),
    "function": gettext_lazy("Functions"),
    "kpi": gettext_lazy("KPIs"),
    "unit": gettext_lazy("Units"),
    "open_term": gettext_lazy("Open terms"),
    "reading": gettext_lazy("Readings"),
    "norm": gettext_lazy("Norms"),
    "edition": gettext_lazy("The act itself"),
    "scoring": gettext_lazy("Annex 5"),
}


_FIELDS = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "formula": gettext_lazy("Formula"),
    "source": gettext_lazy("Source of data"),
    "system": gettext_lazy("System"),
    "every": gettext_lazy("Delivered"),
    "target": gettext_lazy("Target"),
    "points": gettext_lazy("Points"),
    "influence": gettext_lazy("Influence"),
    "readings": gettext_lazy("Readings"),
    "open_terms": gettext_lazy("Open terms"),
    "slips": gettext_lazy("Slips of the order"),
    "marks": gettext_lazy("Mark in the order"),
    "need": gettext_lazy("Need"),
    "roadmap": gettext_lazy("Roadmap"),
    "number": gettext_lazy("Number of the act"),
    "in_force": gettext_lazy("Days in force"),
    "act": gettext_lazy("The act itself"),
    "section": gettext_lazy("Section"),
    "unit": gettext_lazy("Unit"),
    "rule": gettext_lazy("Rule"),
    "case": pgettext_lazy("order", "Case"),
    "variant": gettext_lazy("Variant"),
}
"""What the first word of a dotted field that has a meaning for a reader is called; `law.` before it is the order's words."""


@dataclass(frozen=True)
class Change:
    """One difference as it is shown: what changed in each text is marked; `field` is its name for a reader, if it has one."""

    difference: Difference
    title: str
    field: str
    url_before: str
    url_after: str
    before: SafeString
    after: SafeString


def compare(request: HttpRequest) -> HttpResponseBase:
    """What the second edition says differently from the first."""
    require(request.user, "order.see")
    loaded = queries.editions()
    book = queries.book_of(request)
    first, second = _pair(request, loaded)
    context: dict[str, Any] = {"editions": list(loaded.values()), "first": first, "second": second}
    if first is None or second is None or first.id == second.id:
        return shown(request, "compare", book, {**context, "alone": len(loaded) < 2})
    every = differences(first, second)
    if wanted(request):
        return table_response(request, f"{first.id}_{second.id}", Difference._fields, every)
    counts: dict[str, int] = {}
    for one in every:
        counts[one.what] = counts.get(one.what, 0) + 1
    what = request.GET.get("what", "")
    chosen = [one for one in every if one.what == what] if what in counts else every
    page = Paginator(chosen, _ON_A_PAGE).get_page(request.GET.get("page"))
    context |= {
        "total": len(every),
        "whats": [(name, _WHAT[name], number) for name, number in counts.items()],
        "what": what if what in counts else "",
        "page": page,
        "changes": [_change(one, first, second, book) for one in page],
    }
    return shown(request, "compare", book, context)


def _pair(request: HttpRequest, loaded: Mapping[str, Edition]) -> tuple[Edition | None, Edition | None]:
    """The editions of `a` and `b`; by default the last two."""
    found: list[Edition | None] = []
    last = list(loaded.values())[-2:]
    for key, fallback in (("a", last[0]), ("b", last[-1])):
        name = request.GET.get(key, "")
        if name and name not in loaded:
            raise Http404(_("The edition %(edition)s is not loaded.") % {"edition": name})
        found.append(loaded[name] if name else fallback)
    return found[0], found[1]


def _change(one: Difference, first: Edition, second: Edition, book: Book) -> Change:
    before, after = side_by_side(one.before, one.after)
    urls = _url(one, first, book), _url(one, second, book)
    return Change(one, _title(one, first, second), field_said(one.field, second), *urls, before, after)


def field_said(field: str, edition: Edition) -> str:
    """What a dotted field is called: `target.republican.at_least` is the target of a category; empty if it has no name."""
    parts = field.split(".")
    if parts[0] == "law":
        del parts[0]
    known = _FIELDS.get(parts[0]) if parts and parts[0] else None
    if known is None:
        return ""
    category = next(
        (edition.categories[part].name.say(language()) for part in parts[1:] if part in edition.categories), ""
    )
    spoken = next((part for part in parts[1:] if part in ("kk", "ru", "en")), "")
    return f"{known}: {category or spoken}" if category or spoken else str(known)


def _title(one: Difference, first: Edition, second: Edition) -> str:
    """What a person calls the thing."""
    for edition in (second, first):
        found = _named(one, edition)
        if found:
            return found
    return one.name


def _named(one: Difference, edition: Edition) -> str:
    name = one.name
    if one.what == "kpi" and name in edition.kpis:
        return f"{edition.kpis[name].row} {edition.kpis[name].name.say(language())}"
    if one.what == "open_term" and name in edition.open_terms:
        return edition.open_terms[name].word.say(language())
    if one.what == "edition" and name == edition.id:
        return edition.act.short.say(language())
    if one.what == "category" and name in edition.categories:
        return edition.categories[name].name.say(language())
    initiatives = edition.initiatives.values() if one.what == "initiative" else ()
    return next((f"{i.no}. {i.name.say(language())}" for i in initiatives if i.system == name), "")


def _url(one: Difference, edition: Edition, book: Book) -> str:
    """Where the thing stands in an edition; empty if it has no page there."""
    keep = "" if not book.keep and edition.id == book.edition.id else f"?edition={edition.id}"
    if one.what == "kpi" and one.name in edition.kpis:
        return reverse("order:kpi", kwargs={"row": edition.kpis[one.name].row}) + keep
    if one.what == "reading" and one.name in edition.readings:
        return reverse("order:reading", kwargs={"name": one.name}) + keep
    if one.what == "open_term" and one.name in edition.open_terms:
        return reverse("order:term", kwargs={"name": one.name}) + keep
    for initiative in edition.initiatives.values() if one.what == "initiative" else ():
        if initiative.system == one.name:
            return reverse("order:initiative", kwargs={"number": initiative.no}) + keep
    return ""


def side_by_side(before: str, after: str) -> tuple[SafeString, SafeString]:
    """Two texts with what went marked `<del>` and what came `<ins>`, word by word."""
    left, right = _WORD.findall(before), _WORD.findall(after)
    if not left or not right:
        return escape(before), escape(after)
    old: list[SafeString] = []
    new: list[SafeString] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        went, came = "".join(left[a:b]), "".join(right[c:d])
        if kind == "equal":
            old.append(escape(went))
            new.append(escape(came))
            continue
        if went:
            old.append(format_html("<del>{}</del>", went))
        if came:
            new.append(format_html("<ins>{}</ins>", came))
    return _joined(old), _joined(new)


def _joined(parts: Sequence[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # every part is escaped
