"""Words, numbers, days and plurals of the three languages of a report. All words stand in `words.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from qala.standard import Text, read_yaml
from qala.standard.values import Language

FILE = Path(__file__).parent / "words.yaml"
THIN = "\u202f"  # a narrow space at which no line breaks
HARD = "\u00a0"
MINUS = "\u2212"
NOTHING = "—"

_PLURALS: Mapping[Language, tuple[str, ...]] = {"ru": ("one", "few", "many"), "kk": ("other",), "en": ("one", "other")}

Number = Fraction | int | Decimal


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Dotted key -> language -> text, or plural form -> text."""
    found: dict[str, Mapping[str, Any]] = {}
    for group, words in read_yaml(FILE).data.items():
        for name, text in words.items():
            found[f"{group}.{name}"] = text
    return found


class Speaker:
    """One language.

    Args:
        language: kk, ru or en.
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def say(self, key: str, /, **values: object) -> str:
        """The words of a key, with `{names}` filled in."""
        text = str(catalogue()[key][self.language])
        return text.format(**values) if values else text

    def knows(self, key: str) -> bool:
        """Whether the catalogue has the key."""
        return key in catalogue()

    def count(self, key: str, number: int, /, **values: object) -> str:
        """The words of a key in the plural form that a number asks for; `{n}` is the number."""
        forms = catalogue()[key][self.language]
        return str(forms[self.form(number)]).format(n=self.number(number), **values)

    def form(self, number: int) -> str:
        """The plural form of a whole number in this language."""
        if self.language == "kk":
            return "other"
        if self.language == "en":
            return "one" if number == 1 else "other"
        ten, hundred = number % 10, number % 100
        if ten == 1 and hundred != 11:
            return "one"
        return "few" if 2 <= ten <= 4 and not 12 <= hundred <= 14 else "many"

    def text(self, text: Text | Mapping[str, str]) -> str:
        """A text of the law or the registry in this language."""
        return text.say(self.language) if isinstance(text, Text) else text[self.language]

    def title(self, text: Text | Mapping[str, str]) -> str:
        """The same, its first letter raised."""
        found = self.text(text)
        return found[:1].upper() + found[1:]

    def number(self, value: Number, digits: int = 0, *, sign: bool = False, beside: Iterable[Number] = ()) -> str:
        """A number with so many decimals; thousands parted, the minus a real one.

        Args:
            beside: targets that it stands next to: it gets as many decimals more as it takes not to be rounded to one.
        """
        found = rounded(value, places(value, digits, beside))
        whole, _, rest = f"{abs(found):f}".partition(".")
        space, point = (",", ".") if self.language == "en" else (THIN, ",")
        if len(whole) > 4 or self.language == "en":
            whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", space, whole)
        ahead = MINUS if found < 0 else "+" if sign and found > 0 else ""
        return f"{ahead}{whole}{point}{rest}" if rest else ahead + whole

    def short(self, value: Number, *, sign: bool = False, beside: Iterable[Number] = ()) -> str:
        """A number as a person would say it: about four digits, no idle noughts; `beside` as in `number`."""
        size = abs(Fraction(value))
        digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3 if 100 * size >= 1 else 5
        while digits and rounded(value, digits) == rounded(value, digits - 1):
            digits -= 1
        return self.number(value, digits, sign=sign, beside=beside)

    def share(self, value: Fraction, digits: int = 1) -> str:
        """A share of one as per cent. What is not all is never written as all, nor as nothing."""
        whole = Fraction(100)
        found = value * whole
        if value < 1 and rounded(found, digits) >= whole:
            found = whole - Fraction(1, 10**digits)
        if value > 0 and rounded(found, digits) == 0:
            return "<" + HARD + self.percent(self.number(Fraction(1, 10**digits), digits))
        if rounded(found, digits) == rounded(found, 0):
            digits = 0
        return self.percent(self.number(found, digits))

    def percent(self, number: str) -> str:
        """A written number with the per cent sign."""
        return f"{number}%" if self.language == "en" else f"{number}{HARD}%"

    def day(self, day: date) -> str:
        """dd.mm.yyyy."""
        return f"{day:%d.%m.%Y}"

    def listed(self, items: list[str]) -> str:
        """a, b and c."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self.say('list.and')} {items[-1]}"


def places(value: Number, digits: int, beside: Iterable[Number]) -> int:
    """So many decimals, or as many more as keep a rounded number on its side of each target.

    Beside "≥ 99.5" 99.47 with one decimal is 99.47: it misses, and is not told as if it did not.
    """
    exact = Fraction(value)
    for limit in (Fraction(one) for one in beside):
        while digits < MOST_PLACES and _side(Fraction(rounded(exact, digits)), limit) != _side(exact, limit):
            digits += 1
    return digits


MOST_PLACES = 12
"""What differs by less looks the same."""


def _side(value: Fraction, limit: Fraction) -> int:
    return (value > limit) - (value < limit)


def rounded(value: Number, digits: int) -> Decimal:
    """To so many decimals, half up; exact before that."""
    with localcontext(prec=80):
        exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
        return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def forms(language: Language) -> tuple[str, ...]:
    """The plural forms that a language has."""
    return _PLURALS[language]
