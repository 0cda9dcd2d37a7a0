"""What every page of the order does first: the right to read it, the edition that is asked for, the page's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language

from qala.people.access import require
from qala.portal.order.queries import Book, book_of
from qala.standard.values import Language
from qala.ui import formats


def of_the_order[**Rest](
    view: Callable[Concatenate[HttpRequest, Book, Rest], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]:
    """A page that reads an edition: `?edition=` names another than the one that the site counts by."""

    def page(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        require(request.user, "order.see")
        return view(request, book_of(request), *args, **kwargs)

    return update_wrapper(page, view)


def shown(request: HttpRequest, template: str, book: Book, context: Mapping[str, Any]) -> HttpResponseBase:
    """A page of the order."""
    return render(
        request, f"portal/order/{template}.html", {"book": book, "law": book.edition, "keep": book.keep, **context}
    )


def language() -> Language:
    """The page's language."""
    return formats.language_of(get_language())
