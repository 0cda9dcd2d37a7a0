"""What all of the law is made of: a text in three languages, an exact number, a strict model."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WrapSerializer

Language = Literal["ru", "kk", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Every = Literal["day", "week", "month", "quarter", "year"]
"""How often the order wants a KPI delivered («Периодичность выгрузки»)."""

Value = TypeVar("Value")


class Strict(BaseModel):
    """A piece of the law: it cannot be changed, and a field that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def exact(value: Any) -> Fraction:
    """An int, a Decimal, "99.5" or "1/60000000" as a Fraction; binary floats are refused."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str | Fraction):
        raise ValueError('a whole number, a decimal number or a quoted fraction like "1/60" is wanted here')
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"'{value}' is not a number") from None


Exact = Annotated[Fraction, BeforeValidator(exact)]

Frozen = Annotated[
    Mapping[str, Value],
    AfterValidator(lambda found: MappingProxyType(dict(found))),
    WrapSerializer(lambda found, write: write(dict(found))),
]
"""A mapping that cannot be changed after loading."""


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty")
    return text


Words = Annotated[str, AfterValidator(_not_blank)]


class Text(Strict):
    """One text in Russian (as in the order where it comes from there), Kazakh and English."""

    ru: Words
    kk: Words
    en: Words

    def say(self, language: str) -> str:
        """The text in `ru`, `kk` or `en`."""
        return str(getattr(self, language))


class Named(Strict):
    """Something with a name and, perhaps, a remark."""

    name: Text
    note: Text | None = None


def number_text(value: Fraction) -> str:
    """The digits that a person would write: `90`, `99.5`, or `1/3` where the decimals do not end."""
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")


__all__ = [
    "LANGUAGES",
    "Every",
    "Exact",
    "Field",
    "Frozen",
    "Language",
    "Named",
    "Strict",
    "Text",
    "Words",
    "exact",
    "number_text",
]
