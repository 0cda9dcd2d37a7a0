"""What account pages need besides `ui`: fields without placeholders, and which menus a person sees."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils.safestring import SafeString

from qala.people import access, demo
from qala.people.demo import Demo
from qala.people.second_factor import lacks_second_factor

register = template.Library()


@register.filter
def widget(field: BoundField) -> SafeString:
    """A field's control; its label stands beside it, so it needs no placeholder."""
    return field.as_widget(attrs={"placeholder": False})


@register.simple_tag(takes_context=True)
def may_anywhere(context: template.Context, permission: str) -> bool:
    """Whether who looks has a permission somewhere."""
    return access.may_somewhere(context["request"].user, permission)


@register.simple_tag(takes_context=True)
def here(context: template.Context, *names: str) -> Any:
    """`aria-current` of a tab: the page is one of these."""
    match = context["request"].resolver_match
    if not match or match.view_name not in names:
        return ""
    return SafeString(f' aria-current="{"page" if match.view_name == names[0] else "true"}"')


@register.filter
def as_json(value: Any) -> str:
    """What an audit entry holds, to be read."""
    return json.dumps(value, ensure_ascii=False, indent=1)


@register.simple_tag
def open_sign_up() -> bool:
    """Whether citizens may make themselves an account."""
    return bool(settings.OPEN_SIGN_UP)


@register.simple_tag
def demo_accounts() -> Demo | None:
    """The accounts of a demo and their password; nothing on any other site."""
    return demo.shown()


@register.simple_tag(takes_context=True)
def second_factor_lacks(context: template.Context) -> bool:
    """Whether nothing else is open to who looks until a second factor is set up."""
    return lacks_second_factor(context["request"])
