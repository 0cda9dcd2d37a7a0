"""What the register says of an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

WANTS: Mapping[str, tuple[Any, str]] = {
    "centre": (_("not joined to the situational centre"), "12(3)"),
    "govarch": (_("no card on govarch.kz"), "12(1)"),
    "sheet": (_("personal data without a whole security sheet"), "14"),
}
"""Code -> what is wanting, and the item of the order that asks it."""
