"""What every page's template knows: `ui`, the layout's own facts. All of it is made when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qala import facts
from qala.standard import Text
from qala.standard.problems import Problem
from qala.ui.vendor import MODULES

_NAVIGATION = (
    (_("Rating"), "scores:rating", ("scores", "kpi", "rating_year")),
    (_("Compare"), "scores:compare", ("scores:compare",)),
    (_("Maturity"), "maturity:library", ("maturity", "surveys")),
    (_("Map"), "map:map", ("map", "access")),
    (_("Boards"), "board:list", ("board",)),
    (_("The order"), "order:index", ("order",)),
    (_("Roadmaps"), "roadmaps:index", ("roadmaps", "inventory", "groundwork", "strategies")),
    (_("Data"), "data:sources", ("data", "intake")),
    (_("Status"), "status:status", ("status",)),
)
"""(label, address, the pages under it); where two hold a page the one that names it by its own name is meant."""


@dataclass(frozen=True)
class Link:
    """One way out of a page.

    Attributes:
        label: in the page's language (of a language: in that language).
        url: where it leads.
        here: whether the page lies there.
        code: the language that it is in, for the switch of languages.
    """

    label: Any
    url: str
    here: bool = False
    code: str = ""


class Layout:
    """The layout's facts for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def navigation(self) -> Sequence[Link]:
        """The main ways; one whose part is not installed is left out."""
        match = getattr(self.request, "resolver_match", None)
        name, space = (match.view_name, match.namespace) if match else ("", "")
        exact = any(name in holds for _label, _url, holds in _NAVIGATION)
        found = []
        for label, address, holds in _NAVIGATION:
            url = address_of(address)
            if url:
                found.append(Link(label, url, here=name in holds if exact else space in holds))
        return found

    @cached_property
    def languages(self) -> Sequence[Link]:
        """This page in each language."""
        now = get_language() or settings.LANGUAGE_CODE
        path, _, query = self.request.get_full_path().partition("?")
        first, _, rest = path.lstrip("/").partition("/")
        rest = rest if first in dict(settings.LANGUAGES) else ""
        tail = f"?{query}" if query and rest else ""
        return [Link(name, f"/{code}/{rest}{tail}", code == now, code) for code, name in settings.LANGUAGES]

    @cached_property
    def notice(self) -> Text | None:
        """Why the edition is not in force today; None if it is."""
        try:
            return facts.edition_notice()
        except Problem:
            return None

    @cached_property
    def edition(self) -> Text | None:
        """The short name of the edition that the site counts by."""
        try:
            return facts.edition().act.short
        except Problem:
            return None

    @property
    def import_map(self) -> SafeString:
        """What modules may import by name, as JSON."""
        return _made_import_map() if settings.DEBUG else _import_map()

    @property
    def live(self) -> str:
        """Where the news of a city are; its code follows."""
        return f"{settings.LIVE_URL}/live/"

    @property
    def account(self) -> str:
        """The page of who is signed in."""
        return address_of("people:account", "account_email")

    @property
    def sign_in(self) -> str:
        """Signing in, and back to this page after it."""
        return address_of("account_login")

    @property
    def search(self) -> str:
        """Where one searches."""
        return address_of("order:search", "order:index")

    @property
    def api(self) -> str:
        """The reference of the API."""
        return address_of("api:docs", "api-1:openapi-view", "qala-api:openapi-view")


def every_page(request: HttpRequest) -> Mapping[str, Any]:
    """Context of the layout."""
    return {"ui": Layout(request)}


def address_of(*names: str) -> str:
    """The address of the first of these pages that there is; nothing if there is none."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


def _made_import_map() -> SafeString:
    text = json.dumps({"imports": {name: static(file) for name, file in MODULES.items()}})
    return mark_safe(text.replace("<", "\\u003C"))


@cache
def _import_map() -> SafeString:
    return _made_import_map()
