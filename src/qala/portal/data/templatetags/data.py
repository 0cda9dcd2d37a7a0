"""How a cell of a dataset is written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala.places.layers import word
from qala.portal.data.columns import MASK, Cell
from qala.ui import formats

register = template.Library()
_LONGEST = 80


@register.simple_tag
def cell(value: Any, zone: str = "UTC") -> str:
    """One value or `Cell`: times as the city's clock shows them, numbers exact, long texts cut."""
    language = formats.language_of(get_language())
    if isinstance(value, Cell):
        said = cell(value.text, zone)
        return format_html('<span title="{}">{}</span>', value.code, said) if value.code else said
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return format_html('<time datetime="{}Z">{}</time>', value.isoformat(), formats.moment(value, language, zone))
    if isinstance(value, date):
        return formats.day(value, language, "short")
    if isinstance(value, Decimal):
        return format_html(
            '<span class="num">{}</span>', formats.number(value, max(0, -int(value.as_tuple().exponent)), language)
        )
    if isinstance(value, int):
        return format_html('<span class="num">{}</span>', formats.number(value, 0, language))
    text = str(value)
    if text == MASK:
        return format_html('<span class="soft" title="{}">{}</span>', _("masked"), text)
    if len(text) > _LONGEST:
        return format_html('<span title="{}">{}…</span>', text[:500], text[:_LONGEST])
    return text


@register.filter
def unit_sign(unit: str) -> str:
    """A column's unit as a reader writes it."""
    return word(unit, formats.language_of(get_language()))
