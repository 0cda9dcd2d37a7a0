"""What every page's template knows."""

from typing import Any

from django.http import HttpRequest


def every_page(_: HttpRequest) -> dict[str, Any]:
    """Context of the layout."""
    return {}
