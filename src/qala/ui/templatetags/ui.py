"""What templates say with `{% load ui %}`: formats of the page's language, marks, small pictures, figures, links."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.reports.language import NOTHING, Speaker
from qala.standard.period import Period
from qala.standard.values import Language
from qala.ui import formats, pictures
from qala.ui.charts import Chart
from qala.ui.maps import MapView
from qala.ui.problems import told

register = template.Library()

_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}

_GRADES: Mapping[str, tuple[str, str]] = {
    "reached": ("good", "check"),
    "ok": ("good", "check"),
    "near": ("warn", "near"),
    "far": ("bad", "far"),
    "missing": ("bad", "gap"),
    "invalid": ("bad", "cross"),
    "no_events": ("quiet", "circle"),
    "no_baseline": ("quiet", "gap"),
    "not_due": ("quiet", "clock"),
    "not_applicable": ("quiet", "dash"),
    "no_target": ("quiet", "circle"),
}
"""Status of a KPI, or how far a scored one got -> (tone, icon)."""


def _language() -> Language:
    return formats.language_of(get_language())


# formats


@register.filter
def problem(sentence: Any) -> str:
    """A sentence of a problem from below the screens, in the page's language."""
    return told(sentence)


@register.filter
def said(text: Any) -> str:
    """A text in three languages in the page's."""
    return formats.said(text, _language())


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """A number with so many decimals; without an argument about four digits."""
    return formats.number(value, digits, _language())


@register.filter
def signed(value: Any, digits: int = 1) -> str:
    """A change: its sign stands before it."""
    return formats.number(value, digits, _language(), sign=True)


@register.filter
def percent(value: Any, digits: int | None = 1) -> str:
    """A number that is in per cent already."""
    return formats.percent(value, digits, _language())


@register.filter
def share(value: Any, digits: int = 1) -> str:
    """A share of one, as per cent."""
    return formats.share(value, digits, _language())


@register.filter
def day(value: date | datetime | str | None, length: formats.Length = "medium") -> str:
    """A day: `short` (05.03.2026), `medium` or `long`."""
    return formats.day(value, _language(), length)


