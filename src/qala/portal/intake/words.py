"""Words of intake: states, cadences, rules of the border."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qala.datasets import Contract
from qala.intake.activity import State
from qala.standard.values import Language
from qala.ui import formats

STATES: Mapping[State, tuple[str, str, object]] = {
    "trouble": ("bad", "cross", gettext_lazy("trouble at its door")),
    "silent": ("bad", "bell", gettext_lazy("silent")),
    "never": ("warn", "gap", gettext_lazy("nothing came yet")),
    "sending": ("good", "check", gettext_lazy("sends")),
    "paused": ("quiet", "pause", gettext_lazy("paused")),
}
"""State → tone, icon, words; the worst first."""
CADENCES: Mapping[str, int] = {
    "minute": 60, "hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 31 * 86_400, "quarter": 92 * 86_400,
    "year": 366 * 86_400,
}  # fmt: skip
"""Cadence of a contract → seconds."""
_STEPS = (60, 300, 600, 900, 1800, 3600, 6 * 3600, 86_400, 7 * 86_400, 31 * 86_400, 92 * 86_400, 366 * 86_400)
_UNITS: tuple[tuple[int, Callable[[int], str]], ...] = (
    (366 * 86_400, lambda n: ngettext("every year", "every %(n)s years", n)),
    (92 * 86_400, lambda n: ngettext("every quarter", "every %(n)s quarters", n)),
    (31 * 86_400, lambda n: ngettext("every month", "every %(n)s months", n)),
    (7 * 86_400, lambda n: ngettext("every week", "every %(n)s weeks", n)),
    (86_400, lambda n: ngettext("every day", "every %(n)s days", n)),
    (3600, lambda n: ngettext("every hour", "every %(n)s hours", n)),
    (60, lambda n: ngettext("every minute", "every %(n)s minutes", n)),
    (1, lambda n: ngettext("every second", "every %(n)s seconds", n)),
)


def cadence(seconds: int) -> str:
    """«every 5 minutes»; nothing promised is said too."""
    if not seconds:
        return _("nothing is promised")
    size, said = next((size, said) for size, said in _UNITS if seconds % size == 0)
    return said(seconds // size) % {"n": seconds // size}


def cadences(now: int) -> list[tuple[int, str]]:
    """What a form offers; the present one is among them."""
    return [(step, cadence(step)) for step in (0, *sorted({*_STEPS, *([now] if now else [])}))]


@dataclass(frozen=True)
class Rule:
    """A rule of the border that a row broke: its code, the column that it is about, a sentence."""

    code: str
    column: str
    text: str


def rules(contract: Contract, codes: Iterable[str], language: Language) -> list[Rule]:
    """Rules in the reader's words."""
    return [_rule(contract, code, language) for code in codes]


def _rule(contract: Contract, code: str, language: Language) -> Rule:
    name, colon, kind = code.partition(":")
    column = contract.all_columns.get(name) if colon else None
    if column is not None:
        meaning = formats.said(column.meaning, language).partition(";")[0]
        allowed = ", ".join(column.one_of or ())
        least, most = column.min, column.max
        types = {
            "text": _("a text"), "whole": _("a whole number"), "decimal": _("a number"), "time": _("a date and time"),
            "day": _("a day"), "yes_no": _("yes or no"),
        }  # fmt: skip
        said = {
            "empty": _("is empty, and may not be"),
            "unreadable": _("is not %(kind)s") % {"kind": types[column.type]},
            "not_listed": _("is none of: %(allowed)s") % {"allowed": allowed},
            "below": _("is less than %(least)s") % {"least": least},
            "above": _("is more than %(most)s") % {"most": most},
            "far_away": _("lies too far away in time"),
        }.get(kind, kind)
        return Rule(code, name, f"{meaning}: {said}")
    whole = {
        "not_a_row": _("the line is no row: it has too many or too few values"),
        "unreadable": _("the message cannot be read"),
        "mapping:failed": _("an expression of the mapping cannot be computed for this row"),
    }
    if code in whole:
        return Rule(code, "", whole[code])
    return Rule(code, "", _("this may not be: %(condition)s") % {"condition": contract.never.get(code, code)})
