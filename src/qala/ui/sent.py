"""What a browser sends: numbers of it, and that a text with a NUL is none that a database takes, and nobody types one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from qala.standard.problems import Problem

NUL = "\x00"
_MOST = 2**31 - 1
"""What a whole number of the database holds."""
_LARGEST = Decimal(10) ** 9


def whole(text: str, least: int = 0, most: int = _MOST) -> int | None:
    """A whole number out of an address or a form; None where it is none, or beyond what it may be."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))):
        return None
    return int(text) if least <= int(text) <= most else None


def amount(text: str, digits: int = 3) -> Decimal | None:
    """A sum that is not negative, as people write it (`1 200,5`); 0 where nothing is written, None where it is none."""
    plain = "".join(text.split()).replace(",", ".") or "0"
    try:
        value = Decimal(plain)
        fits = value.is_finite() and 0 <= value <= _LARGEST and value == round(value, digits)
    except InvalidOperation:
        return None
    return value if fits else None


class WholeTexts:
    """Refuses with 400, of pages; the API checks what it is sent by its schema."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: Any) -> HttpResponse | None:
        """Django calls it before a view: the page that says so if there is a NUL in the address, its query or the form."""
        if request.path.startswith("/api/"):
            return None
        sent = [("", request.path), *_texts(request.GET), *_texts(request.POST)]
        wrong = next((name for name, text in sent if NUL in text), None)
        if wrong is None:
            return None
        problem = Problem(_("What was sent holds a character that is no text (NUL)."), where=wrong.replace(NUL, ""))
        return render(request, "400.html", {"problem": problem}, status=400)


def _texts(sent: QueryDict) -> Iterator[tuple[str, str]]:
    """Name of each field with its name and text as one."""
    return ((name, f"{name}{text}") for name, texts in sent.lists() for text in texts)