@register.filter
def moment(value: datetime | None, zone: str = "") -> str:
    """A UTC time as a city's clock shows it."""
    return formats.moment(value, _language(), zone or settings.TIME_ZONE)


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago a UTC time is."""
    return formats.ago(value, _language(), datetime.now(UTC))


@register.filter
def period(value: Period | str | None) -> str:
    """A period: «2026 ж. наурыз»."""
    return formats.period(value, _language())


# marks


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture of the sprite; hidden from readers unless it has a label."""
    sprite = static("ui/img/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', label, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.simple_tag
def band(code: str | None, name: Any = None) -> SafeString:
    """A band as a badge: its colour and always its name (by default the edition's)."""
    if not code:
        return format_html('<span class="soft">{}</span>', NOTHING)
    bands = facts.edition().scoring["bands"]
    place = list(bands).index(code) + 1 if code in bands else 0
    words = said(name) if name else said(bands[code]["name"]) if code in bands else code
    return format_html('<span class="band band-{}">{}</span>', place, words)


@register.simple_tag
def status_mark(status: str, label: str = "") -> SafeString:
    """The state of a KPI: ok, missing, no_events …, or how far a scored one got: reached, near, far."""
    tone, picture = _GRADES.get(status, ("quiet", "circle"))
    speaker = Speaker(_language())
    key = f"status.{status}"
    words = label or (speaker.say(key) if speaker.knows(key) else _("computed") if status == "ok" else status)
    return format_html('<span class="mark {}">{}{}</span>', tone, icon(picture), words)


@register.simple_tag
def simulated() -> SafeString:
    """Says of a thing that its data are simulated."""
    return format_html('<span class="mark simulated">{}</span>', Speaker(_language()).say("frame.simulated_short"))


@register.simple_tag
def change(value: Any, digits: int = 1, unit: str = "") -> SafeString:
    """A change with an arrow: up is good, down is bad, none is quiet."""
    found = formats.exact(value)
    if found is None:
        return format_html('<span class="soft">{}</span>', NOTHING)
    tone, picture = ("good", "up") if found > 0 else ("bad", "down") if found < 0 else ("quiet", "same")
    text = formats.number(found, digits, _language(), sign=True)
    return format_html('<span class="change {}">{}{}{}</span>', tone, icon(picture), text, unit and f"\u00a0{unit}")


# pictures without scripts


@register.simple_tag
def sparkline(values: Iterable[Any], target: Any = None, title: str = "", tone: str = "") -> SafeString:
    """A small line as inline SVG, with gaps; without a title it is hidden from readers."""
    return pictures.sparkline(list(values), target, title, tone)


@register.simple_tag
def bullet(
    value: Any,
    target: Any = None,
    *,
    most: Any = 100,
    low: Any = None,
    high: Any = None,
    title: str = "",
    tone: str = "",
) -> SafeString:
    """A bar with its target and bounds as inline SVG; without a title it is hidden from readers."""
    return pictures.bullet(value, target, most=most, low=low, high=high, title=title, tone=tone)


# figures


@register.inclusion_tag("ui/chart.html")
def chart(spec: Chart) -> dict[str, Any]:
    """A chart, its table, its downloads."""
    language = _language()
    rows = [
        (
            category,
            [
                formats.number(
                    one.values[at] if at < len(one.values) else None, spec.digits, language, beside=spec.targets
                )
                for one in spec.series
            ],
        )
        for at, category in enumerate(spec.categories)
    ]
    return {
        "chart": spec,
        "rows": rows,
        "data": spec.data(),
        "targets": [formats.amount(target, spec.unit, spec.digits, language) for target in spec.targets],
    }


@register.inclusion_tag("ui/map.html")
def mapview(spec: MapView) -> dict[str, Any]:
    """A map, its legend, its table."""
    words = {
        "NavigationControl.ZoomIn": _("Zoom in"),
        "NavigationControl.ZoomOut": _("Zoom out"),
        "NavigationControl.ResetBearing": _("Turn to north"),
        "FullscreenControl.Enter": _("Full screen"),
        "FullscreenControl.Exit": _("Leave full screen"),
        "AttributionControl.ToggleAttribution": _("Where the map is from"),
        "Map.Title": spec.title,
        "Popup.Close": _("Close"),
    }
    return {"map": spec, "data": spec.data() | {"words": words}}


@register.filter
def json_for_script(data: Any) -> SafeString:
    """Data as JSON that may stand in a `<script type="application/json">`."""
    return mark_safe(json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))


@register.simple_tag
def key_shape(token: str, shape: str = "area") -> SafeString:
    """The coloured sign of a legend's line."""
    return pictures.key_shape(token, shape)


# links


@register.inclusion_tag("ui/download_links.html", takes_context=True)
def download_links(context: template.Context, kinds: str = "csv,xlsx") -> dict[str, Any]:
    """Links to the same page as files: the same filters, `format=` added."""
    wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    return {"links": [(kind.upper(), _changed(context, {"format": kind})) for kind in wanted]}


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """The page's query string with some keys changed; an empty value takes a key away."""
    return _changed(context, changes)


@register.inclusion_tag("ui/pager.html", takes_context=True)
def pager(context: template.Context, page: Any, key: str = "page") -> dict[str, Any]:
    """Ways to the other pages of a Django `Page`."""
    numbers = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return {
        "page": page,
        "steps": [(one, _changed(context, {key: one}) if isinstance(one, int) else "") for one in numbers],
        "before": _changed(context, {key: page.number - 1}) if page.has_previous() else "",
        "after": _changed(context, {key: page.number + 1}) if page.has_next() else "",
    }


@register.simple_tag(takes_context=True)
def kept_query(context: template.Context, *without: str) -> list[tuple[str, str]]:
    """(name, value) of the query string, for hidden fields of a form that changes only some of it."""
    request: HttpRequest = context["request"]
    return [(key, one) for key, values in request.GET.lists() if key not in without for one in values]


@register.simple_tag(takes_context=True)
def block_again(context: template.Context, name: str) -> str:
    """A block of this page once more: the title is the heading too."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return str(block.render(context)) if block is not None else ""


def _changed(context: template.Context, changes: Mapping[str, Any]) -> str:
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + urlencode(sorted(query.lists()), doseq=True)
